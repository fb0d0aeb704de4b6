"""What receipts, refunds and contracts bring about: money finds its instalments, plans follow their contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext

from xiaoguan.apps.billing import ledger
from xiaoguan.apps.billing.models import Allocation, Instalment, Invoice, Milestone, Order, State
from xiaoguan.apps.commerce.models import Contract, ContractStatus, Receipt, Refund
from xiaoguan.calc import dues
from xiaoguan.calc.errors import ShareError
from xiaoguan.kit import render
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.errors import Invalid

MONEY = {"amount", "contract_id", "deleted_at"}


@consequence(Receipt)
def give_to_instalments(work: Work, receipts: Sequence[Receipt], fresh: bool) -> None:
    """Money pays the oldest instalments of its contract; a corrected receipt is given anew."""
    if work.reverting:
        return
    if fresh:
        ledger.settle(work, {row.contract_id for row in receipts if row.contract_id}, receipts)
        return
    _follow_days(work, receipts)
    moved = [row for row in receipts if MONEY & row.changed_fields().keys()]
    if not moved:
        return
    left = {row.pk for row in moved if "contract_id" in row.changed_fields()}
    contracts = {row.contract_id for row in moved} | {row._loaded["contract_id"] for row in moved}
    ledger.settle(work, contracts - {None}, moved, left=left)


def _follow_days(work: Work, receipts: Sequence[Receipt]) -> None:
    """A receipt entered with the wrong day has paid its instalments on the right one."""
    days = {row.pk: row._loaded["received_on"] for row in receipts if "received_on" in row.changed_fields()}
    if not days:
        return
    rows = list(everything(Allocation, because=ledger.BECAUSE).select_related("receipt").filter(receipt__in=days))
    wrong = [row for row in rows if row.on == days[row.receipt_id]]
    for row in wrong:
        row.on = row.receipt.received_on
    work.save(*wrong)
    ledger.refresh(work, {row.instalment_id for row in wrong})


@consequence(Refund)
def take_from_instalments(work: Work, refunds: Sequence[Refund], fresh: bool) -> None:
    """What goes back to a customer is owed again from the day it goes."""
    if work.reverting:
        return
    for refund in refunds:
        if not fresh and not (MONEY | {"receipt_id"}) & refund.changed_fields().keys():
            continue
        before = {} if fresh else refund._loaded
        receipts = {refund.receipt_id, before.get("receipt_id")} - {None}
        contracts = {refund.contract_id, before.get("contract_id")} - {None} if not receipts else set()
        rows = list(everything(Receipt, because=ledger.BECAUSE).filter(pk__in=receipts))
        ledger.settle(work, contracts, rows, refund=refund)


@consequence(Contract)
def follow_contracts(work: Work, contracts: Sequence[Contract], fresh: bool) -> None:
    """A plan has the owner and the customer of its contract, shares its amount and ends with it."""
    if fresh or work.reverting:
        return
    watched = {"amount", "status", "owner_id", "customer_id", "signed_on", "cancelled_on", "deleted_at"}
    touched = {row.pk: row for row in contracts if watched & row.changed_fields().keys()}
    if not touched:
        return
    _hand_over(work, [row for row in touched.values() if "owner_id" in row.changed_fields()])
    found = list(Instalment.entity.model._default_manager.filter(contract__in=touched).order_by("position", "pk"))
    plans: dict[int, list[Instalment]] = {}
    for row in found:
        row.contract = touched[row.contract_id]
        plans.setdefault(row.contract_id, []).append(row)
    for pk, plan in plans.items():
        _follow(touched[pk], plan)
    work.save(*found)


def _hand_over(work: Work, contracts: Sequence[Contract]) -> None:
    """Invoices and orders of a contract belong to who looks after it."""
    owners = {row.pk: (row._loaded["owner_id"], row.owner_id) for row in contracts}
    for model in (Invoice, Order) if owners else ():
        rows = everything(model, because=ledger.BECAUSE).filter(contract__in=owners)
        moved = [row for row in rows if row.owner_id == owners[row.contract_id][0]]
        for row in moved:
            row.owner_id = owners[row.contract_id][1]
        work.save(*moved)


def _follow(contract: Contract, plan: list[Instalment]) -> None:
    changed = contract.changed_fields()
    if "deleted_at" in changed:
        before = changed["deleted_at"][0]
        for row in plan:
            if row.deleted_at == before:
                row.deleted_at = contract.deleted_at
    living = [row for row in plan if row.deleted_at is None]
    for row in living:
        row.customer_id, row.owner_id = contract.customer_id, contract.owner_id
        if "signed_on" in changed and row.agreed_on in (None, changed["signed_on"][0]):
            row.agreed_on = contract.signed_on
            if row.milestone == Milestone.SIGNED:
                row.reached_on = contract.signed_on
    if {"status", "cancelled_on"} & changed.keys():
        _end(contract, living)
    if "amount" in changed and contract.status != ContractStatus.CANCELLED:
        _share(contract, [row for row in living if row.status in (State.OPEN, State.PAID)], living)


def _end(contract: Contract, plan: list[Instalment]) -> None:
    """What is open when a contract is cancelled is owed no more from that day; before it, it was."""
    cancelled = contract.status == ContractStatus.CANCELLED
    for row in plan:
        if cancelled and row.status in (State.OPEN, State.CANCELLED):
            row.status, row.closed_on = State.CANCELLED, contract.cancelled_on
        elif not cancelled and row.status == State.CANCELLED:
            row.status, row.closed_on = State.OPEN, None


def _share(contract: Contract, plan: list[Instalment], whole: list[Instalment]) -> None:
    """The open instalments take the difference when a contract becomes worth more or less."""
    if not plan or sum(row.amount for row in whole) != contract._loaded["amount"]:
        return  # there is no plan, or one that is still being made
    waived = sum(row.amount for row in whole) - sum(row.amount for row in plan)
    try:
        amounts = dues.respread(contract.amount - waived, [(row.amount, row.paid) for row in plan])
    except ShareError as problem:
        if problem.code == "nothing_unlocked":
            return  # all is paid: the page says by how much the plan is short
        raise Invalid({"amount": [gettext("More than this has been paid on its instalments.")]}) from problem
    for row, amount in zip(plan, amounts, strict=True):
        row.amount = amount


@consequence(Instalment)
def hold_plans(work: Work, instalments: Sequence[Instalment], fresh: bool) -> None:
    """The instalments of a contract never add up to more than it is worth; new ones take money that waits for them."""
    if work.reverting:
        return
    names = {"amount", "contract_id", "deleted_at", "status"}
    touched = [row for row in instalments if fresh or names & row.changed_fields().keys()]
    ids = {row.contract_id for row in touched if row.deleted_at is None}
    if not ids:
        return
    rows = everything(Instalment, because=ledger.BECAUSE).filter(contract__in=ids).exclude(status=State.CANCELLED)
    sums = dict(rows.order_by().values_list("contract").annotate(total=Sum("amount")))
    for contract in everything(Contract, because=ledger.BECAUSE).filter(pk__in=sums):
        over = sums[contract.pk] - contract.amount
        if over > 0 and contract.status != ContractStatus.CANCELLED:
            raise Invalid({"amount": [_over(contract, over)]})
    if fresh:
        ledger.settle(work, ids)


def _over(contract: Any, over: int) -> str:
    with render.money_in("yuan"):
        words = {"sum": render.money_text(contract.amount), "over": render.money_text(over)}
        return gettext("The contract is worth %(sum)s; its instalments would be %(over)s more.") % words
