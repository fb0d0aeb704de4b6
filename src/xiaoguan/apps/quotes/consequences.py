"""What follows from a saved quote or line: number, prices, sums, and the next version where it was frozen."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from xiaoguan.apps.quotes import content, numbering, pricing
from xiaoguan.apps.quotes.models import Quote, QuoteLine, Status
from xiaoguan.apps.quotes.models.quote import FROZEN
from xiaoguan.calc import quote as sums
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence

BECAUSE = "a sum does not depend on who looks"
PRICED = {"product_id", "quantity", "quote_id"}


def _loaded(row: Any) -> None:
    """Let a row that was just written know what it was, so that only what is derived now is written."""
    row._loaded = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@consequence(Quote)
def number_and_sum(work: Work, quotes: Sequence[Quote], fresh: bool) -> None:
    """A new quote gets its number and the company's usual terms; another discount on the whole gives other sums."""
    if fresh:
        usual = numbering.house()
        for quote in quotes:
            _loaded(quote)
            quote.number = quote.number or numbering.next_number(quote.quoted_on)
            quote.valid_until = quote.valid_until or quote.quoted_on + dt.timedelta(days=usual.valid_days)
            quote.payment_terms = quote.payment_terms or usual.payment_terms
            quote.delivery = quote.delivery or usual.delivery
            work.derive(quote)
        return
    if work.reverting:
        return
    touched = [quote.pk for quote in quotes if {"whole_discount", "customer_id"} & set(quote.changed_fields())]
    if touched:
        recalculate(work, touched)
    for quote in quotes:
        _next_version(work, quote)


@consequence(QuoteLine)
def price_and_sum(work: Work, lines: Sequence[QuoteLine], fresh: bool) -> None:
    """Lines take what price book and product say, and the quote adds up."""
    ids = {line.quote_id for line in lines} | {line._loaded["quote_id"] for line in lines if not fresh}
    if not work.reverting:
        _take_prices(work, [line for line in lines if fresh or PRICED & set(line.changed_fields())], fresh)
    recalculate(work, ids)


def _take_prices(work: Work, lines: Sequence[QuoteLine], fresh: bool) -> None:
    """Set list price, floor, cost and tax of the lines; a price nobody typed follows the list price."""
    quotes = Quote._default_manager.select_related("customer").in_bulk({line.quote_id for line in lines})
    entries = {}
    for quote in quotes.values():
        products = {line.product_id for line in lines if line.quote_id == quote.pk and line.product_id}
        book = pricing.book_for(quote.customer, quote.quoted_on) if products else None
        entries[quote.pk] = pricing.entries_of(book, products)
    for line in lines:
        followed = line.price is None or (not fresh and line.price == line._loaded["list_price"])
        if fresh:
            _loaded(line)
        if line.product is None:
            line.tax_rate = line.tax_rate if line.tax_rate is not None else 13_000
            line.list_price = line.floor_price = line.cost = None
            line.price = line.price or 0
        else:
            found = pricing.price(line.product, line.quantity, entries[line.quote_id].get(line.product_id, ()))
            line.list_price, line.floor_price, line.cost = found.listed, found.floor, found.cost
            line.tax_rate = found.tax_rate if line.tax_rate is None else line.tax_rate
            line.price = (found.listed or 0) if followed else line.price
        work.derive(line)


def recalculate(work: Work, ids: Collection[int]) -> None:
    """Derive the sums of quotes from their lines: a few queries for any number of quotes."""
    lines: dict[int, list[QuoteLine]] = defaultdict(list)
    rows = everything(QuoteLine, because=BECAUSE).filter(quote__in=ids)
    for line in rows.order_by("position", "pk"):
        lines[line.quote_id].append(line)
    quotes = list(everything(Quote, because=BECAUSE).filter(pk__in=ids))
    for quote in quotes:
        found = sums.add_up([line.summed() for line in lines[quote.pk]], quote.whole_discount)
        for line, each in zip(lines[quote.pk], found.lines, strict=True):
            line.amount, line.net, line.tax = each.amount, each.net, each.tax
            work.derive(line)
        quote.subtotal, quote.amount, quote.tax = found.subtotal, found.total, found.tax
        quote.listed, quote.discount_rate, quote.below_floor = found.listed, found.discount_rate, found.below_floor
        quote.cost, quote.margin, quote.margin_rate = found.cost, found.margin, found.margin_rate
    work.save(*quotes)
    for quote in quotes:
        _next_version(work, quote)


def _next_version(work: Work, quote: Quote) -> None:
    """What was approved or sent stays as it was: a change of it is a draft of the next version."""
    if work.reverting or not content.says_something_else(quote):
        return
    held = Quote._default_manager.get(pk=quote.pk)
    if held.status not in FROZEN:
        return
    held.edition += 1
    held.status = Status.DRAFT
    held.sent_on = held.answered_on = None
    held.answer = ""
    work.save(held)
    for name in ("edition", "status", "sent_on", "answered_on", "answer", "version"):
        setattr(quote, name, getattr(held, name))
