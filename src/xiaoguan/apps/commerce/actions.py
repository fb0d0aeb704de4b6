"""Verbs of contracts, and signing the contract of a deal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.commerce.amending import agreed
from xiaoguan.apps.commerce.models import Amendment, Contract, ContractStatus, Receipt, Refund
from xiaoguan.apps.commerce.offers import offer_of
from xiaoguan.apps.customers.actions import along
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities import stages
from xiaoguan.apps.opportunities.actions import is_open
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import clock, event, kinds
from xiaoguan.kit.access import everything, may
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.errors import Denied, Invalid

event.declare("contract.signed", _("A contract was signed"))
event.declare("contract.cancelled", _("A contract was cancelled"))


@action(Deal, _("Sign the contract"), position=30, icon="signature", shown=is_open)
def sign(
    work: Work,
    deal: Deal,
    *,
    amount: Annotated[int | None, _("Contract amount"), kinds.MONEY] = None,
    contract_number: Annotated[str, _("Contract number")] = "",
    signed_on: Annotated[dt.date | None, _("Signed on")] = None,
    ends_on: Annotated[dt.date | None, _("Runs until")] = None,
) -> Contract:
    """Complete contracting: the contract is recorded and the deal is won for its amount."""
    if not may(work.actor, "create", Contract):
        raise Denied("create", Contract)
    day = signing_day(signed_on)
    total = deal.amount if amount is None else amount
    if total is None:
        raise Invalid({"amount": [gettext("Type the amount of the contract.")]})
    win_on(deal, day)
    if not deal.lines.filter(deleted_at__isnull=True).exists():
        deal.amount = total
    work.save(deal)
    about = {"deal": deal, "customer_id": deal.customer_id, "ends_on": ends_on, **offer_of(deal, total)}
    contract = work.create(Contract, {**about, "amount": total, "number": contract_number, "signed_on": day})
    work.emit("contract.signed", contract, source=work.source)
    return contract


def signing_day(day: dt.date | None) -> dt.date:
    """The day of a signature: today unless it is said; Invalid for one still to come."""
    found = day or clock.today()
    if found > clock.today():
        raise Invalid({"signed_on": [gettext("This day is still to come.")]})
    return found


def win_on(deal: Deal, day: dt.date) -> None:
    """Let a deal be won by a signature on a day."""
    deal.stage = stages.winning(deal)
    deal.end_on(day)


@action(Contract, _("Cancel the contract"), position=60, icon="circle-x", shown=lambda contract: contract.in_force)
def cancel(
    work: Work,
    contract: Contract,
    *,
    on: Annotated[dt.date | None, _("Cancelled on")] = None,
    comment: Annotated[str, _("Comment")] = "",
) -> Contract:
    """End a contract early: its amount is taken back on the day of the cancellation, history stays."""
    work.change.note = comment
    contract.status = ContractStatus.CANCELLED
    contract.cancelled_on = on or clock.today()
    work.save(contract)
    work.emit("contract.cancelled", contract, source=work.source)
    return contract


@action(
    Contract, _("Supplementary agreement"), position=40, icon="file-plus",
    shown=lambda contract: contract.status == ContractStatus.ACTIVE,
)  # fmt: skip
def amend(
    work: Work,
    contract: Contract,
    *,
    amount: Annotated[int | None, _("New contract amount"), kinds.MONEY] = None,
    customer: Annotated[Customer | None, _("New customer")] = None,
    on: Annotated[dt.date | None, _("Agreed on")] = None,
    number: Annotated[str, _("Agreement number")] = "",
    reason: Annotated[str, _("Reason")],
) -> Contract:
    """Change what a contract in force is worth or with whom it is, on the day both sides agreed to it."""
    day = on or clock.today()
    if day > clock.today():
        raise Invalid({"on": [gettext("This day is still to come.")]})
    if contract.signed_on and day < contract.signed_on:
        raise Invalid({"on": [gettext("The contract was signed later than this.")]})
    delta = 0 if amount is None else amount - contract.amount
    other = customer is not None and customer.pk != contract.customer_id
    if not delta and not other:
        raise Invalid({"amount": [gettext("Nothing would change.")]})
    work.change.note = reason
    with agreed(day, reason, number):
        contract.amount += delta
        if other:
            contract.customer = customer
        work.save(contract)
    return contract


@action(Contract, _("Complete"), icon="circle-check", shown=lambda contract: contract.status == ContractStatus.ACTIVE)
def complete(work: Work, contract: Contract) -> Contract:
    """Everything was delivered and paid."""
    contract.status = ContractStatus.COMPLETED
    work.save(contract)
    return contract


@along
def hand_over_with_customers(work: Work, previous: Mapping[int, int | None], to: Person) -> None:
    """Contracts, receipts and refunds follow the customer; what they counted for stays with who earned it."""
    for model in (Contract, Receipt, Refund):
        rows = everything(model, because="a customer changes hands with all papers of its owner")
        found = [row for row in rows.filter(customer__in=previous) if row.owner_id == previous[row.customer_id]]
        for row in found:
            row.keep_credit()
            row.owner = to
        work.save(*found)
    amendments = everything(Amendment, because="a supplementary agreement goes where its contract goes")
    rest = [row for row in amendments.filter(contract__customer__in=previous) if row.owner_id != to.pk]
    for each in rest:
        each.keep_credit()
        each.owner = to
    work.save(*rest)
