"""Homes of those who don't sell: finance, personnel, service, administrators; and of an empty company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.commerce.models import Contract, Receipt
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.queries import COMPANY, calendar
from xiaoguan.apps.insight import drawings, outlook, work
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import figures, is_hidden
from xiaoguan.apps.metrics.shipped import CONTRACT_AMOUNT, NEW_CUSTOMERS, RECEIPTS, WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal, Product
from xiaoguan.apps.org.models import Deputy, Person, Team
from xiaoguan.apps.org.models.membership import on
from xiaoguan.kit import access, clock


@dataclass(frozen=True)
class Step:
    """One step of setting up: what it is, whether it is done, how many there are, where to do it."""

    label: str
    hint: str
    count: int
    url: str

    @property
    def done(self) -> bool:
        """Whether there is anything yet."""
        return self.count > 0


def setup(actor: Person) -> dict[str, Any]:
    """What a company brings in, in the order that makes each file find what it refers to."""
    because = "counts of a company that begins"
    people = access.everything(Person, because=because).exclude(pk=actor.pk).count()
    steps = [
        _step(
            Team, "people", _("People and teams"), _("Names, teams and managers; each gets a link to sign in."), people
        ),
        _step(Product, "products", _("Products"), _("What you sell and the list price.")),
        _step(
            Customer,
            "customers",
            _("Customers"),
            _("Any table you have: title rows, merged headers and units are recognised."),
        ),
        _step(Deal, "deals", _("Deals"), _("Open and closed ones, with seller, stage, amount and dates.")),
        _step(Contract, "contracts", _("Contracts and receipts"), _("What was signed and what was paid.")),
        _step(Target, "target-lines", _("Targets"), _("Names down, months across, in wan if you like.")),
    ]
    return {
        "page_title": _("Bring in what you have"),
        "steps": steps,
        "done": sum(step.done for step in steps),
        "first": next((step for step in steps if not step.done), None),
    }


def _step(model: Any, slug: str, label: str, hint: str, count: int | None = None) -> Step:
    found = access.everything(model, because="counts of a company that begins").count() if count is None else count
    return Step(label, hint, found, f"/import/?as={slug}")


def office(actor: Person) -> dict[str, Any]:
    """Figures of the month as far as the role may read them, the latest money, and the set-up list."""
    today = clock.today()
    month, year = calendar().month(today), calendar().year(today)
    reads = access.grants(actor).scope("metrics.figures", "view") == "all"
    context: dict[str, Any] = {"page_title": _("Today"), "month": month, "reads": reads, "today": today}
    if reads:
        shipped = (CONTRACT_AMOUNT, RECEIPTS, WON_AMOUNT, NEW_CUSTOMERS)
        metrics = [metric for metric in shipped if not is_hidden(actor, metric)]
        now = figures(metrics, Slice(month.start, month.end))
        before = month.previous()
        then = figures(metrics, Slice(before.start, before.end))
        context["cards"] = [
            (metric, now.value(metric), then.value(metric), records_url(metric.code, month.start, month.end))
            for metric in metrics
        ]
        if outlook.sight(actor).figure:
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
        context |= {"setup": setup(actor)["steps"]}
    if access.may(actor, "view", Customer) and not reads:
        rows = access.visible(Customer, actor).select_related("kind", "owner")
        context["customers"] = access.covered(actor, *rows.order_by("-last_contact_on", "-pk")[:12])
    return context


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
