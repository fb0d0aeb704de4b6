"""When a quote needs approval, what is frozen for it, and what its verdict does to the quote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.approvals import kinds
from xiaoguan.apps.approvals.kinds import Measure
from xiaoguan.apps.approvals.models import Request, State
from xiaoguan.apps.quotes import content
from xiaoguan.apps.quotes.models import Quote, QuoteLine, Status
from xiaoguan.apps.quotes.seeds import KIND, ROUTES
from xiaoguan.kit import render
from xiaoguan.kit.action import Work


def measure(quote: Quote) -> Mapping[str, int | None]:
    """What decides about the route."""
    return {
        "amount": quote.amount, "discount": quote.discount_rate, "below_floor": quote.below_floor,
        "margin": quote.margin_rate,
    }  # fmt: skip


def show(snapshot: Mapping[str, Any], hidden: frozenset[str]) -> list[tuple[Any, SafeString | str]]:
    """The frozen content for a reader: head, sums, lines; cost and margin only for who may see them."""
    told = content.visible(snapshot, hidden)
    rows = [(_("Customer"), told["customer"]), (_("Quoted amount"), render.money_exact(told["amount"])),
            (_("At list prices"), render.money_exact(told["listed"])),
            (_("Off list prices"), render.percent(told["discount_rate"]))]  # fmt: skip
    if told.get("margin_rate") is not None:
        rows.append((_("Margin"), render.percent(told["margin_rate"])))
    rows += [(_("Terms of payment"), told["payment_terms"]), (_("Valid until"), told["valid_until"])]
    rows += [(line["name"], line_words(line)) for line in told["lines"]]
    return [(label, value) for label, value in rows if value not in ("", None)]


def line_words(line: Mapping[str, Any]) -> SafeString:
    """One line in words: 120 m × 36.00, 10.0% off = 3,888.00."""
    off = format_html(" · −{}", render.percent(line["discount"])) if line["discount"] else ""
    below = line["floor_price"] is not None and line["price"] is not None and _below(line)
    floor = format_html(' <span class="tag tag-amber">{}</span>', _("below floor price")) if below else ""
    quantity = line["quantity"].rstrip("0").rstrip(".") if "." in line["quantity"] else line["quantity"]
    return format_html(
        "{} {} × {}{} = {}{}", quantity, line["unit_name"], render.money_exact(line["price"]), off,
        render.money_exact(line["net"]), floor,
    )  # fmt: skip


def _below(line: Mapping[str, Any]) -> bool:
    quantity = float(line["quantity"])
    return bool(quantity) and line["net"] < round(quantity * line["floor_price"])


def settle(work: Work, request: Request, quote: Quote) -> None:
    """Approved: the version is kept; anything else: a draft again."""
    if quote.status != Status.APPROVING:
        return
    quote.status = Status.APPROVED if request.state == State.APPROVED else Status.DRAFT
    work.save(quote)
    if quote.status == Status.APPROVED:
        content.keep(work, quote)


QUOTE = kinds.declare(
    KIND,
    gettext_lazy("Discount on a quote"),
    Quote,
    icon="file-dollar",
    measures=[
        Measure("discount", gettext_lazy("Off list prices"), "rate", field="discount_rate"),
        Measure("below_floor", gettext_lazy("Lines below floor price"), "count", field="below_floor"),
        Measure("margin", gettext_lazy("Margin"), "rate", low=True, field="margin_rate"),
        Measure("amount", gettext_lazy("Quoted amount"), "money", field="amount"),
    ],
    measure=measure,
    snapshot=content.of,
    show=show,
    settle=settle,
    routes=ROUTES,
    watch={QuoteLine: "quote"},
    title=lambda quote: f"{quote.number} {quote.name}",
)
