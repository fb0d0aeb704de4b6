"""Homes of those who don't sell: finance, personnel, service, administrators; and of an empty company."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.activities.models import Feedback, Voice
from xiaoguan.apps.commerce.models import Contract, Receipt
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.queries import COMPANY, calendar
from xiaoguan.apps.insight import drawings, outlook, starting, work
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import figures, is_hidden
from xiaoguan.apps.metrics.shipped import (
    CONTRACT_AMOUNT,
    NEW_CUSTOMERS,
    RECEIPTS,
    WON_AMOUNT,
    metrics as shipped_metrics,
)
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Deputy, Person
from xiaoguan.apps.org.models.membership import on
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock

MONEY = (CONTRACT_AMOUNT, RECEIPTS, WON_AMOUNT, NEW_CUSTOMERS)
HEARD = ("complaints", "complaint_days", "satisfaction", "retention")
"""What is told of the month: of sales to the office, of what customers say to who sees no deals."""


def office(actor: Person) -> dict[str, Any]:
    """Figures of the month as far as the role may read them, the latest money, complaints, and the set-up list."""
    today = clock.today()
    month, year = calendar().month(today), calendar().year(today)
    reads = access.grants(actor).scope("metrics.figures", "view") == "all"
    serves = reads and not access.may(actor, "view", Deal)
    context: dict[str, Any] = {"page_title": _("Today"), "month": month, "reads": reads, "today": today}
    if reads:
        context["cards"] = _cards(actor, month, serves=serves)
        if outlook.sight(actor).figure and access.everything(Deal, because="an empty chart says nothing").exists():
            context["trend"] = drawings.trend(outlook.trend(actor, year, COMPANY), year, today, size="tile-12")
    leads_people = access.may(actor, "change", Person)
    if leads_people:
        context["staff"] = _staff(actor, today)
    if access.may(actor, "view", Receipt) and not leads_people:
        rows = access.visible(Receipt, actor).select_related("customer", "contract", "owner")
        context["receipts"] = access.covered(actor, *rows.order_by("-received_on", "-pk")[:8])
    if access.may(actor, "view", Contract) and not leads_people:
        rows = access.visible(Contract, actor).select_related("customer", "owner")
        context["contracts"] = access.covered(actor, *rows.order_by("-signed_on", "-pk")[:8])
    if not leads_people:
        context["owed"] = work.owed(actor, limit=8)
    if leads_people or access.may(actor, "import", Customer):
        context["setup"] = starting.setup(actor)
    if access.may(actor, "view", Feedback) and serves:
        context["complaints"] = _complaints(actor)
    if access.may(actor, "view", Customer) and (serves or not reads):
        rows = access.visible(Customer, actor).select_related("kind", "owner")
        context["customers"] = access.covered(actor, *rows.order_by("-last_contact_on", "-pk")[:12])
    return context


def _cards(actor: Person, month: Period, *, serves: bool) -> list[tuple[str, Any, Any, str]]:
    """What the month brought so far and what the last one did: name, figure, figure then, where it comes from."""
    known = [shipped_metrics.shipped[code] for code in HEARD] if serves else list(MONEY)
    metrics = [metric for metric in known if not is_hidden(actor, metric)]
    if not metrics:
        return []
    now = figures(metrics, Slice(month.start, month.end))
    before = month.previous()
    then = figures(metrics, Slice(before.start, before.end))
    return [
        (
            capfirst(str(metric.label)),
            wording.told(metric, now.value(metric)),
            wording.told(metric, then.value(metric)),
            reverse("insight:metric", args=[metric.code]) if serves
            else records_url(metric.code, month.start, month.end),
        )
        for metric in metrics
    ]  # fmt: skip


def _complaints(actor: Person) -> dict[str, Any]:
    """What customers complain about and nobody has settled yet, the oldest first."""
    rows = access.visible(Feedback, actor).filter(kind=Voice.COMPLAINT, resolved_on__isnull=True)
    found = rows.select_related("customer", "owner").order_by("on", "pk")[:12]
    return {"rows": access.covered(actor, *found), "count": rows.count()}


def _staff(actor: Person, today: date) -> dict[str, Any]:
    """Who is at work, who came lately, who goes soon, who has never signed in, who stands in for whom today."""
    people = access.visible(Person, actor).select_related("unit")
    at_work = people.filter(is_active=True)
    lists = Person.entity.url("list")
    deputies = access.visible(Deputy, actor).filter(on(today)).select_related("person", "deputy")
    return {
        "count": at_work.count(),
        "never": at_work.filter(last_login__isnull=True).count(),
        "never_url": f"{lists}?view=absent",
        "joined": access.covered(actor, *at_work.filter(joined_on__isnull=False).order_by("-joined_on", "name")[:8]),
        "leaving": access.covered(actor, *people.filter(left_on__gte=today).order_by("left_on", "name")[:8]),
        "deputies": access.covered(actor, *deputies.order_by("end", "pk")[:8]),
    }
