"""Expenses on customers, deals and people."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.expenses.models import Expense
from xiaoguan.apps.expenses.models.claim import COUNTED
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, related, render
from xiaoguan.kit.panel import panel

COLUMNS = "spent_on kind amount deal status owner note"


def _sees(request: HttpRequest, record: Any) -> bool:
    return access.may(request.user, "view", Expense)


def _count(link: str) -> Any:
    return lambda request, record: related.count(Expense, request.user, {link: record.pk})


def _card(request: HttpRequest, link: str, record: Any, about: dict[str, Any] | None = None) -> SafeString:
    """The expenses, what counts of them, and the way to enter one."""
    made = related.card(
        Expense, request.user, {link: record.pk}, cols=COLUMNS, sort="-spent_on", empty=_("Nothing was spent yet.")
    )
    if about is None or not access.may(request.user, "create", Expense):
        return made
    url = f"{reverse('claims:claim')}?{urlencode(about)}"
    words = gettext("Enter an expense")
    button = format_html('<a class="btn" href="{}">{}{}</a>', url, render.icon("camera"), words)
    return format_html(
        '<div class="stack">{}<div class="row">{}{}</div></div>', made, button, _cost(request, link, record)
    )


def _cost(request: HttpRequest, link: str, record: Any) -> SafeString:
    """What has been approved of it."""
    if "amount" in access.masked(request.user, Expense):
        return SafeString("")
    rows = access.visible(Expense, request.user).filter(**{link: record}, status__in=COUNTED)
    total = rows.aggregate(total=Sum("amount"))["total"] or 0
    return format_html('<span class="muted">{} {}</span>', gettext("Approved"), render.money_exact(total))


@panel(Customer, "expenses", _("Expenses"), count=_count("customer"), position=60, icon="receipt", shown=_sees)
def expenses_of_customer(request: HttpRequest, customer: Customer) -> SafeString:
    """What was spent on a customer."""
    return _card(request, "customer", customer, {"customer": customer.pk})


@panel(Deal, "expenses", _("Expenses"), count=_count("deal"), position=60, icon="receipt", shown=_sees)
def expenses_of_deal(request: HttpRequest, deal: Deal) -> SafeString:
    """What was spent on a deal."""
    return _card(request, "deal", deal, {"deal": deal.pk})


@panel(Person, "expenses", _("Expenses"), count=_count("owner"), position=60, icon="receipt", shown=_sees)
def expenses_of_person(request: HttpRequest, person: Person) -> SafeString:
    """What somebody spent, as far as the reader sees it."""
    return _card(request, "owner", person)
