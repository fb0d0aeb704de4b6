"""Who owned a customer from when to when, and why it changed hands: read from its changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, clock, figures, history, render, titles
from xiaoguan.kit.models.change import ChangeRow

MOST = 50


@dataclass(frozen=True)
class Stay:
    """One owner's time: None for nobody; `since` is None where it is older than the record here."""

    owner_id: int | None
    since: dt.date | None
    until: dt.date | None
    by: Any = None
    why: str = ""


def stays(customer: Customer) -> list[Stay]:
    """The owners of a customer, the present one first; one query."""
    rows = ChangeRow.objects.filter(entity=Customer._meta.label_lower, object_id=customer.pk, after__has_key="owner_id")
    rows = rows.select_related("change__actor").only(
        "entity", "before", "after", "change__action", "change__entity", "change__note", "change__at",
        "change__reverses", "change__actor__name", "change__actor__system",
    )  # fmt: skip
    found: list[Stay] = []
    until: dt.date | None = None
    for row in rows.order_by("-change__at", "-pk")[:MOST]:
        on = clock.local(row.change.at).date()
        why = row.change.note or history.verb(row)
        found.append(Stay(row.after["owner_id"], on, until, row.change.actor, why))
        until = on
        first = (row.before or {}).get("owner_id")
    if not found:
        first = customer.owner_id
    if not found or first is not None:
        began = clock.local(customer.created_at).date() if customer.created_at else None
        found.append(Stay(first, began, until))
    return found


def lines(found: Sequence[Stay], actor: Any) -> SafeString:
    """Each stay as a line: who, from when to when, who handed it over and why."""
    names = titles.of_ids(Person, {stay.owner_id for stay in found if stay.owner_id}, actor)
    nobody, unseen = gettext("nobody"), gettext("not visible to you")

    def line(stay: Stay) -> tuple[Any, ...]:
        name = names.get(stay.owner_id, unseen) if stay.owner_id else nobody
        since = render.day(stay.since) if stay.since else gettext("the beginning")
        until = render.day(stay.until) if stay.until else gettext("today")
        span = gettext("%(since)s to %(until)s") % {"since": since, "until": until}
        why = " · ".join(str(part) for part in (stay.why, stay.by) if part)
        return name, span, why

    html = '<li><span class="row-main">{} <span class="muted">{}</span><small>{}</small></span></li>'
    return format_html_join("", html, map(line, found))


@figures.part(Customer, "right", position=80)
def owners_card(customer: Customer, actor: Any) -> SafeString:
    """The owners, once there was more than one."""
    found = [] if "owner" in access.masked(actor, Customer) else stays(customer)
    if len(found) < 2:
        return SafeString("")
    html = (
        '<section class="card"><header class="card-head"><h2>{}</h2></header>'
        '<ul class="rows rows-bare">{}</ul></section>'
    )
    return format_html(html, gettext("Owners so far"), lines(found, actor))
