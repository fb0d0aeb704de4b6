"""Workers killed while they deliver: nothing is lost, a repeat carries the same number, the order per record holds."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.webhooks import actions
from xiaoguan.apps.webhooks.models import Delivery, Endpoint, Outgoing
from xiaoguan.kit import action, job
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.tests.killing import Span, let_leases_run_out, nursery

from tests.cast import make_cast
from tests.receivers import Receiver, receiver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long, pytest.mark.once]
DEALS, KILLS, PATIENCE = 100, 30, 60


@pytest.fixture
def other() -> Iterator[Receiver]:
    """A receiver that takes a moment, so that a kill finds calls under way."""
    with receiver() as found:
        found.seconds = 0.03
        yield found


def waiting() -> bool:
    """Whether a change is still to be told."""
    return Outgoing.objects.exists() or Delivery.objects.filter(state="waiting").exists()


def test_killed_while_delivering(other: Receiver, tmp_path: Path, settings: Any) -> None:
    settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{other.port}"]
    cast = make_cast()
    Job.objects.all().delete()
    endpoint = action.create(Endpoint, {"name": "ERP", "url": other.url}, actor=cast.administrator)
    actions.subscribe(endpoint, {"opportunities.deal": ["created", "updated"]}, actor=cast.administrator)
    actions.new_secret(endpoint, actor=cast.administrator)
    values = [{"name": f"Deal {n}", "stage": company.stage("prospecting")} for n in range(DEALS)]
    deals = action.create(Deal, values, actor=cast.seller)
    for deal in deals:
        action.update(company.again(deal), {"name": f"{deal.name} again"}, actor=cast.seller)
    job.enqueue("webhooks.expand", key="expand", again=True)
    span = Span(random.Random(20261127))
    Job.objects.update(max_attempts=KILLS)  # killed three times before it got anywhere, a job is given up
    heard_of: set[int] = set()
    with nursery(tmp_path, XIAOGUAN_INTERNAL_RECEIVERS=f"127.0.0.1:{other.port}") as children:
        for _kill in range(KILLS):
            worker = children.child("work")
            span.wait()
            worker.kill()
            assert waiting(), "all delivered before the last kill: give it more deals"
            span.learn(got_somewhere=len(other.calls) not in heard_of)
            heard_of.add(len(other.calls))
            let_leases_run_out()
            Job.objects.update(max_attempts=KILLS)
        children.child("work")
        deadline = time.monotonic() + PATIENCE
        while waiting():
            assert time.monotonic() < deadline, list(Job.objects.values("kind", "state", "attempts", "trace"))
            time.sleep(0.1)
    assert len(heard_of) > 5, "the kills hit too few places"
    heard = [(call.json["record"]["id"], call.json["event"], call.json["id"]) for call in other.calls]
    assert {(pk, event) for pk, event, _uid in heard} == {
        (deal.pk, event) for deal in deals for event in ("created", "updated")
    }
    numbers = {
        (pk, event): {uid for one, kind, uid in heard if (one, kind) == (pk, event)} for pk, event, _uid in heard
    }
    assert all(len(uids) == 1 for uids in numbers.values()), "a repeat carries the number of the first call"
    assert Delivery.objects.count() == 2 * DEALS
    for deal in deals:
        order = [event for pk, event, _uid in heard if pk == deal.pk]
        assert order == sorted(order), "created before updated, whatever was killed"
    repeats = sum(count - 1 for count in Counter(uid for _pk, _event, uid in heard).values())
    assert repeats <= KILLS, "at most the call under way is repeated by each kill"
