"""The biggest risk with a customer, in words at the head of its page; higher apps add theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.customers.models import Contact, Customer, CustomerFact, FactState
from xiaoguan.kit import access, clock, figures, render

QUIET = {"A": 30, "B": 45, "C": 90, "D": 180, "": 90}
"""Days without contact after which a customer of a tier is quiet."""


@dataclass(frozen=True)
class Risk:
    """Something that may go wrong: the heaviest is shown; `url` leads to what is behind it."""

    weight: int
    words: str
    url: str = ""


Give = Callable[[Any, Any], Risk | None]
_known: list[Give] = []


def risk(give: Give) -> Give:
    """Register `func(customer, actor)`, which answers a Risk or None."""
    _known.append(give)
    return give


def worst(customer: Customer, actor: Any) -> Risk | None:
    """The heaviest risk; None where nothing stands out."""
    found = [each for each in (give(customer, actor) for give in _known) if each is not None]
    return max(found, key=lambda each: each.weight, default=None)


@risk
def overdue_step(customer: Customer, actor: Any) -> Risk | None:
    """What was promised for a day that has passed."""
    if "next_due" in access.masked(actor, Customer) or customer.next_due is None:
        return None
    if customer.next_due >= clock.today():
        return None
    days = (clock.today() - customer.next_due).days
    said = ngettext("The next step is %(n)s day overdue", "The next step is %(n)s days overdue", days)
    return Risk(60 + min(days, 30), said % {"n": days})


@risk
def quiet(customer: Customer, actor: Any) -> Risk | None:
    """Nobody has been in touch for longer than the tier allows."""
    since = customer.last_contact_on or customer.since
    if since is None or access.masked(actor, Customer) & {"last_contact_on", "since", "tier"}:
        return None
    days, allowed = (clock.today() - since).days, QUIET.get(customer.tier, QUIET[""])
    if days <= allowed:
        return None
    if customer.last_contact_on is None:
        return Risk(40, _("Nobody has ever been in touch"))
    return Risk(50 + min(days - allowed, 60) // 6, _("Quiet for %(n)s days, more than %(most)s") % {
        "n": days, "most": allowed,
    })  # fmt: skip


@risk
def alone(customer: Customer, actor: Any) -> Risk | None:
    """All hangs on one person there, or on nobody."""
    if not access.may(actor, "view", Contact):
        return None
    people = list(access.visible(Contact, actor).filter(customer=customer, left=False).values_list("pk")[:2])
    if not people:
        return Risk(35, _("Nobody there is known"))
    return Risk(30, _("Only one person there is known")) if len(people) == 1 else None


@risk
def stale(customer: Customer, actor: Any) -> Risk | None:
    """What is known may have changed."""
    if not access.may(actor, "view", CustomerFact):
        return None
    due = Q(customer=customer, state=FactState.HOLDS, verify_by__lte=clock.today())
    count = access.visible(CustomerFact, actor).filter(due).count()
    said = ngettext("%(n)s fact is to be verified again", "%(n)s facts are to be verified again", count)
    return Risk(20, said % {"n": count}) if count else None


@figures.part(Customer, "head", position=60)
def worst_risk(customer: Customer, actor: Any) -> SafeString:
    """The biggest risk beside the next step."""
    found = worst(customer, actor)
    if found is None:
        return SafeString("")
    words = format_html('<a href="{}">{}</a>', found.url, found.words) if found.url else found.words
    html = '<div class="risk"><span class="visually-hidden">{} </span>{}<span>{}</span></div>'
    return format_html(html, _("Biggest risk:"), render.icon("alert-triangle"), words)
