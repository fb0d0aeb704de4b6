"""The next step of customers and deals in lists, and how tasks look."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.activities.models import State, Task
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import columns, render
from xiaoguan.kit.columns import NOTHING, Reading
from xiaoguan.kit.entity import Entity


@cache
def _base(model: type[models.Model]) -> str:
    return Entity.of(model).url("list")


def plan_url(model: type[models.Model], pk: int) -> str:
    """Where the next step of a record is planned."""
    return f"{_base(model)}{pk}/do/plan_next_step/"


@columns.cell(Customer, "next_due", needs="next_due next_note", label=_("Next step"), align="start")
def next_step_of_customer(row: Any, reading: Reading) -> str:
    """Dot, day and words; without one the offer to plan it."""
    return columns.next_step(row.next_due, row.next_note, reading, plan_url(Customer, row.pk))


@columns.cell(Deal, "next_due", needs="next_due next_note status", label=_("Next step"), align="start")
def next_step_of_deal(row: Any, reading: Reading) -> str:
    """As for customers; an ended deal without one needs none."""
    if row.next_due is None and row.status in ("lost", "invalid"):
        return NOTHING
    return columns.next_step(row.next_due, row.next_note, reading, plan_url(Deal, row.pk))


@columns.cell(Task, "due_on", needs="due_on due_time state", label=_("Due"), align="start")
def due(row: Any, reading: Reading) -> str:
    """The day with its dot while the task is open, and the time where one is set."""
    time = f" {row.due_time:%H:%M}" if row.due_time else ""
    if row.state != State.OPEN:
        return f"{render.day(row.due_on)}{time}"
    return render.next_step(row.due_on, time.strip())


@columns.cell(Task, "state", needs="state")
def state(row: Any, reading: Reading) -> str:
    """A tag; open tasks need none."""
    label = escape(str(State(row.state).label))
    return label if row.state == State.OPEN else render.tag(label, "green" if row.state == State.DONE else "")
