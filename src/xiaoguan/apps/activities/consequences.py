"""What a saved task or follow-up means for its customer and deal: the next step, the last contact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import F, Max

from xiaoguan.apps.activities.models import FollowUp, Kind, State, Task
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import clock
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence

PART = 900
BECAUSE = "the next step of a customer is that of everybody who works with it"


def _touched(rows: Sequence[Any], fresh: bool, link: str) -> set[int]:
    """The ids a link had before the save and has now."""
    ids = {getattr(row, link) for row in rows}
    if not fresh:
        ids |= {row._loaded[link] for row in rows}
    return ids - {None}


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    """Ids in portions that fit into one statement."""
    wanted = sorted(ids)
    return (wanted[at : at + PART] for at in range(0, len(wanted), PART))


@consequence(Task)
def keep_next_steps(work: Work, tasks: Sequence[Task], fresh: bool) -> None:
    """The earliest open task is the next step of its customer and its deal."""
    for model, link in ((Customer, "customer_id"), (Deal, "deal_id")):
        for ids in _parts(_touched(tasks, fresh, link)):
            _derive_next(work, model, link, ids)


def _derive_next(work: Work, model: type[models.Model], link: str, ids: list[int]) -> None:
    rows = everything(Task, because=BECAUSE).filter(state=State.OPEN, **{f"{link}__in": ids})
    order = (link, "due_on", F("due_time").asc(nulls_last=True), "priority", "pk")
    first: dict[int, tuple[Any, str]] = {}
    for parent, due, title in rows.order_by(*order).values_list(link, "due_on", "title"):
        first.setdefault(parent, (due, title))
    parents = list(everything(model, because=BECAUSE).filter(pk__in=ids))
    for parent in parents:
        parent.next_due, parent.next_note = first.get(parent.pk, (None, ""))
    work.derive(*parents)


@consequence(FollowUp)
def keep_last_contact(work: Work, follow_ups: Sequence[FollowUp], fresh: bool) -> None:
    """The newest follow-up that was a contact is the last contact of its customer and its deal.

    One dated ahead has not been yet: nobody keeps a customer from the pool by it.
    """
    today = clock.today()
    for model, link in ((Customer, "customer_id"), (Deal, "deal_id")):
        for ids in _parts(_touched(follow_ups, fresh, link)):
            rows = everything(FollowUp, because=BECAUSE).filter(on__lte=today, **{f"{link}__in": ids})
            rows = rows.exclude(kind=Kind.NOTE)
            last = dict(rows.order_by().values_list(link).annotate(last=Max("on")))
            parents = list(everything(model, because=BECAUSE).filter(pk__in=ids))
            for parent in parents:
                parent.last_contact_on = last.get(parent.pk)
            work.derive(*parents)


@consequence(Deal)
def follow_deleted_deals(work: Work, deals: Sequence[Deal], fresh: bool) -> None:
    """Open tasks go to the recycle bin with their deal and come back with it."""
    if not fresh:
        _follow_deleted(work, deals, "deal")


@consequence(Customer)
def follow_deleted_customers(work: Work, customers: Sequence[Customer], fresh: bool) -> None:
    """Open tasks go to the recycle bin with their customer and come back with it."""
    if not fresh:
        _follow_deleted(work, customers, "customer")


def _follow_deleted(work: Work, records: Sequence[Any], link: str) -> None:
    changed = [record for record in records if "deleted_at" in record.changed_fields()]
    gone = [record.pk for record in changed if record.deleted_at is not None]
    back = {record.pk: record._loaded["deleted_at"] for record in changed if record.deleted_at is None}
    if gone:
        work.remove(*everything(Task, because=BECAUSE).filter(**{f"{link}__in": gone}, state=State.OPEN))
    if back:
        rows = Task._default_manager.filter(**{f"{link}__in": back}, deleted_at__in=set(back.values()))
        work.restore(*[task for task in rows if task.deleted_at == back[getattr(task, f"{link}_id")]])
