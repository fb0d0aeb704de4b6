"""What a customer's page says about the pool: that it waits there, or how many days are left."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.pools.models import Holding, PoolEntry
from xiaoguan.apps.pools.models.entry import WAITING
from xiaoguan.apps.pools.standing import book
from xiaoguan.kit import access, clock, figures, render
from xiaoguan.kit.entity import Entity

LONG = 30
"""From so many days on, nothing is said."""


@figures.part(Customer, "warning", position=5)
def pool_banner(customer: Customer, actor: Any) -> SafeString | str:
    """The pool it waits in with what can be done, or the days it has left."""
    if customer.owner_id is None:
        return _waiting(customer, actor)
    return _left(customer) if book().rules else ""


def _waiting(customer: Customer, actor: Any) -> SafeString | str:
    if not access.may(actor, "view", PoolEntry):
        return ""
    entry = PoolEntry._default_manager.filter(WAITING, customer=customer).select_related("pool").first()
    if entry is None:
        return ""
    entity = Entity.of(PoolEntry)
    acts = [
        format_html(
            '<a class="btn btn-small" href="{0}" hx-get="{0}" hx-target="#dialogs" hx-swap="innerHTML">{1}</a>',
            entity.url("do", entry, name),
            entity.actions[name].label,
        )
        for name in ("claim", "transfer")
        if access.may(actor, entity.actions[name].verb, entry)
    ]
    words = _("Nobody looks after this customer: in %(pool)s since %(day)s.") % {
        "pool": entry.pool.name,
        "day": render.day(entry.entered_on),
    }
    said = f" {entry.reason}" if entry.reason else ""
    return format_html(
        '<div class="notice notice-accent">{}<p>{}{}</p><span class="push row">{}</span></div>',
        render.icon("inbox"),
        words,
        said,
        SafeString("".join(acts)),
    )


@figures.part(PoolEntry, "warning", position=5)
def where_it_is(entry: PoolEntry, actor: Any) -> SafeString | str:
    """The customer's own page, for whoever may open it; and who has it by now."""
    words = ""
    if not entry.waits:
        words = _("%(name)s has it since %(day)s.") % {
            "name": entry.taken_by or "—", "day": render.day(entry.left_on)
        }  # fmt: skip
    link = SafeString("")
    if access.may(actor, "view", entry.customer):
        url = entry.customer.entity.url("detail", entry.customer)
        link = format_html('<a href="{}">{}</a>', url, _("Open the customer"))
    if not words and not link:
        words = _("Whoever claims the customer sees how to reach it, and what was said before.")
    return format_html('<div class="notice">{}<p>{} {}</p></div>', render.icon("info-circle"), words, link)


def _left(customer: Customer) -> SafeString | str:
    held = Holding.objects.filter(customer=customer, leaves_on__isnull=False).select_related("rule").first()
    if held is None or held.leaves_on is None or held.rule is None:
        return ""
    days = (held.leaves_on - clock.today()).days
    if days > max(held.rule.warn_days, 0) or days > LONG:
        return ""
    words = days_left(days)
    link = format_html('<a href="{}">{}</a>', reverse("public_pool:tonight"), _("What goes to the pool"))
    tone = "red" if days <= 1 else "amber"
    return format_html(
        '<div class="notice notice-{}">{}<p><b>{}</b> {} {}</p></div>',
        tone,
        render.icon("hourglass"),
        words,
        _("Rule: %(rule)s.") % {"rule": held.rule.name},
        link,
    )


def days_left(days: int) -> str:
    """How soon the run takes a customer whose day is so many days away; it runs by night."""
    if days <= 1:
        return _("Goes to the pool tonight.")
    return ngettext("Goes to the pool in %(n)s day.", "Goes to the pool in %(n)s days.", days) % {"n": days}
