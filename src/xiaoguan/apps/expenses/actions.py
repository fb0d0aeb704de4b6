"""Verbs of expenses: submit, revise, pay back; and the quick claim of the phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.approvals import asking
from xiaoguan.apps.collaboration.actions import attach
from xiaoguan.apps.expenses.approving import CLAIM
from xiaoguan.apps.expenses.models import Expense, Status
from xiaoguan.files.models import StoredFile
from xiaoguan.kit import event
from xiaoguan.kit.action import Work, action, create

event.declare("expense.approved", _("An expense was approved"))
OPEN = (Status.DRAFT, Status.REJECTED)


def editable(expense: Expense) -> bool:
    """Whether a claim is still its author's to change."""
    return expense.status in OPEN


@action(Expense, _("Submit"), position=10, icon="send", bulk=True, undoable=False, shown=editable)
def submit(work: Work, expenses: Sequence[Expense], *, comment: Annotated[str, _("Comment")] = "") -> Sequence[Expense]:
    """Ask for approval; what needs none counts at once."""
    for expense in expenses:
        if not editable(expense):
            continue
        request = asking.ask(work, CLAIM, expense, note=comment)
        expense.status = Status.WAITING if request else Status.APPROVED
        work.save(expense)
        if request is None:
            work.emit("expense.approved", expense, source=work.source)
    return expenses


@action(
    Expense, _("Revise"), position=30, icon="pencil", undoable=False,
    shown=lambda expense: expense.status == Status.APPROVED,
)  # fmt: skip
def revise(work: Work, expense: Expense, *, comment: Annotated[str, _("Why")]) -> Expense:
    """Take an approved expense back to change it: it counts no more, and the new version is approved anew."""
    work.change.note = comment
    expense.status = Status.DRAFT
    work.save(expense)
    return expense


@action(
    Expense, _("Paid back"), name="pay_back", verb="pay", position=20, icon="cash", bulk=True,
    shown=lambda expense: expense.status == Status.APPROVED,
)  # fmt: skip
def pay_back(work: Work, expenses: Sequence[Expense]) -> Sequence[Expense]:
    """The person has got his money."""
    found = [expense for expense in expenses if expense.status == Status.APPROVED]
    for expense in found:
        expense.status = Status.PAID
    work.save(*found)
    return expenses


def claim(values: Mapping[str, Any], files: Sequence[StoredFile], *, actor: Any) -> Expense:
    """Enter an expense with its receipts and submit it, all or nothing."""
    with transaction.atomic():
        expense: Expense = create(Expense, values, actor=actor)
        if files:
            attach(expense, files, actor=actor)
        submit([expense], actor=actor)
    return expense
