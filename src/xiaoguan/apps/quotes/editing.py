"""The table in which the lines of a quote are edited: reading what was typed, trying the sums, writing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.quotes import content, pricing
from xiaoguan.apps.quotes.models import Quote, QuoteLine
from xiaoguan.calc import quote as sums
from xiaoguan.kit import access, guard
from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Stale
from xiaoguan.kit.fields import MoneyField, PercentField
from xiaoguan.kit.kinds import Unparsable, amount
from xiaoguan.kit.problems import sentence

MOST = 200
SPARE = 8
CELLS = ("name", "quantity", "unit_name", "price", "discount")


@dataclass
class Row:
    """One row of the table: what was typed, the line it belongs to, what it means, what is wrong."""

    index: int
    raw: dict[str, str]
    line: QuoteLine | None = None
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    found: sums.LineSum | None = None
    listed: int | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing was typed that makes a line."""
        return not self.raw["name"].strip()


def rows_of(quote: Quote) -> list[Row]:
    """The lines as they stand, and empty rows behind them."""
    found = [Row(index, _raw(line), line, listed=line.list_price) for index, line in enumerate(content.lines_of(quote))]
    return found + [Row(len(found) + n, dict.fromkeys(CELLS, "")) for n in range(SPARE)]


def _raw(line: QuoteLine) -> dict[str, str]:
    entity = Entity.of(QuoteLine)
    found = {"name": line.name, "unit_name": line.unit_name}
    for name in ("quantity", "price", "discount"):
        found[name] = _typed(entity, name, getattr(line, name))
    return found


def _typed(entity: Entity, name: str, value: Any) -> str:
    """A stored value as it is typed: yuan, per cent, quantity."""
    if value is None:
        return ""
    kind = entity.column(name).field
    if isinstance(kind, MoneyField):
        value = Decimal(value) / 100
    elif isinstance(kind, PercentField):
        value = Decimal(value) / 1000
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read(quote: Quote, data: Mapping[str, str]) -> list[Row]:
    """What was typed, row by row, with the price of each product; problems stand in the rows."""
    known = {line.pk: line for line in content.lines_of(quote)}
    found = []
    for index in range(MOST):
        if f"l-{index}-name" not in data:
            continue
        raw = {name: data.get(f"l-{index}-{name}", "").replace("\x00", "")[:200] for name in CELLS}
        key = data.get(f"l-{index}-id", "")
        line = known.get(int(key)) if key.isascii() and key.isdigit() and len(key) < 19 else None
        found.append(Row(index, raw, line))
    filled = [row for row in found if not row.blank]
    products = _products({row.raw["name"].strip() for row in filled})
    book = pricing.book_for(quote.customer, quote.quoted_on) if products else None
    entries = pricing.entries_of(book, {product.pk for product in products.values()})
    for row in filled:
        _understand(row, products.get(row.raw["name"].strip().casefold()), entries)
    return found


def _products(names: set[str]) -> dict[str, Product]:
    """Products on sale by name and by code, as they are typed."""
    rows = access.everything(Product, because="whoever quotes may look up what is sold").filter(active=True)
    found: dict[str, Product] = {}
    for product in rows.filter(name__in=names).order_by("-pk"):
        found[product.name.casefold()] = product
    for product in rows.filter(code__in=names):
        found.setdefault((product.code or "").casefold(), product)
    return found


def _understand(row: Row, product: Product | None, entries: Mapping[int, Any]) -> None:
    entity, values = Entity.of(QuoteLine), row.values
    if product is None and row.line is not None and row.line.product and row.line.name == row.raw["name"].strip():
        product = row.line.product
    values["product"] = product
    values["name"] = product.name if product else " ".join(row.raw["name"].split())
    values["unit_name"] = row.raw["unit_name"].strip()[:20] or (product.unit_name if product else "")
    for name, empty in (("quantity", Decimal(1)), ("price", None), ("discount", 0)):
        column, text = entity.column(name), row.raw[name].strip()
        try:
            if name == "quantity":
                values[name] = _quantity(text) if text else empty
            else:
                values[name] = column.kind.parse(text.removesuffix("%"), column.field) if text else empty
            if values[name] is not None and values[name] < 0:
                raise Unparsable("not_a_number", text)
        except Unparsable as problem:
            values[name] = empty
            row.errors[name] = sentence(problem.code)
    if values["discount"] > 100_000:
        values["discount"] = 0
        row.errors["discount"] = _("A discount is at most 100%.")
    price = pricing.price(product, values["quantity"], entries.get(product.pk, ())) if product else None
    row.listed = price.listed if price else None
    if values["price"] is None:
        values["price"] = (price.listed if price else None) or 0
    tax = row.line.tax_rate if row.line and row.line.tax_rate is not None else price.tax_rate if price else 13_000
    row.values["summed"] = sums.Line(
        values["quantity"], values["price"], values["discount"], tax, row.listed, price.floor if price else None,
        price.cost if price else None,
    )  # fmt: skip


def _quantity(text: str) -> Decimal:
    """A quantity with at most three decimals; raises Unparsable."""
    found = amount(text)
    if found is None or found != round(found, 3) or found >= 10**9:
        raise Unparsable("not_a_number", text)
    return found


def tried(rows: Sequence[Row], whole_discount: int) -> sums.Sums:
    """The sums the rows would give; each row then knows its own."""
    filled = [row for row in rows if not row.blank]
    found = sums.add_up([row.values["summed"] for row in filled], whole_discount)
    for row, each in zip(filled, found.lines, strict=True):
        row.found = each
    return found


def whole(data: Mapping[str, str], quote: Quote) -> int:
    """The discount on the whole as typed in per cent; what can't be read leaves it as it is."""
    column = Entity.of(Quote).column("whole_discount")
    try:
        found = column.kind.parse(data.get("whole_discount", "").strip().removesuffix("%") or "0", column.field)
    except Unparsable:
        return quote.whole_discount
    return int(found) if 0 <= found <= 100_000 else quote.whole_discount


def write(quote: Quote, rows: Sequence[Row], whole_discount: int, *, actor: Any, version: int | None) -> None:
    """Write the table as one change: new, changed and emptied lines in the order of the rows.

    Raises Denied, Stale, Invalid, Refusal and then leaves no trace.
    """
    if not access.may(actor, "change", quote):
        raise Denied("change", quote)
    if version is not None and version != quote.version:
        raise Stale(quote)
    with transaction.atomic():
        work = Work(actor, "update", Quote._meta.label_lower)
        guard.check("quotes.quote.update", work=work, rows=[quote], values={})
        quote.whole_discount = whole_discount
        work.save(quote)
        gone = [row.line for row in rows if row.line is not None and row.blank]
        kept = [row for row in rows if row.line is not None and not row.blank]
        fresh = [row for row in rows if row.line is None and not row.blank]
        for position, row in enumerate([row for row in rows if not row.blank], 1):
            row.values["position"] = position
        if gone:
            work.remove(*gone)
        for row in kept:
            for name in ("product", "name", "unit_name", "quantity", "price", "discount", "position"):
                setattr(row.line, name, row.values[name])
        lines = [row.line for row in kept if row.line is not None]
        work.save(*lines)
        if fresh:
            work.create(QuoteLine, [_values(quote, row) for row in fresh])
        work.finish()


def _values(quote: Quote, row: Row) -> dict[str, Any]:
    names = ("product", "name", "unit_name", "quantity", "price", "discount", "position")
    return {"quote": quote, **{name: row.values[name] for name in names}}
