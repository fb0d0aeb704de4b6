"""The job that calls endpoints: in order per record, patient with who is away, and never in a transaction."""

from __future__ import annotations

import datetime as dt
import random
import time
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy

from xiaoguan.apps.notices.kinds import SYSTEM, declare
from xiaoguan.apps.notices.queries import administrators
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.webhooks import outbox, signing
from xiaoguan.apps.webhooks.models import Delivery, Endpoint, Outgoing
from xiaoguan.kit import clock, job, outbound, schedule
from xiaoguan.kit.models.job import Job

DELAYS = (60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400)
"""Seconds after the first, second … failed try, spread by a tenth; the last one goes on repeating."""
GIVEN_UP = dt.timedelta(days=3)
PAUSED_AFTER = dt.timedelta(days=1)
MANY = 10
"""An endpoint is paused when it has failed this often in a row, and for PAUSED_AFTER."""
PATIENCE = 3
"""After so many failures in a row an endpoint is left alone for a while instead of trying the rest of its queue."""
LONGEST_REST = 3600
SECONDS = 10.0
KEEP = 2048
TURN = 20.0
"""Seconds of one turn; then others get theirs."""
KEPT = dt.timedelta(days=30)
HOUR = dt.timedelta(hours=1)

declare(
    "webhook_paused",
    gettext_lazy("A webhook is paused"),
    icon="world",
    group=SYSTEM,
    one=gettext_lazy("The webhook %(record)s has failed for a day and is paused: %(text)s"),
    mail=True,
    admin=True,
    words=outbound.words,
)


@job.job("webhooks.send", label=gettext_lazy("Deliver webhooks"))
def send(run: job.Run) -> dict[str, int]:
    """Deliver what is due to one endpoint, one call after the other, until its turn is over."""
    sent, begun = 0, time.monotonic()
    while (endpoint := _callable(run.payload["endpoint"])) is not None:
        secrets = signing.valid(endpoint)
        delivery = due(endpoint).first() if secrets else None
        if delivery is None:
            break
        if time.monotonic() - begun > TURN:
            job.enqueue("webhooks.send", run.payload, key=str(endpoint.pk), again=True)
            break
        run.beat()
        answer, error = call(endpoint, delivery, secrets)
        with run.chunk(done=1):
            sent += settle(endpoint, delivery, answer, error)
    return {"sent": sent}


def _callable(pk: int) -> Endpoint | None:
    """The endpoint as it is now, if it is called at all at this moment."""
    endpoint = Endpoint.objects.filter(pk=pk).first()
    if endpoint is None or not endpoint.open:
        return None
    return None if endpoint.next_try is not None and endpoint.next_try > clock.machine_now() else endpoint


def due(endpoint: Endpoint) -> Any:
    """Deliveries to try now, oldest first; of one record only the oldest, the others wait for it."""
    mine = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.WAITING)
    earlier = mine.filter(entity=OuterRef("entity"), object_id=OuterRef("object_id"), pk__lt=OuterRef("pk"))
    return mine.filter(~Exists(earlier), next_try__lte=clock.machine_now()).order_by("pk")


def call(endpoint: Endpoint, delivery: Delivery, secrets: list[str]) -> tuple[outbound.Answer | None, str]:
    """Post one delivery; returns the answer, and why it is none that counts."""
    body = delivery.body.encode()
    stamp = int(clock.machine_now().timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Xiaoguan-Webhooks/1",
        "X-Xiaoguan-Delivery": str(delivery.uid),
        "X-Xiaoguan-Event": f"{delivery.entity}.{delivery.event}" if delivery.entity else delivery.event,
        "X-Xiaoguan-Timestamp": str(stamp),
        "X-Xiaoguan-Signature": signing.sign(secrets, stamp, body),
    }
    try:
        answer = outbound.post(endpoint.url, body, headers, seconds=SECONDS, keep=KEEP)
    except outbound.Unreachable as problem:
        return None, problem.stored
    if answer.good:
        return answer, ""
    return answer, f"{'redirect' if 300 <= answer.status < 400 else 'status'}|{answer.status}"


def settle(endpoint: Endpoint, delivery: Delivery, answer: outbound.Answer | None, error: str) -> bool:
    """Note how a call went, at the delivery and at the endpoint; returns whether it arrived."""
    now = clock.machine_now()
    values = _outcome(delivery, answer, error, now)
    Delivery.objects.filter(pk=delivery.pk).update(**values)
    if not error:
        if endpoint.failures:
            Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, failing_since=None, next_try=None)
        return True
    failures, since = endpoint.failures + 1, endpoint.failing_since or now
    rest = None
    if failures >= PATIENCE:
        seconds = min(LONGEST_REST, DELAYS[0] * 2 ** min(failures - PATIENCE, 10)) * random.uniform(1, 1.1)
        rest = now + dt.timedelta(seconds=seconds)
    pausing = failures >= MANY and now - since >= PAUSED_AFTER
    Endpoint.objects.filter(pk=endpoint.pk).update(
        failures=failures, failing_since=since, next_try=rest, paused_at=now if pausing else None
    )
    if pausing:
        tell("webhook_paused", administrators(), row=endpoint, text=error)
    return False


def _outcome(delivery: Delivery, answer: outbound.Answer | None, error: str, now: dt.datetime) -> dict[str, Any]:
    attempts, first = delivery.attempts + 1, delivery.first_try or now
    values: dict[str, Any] = {
        "attempts": attempts,
        "first_try": first,
        "last_try": now,
        "status": answer.status if answer else None,
        "answer": answer.text[:KEEP] if answer else "",
        "milliseconds": answer.milliseconds if answer else None,
        "error": error[:400],
    }
    if not error:
        return values | {"state": Delivery.State.DELIVERED}
    wait = DELAYS[min(attempts, len(DELAYS)) - 1] * random.uniform(1, 1.1)
    following = now + dt.timedelta(seconds=wait)
    if following - first > GIVEN_UP:
        return values | {"state": Delivery.State.FAILED}
    return values | {"next_try": following}


def start(endpoint: Endpoint) -> None:
    """Deliver to an endpoint now; inside a transaction it is heard after the commit."""
    job.enqueue("webhooks.send", {"endpoint": endpoint.pk}, key=str(endpoint.pk), again=True)


def again(delivery: Delivery) -> None:
    """Put a delivery back into the queue, under its own number."""
    now = clock.machine_now()
    fresh = {"attempts": 0, "first_try": None, "next_try": now, "error": ""}
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.WAITING, **fresh)
    Endpoint.objects.filter(pk=delivery.endpoint_id).update(next_try=None)
    start(delivery.endpoint)


@job.job("webhooks.wake", label=gettext_lazy("Look for webhooks to deliver"))
def wake(run: job.Run) -> None:
    """Start what is due: retries, and what a crash left in the outbox."""
    now = clock.machine_now()
    with run.chunk():
        done = Job.objects.filter(state=Job.State.DONE)
        done.filter(kind="webhooks.wake").delete()  # one a minute says nothing
        done.filter(kind__in=["webhooks.expand", "webhooks.send"], finished_at__lt=now - HOUR).delete()
        if Outgoing.objects.exists():
            outbox.start()
        waiting = Delivery.objects.filter(endpoint=OuterRef("pk"), state=Delivery.State.WAITING, next_try__lte=now)
        open_ = Endpoint.objects.filter(active=True, paused_at=None, deleted_at__isnull=True)
        for endpoint in open_.filter(Exists(waiting)):
            start(endpoint)


@job.job("webhooks.prune", label=gettext_lazy("Clear out old webhook deliveries"))
def prune(run: job.Run) -> dict[str, int]:
    """Delete deliveries that ended long ago, in portions."""
    ended = Delivery.objects.filter(created_at__lt=clock.machine_now() - KEPT).exclude(state=Delivery.State.WAITING)
    gone = 0
    while ids := list(ended.values_list("pk", flat=True)[:1000]):
        with run.chunk(done=len(ids)):
            gone += Delivery.objects.filter(pk__in=ids).delete()[0]
    return {"deleted": gone}


schedule.every("* * * * *", "webhooks.wake", label=gettext_lazy("Look for webhooks to deliver"))
schedule.every("40 3 * * *", "webhooks.prune", label=gettext_lazy("Clear out old webhook deliveries"))
