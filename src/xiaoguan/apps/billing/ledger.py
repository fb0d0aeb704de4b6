"""The ledger between receipts and instalments: money goes to the oldest instalment, refunds take it back.

`settle` brings a set of contracts and receipts into balance and is safe to ask again: what balances is left alone. It
writes through a running work, so that one undo takes a receipt and what it paid back together.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Max, Q, Sum

from xiaoguan.apps.billing.models import Allocation, Instalment, Reason, State
from xiaoguan.apps.commerce.models import ContractStatus, Receipt, Refund
from xiaoguan.calc import dues
from xiaoguan.kit import clock
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work

BECAUSE = "what is owed does not depend on who looks"


def owed_first(contracts: Collection[int]) -> dict[int, list[Instalment]]:
    """The instalments in force of some contracts, locked, those due first before the others."""
    found: dict[int, list[Instalment]] = defaultdict(list)
    if contracts:
        rows = everything(Instalment, because=BECAUSE).select_for_update().filter(contract__in=contracts)
        rows = rows.filter(status__in=(State.OPEN, State.PAID))
        for row in rows.order_by(F("due_on").asc(nulls_last=True), "position", "pk"):
            found[row.contract_id].append(row)
    return found


def net_of(receipts: Iterable[Receipt]) -> dict[int, int]:
    """What is left of receipts after refunds, in fen; a refund of a contract alone takes from its latest receipts."""
    rows = [receipt for receipt in receipts if receipt.deleted_at is None]
    net = {receipt.pk: receipt.amount for receipt in rows}
    contracts = {receipt.contract_id for receipt in rows} - {None}
    back = everything(Refund, because=BECAUSE).filter(
        Q(receipt__in=net) | Q(receipt__isnull=True, contract__in=contracts)
    )
    loose: dict[int | None, int] = defaultdict(int)
    for receipt, contract, amount in back.order_by().values_list("receipt", "contract", "amount"):
        if receipt is None:
            loose[contract] += amount
        else:
            net[receipt] -= amount
    for contract, amount in loose.items():
        mine = sorted((row.received_on, row.pk) for row in rows if row.contract_id == contract)
        for pk, part in dues.take_back([(pk, max(net[pk], 0)) for _day, pk in mine], amount):
            net[pk] -= part
    return net


@dataclass
class Balance:
    """What a settlement found and writes: entries by receipt and instalment, in their order."""

    given: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    entries: list[dict[str, Any]] = field(default_factory=list)

    def of(self, receipt: int) -> int:
        """What a receipt has given away."""
        return sum(self.given[receipt].values())

    def enter(self, receipt: Receipt, instalment: int, amount: int, on: dt.date, reason: str, **more: Any) -> None:
        """Note one entry of the ledger."""
        self.given[receipt.pk][instalment] += amount
        about = {"receipt": receipt, "instalment_id": instalment, "amount": amount, "on": on, "reason": reason}
        self.entries.append(about | more)


def balance(receipts: Collection[int]) -> Balance:
    """What some receipts have given to instalments so far."""
    found = Balance()
    rows = everything(Allocation, because=BECAUSE).filter(receipt__in=receipts).order_by("on", "pk")
    for receipt, instalment, amount in rows.values_list("receipt", "instalment", "amount"):
        found.given[receipt][instalment] += amount
    return found


def settle(
    work: Work,
    contracts: Collection[int],
    rows: Sequence[Receipt] = (),
    *,
    left: Collection[int] = (),
    refund: Refund | None = None,
) -> None:
    """Balance the receipts of some contracts, and some receipts besides, with the instalments in force.

    `left` names receipts that no longer belong where they were given: all of it is taken back first. `refund` is what
    made the imbalance; its day is the day of what is taken back.
    """
    there = everything(Receipt, because=BECAUSE).select_for_update().filter(contract__in=contracts)
    known = {row.pk: row for row in there} | {row.pk: row for row in rows}
    found = sorted(known.values(), key=lambda row: (row.received_on, row.pk))
    if not found:
        return
    owed = owed_first({*contracts, *(row.contract_id for row in found if row.contract_id)})
    books, net = balance([row.pk for row in found]), net_of(found)
    for row in found:
        own = books.given[row.pk]
        excess = books.of(row.pk) - (0 if row.pk in left else max(net.get(row.pk, 0), 0))
        if excess <= 0:
            continue
        day = refund.refunded_on if refund else row.received_on
        reason = Reason.REFUND if refund else Reason.CORRECTED
        for instalment, part in dues.take_back([pair for pair in own.items() if pair[1] > 0], excess):
            books.enter(row, instalment, -part, day, reason, refund=refund)
    _give(books, [row for row in found if row.deleted_at is None], net, owed)
    write(work, books.entries)


def _give(books: Balance, receipts: Sequence[Receipt], net: dict[int, int], owed: dict[int, list[Instalment]]) -> None:
    """What receipts have left goes to the oldest open instalments of their contract."""
    paid: dict[int, int] = defaultdict(int)
    for entry in books.entries:
        paid[entry["instalment_id"]] += entry["amount"]
    of_contract: dict[int, list[Receipt]] = defaultdict(list)
    for row in receipts:
        if row.contract_id in owed:
            of_contract[row.contract_id].append(row)
    for contract, rows in of_contract.items():
        money = [(row.pk, net[row.pk] - books.of(row.pk)) for row in rows]
        need = [(each.pk, each.amount - each.paid - paid[each.pk]) for each in owed[contract]]
        by_id = {row.pk: row for row in rows}
        for receipt, instalment, part in dues.give(money, need):
            row = by_id[receipt]
            books.enter(row, instalment, part, row.received_on, Reason.AUTO)


def write(work: Work, entries: Sequence[dict[str, Any]]) -> None:
    """Store entries and bring the instalments they name up to date."""
    if not entries:
        return
    work.create(Allocation, list(entries))
    refresh(work, {entry["instalment_id"] for entry in entries})


def refresh(work: Work, instalments: Collection[int]) -> None:
    """Derive what was paid on instalments, and the day that closed those paid in full, from the ledger."""
    rows = everything(Allocation, because=BECAUSE).filter(instalment__in=instalments).order_by()
    sums = {row["instalment"]: row for row in rows.values("instalment").annotate(paid=Sum("amount"), last=Max("on"))}
    found = list(everything(Instalment, because=BECAUSE).select_related("contract").filter(pk__in=instalments))
    for row in found:
        known = sums.get(row.pk, {"paid": 0, "last": None})
        row.paid = known["paid"]
        if row.status not in (State.OPEN, State.PAID):
            continue
        whole = row.paid >= row.amount
        row.closed_on = (known["last"] or clock.today()) if whole else None
        if not whole and row.contract.status == ContractStatus.CANCELLED:  # nobody owes what is given back now
            row.status, row.closed_on = State.CANCELLED, max(row.contract.cancelled_on, known["last"])
    work.save(*found)
