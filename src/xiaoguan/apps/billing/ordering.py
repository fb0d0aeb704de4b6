"""Verbs of orders: make one of a contract, deliver it; a delivery gives the instalments that wait for it their day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from django.db.models import Sum
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.billing.models import Instalment, Milestone, Order, OrderLine, OrderStatus, State
from xiaoguan.apps.commerce.models import Contract, ContractStatus
from xiaoguan.apps.opportunities.models import DealLine
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
    number: Annotated[str, _("Order number")] = "",
) -> Order:
    """Order what the contract is about: the products of its deal, line by line."""
    if not may(work.actor, "create", Order):
        raise Denied("create", Order)
    order: Order = work.create(
        Order,
        {"contract": contract, "delivery_on": delivery_on, "number": number or None, "ordered_on": clock.today()},
    )
    lines = visible(DealLine, work.actor).filter(deal=contract.deal_id, deal__isnull=False)
    values = [
        {"order": order, "product_id": line.product_id, "quantity": line.quantity, "price": line.price}
        for line in lines.order_by("pk")
    ]
    if values:
        work.create(OrderLine, values)
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
