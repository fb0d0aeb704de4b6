"""Verbs of orders: make one of a contract or an accepted quote, deliver it; a delivery reaches what waited for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import Sum
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.billing.models import Instalment, Milestone, Order, OrderLine, OrderStatus, State
from xiaoguan.apps.commerce import offers
from xiaoguan.apps.commerce.making import is_accepted, refuse_unaccepted
from xiaoguan.apps.commerce.models import Contract, ContractStatus
from xiaoguan.apps.opportunities.models import DealLine
from xiaoguan.apps.quotes.models import Quote
from xiaoguan.calc.quote import times
from xiaoguan.kit import clock, event
from xiaoguan.kit.access import everything, may, visible
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.errors import Denied, Invalid

event.declare("order.delivered", _("An order was delivered"))
BECAUSE = "what was ordered does not depend on who looks"


@action(
    Contract, _("Make the order"), name="order", verb="order", position=45, icon="package",
    shown=lambda contract: contract.status == ContractStatus.ACTIVE,
)  # fmt: skip
def make_order(
    work: Work,
    contract: Contract,
    *,
    delivery_on: Annotated[dt.date | None, _("To be delivered by")] = None,
    order_number: Annotated[str, _("Order number")] = "",
) -> Order:
    """Order what the contract is about: the lines of its accepted quote, else the products of its deal."""
    lines = [ordered(line) for line in offers.lines_of(contract)]
    if not lines and contract.deal_id is not None:
        rows = visible(DealLine, work.actor).filter(deal=contract.deal_id)
        lines = [
            {"product_id": line.product_id, "quantity": line.quantity, "price": line.price}
            for line in rows.order_by("pk")
        ]
    about = {"contract": contract, "quote_id": contract.quote_id, "delivery_on": delivery_on}
    return _order(work, {**about, "number": order_number}, lines)


@action(Quote, _("Make the order"), name="order", position=14, icon="package", shown=is_accepted)
def order_of_quote(
    work: Work,
    quote: Quote,
    *,
    delivery_on: Annotated[dt.date | None, _("To be delivered by")] = None,
    order_number: Annotated[str, _("Order number")] = "",
) -> Order:
    """Order what the customer has accepted, line by line to the fen; under its contract where there is one."""
    refuse_unaccepted(quote)
    lines = [ordered(line) for line in offers.agreed(quote, quote.edition)["lines"]]
    about = {
        "quote": quote, "contract": offers.contract_of(quote), "customer_id": quote.customer_id,
        "deal_id": quote.deal_id, "owner_id": quote.owner_id, "delivery_on": delivery_on, "number": order_number,
    }  # fmt: skip
    return _order(work, about, lines)


def ordered(line: Mapping[str, Any]) -> dict[str, Any]:
    """A frozen line of a quote as the values of an order line that is worth just its net amount."""
    quantity = Decimal(line["quantity"])
    return {
        "product_id": line["product_id"], "name": line["name"], "unit_name": line["unit_name"], "quantity": quantity,
        "price": line["price"], "reduction": times(quantity, line["price"]) - line["net"],
    }  # fmt: skip


def _order(work: Work, about: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Order:
    if not may(work.actor, "create", Order):
        raise Denied("create", Order)
    order: Order = work.create(Order, {**about, "number": about["number"] or None, "ordered_on": clock.today()})
    if lines:
        work.create(OrderLine, [{"order": order, **line} for line in lines])
    return order


@action(Order, _("Delivered"), verb="deliver", position=10, icon="truck-delivery", shown=lambda order: order.open)
def deliver(work: Work, order: Order, *, on: Annotated[dt.date | None, _("Delivered on")] = None) -> Order:
    """The goods are there: instalments of the contract that wait for the delivery get their day."""
    day = on or clock.today()
    if day > clock.today():
        raise Invalid({"on": [gettext("This day is still to come.")]})
    order.status, order.delivered_on = OrderStatus.DELIVERED, day
    work.save(order)
    _reach(work, order, day)
    work.emit("order.delivered", order, source=work.source)
    return order


def _reach(work: Work, order: Order, day: dt.date) -> None:
    """The last delivery of a contract reaches the milestone; until then something is still missing."""
    if order.contract_id is None:
        return
    open_ = everything(Order, because=BECAUSE).filter(contract=order.contract_id, status=OrderStatus.OPEN)
    if open_.exclude(pk=order.pk).exists():
        return
    rows = everything(Instalment, because=BECAUSE).filter(
        contract=order.contract_id, milestone=Milestone.DELIVERED, reached_on=None, status=State.OPEN
    )
    found = list(rows.select_related("contract"))
    for row in found:
        row.reached_on = day
    work.save(*found)


@action(Order, _("Cancel the order"), position=60, icon="circle-x", shown=lambda order: order.open)
def cancel_order(work: Work, order: Order, *, comment: Annotated[str, _("Comment")] = "") -> Order:
    """Nothing will be delivered on it."""
    work.change.note = comment
    order.status = OrderStatus.CANCELLED
    work.save(order)
    return order


@consequence(OrderLine)
def add_up(work: Work, lines: Sequence[OrderLine], fresh: bool) -> None:
    """The amount of an order is the sum of its lines."""
    ids = {line.order_id for line in lines} | {line._loaded["order_id"] for line in lines if not fresh}
    rows = everything(OrderLine, because=BECAUSE).filter(order__in=ids).order_by()
    sums = dict(rows.values_list("order").annotate(total=Sum("amount")))
    orders = list(everything(Order, because=BECAUSE).filter(pk__in=ids))
    for order in orders:
        order.amount = sums.get(order.pk, 0)
    work.save(*orders)
