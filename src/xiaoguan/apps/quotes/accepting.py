"""What follows when a customer accepts: the deal takes over amount and lines; apps above add theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from xiaoguan.apps.opportunities.models import Deal, DealLine
from xiaoguan.apps.quotes.content import lines_of
from xiaoguan.apps.quotes.models import Quote, QuoteLine
from xiaoguan.kit.access import everything, may
from xiaoguan.kit.action import Work
from xiaoguan.kit.errors import Denied

on_accepted: list[Callable[[Work, Quote], None]] = []
"""Called inside the transaction with each quote that was accepted, once its deal has followed."""


def follow(work: Work, quote: Quote) -> None:
    """Let the deal and then the apps above follow. Raises Denied where the actor may not change the deal."""
    if quote.deal_id is not None:
        deal = everything(Deal, because="the deal of a quote one may accept").get(pk=quote.deal_id)
        if not may(work.actor, "change", deal):
            raise Denied("change", deal)
        _take_over(work, deal, quote)
    for func in on_accepted:
        func(work, quote)


def _take_over(work: Work, deal: Deal, quote: Quote) -> None:
    """The deal sells just what was accepted, to the fen; a quote with free texts sets the amount alone."""
    old = list(everything(DealLine, because="the accepted quote takes their place").filter(deal=deal))
    lines = lines_of(quote)
    if old:
        work.remove(*old)
    if lines and all(line.product_id for line in lines):
        work.create(DealLine, [{"deal": deal, **values} for values in split(lines)])
        return
    deal.refresh_from_db()
    held = everything(Deal, because="read again after its lines went").get(pk=deal.pk)
    held.amount = quote.amount
    work.save(held)


def split(lines: Sequence[QuoteLine]) -> list[dict[str, Any]]:
    """Lines as (product, quantity, price) that multiply to exactly the net amounts: whole quantities in two prices
    where one would not do, others as one piece with the quantity in its note.
    """
    found: list[dict[str, Any]] = []
    for line in lines:
        quantity = Decimal(line.quantity)
        if quantity <= 0:
            continue
        if quantity != quantity.to_integral_value():
            exact = line.net / quantity
            price, rest = (int(exact), exact % 1)
            if rest:
                note = f"{quantity.normalize():f} {line.unit_name}".strip()
                found.append({"product_id": line.product_id, "quantity": Decimal(1), "price": line.net, "note": note})
            else:
                found.append({"product_id": line.product_id, "quantity": quantity, "price": price})
            continue
        price, dearer = divmod(line.net, int(quantity))
        for count, each in ((int(quantity) - dearer, price), (dearer, price + 1)):
            if count:
                found.append({"product_id": line.product_id, "quantity": Decimal(count), "price": each})
    return found
