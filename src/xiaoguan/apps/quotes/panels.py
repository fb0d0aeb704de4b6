"""Quotes on the pages of customers and deals; versions and approval on a quote's own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.approvals import cards
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.quotes import pricing
from xiaoguan.apps.quotes.approval import QUOTE
from xiaoguan.apps.quotes.models import PriceBook, Quote, Status
from xiaoguan.kit import access, figures, related, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.figures import Figure
from xiaoguan.kit.panel import panel

COLS = "number name amount discount_rate status valid_until owner"


def _sees(request: HttpRequest, record: Any) -> bool:
    return access.may(request.user, "view", Quote)


def _of(link: str) -> Any:
    return lambda request, record: related.count(Quote, request.user, {link: record.pk})


@panel(Customer, "quotes", _("Quotes"), count=_of("customer"), position=15, icon="file-dollar", shown=_sees)
def quotes_of_customer(request: HttpRequest, customer: Customer) -> SafeString:
    """What was offered to a customer."""
    where = {"customer": customer.pk}
    return related.card(
        Quote, request.user, where, cols=COLS, sort="-id", initial=where, empty=_("Nothing was quoted yet.")
    )


@panel(Deal, "quotes", _("Quotes"), count=_of("deal"), position=15, icon="file-dollar", shown=_sees)
def quotes_of_deal(request: HttpRequest, deal: Deal) -> SafeString:
    """What was offered in a deal."""
    where = {"deal": deal.pk}
    return related.card(
        Quote, request.user, where, cols=COLS, sort="-id", initial=where, empty=_("Nothing was quoted yet.")
    )


@figures.part(PriceBook, "right", position=5)
def customers_of_book(book: PriceBook, actor: Any) -> SafeString | str:
    """The customers a book names beside the one in its form, as far as the reader sees them."""
    ids = pricing.customers_of([book.pk])[book.pk]
    if not ids:
        return ""
    seen = access.visible(Customer, actor).filter(pk__in=ids).order_by("name", "pk")
    url = Entity.of(book).url("do", book, "drop_customer") if access.may(actor, "change", book) else ""
    way = '<a class="btn btn-small btn-quiet" href="{}?customer={}">{}</a>'
    found = [
        (Entity.of(row).url("detail", row), row, format_html(way, url, row.pk, gettext("Take out")) if url else "")
        for row in seen
    ]
    rows = format_html_join("", '<li class="row-item"><a class="row-main" href="{}">{}</a>{}</li>', found)
    more = len(ids) - len(found)
    if more:
        words = ngettext("%(count)s you don't see", "%(count)s you don't see", more) % {"count": more}
        rows += format_html('<li class="row-item muted">{}</li>', words)
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2><span class="fact">{}</span></header>'
        '<ul class="rows">{}</ul></section>', gettext("For these customers"), len(ids), rows,
    )  # fmt: skip


@figures.figure(Quote, position=10)
def amount(quote: Quote, actor: Any) -> Figure | None:
    """What the customer pays."""
    return Figure(gettext("Quoted amount"), render.money_exact(quote.amount))


@figures.figure(Quote, position=20)
def off(quote: Quote, actor: Any) -> Figure | None:
    """What the customer gets off the list prices."""
    return Figure(gettext("Off list prices"), render.percent(quote.discount_rate))


@figures.figure(Quote, position=30)
def margin(quote: Quote, actor: Any) -> Figure | None:
    """What is left, for who may see it."""
    if "margin_rate" in access.masked(actor, Quote) or quote.margin_rate is None:
        return None
    return Figure(gettext("Margin"), render.percent(quote.margin_rate))


@figures.figure(Quote, position=40)
def valid(quote: Quote, actor: Any) -> Figure | None:
    """How long it is valid, and which version it is."""
    version = gettext("Version %(number)s") % {"number": quote.edition}
    return Figure(gettext("Valid until"), render.day(quote.valid_until), version)


@figures.part(Quote, "head", position=10)
def ways(quote: Quote, actor: Any) -> SafeString:
    """To the table of lines, the paper and the versions."""
    links = [
        ("pdf", "printer", gettext("PDF")),
        ("versions", "stack-2", gettext("Version %(number)s") % {"number": quote.edition}),
    ]
    if access.may(actor, "change", quote) and quote.status != Status.ACCEPTED:
        links.insert(0, ("lines", "table", gettext("Edit lines")))
    made = format_html_join(
        "", '<a class="btn btn-small" href="{}">{}{}</a>',
        ((reverse(f"quote_pages:{name}", args=[quote.pk]), render.icon(icon), label) for name, icon, label in links),
    )  # fmt: skip
    return format_html('<div class="row quote-ways">{}</div>', made)


@figures.part(Quote, "right", position=10)
def approval_card(quote: Quote, actor: Any) -> SafeString | str:
    """How far the latest request for approval is."""
    return cards.latest(quote, QUOTE, gettext("Approval"))


@figures.part(Quote, "warning", position=10)
def below_floor(quote: Quote, actor: Any) -> str:
    """Lines under the floor price."""
    if not quote.below_floor:
        return ""
    return format_html(gettext("{} of the lines are below their floor price."), quote.below_floor)
