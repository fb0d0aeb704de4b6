"""What stays because money hangs on it: instalments that were paid, receipts that paid them."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.billing.ledger import BECAUSE
from xiaoguan.apps.billing.models import Allocation, Instalment, Invoice, InvoiceStatus, Order
from xiaoguan.apps.opportunities.guards import refuse_in_use
from xiaoguan.kit import guard
from xiaoguan.kit.access import everything
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut


@guard.register("billing.instalment.delete", code="instalment.paid", label=_("No deleting of paid instalments"))
def keep_paid(attempt: guard.Attempt) -> None:
    """An instalment on which money stands stays until the money is moved."""
    paid = next((row for row in attempt.rows if row.paid), None)
    if paid is None:
        return
    first = everything(Allocation, because=BECAUSE).filter(instalment=paid).order_by("pk").first()
    raise Refusal(
        gettext("This instalment can't be deleted yet"),
        gettext("Money received stands on it."),
        code="instalment.paid",
        rule=gettext("An instalment is kept while money stands on it."),
        ways_out=[
            WayOut(
                gettext("Move the money to another instalment"),
                url=Entity.of(Allocation).url("detail", first) if first else "",
                hint=gettext("The allocation has the button for it."),
                icon="arrows-split",
            ),
        ],
    )


@guard.register(
    "commerce.contract.delete",
    code="contract.billed",
    label=_("No deleting of contracts with payments, invoices, orders"),
)
def keep_billed(attempt: guard.Attempt) -> None:
    """A contract stays once money, invoices or orders stand on it."""
    paid = everything(Instalment, because=BECAUSE).exclude(paid=0)
    issued = everything(Invoice, because=BECAUSE).exclude(status=InvoiceStatus.DRAFT)
    for rows in (paid, issued, everything(Order, because=BECAUSE)):
        refuse_in_use(
            gettext("This contract can't be deleted yet"), rows, "contract", attempt.rows, code="contract.billed",
            rule=gettext("A contract is kept while payments, invoices or orders stand on it; cancel it instead."),
        )  # fmt: skip


@guard.register(
    "customers.customer.delete", code="customer.has_orders", label=_("No deleting of customers with orders")
)
def keep_customers(attempt: guard.Attempt) -> None:
    """A customer with orders stays."""
    refuse_in_use(
        gettext("This customer can't be deleted yet"), everything(Order, because=BECAUSE), "customer", attempt.rows,
        code="customer.has_orders", rule=gettext("A customer is kept while orders hang on it."),
    )  # fmt: skip
