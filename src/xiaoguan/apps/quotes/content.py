"""The content of a quote: what is approved, sent, kept as a version, compared and printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xiaoguan.apps.approvals.snapshots import digest, frozen
from xiaoguan.apps.quotes.models import Quote, QuoteLine, QuoteVersion
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work

BECAUSE = "the content of a quote does not depend on who looks"
HIDDEN = {"cost": "cost", "margin": "margin", "margin_rate": "margin_rate"}
"""Keys of the content by the field of the quote that hides them."""
LINE = ("position", "product_id", "name", "unit_name", "list_price", "price", "discount", "tax_rate", "floor_price",
        "cost", "amount", "net", "tax")  # fmt: skip
HEAD = ("name", "customer_id", "deal_id", "contact_id", "quoted_on", "valid_until", "payment_terms", "delivery", "note",
        "whole_discount", "subtotal", "amount", "tax", "listed", "discount_rate", "below_floor", "cost", "margin",
        "margin_rate")  # fmt: skip


def lines_of(quote: Quote) -> list[QuoteLine]:
    """The living lines in their order."""
    rows = everything(QuoteLine, because=BECAUSE).filter(quote=quote.pk).select_related("product")
    return list(rows.order_by("position", "pk"))


def of(quote: Quote) -> dict[str, Any]:
    """Everything a customer is offered and what we know about it, as JSON; customer and contact by name too."""
    head = {name: getattr(quote, name) for name in HEAD}
    lines = [
        {**{name: getattr(line, name) for name in LINE}, "quantity": f"{line.quantity:f}", "key": line.pk}
        for line in lines_of(quote)
    ]
    names = {"customer": str(quote.customer or ""), "contact": str(quote.contact or "")}
    return frozen({**head, **names, "lines": lines})


def visible(content: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """The content without what is hidden from a reader: cost and margin of the quote, the cost of each line."""
    found = {key: value for key, value in content.items() if HIDDEN.get(key) not in hidden or key not in HIDDEN}
    if hidden & set(HIDDEN.values()):
        found["lines"] = [{key: value for key, value in line.items() if key != "cost"} for line in content["lines"]]
    return found


def keep(work: Work, quote: Quote) -> QuoteVersion:
    """Keep the content as this version, once."""
    known = QuoteVersion.objects.filter(quote=quote, edition=quote.edition).first()
    if known is not None:
        return known
    content = of(quote)
    values = {"quote": quote, "edition": quote.edition, "content": content, "digest": digest(content), "at": work.now}
    made: QuoteVersion = work.create(QuoteVersion, {**values, "owner": quote.owner})
    return made


def says_something_else(quote: Quote) -> bool:
    """Whether a quote that was approved or sent says something else by now."""
    known = QuoteVersion.objects.filter(quote=quote.pk, edition=quote.edition).values_list("digest", flat=True).first()
    return known is not None and known != digest(of(quote))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[tuple[str, Any, Any]]:
    """Lines by their key: (`added` | `removed` | `changed` | `same`, the line before, the line after)."""
    old = {line["key"]: line for line in before["lines"]}
    new = {line["key"]: line for line in after["lines"]}
    found = []
    for key in [*new, *[key for key in old if key not in new]]:
        one, two = old.get(key), new.get(key)
        word = "added" if one is None else "removed" if two is None else "changed" if one != two else "same"
        found.append((word, one, two))
    return found
