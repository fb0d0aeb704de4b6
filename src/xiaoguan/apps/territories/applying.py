"""Bringing a new cut into force: rules and people at once; many customers follow in portions, as the same change.

A portion's placements and owners are stored together with the cursor of the job, so a killed job goes on where it
stopped, and a portion that is done twice changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.territories import placing, queries
from xiaoguan.apps.territories.drafts import drafted
from xiaoguan.apps.territories.models import Assignment, Recut, Territory
from xiaoguan.apps.territories.models.recut import State
from xiaoguan.kit import clock, event, job, undo
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Done, Work
from xiaoguan.kit.models.change import Change

RECUT = event.declare("territory.recut", _("Territories were cut anew"))
DAY = dt.timedelta(days=1)
ACTION = "recut"
KIND = "territories.apply"
PORTION = 500
"""Customers of one portion: each may change its owner, with all that follows from it."""


def apply(row: Recut, *, actor: Any, source: str = "page") -> Done:
    """Bring a new cut into force: rules, people and, if wished, owners, as one change that can be undone."""
    draft = {int(pk): values for pk, values in row.rules.items()}
    with transaction.atomic():
        work = Work(actor, ACTION, Territory._meta.label_lower, source)
        work.save(*drafted(draft))
        _assign(work, draft, row.on)
        if placing.is_small():
            for part in placing.portions(size=PORTION):
                place(work, part, moves_owners=row.moves_owners)
            row.state, row.applied_at = State.APPLIED, clock.now()
        else:
            row.state = State.RUNNING
        work.save(row)
        work.emit("territory.recut", *queries.territories())
        done = Done(work.finish(), row)
        if row.state == State.RUNNING:
            payload = {"recut": row.pk, "change": done.change.pk if done.change else None}
            job.enqueue(KIND, payload, actor=actor, key=f"recut {row.pk}")
        return done


def _assign(work: Work, draft: Any, on: dt.date) -> None:
    """Let the named people begin on the day, and those before them end the day before."""
    now = queries.looking_after(on)
    for pk, values in draft.items():
        person = values.get("person")
        if not person:
            continue
        leading = [row for row in now.get(pk, []) if not row.helper]
        if any(row.person_id == person for row in leading):
            continue
        for row in leading:
            row.end = on - DAY
            if row.start and row.start > row.end:
                work.remove(row)
            else:
                work.save(row)
        work.create(Assignment, {"territory_id": pk, "person_id": person, "start": on})


def place(work: Work, part: Iterable[int], *, moves_owners: bool) -> int:
    """Place some customers by the rules in force and, if wished, hand those that moved to whoever looks after them."""
    ids = list(part)
    before = queries.territory_of(ids)
    count = placing.place(ids)
    if moves_owners and count:
        after = queries.territory_of(ids)
        _move_owners(work, {pk: to for pk, to in after.items() if before.get(pk) != to})
    return count


def _move_owners(work: Work, moved: dict[int, int]) -> None:
    """Hand customers to whoever looks after their new territory; credit for the past stays."""
    heirs = queries.responsible()
    by_heir: dict[Person, list[int]] = defaultdict(list)
    for customer, territory in moved.items():
        heir = heirs.get(territory)
        if heir is not None and heir.is_active:
            by_heir[heir].append(customer)
    for heir, ids in by_heir.items():
        found = list(everything(Customer, because=queries.WHY).filter(pk__in=ids).exclude(owner=heir))
        for customer in found:
            customer.keep_credit()
            customer.owner_id = heir.pk
        work.save(*found)


@job.job(KIND, label=_("Apply a new cut of territories"), slow=True, lease=300)
def follow(run: job.Run) -> dict[str, Any]:
    """The customers of a cut that is in force, portion by portion; one that was undone meanwhile is left alone."""
    row = Recut.objects.get(pk=run.payload["recut"])
    change = Change.objects.get(pk=run.payload["change"])
    if run.cursor is None:
        run.expect(everything(Customer, because=queries.WHY).count())
    moved = 0
    for part in placing.portions(int(run.cursor or 0), size=PORTION):
        if undo.is_reversed(change):
            return {"moved": moved, "url": "/territories/map/"}
        with run.chunk(cursor=part[-1], done=len(part)):
            work = _going_on(run, change)
            moved += place(work, part, moves_owners=row.moves_owners)
            work.finish()
    with run.chunk():
        work = _going_on(run, change)
        row = Recut.objects.get(pk=row.pk)
        if row.state == State.RUNNING:
            placing.lift_deleted()
            row.state, row.applied_at = State.APPLIED, clock.now()
            work.save(row)
        work.finish()
    return {"moved": moved, "url": "/territories/map/"}


def _going_on(run: job.Run, change: Change) -> Work:
    work = Work(run.actor, ACTION, Territory._meta.label_lower, "job")
    work.go_on(change)
    return work


def under_way() -> list[tuple[Recut, int | None]]:
    """The cuts whose customers are being placed now, with how far they are in per cent."""
    rows = list(Recut.objects.filter(state=State.RUNNING, deleted_at__isnull=True).order_by("pk"))
    keys = {f"recut {row.pk}": row for row in rows}
    jobs = {each.key: each for each in job.Job.objects.filter(kind=KIND, key__in=keys)} if rows else {}
    found = []
    for key, row in keys.items():
        each = jobs.get(key)
        found.append((row, each.progress * 100 // each.total if each and each.total else None))
    return found
