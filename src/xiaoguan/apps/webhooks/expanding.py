"""From the outbox to deliveries: one per endpoint and record, in portions, each with its cursor in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.webhooks import payload
from xiaoguan.apps.webhooks.models import Delivery, Endpoint, Outgoing
from xiaoguan.kit import access, clock, job
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.fields import uuid7
from xiaoguan.kit.models.change import ChangeRow

PORTION = 200


@job.job("webhooks.expand", label=_("Prepare webhook deliveries"))
def expand(run: job.Run) -> dict[str, int]:
    """Take the outbox in its order; the cursor is the outgoing row and the last of its records."""
    made = 0
    at = run.cursor or [0, 0]
    while (outgoing := Outgoing.objects.order_by("pk").first()) is not None:
        after = at[1] if at[0] == outgoing.pk else 0
        rows = ChangeRow.objects.filter(change=outgoing.change_id, pk__gt=after, entity__in=entities)
        portion = list(rows.select_related("change__actor").order_by("pk")[:PORTION])
        endpoints = list(Endpoint.objects.filter(active=True, deleted_at__isnull=True).select_related("reader"))
        at = [outgoing.pk, portion[-1].pk if portion else after]
        with run.chunk(cursor=at, done=len(portion)):
            made += _write(portion, endpoints)
            if len(portion) < PORTION:
                outgoing.delete()
    return {"deliveries": made}


def _write(portion: Sequence[ChangeRow], endpoints: Sequence[Endpoint]) -> int:
    """Store the deliveries of some change rows, and start sending; a repeat finds them there already."""
    fresh: list[Delivery] = []
    for endpoint in endpoints:
        fresh += _deliveries(endpoint, portion)
    fresh.sort(key=lambda each: each.change_row or 0)
    Delivery.objects.bulk_create(fresh, ignore_conflicts=True)
    for pk in sorted({each.endpoint_id for each in fresh}):
        job.enqueue("webhooks.send", {"endpoint": pk}, key=str(pk), again=True)
    return len(fresh)


def _deliveries(endpoint: Endpoint, portion: Sequence[ChangeRow]) -> list[Delivery]:
    """What one endpoint hears of these rows: what it wants, and its reader may see."""
    reader = endpoint.reader
    heard: dict[str, list[tuple[ChangeRow, str]]] = defaultdict(list)
    for row in portion:
        event = payload.event_of(row)
        if payload.wanted(endpoint, row, event):
            heard[row.entity].append((row, event))
    if reader is None or not heard:
        return []
    access.forget(reader)
    return [each for name, rows in heard.items() for each in _of_entity(endpoint, reader, entities[name], rows)]


def _of_entity(
    endpoint: Endpoint, reader: Any, entity: Entity, rows: Sequence[tuple[ChangeRow, str]]
) -> list[Delivery]:
    known = payload.records(entity, reader, {row.object_id for row, _event in rows})
    seen = payload.fields(entity, reader)
    now = clock.machine_now()
    found = []
    for row, event in rows:
        record = known.get(row.object_id)
        touched = event != "updated" or "deleted_at" in (row.after or {}) or payload.changes(row, seen)
        if record is None or not touched:
            continue
        uid = uuid7()
        made = Delivery(uid=uid, endpoint=endpoint, entity=row.entity, object_id=row.object_id, event=event)
        made.change_row, made.next_try, made.created_at = row.pk, now, now
        made.body = payload.body(endpoint, uid, row, event, record, seen)
        found.append(made)
    return found
