"""A contact's own page: every way to reach somebody, his birthday when it is near, and where he is now."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
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
NUMBER = re.compile(
    "\\+?[\\d(\uff08][\\d\\s()\uff08\uff09\\-]{5,}\\d(?:\\s*(?:\u8f6c|ext\\.?|x|#)\\s*\\d{1,8})?", re.IGNORECASE
)
DIALLED = re.compile(r"[^\d+]")
EXTENSION = re.compile("\\s*(?:\u8f6c|ext\\.?|x|#)\\s*", re.IGNORECASE)
SAID = " ·:\uff1a-\u2014,\uff0c()\uff08\uff09"
"""What stands between a number and the words about it."""
FIELDS = ("mobile", "phone", "email", "wechat", "other_ways")


@dataclass(frozen=True)
class Way:
    """One way to reach somebody: what it is (`phone`, `mail`, `message`), as typed, words about it, a link if any."""

    symbol: str
    text: str
    label: str
    href: str = ""


def called(text: str) -> str:
    """A number as a telephone dials it: the digits as they were typed, a pause before an extension."""
    number, *extension = EXTENSION.split(text, maxsplit=1)
    return "tel:" + DIALLED.sub("", number) + (f",{DIALLED.sub('', extension[0])}" if extension else "")


def of_line(line: str) -> Way:
    """A line of text with one number, mail address or name and words about it."""
    found = MAIL.search(line)
    symbol = "mail" if found else "phone"
    if found is None and (number := NUMBER.search(line)) and identity.phones(number[0]):
        found = number
    if found is None:
        label, mark, name = line.partition(" ")
        return Way("message", name or label, label if mark else "")
    words = f"{line[: found.start()].strip(SAID)} {line[found.end() :].strip(SAID)}".strip()
    return Way(symbol, found[0], words, f"mailto:{found[0]}" if symbol == "mail" else called(found[0]))


def ways(contact: Contact, hidden: Collection[str] = ()) -> Iterator[Way]:
    """Every way to reach somebody, the first ones first."""
    for name in FIELDS[:-1]:
        if name not in hidden and (text := getattr(contact, name)):
            symbol = {"email": "mail", "wechat": "message"}.get(name, "phone")
            href = {"phone": called(text), "mail": f"mailto:{text}"}.get(symbol, "")
            yield Way(symbol, text, str(Entity.of(Contact).column(name).label), href)
    for line in contact.other_ways.splitlines():
        if line.strip() and not hidden:
            yield of_line(line.strip())


def seen_ways(contact: Contact, actor: Any) -> list[Way]:
    """The ways an actor may see; lines of text only where none of the fields is masked, as they might tell it."""
    hidden = access.masked(actor, Contact) & set(FIELDS)
    return list(ways(contact, hidden))


def copy_button(way: Way) -> SafeString:
    """Puts the number, the address or the name onto the clipboard."""
    label = gettext("Copy %(what)s") % {"what": way.text}
    html = '<button type="button" class="btn btn-quiet btn-icon" data-copy="{}" data-said="{}">{}</button>'
    return format_html(html, way.text, gettext("Copied: %(what)s") % {"what": way.text}, render.icon("copy", label))


def _row(way: Way) -> SafeString:
    """One way as a line: a tap on it calls or writes, the button copies."""
    words = format_html("<b>{}</b><small>{}</small>", way.text, way.label)
    lead = format_html('<a class="row-main way" href="{}">{}</a>', way.href, words) if way.href else None
    return format_html(
        "<li>{}{}{}</li>",
        render.icon(way.symbol),
        lead or format_html('<span class="row-main way">{}</span>', words),
        copy_button(way),
    )


def ways_menu(contact: Contact, found: Sequence[Way]) -> SafeString:
    """All ways of a person behind one button, for a line of a list of people."""
    label = gettext("Reach %(name)s") % {"name": contact.name}
    item = '<a class="menu-item" href="{}">{}<span>{}<small class="muted"> {}</small></span></a>'
    copy = (
        '<button type="button" class="menu-item" data-copy="{}" data-said="{}">{}<span>{}'
        '<small class="muted"> {}</small></span></button>'
    )
    items = format_html_join("", "{}", ((
        format_html(item, way.href, render.icon(way.symbol), way.text, way.label) if way.href else
        format_html(copy, way.text, gettext("Copied: %(what)s") % {"what": way.text}, render.icon("copy"), way.text,
                    way.label),
    ) for way in found))  # fmt: skip
    return format_html(
        '<details class="menu push" x-data="menu"><summary class="btn btn-quiet btn-icon">{}</summary>'
        '<div class="menu-box menu-end">{}</div></details>',
        render.icon("phone", label),
        items,
    )


@figures.part(Contact, "left", position=10)
def ways_card(contact: Contact, actor: Any) -> SafeString:
    """All numbers, addresses and names, one a line; a tap calls or writes."""
    found = seen_ways(contact, actor)
    if not found:
        return SafeString("")
    items = format_html_join("", "{}", ((_row(way),) for way in found))
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
