"""Needs and preferences beside the timeline: who said what when, and what somebody should ask again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Customer, CustomerFact, FactKind, FactState
from xiaoguan.kit import access, blocks, figures, related, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.panel import panel

CARD = 6
WARNING = (FactKind.TABOO,)


def _verbs(fact: CustomerFact) -> SafeString:
    """The two answers to «is it still so», one tap each; without a script they lead to a page that asks."""
    entity = Entity.of(CustomerFact)
    html = '<button class="btn btn-small" type="button" hx-post="{}" hx-swap="none">{}{}</button>'
    asked = (("still_true", "check", gettext("Still true")), ("no_longer", "x", gettext("No longer true")))
    made = format_html_join(
        "", html, ((entity.url("do", fact, name), render.icon(symbol), label) for name, symbol, label in asked)
    )
    return format_html('<p class="row needs-script">{}</p>', made)


def _said(fact: CustomerFact) -> SafeString:
    """Whose word it is and since when; amber where it is due."""
    who = fact.contact.name if fact.contact_id and fact.contact is not None else fact.said_by
    noted = fact.created_by.name if fact.created_by is not None else ""
    lead = gettext("%(name)s said") % {"name": who} if who else gettext("noted by %(name)s") % {"name": noted}
    on = fact.verified_on or fact.heard_on
    parts = [lead, gettext("verified %(day)s") % {"day": render.day(on)} if fact.verified_on else render.day(on)]
    if fact.is_due:
        parts.append(gettext("verify again"))
    return format_html('<p class="small {}">{}</p>', "amber" if fact.is_due else "faint", " · ".join(map(str, parts)))


def _items(facts: Iterable[CustomerFact], actor: Any) -> SafeString:
    entity = Entity.of(CustomerFact)

    def line(fact: CustomerFact) -> SafeString:
        kind = render.tag(fact.get_kind_display(), "amber" if fact.kind in WARNING else "")
        ask = _verbs(fact) if fact.is_due and access.may(actor, "change", fact) else SafeString("")
        url = entity.url("detail", fact)
        html = '<li><p>{} <a href="{}" data-open="{}">{}</a></p>{}{}</li>'
        return format_html(html, kind, url, url, fact.text, _said(fact), ask)

    return format_html_join("", "{}", ((line(fact),) for fact in facts))


@figures.part(Customer, "left", position=20)
def facts_card(customer: Customer, actor: Any) -> SafeString:
    """What is known of a customer, what should be asked again first."""
    if not access.may(actor, "view", CustomerFact):
        return SafeString("")
    rows = access.visible(CustomerFact, actor).filter(customer=customer, state=FactState.HOLDS)
    rows = rows.select_related("contact", "created_by", "customer")
    facts = list(rows.order_by(F("verify_by").asc(nulls_last=True), "-heard_on", "-pk")[: CARD + 1])
    access.covered(actor, *facts)
    entity, links = Entity.of(CustomerFact), SafeString("")
    if len(facts) > CARD:
        url = f"{Entity.of(Customer).url('detail', customer)}?tab=facts"
        links = format_html('<a class="more" href="{}">{}</a>', url, gettext("All"))
    if access.may(actor, "create", CustomerFact) and access.may(actor, "change", customer):
        add = f"{entity.url('new')}?customer={customer.pk}"
        links = format_html('{}<a class="more" href="{}">{}{}</a>', links, add, render.icon("plus"), gettext("Add"))
    if facts:
        body = format_html('<ul class="card-body sayings">{}</ul>', _items(facts[:CARD], actor))
    else:
        body = blocks.nothing_here(gettext("What do they need, what do they never want again, who said so?"))
    head = '<section class="card"><header class="card-head"><h2>{}</h2>{}</header>{}</section>'
    return format_html(head, entity.plural, links, body)


@panel(
    Customer,
    "facts",
    _("Needs and preferences"),
    count=lambda request, customer: related.count(
        CustomerFact, request.user, {"customer": customer.pk, "state": FactState.HOLDS}
    ),
    position=42,
    icon="bulb",
    shown=lambda request, customer: access.may(request.user, "view", CustomerFact),
)
def facts_tab(request: HttpRequest, customer: Customer) -> SafeString:
    """Everything that was ever said, what no longer holds included."""
    where = {"customer": customer.pk}
    return related.card(
        CustomerFact, request.user, where, cols="text kind contact heard_on verify_by state", sort="state",
        initial=where, empty=_("What do they need, what do they never want again, who said so?"),
    )  # fmt: skip
