"""Verbs of plans: make one, reach a milestone, put off; and of money: allocate, move, take back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.billing import ledger
from xiaoguan.apps.billing.models import Allocation, Instalment, PlanTemplate, Reason, State
from xiaoguan.apps.billing.queries import OPEN, plan_of
from xiaoguan.apps.commerce.models import Contract, ContractStatus, Receipt
from xiaoguan.calc import dues
from xiaoguan.kit import clock, event, kinds, render
from xiaoguan.kit.access import everything, masked, may
from xiaoguan.kit.action import Done, Work, action, working
from xiaoguan.kit.errors import Denied, Invalid, Refusal, WayOut

event.declare("instalment.reached", _("A milestone of a payment plan was reached"))


@dataclass(frozen=True)
class Line:
    """One line of a plan as it is typed: a share of the contract or an amount in fen, and what gives it its day."""

    kind: str
    rate: int | None = None
    amount: int | None = None
    milestone: str = ""
    days: int = 0
    due_on: dt.date | None = None
    forecast_on: dt.date | None = None
    reached_on: dt.date | None = None
    note: str = ""
    pk: int | None = None
    version: int | None = None


NAMES = ("kind", "rate", "milestone", "days", "due_on", "forecast_on", "reached_on", "note")


def plannable(contract: Contract) -> bool:
    """Whether a plan makes sense: a contract that is not over."""
    return contract.status != ContractStatus.CANCELLED


def may_plan(actor: Any, contract: Contract) -> bool:
    """Whether somebody may make the plan, which takes seeing what the contract and its parts are worth."""
    hidden = masked(actor, Contract) | masked(actor, Instalment)
    return may(actor, "plan", contract) and not {"amount", "paid", "outstanding"} & hidden


def set_plan(contract: Contract, lines: Sequence[Line], *, actor: Any) -> Done:
    """Write the whole plan of a contract: lines with a key change their instalment, others are new, the rest go.

    Raises Denied, Stale, Invalid (the amounts don't make the contract) or Refusal, and then leaves no trace.
    """
    if not may_plan(actor, contract):
        raise Denied("plan", contract)
    with working(Instalment, "set_plan", actor=actor, verb="create") as work:
        write_plan(work, contract, lines)
    return Done(work.change if work.change.pk else None, contract)


def write_plan(work: Work, contract: Contract, lines: Sequence[Line]) -> None:
    """The same inside a running work."""
    there = {row.pk: row for row in plan_of(contract) if row.status in OPEN}
    amounts = dues.instalments(contract.amount, [(line.rate, line.amount) for line in lines])
    gap = contract.amount - sum(amounts) - sum(row.amount for row in plan_of(contract) if row.pk not in there)
    if gap:
        raise Invalid({"": [_gap(gap)]})
    kept = {line.pk for line in lines if line.pk}
    gone = [row for row in there.values() if row.pk not in kept]
    if any(row.paid for row in gone):
        raise Invalid({"": [gettext("Money stands on an instalment that was taken out; move it first.")]})
    changed, fresh = [], []
    for position, (line, amount) in enumerate(zip(lines, amounts, strict=True), 1):
        values = {name: getattr(line, name) for name in NAMES} | {"amount": amount, "position": position}
        if line.pk in there:
            row = there[line.pk]
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
        else:
            fresh.append({**values, "contract": contract})
    for row in [*changed, *gone]:
        if not may(work.actor, "change", row):
            raise Denied("change", row)
    work.remove(*gone)
    # Those that shrink first: at no time do the instalments add up to more than the contract.
    work.save(*changed)
    for made in work.create(Instalment, fresh) if fresh else []:
        if not may(work.actor, "create", made):
            raise Denied("create", made)
    ledger.settle(work, {contract.pk})


def _gap(gap: int) -> str:
    with render.money_in("yuan"):
        text = render.money_text(abs(gap))
    if gap > 0:
        return gettext("The instalments are %(sum)s short of the contract.") % {"sum": text}
    return gettext("The instalments are %(sum)s more than the contract.") % {"sum": text}


def lines_of(template: PlanTemplate) -> list[Line]:
    """The parts of a template as lines of a plan."""
    parts = template.parts.filter(deleted_at__isnull=True).order_by("pk")
    return [Line(part.kind, part.rate, None, part.milestone, part.days) for part in parts]


@action(Contract, _("Plan by template"), position=35, icon="list-numbers", verb="plan", shown=plannable)
def plan_by_template(
    work: Work, contract: Contract, *, template: Annotated[PlanTemplate, _("Plan template")]
) -> Contract:
    """Make the payment plan of a contract as the company usually agrees it."""
    if any(row.status in OPEN for row in plan_of(contract)):
        raise Refusal(
            gettext("This contract has a payment plan already"),
            gettext("A template would write over it."),
            code="plan.exists",
            rule=gettext("A plan is changed line by line once it is made."),
            ways_out=[WayOut(gettext("Change the plan"), url=f"{Contract.entity.url('detail', contract)}?tab=plan")],
        )
    write_plan(work, contract, lines_of(template))
    return contract


# Instalments --------------------------------------------------------------------------------------------------------


@action(
    Instalment, _("Milestone reached"), position=10, icon="flag-check",
    shown=lambda row: row.open and bool(row.milestone) and row.reached_on is None,
)  # fmt: skip
def reach(work: Work, instalment: Instalment, *, on: Annotated[dt.date | None, _("Reached on")] = None) -> Instalment:
    """What the payment waits for has happened; from then the days until it is due count, for all that wait for it."""
    day = on or clock.today()
    if day > clock.today():
        raise Invalid({"on": [gettext("This day is still to come.")]})
    rows = everything(Instalment, because="a milestone is reached for the whole contract").filter(
        contract=instalment.contract_id, milestone=instalment.milestone, reached_on=None, status=State.OPEN
    )
    found = list(rows.select_related("contract"))
    for row in found:
        row.reached_on = day
    work.save(*found)
    work.emit("instalment.reached", *found, source=work.source)
    return instalment


@action(Instalment, _("Postpone"), position=20, icon="calendar-plus", shown=lambda row: row.open)
def postpone(
    work: Work,
    instalment: Instalment,
    *,
    to: Annotated[dt.date, _("Expected on")],
    comment: Annotated[str, _("Why")] = "",
) -> Instalment:
    """Say when the money will really come; how often that moved stays in sight."""
    work.change.note = comment
    if instalment.forecast_on is None and instalment.due_on and to > instalment.due_on:
        instalment.pushed += 1
    instalment.forecast_on = to
    work.save(instalment)
    return instalment


# Money --------------------------------------------------------------------------------------------------------------


def _payable(instalment: Instalment, customer: int | None, amount: int | None, most: int) -> int:
    """How much goes to an instalment; Invalid where it is another customer's, closed, or gets too much."""
    if instalment.customer_id != customer:
        raise Invalid({"to": [gettext("This instalment is owed by another customer.")]})
    if not instalment.open:
        raise Invalid({"to": [gettext("Nothing is outstanding on this instalment.")]})
    wanted = min(most, instalment.outstanding) if amount is None else amount
    if not 0 < wanted <= most:
        raise Invalid({"amount": [_at_most(most)]})
    if wanted > instalment.outstanding:
        raise Invalid({"amount": [_at_most(instalment.outstanding)]})
    return wanted


def _at_most(most: int) -> str:
    with render.money_in("yuan"):
        return gettext("At most %(sum)s.") % {"sum": render.money_text(max(most, 0))}


@action(Receipt, _("Allocate"), position=20, icon="arrows-split", shown=lambda receipt: receipt.customer_id is not None)
def allocate(
    work: Work,
    receipt: Receipt,
    *,
    to: Annotated[Instalment, _("Instalment")],
    amount: Annotated[int | None, _("Amount"), kinds.MONEY] = None,
) -> Receipt:
    """Give what a receipt has left to an instalment of the same customer; empty: as much as fits."""
    given = ledger.balance([receipt.pk]).of(receipt.pk)
    left = ledger.net_of([receipt])[receipt.pk] - given
    if left <= 0:
        raise Invalid({"amount": [gettext("All of this receipt is allocated; move an allocation instead.")]})
    part = _payable(to, receipt.customer_id, amount, left)
    entry = {"receipt": receipt, "instalment_id": to.pk, "amount": part, "on": clock.today(), "reason": Reason.HAND}
    ledger.write(work, [entry])
    return receipt


def _standing(entry: Allocation) -> int:
    """What of a receipt stands on the instalment of an entry."""
    return ledger.balance([entry.receipt_id]).given[entry.receipt_id][entry.instalment_id]


@action(Allocation, _("Move"), position=10, icon="arrows-exchange", shown=lambda entry: entry.amount > 0)
def move(
    work: Work,
    entry: Allocation,
    *,
    to: Annotated[Instalment, _("Instalment")],
    amount: Annotated[int | None, _("Amount"), kinds.MONEY] = None,
) -> Allocation:
    """Correct an allocation: what stands wrongly goes to another instalment of the customer today; history stays."""
    if to.pk == entry.instalment_id:
        raise Invalid({"to": [gettext("It stands there already.")]})
    part = _payable(to, entry.receipt.customer_id, amount, min(entry.amount, _standing(entry)))
    about = {"receipt": entry.receipt, "on": clock.today(), "reason": Reason.MOVED}
    ledger.write(
        work,
        [
            {**about, "instalment_id": entry.instalment_id, "amount": -part},
            {**about, "instalment_id": to.pk, "amount": part},
        ],
    )
    return entry


@action(Allocation, _("Take back"), position=20, icon="arrow-back-up", shown=lambda entry: entry.amount > 0)
def release(work: Work, entry: Allocation, *, comment: Annotated[str, _("Why")] = "") -> Allocation:
    """Let money stand as an advance of its customer again; it can be allocated later."""
    work.change.note = comment
    part = min(entry.amount, _standing(entry))
    if part <= 0:
        raise Invalid({"": [gettext("Nothing of it stands there any more.")]})
    about = {"receipt": entry.receipt, "on": clock.today(), "reason": Reason.MOVED}
    ledger.write(work, [{**about, "instalment_id": entry.instalment_id, "amount": -part}])
    return entry
