"""Tabs above the list of quotes, and what empty lists say."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.navigation import leads, sees_all
from xiaoguan.apps.quotes.models import PriceBook, PriceEntry, Quote, QuoteLine, Status
from xiaoguan.apps.quotes.pages import may_set
from xiaoguan.kit import filters, nav, views
from xiaoguan.kit.pages import emptiness


@filters.condition(Quote, "open", _("not answered yet"), reads="status")
def unanswered(actor: Any) -> Q:
    """Quotes a customer may still accept, and those on the way there."""
    return Q(status__in=(Status.DRAFT, Status.APPROVING, Status.APPROVED, Status.SENT))


OPEN = "is=open&sort=valid_until"
views.view(Quote, "open", _("All open"), OPEN, position=5, shown=sees_all)
views.view(Quote, "team", _("My team's open"), f"owner=team&{OPEN}", position=7, shown=leads)
views.view(Quote, "mine", _("My open"), f"owner=me&{OPEN}", position=10)
views.view(Quote, "approving", _("In approval"), "status=approving&sort=-id", position=20)
views.view(Quote, "sent", _("With the customer"), "status=sent&sort=valid_until", position=30)
views.view(Quote, "accepted", _("Accepted"), "status=accepted&sort=-answered_on", position=40)
views.view(Quote, "all", _("All"), "sort=-id", position=90)

emptiness.teach(
    Quote, _("What you offer a customer: lines with prices and discounts, approved where a rule asks, sent as a PDF.")
)
emptiness.teach(QuoteLine, _("What is offered, line by line. Lines are written with their quote."))
emptiness.teach(
    PriceBook, _("Prices for some customers and some time. Without a book that applies the list prices count.")
)
emptiness.teach(PriceEntry, _("The price of a product in a price book, from a quantity on."))
nav.page("settings", _("Quote settings"), "quote_pages:settings", icon="file-dollar", position=62, shown=may_set)
nav.chapter("settings", _("Sales process"), "quotes.pricebook", "quote_pages:settings", position=20)
