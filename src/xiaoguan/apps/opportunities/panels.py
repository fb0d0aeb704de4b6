"""Deals on the pages of customers, and what a deal's own page shows: stage path, figures, people, warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.customers import group
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.customers.panels import people_card
from xiaoguan.apps.opportunities import stage_path
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.opportunities.queries import open_of, path, standing, usual_days, won_of
from xiaoguan.kit import access, clock, figures, related, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.figures import Figure
from xiaoguan.kit.panel import panel


def _sees_deals(request: HttpRequest, record: Any) -> bool:
    return access.may(request.user, "view", Deal)


def _deals_url(**where: Any) -> str:
    return f"{Entity.of(Deal).url('list')}?{urlencode(where, safe='.,')}"


# On a customer ------------------------------------------------------------------------------------------------------


@figures.figure(Customer, position=10)
def open_deals(customer: Customer, actor: Any) -> Figure | None:
    """The open deals of a customer: sum and count."""
    if not access.may(actor, "view", Deal):
        return None
    found = standing(customer, actor)
    note = ngettext("%(n)s deal", "%(n)s deals", found.open_count) % {"n": found.open_count}
    url = _deals_url(customer=customer.pk, status="open")
    return Figure(gettext("Open deals"), render.money(found.open_amount), note if found.open_count else "", url)


@figures.figure(Customer, position=20)
def won_deals(customer: Customer, actor: Any) -> Figure | None:
    """What was won from a customer within a year."""
    if not access.may(actor, "view", Deal):
        return None
    found = standing(customer, actor)
    url = _deals_url(customer=customer.pk, status="won", won_on=f"{found.won_from:%Y-%m-%d}..")
    return Figure(gettext("Won in 12 months"), render.money(found.won_amount), url=url)


@panel(
    Customer,
    "deals",
    _("Deals"),
    count=lambda request, customer: related.count(Deal, request.user, {"customer": customer.pk}),
    position=10,
    icon="briefcase",
    shown=_sees_deals,
)
def deals(request: HttpRequest, customer: Customer) -> SafeString:
    """Every deal with a customer, the newest first."""
    where = {"customer": customer.pk}
    return related.card(
        Deal, request.user, where, cols="name stage amount probability expected_on next_due owner", sort="-id",
        initial=where, empty=_("No deal with this customer yet."),
    )  # fmt: skip


@figures.part(Customer, "right", position=10)
def deals_in_hand(customer: Customer, actor: Any) -> SafeString:
    """The open deals of a customer beside its timeline, the most urgent next step first."""
    return related.card(
        Deal, actor, {"customer": customer.pk, "status": "open"}, cols="name stage amount", sort="next_due",
        title=gettext("Open deals"), initial={"customer": customer.pk}, most=8,
        empty=_("No open deal with this customer."),
    )  # fmt: skip


def _amounts_shown(actor: Any) -> bool:
    return access.may(actor, "view", Deal) and "amount" not in access.masked(actor, Deal)


@group.column(_("Open deals"), position=10)
def open_in_group(ids: Sequence[int], actor: Any) -> Mapping[int, int]:
    """The open deals of each company of a group."""
    return open_of(ids, actor) if _amounts_shown(actor) else {}


@group.column(_("Won amount"), position=20)
def won_in_group(ids: Sequence[int], actor: Any) -> Mapping[int, int]:
    """What was ever won from each company of a group."""
    return won_of(ids, actor) if _amounts_shown(actor) else {}


# On a deal ----------------------------------------------------------------------------------------------------------


@figures.figure(Deal, position=10)
def amount(deal: Deal, actor: Any) -> Figure | None:
    """What the deal is worth."""
    if "amount" in access.masked(actor, Deal):
        return None
    return Figure(gettext("Amount"), render.money(deal.amount) if deal.amount is not None else render.NOTHING)


@figures.figure(Deal, position=20)
def chance(deal: Deal, actor: Any) -> Figure | None:
    """How likely the deal is, while it is open."""
    if not deal.is_open or deal.probability is None or "probability" in access.masked(actor, Deal):
        return None
    return Figure(gettext("Win probability"), render.share(deal.probability))


@figures.figure(Deal, position=30)
def closing(deal: Deal, actor: Any) -> Figure | None:
    """When it is expected to close, or how it closed."""
    label, day = {
        Status.OPEN: (gettext("Expected close"), deal.expected_on),
        Status.WON: (gettext("Won on"), deal.won_on),
        Status.LOST: (gettext("Lost on"), deal.lost_on),
    }.get(Status(deal.status), (gettext("Invalid since"), deal.stage_since))
    return Figure(label, render.day(day) if day else render.NOTHING, _pushed(deal) if deal.is_open else "")


def _pushed(deal: Deal) -> str:
    """How often the expected close was put off, and by how many days together."""
    if not deal.pushes:
        return ""
    words = ngettext("pushed once, +%(days)s days", "pushed %(n)s times, +%(days)s days", deal.pushes)
    return words % {"n": deal.pushes, "days": deal.pushed_days}


@figures.part(Deal, "head", position=10)
def stages_of(deal: Deal, actor: Any) -> SafeString:
    """The stages passed with the days in each, the present one, and those to come."""
    steps = path(deal)
    current = next((index for index, (stage, _days) in enumerate(steps) if stage.pk == deal.stage_id), -1)
    steps_drawn = [stage_path.StageStep(str(stage), days) for stage, days in steps]
    usual = usual_days().get(deal.stage_id) if deal.is_open else None
    return format_html('<div class="stages-box">{}</div>', stage_path.drawn(steps_drawn, current, expected_days=usual))


@figures.part(Deal, "warning", position=10)
def overdue_close(deal: Deal, actor: Any) -> str:
    """An open deal whose expected close has passed."""
    if not deal.is_open or deal.expected_on is None or deal.expected_on >= clock.today():
        return ""
    return format_html(
        gettext("The expected close of {} has passed. Agree on a new day, or close the deal."),
        render.day(deal.expected_on),
    )


@figures.part(Deal, "right", position=30)
def people(deal: Deal, actor: Any) -> SafeString:
    """The people of the deal's customer."""
    return people_card(deal.customer, actor)


def _customers_people(request: HttpRequest, deal: Deal) -> bool:
    return deal.customer_id is not None and access.may(request.user, "view", Contact)


@panel(
    Deal,
    "contacts",
    _("Contacts"),
    count=lambda request, deal: related.count(Contact, request.user, {"customer": deal.customer_id}),
    position=40,
    icon="address-book",
    shown=_customers_people,
)
def contacts(request: HttpRequest, deal: Deal) -> SafeString:
    """Everybody in the customer's company."""
    where = {"customer": deal.customer_id}
    return related.card(
        Contact, request.user, where, cols="name title department role mobile email", sort="name", initial=where
    )
