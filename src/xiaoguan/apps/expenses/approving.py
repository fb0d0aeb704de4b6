"""When an expense needs approval, what is approved, and what follows from the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.approvals import kinds
from xiaoguan.apps.approvals.kinds import Measure, Seed
from xiaoguan.apps.approvals.models import Request, State
from xiaoguan.apps.expenses.models import Expense, Status
from xiaoguan.kit import render
from xiaoguan.kit.action import Work

LARGE = 5_000_00
"""From so many fen on the manager above agrees as well, until an administrator says otherwise."""
MANAGER = {"who": "manager", "mode": "any", "days": 2}
ABOVE = {"who": "above", "mode": "any", "days": 3}
ROUTES = (
    Seed("all", _("Every expense"), steps=(MANAGER,)),
    Seed("large", _("Large expenses"), "amount", LARGE, (MANAGER, ABOVE)),
)
OUTCOME = {State.APPROVED: Status.APPROVED, State.REJECTED: Status.REJECTED}


def _snapshot(expense: Expense) -> dict[str, Any]:
    return {
        "kind": str(expense.kind),
        "amount": expense.amount,
        "spent_on": expense.spent_on.isoformat() if expense.spent_on else "",
        "customer": str(expense.customer or ""),
        "deal": str(expense.deal or ""),
        "owner": str(expense.owner or ""),
        "note": expense.note,
    }


def _show(snapshot: Mapping[str, Any], hidden: frozenset[str]) -> list[tuple[Any, SafeString | str]]:
    labels = {
        "kind": gettext("Kind"), "amount": gettext("Amount"), "spent_on": gettext("Spent on"),
        "customer": gettext("Customer"), "deal": gettext("Deal"), "owner": gettext("Owner"), "note": gettext("Note"),
    }  # fmt: skip
    found: list[tuple[Any, SafeString | str]] = []
    for name, label in labels.items():
        if name in hidden or not snapshot.get(name):
            continue
        value = snapshot[name]
        found.append((label, render.money_exact(value) if name == "amount" else str(value)))
    return found


def _settle(work: Work, request: Request, expense: Expense) -> None:
    """An approved claim counts from now on; one that was sent back or withdrawn is a draft again."""
    if expense.status != Status.WAITING:
        return
    expense.status = OUTCOME.get(State(request.state), Status.DRAFT)
    work.save(expense)


CLAIM = kinds.declare(
    "expense.claim",
    _("Expense"),
    Expense,
    icon="receipt",
    measures=(Measure("amount", _("Amount"), "money", field="amount"),),
    measure=lambda expense: {"amount": expense.amount},
    snapshot=_snapshot,
    show=_show,
    settle=_settle,
    routes=ROUTES,
)
