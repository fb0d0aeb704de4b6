"""Verbs of invoices: issue, take back; what is issued is frozen, and never more than the contract is worth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from django.db.models import Sum
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.billing.models import Invoice, InvoiceStatus
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.kit import clock, event, guard, render
from xiaoguan.kit.access import everything, may
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid, Refusal, WayOut

event.declare("invoice.issued", _("An invoice was issued"))
BECAUSE = "what was invoiced does not depend on who looks"
FROZEN = {"issued_on", "number", "kind", "contract_id", "instalment_id", "title", "tax_number", "amount", "rate"}


def invoiced(contracts: Sequence[int]) -> dict[int, int]:
    """Fen issued on contracts, red invoices taken off."""
    rows = everything(Invoice, because=BECAUSE).filter(contract__in=contracts).exclude(status=InvoiceStatus.DRAFT)
    return dict(rows.order_by().values_list("contract").annotate(total=Sum("amount")))


def _day(on: dt.date | None) -> dt.date:
    day = on or clock.today()
    if day > clock.today():
        raise Invalid({"on": [gettext("This day is still to come.")]})
    return day


@action(
    Invoice, _("Issue"), verb="issue", position=10, icon="file-check",
    shown=lambda invoice: invoice.status == InvoiceStatus.DRAFT,
)  # fmt: skip
def issue(
    work: Work,
    invoice: Invoice,
    *,
    number: Annotated[str, _("Invoice number")],
    on: Annotated[dt.date | None, _("Issued on")] = None,
) -> Invoice:
    """The invoice is out under this number; from now on it is frozen."""
    if not number.strip():
        raise Invalid({"number": [gettext("Type the number of the invoice.")]})
    invoice.number, invoice.issued_on, invoice.status = number, _day(on), InvoiceStatus.ISSUED
    work.save(invoice)
    work.emit("invoice.issued", invoice, source=work.source)
    return invoice


@action(
    Invoice, _("Take back by a red invoice"), verb="issue", position=20, icon="receipt-refund",
    shown=lambda invoice: invoice.status == InvoiceStatus.ISSUED and invoice.red_of_id is None,
)  # fmt: skip
def red_flush(
    work: Work,
    invoice: Invoice,
    *,
    number: Annotated[str, _("Number of the red invoice")],
    on: Annotated[dt.date | None, _("Issued on")] = None,
    comment: Annotated[str, _("Why")] = "",
) -> Invoice:
    """Issue a red invoice over the same amount: it takes this one back on its own day."""
    day = _day(on)
    if invoice.issued_on and day < invoice.issued_on:
        raise Invalid({"on": [gettext("The invoice was issued later than this.")]})
    if not number.strip():
        raise Invalid({"number": [gettext("Type the number of the invoice.")]})
    work.change.note = comment
    names = ("kind", "contract", "instalment", "title", "tax_number", "rate", "owner")
    about = {name: getattr(invoice, name) for name in names}
    more = {"number": number, "amount": -invoice.amount, "issued_on": day, "status": InvoiceStatus.ISSUED}
    invoice.status = InvoiceStatus.RED
    work.save(invoice)
    work.create(Invoice, about | more | {"red_of": invoice, "note": comment[:200]})
    return invoice


@consequence(Invoice)
def hold_invoices(work: Work, invoices: Sequence[Invoice], fresh: bool) -> None:
    """Nobody invoices more than a contract is worth."""
    if work.reverting:
        return
    for row in invoices:
        issued = row.status == InvoiceStatus.ISSUED and (fresh or "status" in row.changed_fields())
        if issued and not may(work.actor, "issue", row):
            raise Invalid({"issued_on": [gettext("Finance issues invoices; leave number and day empty.")]})
    ids = {row.contract_id for row in invoices if row.status == InvoiceStatus.ISSUED and row.amount > 0}
    if not ids:
        return
    sums = invoiced(list(ids))
    for contract in everything(Contract, because=BECAUSE).filter(pk__in=ids):
        over = sums.get(contract.pk, 0) - contract.amount
        if over > 0:
            _refuse_over(contract, over)


def _refuse_over(contract: Contract, over: int) -> None:
    with render.money_in("yuan"):
        words = {"sum": render.money_text(contract.amount), "over": render.money_text(over)}
    raise beyond(
        contract.pk,
        gettext("The contract is worth %(sum)s; with it %(over)s more would be invoiced.") % words,
        code="invoice.over_contract",
        rule=gettext("Invoices never add up to more than their contract."),
        hint=gettext("Take one back by a red invoice, or amend the contract."),
    )


def beyond(contract: int, told: str, *, code: str, rule: str, hint: str) -> Refusal:
    """The refusal of an invoice over more than there is; the way out leads to the invoices of the contract (its id)."""
    url = f"{Entity.of(Contract).url('detail', contract)}?tab=invoices"
    ways = [WayOut(gettext("Look at the contract and its invoices"), url=url, hint=hint, icon="file-text")]
    return Refusal(gettext("This invoice can't be issued yet"), told, code=code, rule=rule, ways_out=ways)


def _refuse_frozen(invoice: Invoice) -> None:
    raise Refusal(
        gettext("An issued invoice can't be changed"),
        gettext("%(number)s has been issued.") % {"number": invoice.number or ""},
        code="invoice.frozen",
        rule=gettext("What was issued stays as it was issued."),
        ways_out=[
            WayOut(
                gettext("Take it back by a red invoice"), url=Entity.of(invoice).url("detail", invoice),
                icon="receipt-refund",
            ),
        ],
    )  # fmt: skip


@guard.register("billing.invoice.update", code="invoice.frozen", label=_("Issued invoices stay as they are"))
def keep_issued(attempt: guard.Attempt) -> None:
    """Everything on an issued invoice is frozen but its note."""
    for row in attempt.rows:
        if row._loaded["status"] != InvoiceStatus.DRAFT and FROZEN & row.changed_fields().keys():
            _refuse_frozen(row)


@guard.register("billing.invoice.delete", code="invoice.frozen", label=_("Issued invoices stay as they are"))
def keep_there(attempt: guard.Attempt) -> None:
    """An issued invoice is taken back, not deleted."""
    for row in attempt.rows:
        if row.status != InvoiceStatus.DRAFT:
            _refuse_frozen(row)
