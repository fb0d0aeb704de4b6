"""Which products a record sells, and with that how the money of its credits lies in products.

Deals, quotes and orders have lines. A contract sells what its quote offered in the version that was accepted, else what
its deal or its orders say; money in and out, agreements and invoices follow their contract. What is booked once
follows its lines when they change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from xiaoguan.apps.billing.models import Instalment, Invoice, Order, OrderLine
from xiaoguan.apps.commerce.models import Amendment, Contract, Receipt, Refund
from xiaoguan.apps.metrics.models.portion import Portion
from xiaoguan.apps.operation import clearing
from xiaoguan.apps.opportunities.models import Deal, DealLine
from xiaoguan.apps.quotes.models import Quote, QuoteLine, QuoteVersion
from xiaoguan.calc.share import largest_remainder
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.append import append
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.fact import PART, dividers, facts, write_credits
from xiaoguan.kit.models.credit import Credit

BECAUSE = "what a record sells does not depend on who looks"

Goods = Mapping[int, Mapping[int, int]]
"""Row id → product id (0 where a line has none) → its fen, by which money is divided."""


def _added(lines: Iterable[tuple[int, int | None, int | None]]) -> Goods:
    """(row, product, fen) → the goods of each row; a line below zero takes no part of the money."""
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row, product, amount in lines:
        found[row][product or 0] += max(amount or 0, 0)
    return found


def _lines(model: Any, link: str, ids: Collection[int]) -> Goods:
    rows = everything(model, because=BECAUSE).filter(**{f"{link}__in": ids}).order_by()
    return _added(rows.values_list(link, "product", "amount"))


def of_deals(ids: Collection[int]) -> Goods:
    """What deals sell: their lines, else their main product."""
    if not ids:
        return {}
    found = _lines(DealLine, "deal", ids)
    bare = [pk for pk in ids if pk not in found]
    rows = everything(Deal, because=BECAUSE).filter(pk__in=bare, product__isnull=False) if bare else Deal.objects.none()
    return {**found, **{pk: {product: 1} for pk, product in rows.values_list("pk", "product")}}


def of_contracts(ids: Collection[int]) -> Goods:
    """What contracts sell: the accepted version of their quote, else their deal, else their orders."""
    if not ids:
        return {}
    known = everything(Contract, because=BECAUSE).filter(pk__in=ids).values_list("pk", "quote", "edition", "deal")
    found: dict[int, Mapping[int, int]] = {}
    quoted = {pk: (quote, edition) for pk, quote, edition, _deal in known if quote is not None}
    if quoted:
        texts = QuoteVersion.objects.filter(quote__in={quote for quote, _edition in quoted.values()})
        content = {(quote, edition): text for quote, edition, text in texts.values_list("quote", "edition", "content")}
        for pk, key in quoted.items():
            lines = content.get(key, {}).get("lines", ())
            found |= _added((pk, line.get("product_id"), line.get("amount")) for line in lines)
    of_deal = of_deals({deal for pk, _quote, _edition, deal in known if deal is not None and pk not in found})
    found |= {pk: of_deal[deal] for pk, _quote, _edition, deal in known if pk not in found and deal in of_deal}
    if bare := [pk for pk in ids if pk not in found]:
        found |= _lines(OrderLine, "order__contract", bare)
    return found


def _deals(rows: Sequence[Any]) -> Goods:
    return of_deals([row.pk for row in rows])


def _contracts(rows: Sequence[Any]) -> Goods:
    return of_contracts([row.pk for row in rows])


def _quotes(rows: Sequence[Any]) -> Goods:
    return _lines(QuoteLine, "quote", [row.pk for row in rows])


def _orders(rows: Sequence[Any]) -> Goods:
    found = _lines(OrderLine, "order", [row.pk for row in rows])
    rest = {row.pk: row.contract_id for row in rows if row.pk not in found and row.contract_id is not None}
    above = of_contracts(set(rest.values()))
    return {**found, **{pk: above[contract] for pk, contract in rest.items() if contract in above}}


def _of_contract(rows: Sequence[Any]) -> Goods:
    """What follows its contract, or the deal where there is none."""
    above = of_contracts({row.contract_id for row in rows} - {None})
    found = {row.pk: above[row.contract_id] for row in rows if row.contract_id in above}
    loose = {row.pk: row.deal_id for row in rows if row.contract_id is None and getattr(row, "deal_id", None)}
    deals = of_deals(set(loose.values()))
    return {**found, **{pk: deals[deal] for pk, deal in loose.items() if deal in deals}}


SELLS: Mapping[type[models.Model], Callable[[Sequence[Any]], Goods]] = {
    Deal: _deals,
    Quote: _quotes,
    Contract: _contracts,
    Order: _orders,
    Amendment: _of_contract,
    Receipt: _of_contract,
    Refund: _of_contract,
    Invoice: _of_contract,
    Instalment: _of_contract,
}
"""The records that sell something; whatever else there is, is without a product."""


def divide(rows: Sequence[Any], fresh: bool) -> Callable[[], None]:
    """Take away the portions of rows of one model; what is returned writes them anew once their credits stand."""
    model = type(rows[0])
    if model not in SELLS:
        return lambda: None
    name, ids = model._meta.label_lower, [row.pk for row in rows]
    if not fresh:
        _withdraw(name, ids)
    return lambda: _write(name, ids, SELLS[model](rows))


dividers.append(divide)


def _withdraw(entity: str, ids: Sequence[int]) -> None:
    table, whole = Portion._meta.db_table, Credit._meta.db_table
    with connection.cursor() as cursor:
        for at in range(0, len(ids), PART):
            part = ids[at : at + PART]
            inner = f"SELECT id FROM {whole} WHERE entity = %s AND object_id IN ({', '.join(['%s'] * len(part))})"
            cursor.execute(f"DELETE FROM {table} WHERE credit IN ({inner})", [entity, *part])


def _write(entity: str, ids: Sequence[int], goods: Goods) -> None:
    """Store the portions of the credits of some records."""
    sold = [pk for pk in ids if any(goods.get(pk, ()))]  # only lines without a product: without a product
    for at in range(0, len(sold), PART):
        rows = Credit.objects.filter(entity=entity, object_id__in=sold[at : at + PART]).order_by()
        append(
            Portion,
            [
                Portion(credit=pk, product=product, amount=part)
                for pk, record, fact, amount in rows.values_list("pk", "object_id", "fact", "amount")
                for product, part in portions(goods[record], amount, divides=facts[fact].unit == "money")
            ],
        )


def portions(goods: Mapping[int, int], amount: int, *, divides: bool) -> list[tuple[int, int]]:
    """(product, its part) of an amount; where nothing is worth anything all take the same."""
    products = sorted(goods)
    if not divides:
        return [(product, amount) for product in products]
    weights = [goods[product] for product in products]
    return list(zip(products, largest_remainder(amount, weights if any(weights) else [1] * len(products)), strict=True))


def lacking() -> list[type[models.Model]]:
    """The models to write anew in a database from before there were portions."""
    if Portion.objects.exists():
        return []
    deals = everything(Deal, because=BECAUSE).filter(product__isnull=False)
    sold = (deals, everything(OrderLine, because=BECAUSE), everything(QuoteLine, because=BECAUSE))
    return list(SELLS) if any(rows.exists() for rows in sold) else []


def tidy() -> None:
    """Drop the portions of credits that are no more."""
    table, whole = Portion._meta.db_table, Credit._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM {whole} c WHERE c.id = {table}.credit)")


clearing.also.append(tidy)


# What follows when lines change ---------------------------------------------------------------------------------------

BOOKED = ((Contract, "deal"), (Receipt, "deal"), (Amendment, "contract__deal"), (Refund, "contract__deal"),
          (Invoice, "contract__deal"), (Instalment, "contract__deal"))  # fmt: skip


def _renew(model: Any, **chosen: Any) -> None:
    if rows := list(everything(model, because=BECAUSE).filter(**chosen)):
        write_credits(rows, fresh=False)


def _renew_deals(ids: Collection[int]) -> None:
    """Credits of deals and of what is booked on them."""
    _renew(Deal, pk__in=ids)
    for model, link in BOOKED:
        _renew(model, **{f"{link}__in": ids})


@consequence(DealLine)
def follow_lines(work: Work, lines: Sequence[DealLine], fresh: bool) -> None:
    """The products of a deal are those of its lines."""
    _renew_deals({line.deal_id for line in lines} | {line._loaded["deal_id"] for line in lines if not fresh})


@consequence(Deal)
def follow_product(work: Work, deals: Sequence[Deal], fresh: bool) -> None:
    """A deal without lines sells its main product."""
    changed = [] if fresh else [deal.pk for deal in deals if {"product", "product_id"} & set(deal.changed_fields())]
    if changed:
        _renew_deals(changed)


@consequence(OrderLine)
def follow_order(work: Work, lines: Sequence[OrderLine], fresh: bool) -> None:
    """The products of an order are those of its lines; a contract that knows none itself takes those of its orders."""
    ids = {line.order_id for line in lines} | {line._loaded["order_id"] for line in lines if not fresh}
    _renew(Order, pk__in=ids)
    above = everything(Order, because=BECAUSE).filter(pk__in=ids, contract__isnull=False)
    contracts = set(above.values_list("contract", flat=True))
    if contracts:
        _renew(Contract, pk__in=contracts)
        for model in (Amendment, Receipt, Refund, Invoice, Instalment):
            _renew(model, contract__in=contracts)


LINKS = {"contract", "contract_id", "deal", "deal_id", "quote", "quote_id", "edition"}


def _follow_links(work: Work, rows: Sequence[Any], fresh: bool) -> None:
    """What belongs to another deal or contract now sells what that one sells."""
    moved = [] if fresh else [row for row in rows if LINKS & set(row.changed_fields())]
    if moved:
        write_credits(moved, fresh=False)


for _model in SELLS:
    if _model not in (Deal, Quote):
        consequence(_model)(_follow_links)
