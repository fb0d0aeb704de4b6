"""A contact's own page: every way to reach somebody, his birthday when it is near, and where he is now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.customers.models.birthday import coming
from xiaoguan.apps.customers.navigation import SOON
from xiaoguan.kit import access, clock, figures, render
from xiaoguan.kit.entity import Entity
from xiaoguan.lexicon import identity

MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
NUMBER = re.compile(r"\+?[\d(（][\d\s()（）\-]{5,}\d")


def linked(text: str) -> SafeString:
    """A line with its number or mail address as a link; everything else stays as it was typed."""
    if found := MAIL.search(text):
        href = f"mailto:{found[0]}"
    elif (found := NUMBER.search(text)) and (numbers := identity.phones(found[0])):
        href = f"tel:{numbers[0] if numbers[0].startswith('1') else '0' + numbers[0]}"
    else:
        return format_html("{}", text)
    before, after = text[: found.start()], text[found.end() :]
    return format_html('{}<a href="{}">{}</a>{}', before, href, found[0], after)


def ways(contact: Contact) -> Iterator[tuple[str, str]]:
    """Icon and text of every way to reach somebody, the first ones first."""
    for symbol, text in (
        ("phone", contact.mobile), ("phone", contact.phone), ("mail", contact.email), ("message", contact.wechat),
    ):  # fmt: skip
        if text:
            yield symbol, text
    for line in contact.other_ways.splitlines():
        if text := line.strip():
            yield "mail" if "@" in text else "phone" if identity.phones(text) else "message", text


@figures.part(Contact, "left", position=10)
def ways_card(contact: Contact, actor: Any) -> SafeString:
    """All numbers, addresses and names, one a line; a tap calls or writes."""
    hidden = access.masked(actor, Contact) & {"mobile", "phone", "email", "wechat", "other_ways"}
    found = [] if hidden else list(ways(contact))
    if not found:
        return SafeString("")
    items = format_html_join(
        "",
        '<li>{}<span class="row-main">{}</span></li>',
        ((render.icon(symbol), linked(text)) for symbol, text in found),
    )
    html = (
        '<section class="card"><header class="card-head"><h2>{}</h2></header>'
        '<ul class="rows rows-bare">{}</ul></section>'
    )
    return format_html(html, gettext("Ways to reach"), items)


@figures.part(Contact, "head", position=40)
def birthday_soon(contact: Contact, actor: Any) -> SafeString:
    """A birthday within thirty days, with the date by the sun where it is kept by the moon."""
    hidden = access.masked(actor, Contact) & {"birthday", "lunar_birthday"}
    on = coming(clock.today(), SOON).get(contact.birthday_key or 0)
    if hidden or contact.left or on is None:
        return SafeString("")
    days = (on - clock.today()).days
    said = ngettext("Birthday in %(n)s day", "Birthday in %(n)s days", days) % {"n": days} if days else ""
    words = " · ".join(
        str(part) for part in (said or gettext("Birthday today"), render.day(on), contact.lunar_words) if part
    )
    return format_html('<div class="risk">{}<span>{}</span></div>', render.icon("gift"), words)


def _place(contact: Contact, customer: Customer, actor: Any) -> SafeString:
    """Somebody's job at a customer, as a link where one may open it."""
    title = "" if "title" in access.masked(actor, Contact) else contact.title
    words = " · ".join(part for part in (customer.name, title) if part)
    return format_html('<a href="{}">{}</a>', Entity.of(Contact).url("detail", contact), words)


@figures.part(Contact, "warning")
def has_left(contact: Contact, actor: Any) -> SafeString | str:
    """That somebody works there no more, and where he is now."""
    if not contact.left:
        return ""
    there = access.visible(Contact, actor).filter(pk=contact.moved_to_id).select_related("customer").first()
    if there is None:
        return gettext("Works there no more.")
    return format_html("{} {}", gettext("Works there no more. Now at"), _place(there, there.customer, actor))


@figures.part(Contact, "right", position=50)
def came_from(contact: Contact, actor: Any) -> SafeString:
    """Where somebody was before, with all that was said there."""
    rows = access.visible(Contact, actor).filter(moved_to=contact).select_related("customer").order_by("-pk")[:5]
    items = format_html_join("", "<li>{}</li>", ((_place(row, row.customer, actor),) for row in rows))
    if not items:
        return SafeString("")
    html = (
        '<section class="card"><header class="card-head"><h2>{}</h2></header>'
        '<ul class="rows rows-bare">{}</ul></section>'
    )
    return format_html(html, gettext("Before"), items)
