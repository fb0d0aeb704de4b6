"""The cards and warnings of a deal: its team, who takes part, what changed within a week, what it stands for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from xiaoguan.apps.customers.models import Contact
from xiaoguan.apps.opportunities.criteria import of_stages
from xiaoguan.apps.opportunities.models import Asks, Deal, DealMember, DealParty, Proof
from xiaoguan.apps.opportunities.packages import bids
from xiaoguan.apps.opportunities.queries import stages, usual_days
from xiaoguan.calc.dated import holds
from xiaoguan.calc.share import largest_remainder
from xiaoguan.kit import access, clock, figures, history, render
from xiaoguan.kit.access import everything, visible
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.change import ChangeRow

TOLD = ("amount", "stage_id", "expected_on", "probability")
"""The fields whose change within a week is worth a line."""
WEEK = dt.timedelta(days=7)


def _card(title: str, link: str, body: SafeString, *, fact: str = "") -> SafeString:
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2>{}{}</header><div class="card-body">{}</div>'
        "</section>",
        title,
        format_html('<span class="fact">{}</span>', fact) if fact else "",
        SafeString(link),
        body,
    )


def _edit_link(deal: Deal, actor: Any, model: Any, page: str) -> str:
    if not (access.may(actor, "change", deal) and access.may(actor, "change", model)):
        return ""
    url = reverse(f"opportunities:{page}", args=[deal.pk])
    return format_html('<a class="more" href="{}">{}{}</a>', url, render.icon("pencil"), gettext("Edit"))


# The team -------------------------------------------------------------------------------------------------------------


@figures.part(Deal, "right", position=20)
def team(deal: Deal, actor: Any) -> SafeString:
    """Who works on the deal, with the splits as one bar and in money to the fen."""
    if not access.may(actor, "view", DealMember):
        return SafeString("")
    link = _edit_link(deal, actor, DealMember, "team")
    day = deal.closed_on or clock.today()
    members = _members(deal, actor, day)
    if not members:
        if not link:
            return SafeString("")
        words = gettext("The owner works on it alone.")
        return _card(gettext("Team"), link, format_html('<p class="muted">{}</p>', words))
    rest = RATE_ONE - sum(rate for _name, _part, rate in members)
    owner = deal.owner.name if deal.owner_id else render.NOTHING
    shares = [(owner, gettext("owner"), rest), *members]
    shown = "amount" not in access.masked(actor, Deal) and deal.amount is not None
    parts = largest_remainder(deal.amount or 0, [rate for _name, _part, rate in shares]) if shown else None
    return _card(gettext("Team"), link, format_html("{}{}", _bar(shares), _rows(shares, parts)))


def _members(deal: Deal, actor: Any, day: dt.date) -> list[tuple[str, str, int]]:
    """Name, part and split of those who take part on a day; of an owner who is named the split is in the rest."""
    if not deal.team:
        return []
    rows = visible(DealMember, actor).filter(deal=deal).select_related("person").order_by("start", "pk")
    now = [row for row in rows if holds(row.start, row.end, day)]
    return [
        (row.person.name, row.get_part_display(), 0 if row.person_id == deal.owner_id else row.split)
        for row in sorted(now, key=lambda row: -row.split)
    ]


def _bar(shares: list[tuple[str, str, int]]) -> SafeString:
    pieces = format_html_join(
        "", '<span style="width:{}%"></span>', ((f"{rate * 100 / RATE_ONE:g}",) for _n, _p, rate in shares)
    )
    words = ", ".join(f"{name} {render.percent(rate)}" for name, _part, rate in shares)
    return format_html('<div class="split-bar" role="img" aria-label="{}">{}</div>', words, pieces)


def _rows(shares: list[tuple[str, str, int]], parts: list[int] | None) -> SafeString:
    items = (
        (name, part, render.percent(rate), render.money_exact(parts[at]) if parts and rate else "")
        for at, (name, part, rate) in enumerate(shares)
    )
    item = (
        '<li class="row-item"><span class="row-main"><b><span class="split-dot"></span>{}</b><small>{}</small></span>'
        '<span class="row-end">{}<small class="muted"> {}</small></span></li>'
    )
    return format_html('<ul class="rows split-list">{}</ul>', format_html_join("", item, items))


# Who takes part -------------------------------------------------------------------------------------------------------


@figures.part(Deal, "right", position=25)
def parties(deal: Deal, actor: Any) -> SafeString:
    """People with their role and stance in this deal, and the companies on every side."""
    if not access.may(actor, "view", DealParty):
        return SafeString("")
    link = _edit_link(deal, actor, DealParty, "parties")
    rows = list(visible(DealParty, actor).filter(deal=deal).select_related("contact").order_by("side", "pk")[:20])
    if not rows:
        if not link:
            return SafeString("")
        words = gettext("Say who decides and who else takes part.")
        return _card(gettext("In this deal"), link, format_html('<p class="muted">{}</p>', words))
    people = access.may(actor, "view", Contact)
    item = '<li class="row-item"><span class="row-main"><b>{}</b><small>{}</small></span>{}</li>'
    return _card(
        gettext("In this deal"),
        link,
        format_html('<ul class="rows">{}</ul>', format_html_join("", item, (_party(row, people) for row in rows))),
    )


TONES: dict[str, render.Tone] = {"supports": "green", "against": "red"}


def _party(row: DealParty, people: bool) -> tuple[Any, Any, Any]:
    name, note = row.name, row.get_side_display()
    if row.contact is not None and people:
        url = Entity.of(Contact).url("detail", row.contact_id)
        name = format_html('<a href="{0}" data-open="{0}">{1}</a>', url, row.contact.name)
        note = " · ".join(part for part in (row.name, row.get_role_display()) if part)
    tag = render.tag(row.get_stance_display(), TONES.get(row.stance, "")) if row.stance else ""
    return name, note, tag


@figures.part(Deal, "right", position=27)
def proofs(deal: Deal, actor: Any) -> SafeString:
    """What was confirmed for the stages, by whom and when, and the files handed in."""
    asked = {Asks.FILE, Asks.CONFIRMED}
    if not any(row.asks in asked for rows in of_stages().values() for row in rows):
        return SafeString("")
    because = "whoever sees a deal sees what was confirmed for it"
    rows = list(everything(Proof, because=because).filter(deal=deal).select_related("criterion").order_by("pk")[:20])
    if not rows:
        return SafeString("")
    item = (
        '<li class="row-item"><span class="row-main"><b>{}</b><small>{}</small></span>'
        '<span class="row-end">{}</span></li>'
    )
    items = format_html_join("", item, ((row.criterion.words, _proof(row), render.day(row.on)) for row in rows))
    return _card(gettext("Confirmed"), "", format_html('<ul class="rows">{}</ul>', items))


def _proof(row: Proof) -> Any:
    if row.attachment_id is None:
        return row.said_by
    url = reverse("collaboration:file", args=[row.attachment_id])
    link = '<a href="{0}" hx-get="{0}" hx-target="#dialogs" hx-swap="innerHTML">{1}</a>'
    return format_html("{} {}", row.said_by, format_html(link, url, gettext("File")))


# What changed ---------------------------------------------------------------------------------------------------------


@figures.part(Deal, "brief", position=10)
def changed(deal: Deal, actor: Any) -> SafeString:
    """What became of amount, stage, expected close and probability since a week ago: from what to what."""
    hidden = access.masked(actor, Deal)
    rows = ChangeRow.objects.filter(
        entity=Entity.of(Deal).name, object_id=deal.pk, change__at__gte=clock.now() - WEEK, before__isnull=False
    )
    first: dict[str, Any] = {}
    for before in rows.order_by("pk").values_list("before", flat=True):
        for name in TOLD:
            if name in (before or {}) and name.removesuffix("_id") not in hidden:
                first.setdefault(name, before[name])
    lines = [line for name, was in first.items() if (line := _line(deal, name, was)) is not None]
    if not lines:
        return SafeString("")
    items = format_html_join("", "<li><span>{}</span><del>{}</del><ins>{}</ins></li>", lines)
    return _card(gettext("Since a week ago"), "", format_html('<ul class="changes">{}</ul>', items))


def _line(deal: Deal, name: str, was: Any) -> tuple[Any, Any, Any] | None:
    now = getattr(deal, name)
    column = Entity.of(Deal).column(name.removesuffix("_id"))
    before = history.typed(column, was)
    if before == now:
        return None
    return column.label, _value(name, before), _value(name, now)


def _value(name: str, value: Any) -> Any:
    if value is None:
        return render.NOTHING
    if name == "amount":
        return render.money(value)
    if name == "probability":
        return render.share(value)
    if name == "expected_on":
        return render.day(value)
    return next((str(stage) for stage in stages() if stage.pk == value), render.NOTHING)


# Warnings -------------------------------------------------------------------------------------------------------------


@figures.part(Deal, "warning", position=20)
def stuck(deal: Deal, actor: Any) -> str:
    """An open deal that stays longer in its stage than is usual there."""
    usual = usual_days().get(deal.stage_id)
    if not deal.is_open or usual is None or deal.stage_since is None:
        return ""
    days = (clock.today() - deal.stage_since).days
    if days <= usual:
        return ""
    words = gettext("In %(stage)s for %(days)s days; %(usual)s are usual. What would bring it on?")
    return words % {"stage": deal.stage, "days": days, "usual": usual}


@figures.part(Deal, "warning", position=30)
def single_contact(deal: Deal, actor: Any) -> str:
    """An open deal beyond its first stage that hangs on one person, or on none."""
    if not deal.is_open or deal.customer_id is None or not access.may(actor, "view", Contact):
        return ""
    first = next((stage.pk for stage in stages() if stage.pipeline_id == deal.pipeline_id), None)
    if deal.stage_id == first:
        return ""
    because = "how many people are known does not depend on who looks"
    known = everything(Contact, because=because).filter(customer=deal.customer_id, left=False)[:2]
    count = len({*known.values_list("pk", flat=True)})
    if count > 1:
        return ""
    if count == 1:
        return gettext("Only one contact is known at the customer. If he leaves, so does the deal.")
    return gettext("No contact is known at the customer.")


@figures.part(Deal, "warning", position=40)
def package(deal: Deal, actor: Any) -> SafeString | str:
    """Which of the deals for one project counts in pipeline and forecast."""
    found = bids(deal) if deal.is_open else []
    if len(found) < 2:
        return ""
    counted = gettext("1 of %(all)s bids counted") % {"all": len(found)}
    if deal.counts:
        return format_html("{}: {}", counted, gettext("this one stands for the project in sums and forecast."))
    other = gettext("another one stands for the project in sums and forecast, as it is chosen or likelier.")
    return format_html("{}: {}", counted, other)
