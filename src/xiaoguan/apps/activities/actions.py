"""Verbs of the day: log what happened, plan what comes next, finish, postpone and drop tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.activities.models import FollowUp, Kind, Result, State, Task, TaskKind
from xiaoguan.apps.customers.actions import along
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.actions import along_with_deals
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Person
from xiaoguan.kit.access import everything, may
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.errors import Denied, Invalid


def _log(work: Work, about: Mapping[str, Any], values: Mapping[str, Any], after: Mapping[str, Any]) -> FollowUp:
    """Record a follow-up about a customer or deal and, where one is named, the next step."""
    if not may(work.actor, "create", FollowUp):
        raise Denied("create", FollowUp)
    if values["kind"] == Kind.NOTE and not values["body"].strip():
        raise Invalid({"body": [gettext("Write what there is to note.")]})
    made = work.create(FollowUp, {**about, **values})
    _plan(work, about, **after)
    return made


def _plan(work: Work, about: Mapping[str, Any], title: str, due: dt.date | None, kind: str) -> Task | None:
    """Create the next step where one is named; a step needs both words and a day."""
    title = title.strip()
    if not title and due is None:
        return None
    if due is None:
        raise Invalid({"next_on": [gettext("Choose a day for the next step.")]})
    if not may(work.actor, "create", Task):
        raise Denied("create", Task)
    return work.create(Task, {**about, "title": title or str(TaskKind(kind).label), "due_on": due, "kind": kind})


@action(Customer, _("Log a follow-up"), name="log", verb="log", icon="message-2", position=10)
def log_on_customer(
    work: Work,
    customer: Customer,
    *,
    kind: Annotated[Kind, _("Kind")] = Kind.CALL,
    body: Annotated[str, _("What was said")] = "",
    result: Annotated[Result | None, _("Result")] = None,
    contact: Annotated[Contact | None, _("Contact")] = None,
    happened_at: Annotated[dt.datetime | None, _("Time")] = None,
    next_title: Annotated[str, _("Next step")] = "",
    next_on: Annotated[dt.date | None, _("Due on")] = None,
    next_kind: Annotated[TaskKind, _("Kind of next step")] = TaskKind.TODO,
) -> FollowUp:
    """Record what happened with a customer, and in one go what is done next."""
    about = {"customer": customer, "contact": contact}
    values = {"kind": kind, "body": body, "result": result or "", "happened_at": happened_at}
    return _log(work, about, values, {"title": next_title, "due": next_on, "kind": next_kind})


@action(Deal, _("Log a follow-up"), name="log", verb="log", icon="message-2", position=10)
def log_on_deal(
    work: Work,
    deal: Deal,
    *,
    kind: Annotated[Kind, _("Kind")] = Kind.CALL,
    body: Annotated[str, _("What was said")] = "",
    result: Annotated[Result | None, _("Result")] = None,
    contact: Annotated[Contact | None, _("Contact")] = None,
    happened_at: Annotated[dt.datetime | None, _("Time")] = None,
    next_title: Annotated[str, _("Next step")] = "",
    next_on: Annotated[dt.date | None, _("Due on")] = None,
    next_kind: Annotated[TaskKind, _("Kind of next step")] = TaskKind.TODO,
) -> FollowUp:
    """Record what happened around a deal, and in one go what is done next."""
    about = {"deal": deal, "customer_id": deal.customer_id, "contact": contact}
    values = {"kind": kind, "body": body, "result": result or "", "happened_at": happened_at}
    return _log(work, about, values, {"title": next_title, "due": next_on, "kind": next_kind})


@action(Customer, _("Plan next step"), name="plan_next_step", verb="log", icon="calendar-plus", position=25)
def plan_on_customer(
    work: Work,
    customer: Customer,
    *,
    title: Annotated[str, _("What")],
    due: Annotated[dt.date, _("Due on")],
    kind: Annotated[TaskKind, _("Kind")] = TaskKind.TODO,
    at: Annotated[dt.time | None, _("Time")] = None,
) -> Task:
    """Say what is done next with a customer, and when."""
    return work.create(Task, {"customer": customer, "title": title, "due_on": due, "due_time": at, "kind": kind})


@action(Deal, _("Plan next step"), name="plan_next_step", verb="log", icon="calendar-plus", position=25)
def plan_on_deal(
    work: Work,
    deal: Deal,
    *,
    title: Annotated[str, _("What")],
    due: Annotated[dt.date, _("Due on")],
    kind: Annotated[TaskKind, _("Kind")] = TaskKind.TODO,
    at: Annotated[dt.time | None, _("Time")] = None,
) -> Task:
    """Say what is done next for a deal, and when."""
    about = {"deal": deal, "customer_id": deal.customer_id}
    return work.create(Task, {**about, "title": title, "due_on": due, "due_time": at, "kind": kind})


def is_open(task: Task) -> bool:
    """Whether a task is still to be done."""
    return task.is_open


@action(Task, _("Complete"), icon="check", shown=is_open, position=10)
def complete(
    work: Work,
    task: Task,
    *,
    body: Annotated[str, _("What was said")] = "",
    result: Annotated[Result | None, _("Result")] = None,
    next_title: Annotated[str, _("Next step")] = "",
    next_on: Annotated[dt.date | None, _("Due on")] = None,
    next_kind: Annotated[TaskKind, _("Kind of next step")] = TaskKind.TODO,
) -> Task:
    """Finish a task; a call or visit to a customer is recorded as a follow-up with what was said."""
    task.state = State.DONE
    task.done_at = work.now
    work.save(task)
    about = {"customer_id": task.customer_id, "deal_id": task.deal_id, "contact_id": task.contact_id}
    in_touch = task.kind != TaskKind.TODO
    if (task.customer_id or task.deal_id) and (in_touch or body.strip() or result):
        kind = task.kind if in_touch else Kind.NOTE
        said = {"kind": kind, "subject": task.title, "body": body, "result": result or "", "happened_at": work.now}
        work.create(FollowUp, {**about, **said})
    _plan(work, about, next_title, next_on, next_kind)
    return task


@action(Task, _("Postpone"), icon="calendar-due", bulk=True, shown=is_open, position=20)
def postpone(
    work: Work,
    tasks: Sequence[Task],
    *,
    to: Annotated[dt.date, _("New day")],
    comment: Annotated[str, _("Comment")] = "",
) -> Sequence[Task]:
    """Put tasks off to another day."""
    work.change.note = comment
    for task in tasks:
        if task.is_open:
            task.due_on = to
    work.save(*tasks)
    return tasks


@action(Task, _("Drop"), icon="x", bulk=True, shown=is_open)
def drop(work: Work, tasks: Sequence[Task], *, comment: Annotated[str, _("Reason")] = "") -> Sequence[Task]:
    """Decide that tasks will not be done."""
    work.change.note = comment
    for task in tasks:
        if task.is_open:
            task.state = State.DROPPED
    work.save(*tasks)
    return tasks


@action(Task, _("Take up again"), icon="reload", shown=lambda task: not task.is_open)
def resume(work: Work, task: Task) -> Task:
    """Put a finished or dropped task back on the list."""
    task.state = State.OPEN
    work.save(task)
    return task


def _give(work: Work, tasks: Sequence[Task], follow_ups: Sequence[FollowUp], to: Person) -> None:
    for task in tasks:
        task.owner = to
    work.save(*tasks)
    for follow_up in follow_ups:
        follow_up.keep_credit()
        follow_up.owner = to
    work.save(*follow_ups)


@along
def hand_over_with_customers(work: Work, previous: Mapping[int, int | None], to: Person) -> None:
    """Open tasks and the record of what was said follow the customer."""
    tasks = everything(Task, because="a customer changes hands with all open tasks of its owner")
    said = everything(FollowUp, because="the new owner must know what was said")
    open_tasks = tasks.filter(customer__in=previous, state=State.OPEN)
    _give(
        work,
        [task for task in open_tasks if task.owner_id == previous[task.customer_id]],
        [row for row in said.filter(customer__in=previous) if row.owner_id == previous[row.customer_id]],
        to,
    )


@along_with_deals
def hand_over_with_deals(work: Work, previous: Mapping[int, int | None], to: Person) -> None:
    """Open tasks and the record of what was said follow the deal."""
    tasks = everything(Task, because="a deal changes hands with all open tasks of its owner")
    said = everything(FollowUp, because="the new owner must know what was said")
    open_tasks = tasks.filter(deal__in=previous, state=State.OPEN)
    _give(
        work,
        [task for task in open_tasks if task.owner_id == previous[task.deal_id]],
        [row for row in said.filter(deal__in=previous) if row.owner_id == previous[row.deal_id]],
        to,
    )
