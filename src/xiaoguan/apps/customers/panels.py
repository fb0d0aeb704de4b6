"""What customers show on their own page: the people in the company."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers import ways
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.kit import access, blocks, figures, related, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.panel import panel

CARD = 5


def _sees_contacts(request: HttpRequest, customer: Any) -> bool:
    return access.may(request.user, "view", Contact)


@panel(
    Customer,
    "contacts",
    _("Contacts"),
    count=lambda request, customer: related.count(Contact, request.user, {"customer": customer.pk}),
    position=40,
    icon="address-book",
    shown=_sees_contacts,
)
def contacts(request: HttpRequest, customer: Customer) -> SafeString:
    """Everybody in the company, those who have left last."""
    where = {"customer": customer.pk}
    return related.card(
        Contact, request.user, where, cols="name title department role mobile email left", sort="left", initial=where,
        empty=_("Nobody here is known yet: who decides, who uses it, who signs?"),
    )  # fmt: skip


def people_card(customer: Customer | None, actor: Any) -> SafeString:
    """The first few people of a customer with a number to call, for the side of a page."""
    if customer is None or not access.may(actor, "view", Contact):
        return SafeString("")
    rows = list(access.visible(Contact, actor).filter(customer=customer, left=False).order_by("role", "pk")[: CARD + 1])
    entity = Entity.of(Contact)
    add = SafeString("")
    if access.may(actor, "create", Contact):
        url = f"{entity.url('new')}?customer={customer.pk}"
        add = format_html('<a class="more" href="{}">{}{}</a>', url, render.icon("plus"), gettext("Add"))
    if not rows:
        body = blocks.nothing_here(gettext("Nobody here is known yet: who decides, who uses it, who signs?"))
    else:
        items = format_html_join("", "{}", ((_line(row, entity, actor),) for row in rows[:CARD]))
        body = format_html('<ul class="rows rows-bare">{}</ul>', items)
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2>{}</header>{}</section>',
        gettext("Contacts"),
        add,
        body,
    )


def _line(row: Contact, entity: Entity, actor: Any) -> SafeString:
    hidden = access.masked(actor, Contact)
    said = ["" if "title" in hidden else row.title, "" if "role" in hidden or not row.role else row.get_role_display()]
    found = ways.seen_ways(row, actor)
    call = ways.ways_menu(row, found) if found else SafeString("")
    return format_html(
        '<li>{}<span class="row-main"><a href="{}">{} <span class="muted">{}</span></a></span>{}</li>',
        render.person_circle(row.name),
        entity.url("detail", row),
        row.name,
        " · ".join(part for part in said if part),
        call,
    )


@figures.part(Customer, "right", position=30)
def people(customer: Customer, actor: Any) -> SafeString:
    """Who is who, beside the timeline."""
    return people_card(customer, actor)
