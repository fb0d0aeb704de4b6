"""What happens to tasks and follow-ups when a customer goes to the public pool, and what they mean for its day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xiaoguan.apps.activities.models import FollowUp, State, Task
from xiaoguan.apps.customers.actions import along
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.pools.moving import parting
from xiaoguan.apps.pools.standing import refresh
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence


@parting
def leave_tasks(work: Work, previous: Mapping[int, int | None]) -> None:
    """Open tasks with the customer itself wait without an owner; those of a deal stay with whoever has the deal."""
    rows = everything(Task, because="a customer goes to the pool with the tasks of its owner")
    for task in (found := list(rows.filter(customer__in=previous, deal__isnull=True, state=State.OPEN))):
        if task.owner_id == previous[task.customer_id]:
            task.owner = None
    work.save(*found)


@along
def take_up_tasks(work: Work, previous: Mapping[int, int | None], to: Person) -> None:
    """Open tasks that waited for an owner go to whoever gets the customer."""
    rows = everything(Task, because="a customer changes hands with the tasks that wait")
    found = list(rows.filter(customer__in=previous, owner__isnull=True, state=State.OPEN))
    for task in found:
        task.owner = to
    work.save(*found)


@consequence(FollowUp)
def put_the_day_off(_work: Work, follow_ups: Sequence[FollowUp], fresh: bool) -> None:
    """A follow-up counts from its day; the last contact is stored by then."""
    ids = {row.customer_id for row in follow_ups}
    if not fresh:
        ids |= {row._loaded["customer_id"] for row in follow_ups}
    refresh(ids - {None})
