"""Plans as a page shows them, for an actor."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from xiaoguan.apps.billing.models import Instalment, State
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.kit.access import everything

BECAUSE = "whether a plan is whole does not depend on who looks"


@dataclass(frozen=True)
class Whole:
    """How a plan stands to its contract; all in fen."""

    amount: int
    planned: int
    count: int

    @property
    def gap(self) -> int:
        """What the plan is short of the contract; below zero where it is over."""
        return self.amount - self.planned


def plan_of(contract: Contract) -> list[Instalment]:
    """The instalments of a contract in their order; cancelled ones too, as they belong to its history."""
    rows = everything(Instalment, because=BECAUSE).filter(contract=contract)
    found = list(rows.order_by("position", F("due_on").asc(nulls_last=True), "pk"))
    for row in found:
        row.contract = contract
    return found


def whole(contract: Contract) -> Whole:
    """Whether the instalments make the contract's amount."""
    rows = everything(Instalment, because=BECAUSE).filter(contract=contract)
    amounts = list(rows.values_list("amount", flat=True))
    return Whole(contract.amount, sum(amounts), len(amounts))


OPEN = (State.OPEN, State.PAID)
