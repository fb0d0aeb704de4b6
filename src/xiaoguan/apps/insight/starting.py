"""Setting a company up: what it brings in and in which order, how far it is, and what comes next after each import."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _, pgettext

from xiaoguan.apps.activities.models import Feedback
from xiaoguan.apps.billing.models import Order
from xiaoguan.apps.commerce.models import Contract, Receipt
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.insight.drawings import month_names
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.opportunities.models import Deal, Product
from xiaoguan.apps.org.models import Company, ExchangeRate, Membership, Person
from xiaoguan.apps.org.queries import company as the_company
from xiaoguan.apps.territories.models import Assignment, Territory
from xiaoguan.kit import access, clock, render
from xiaoguan.transfer import results
from xiaoguan.transfer.models import Import

BECAUSE = "counts of a company that begins"
BESIDES = (ExchangeRate, Membership, Territory, Assignment, Order, Feedback)
"""What only some companies have; each may be brought in as well."""


@dataclass(frozen=True)
class Way:
    """A button: what it says and where it leads."""

    label: str
    url: str


@dataclass(frozen=True)
class Step:
    """One step of setting up: what it is, whether it is done, how many there are, what to do."""

    label: str
    hint: str
    done: bool
    ways: list[Way]
    count: int = 0
    needed: bool = True
    """Whether the way to everybody's day leads through it."""


@dataclass(frozen=True)
class Setup:
    """All steps that an actor may take, and what else he may bring in."""

    steps: list[Step] = field(default_factory=list)
    besides: list[Way] = field(default_factory=list)

    @property
    def first(self) -> Step | None:
        """The next step that is needed."""
        return next((step for step in self.steps if step.needed and not step.done), None)

    @property
    def has_rates(self) -> bool:
        """Whether exchange rates are among what may be brought in besides."""
        return any(way.url.endswith(f"={ExchangeRate.entity.slug}") for way in self.besides)

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(step.done for step in self.steps)


def setup(actor: Person) -> Setup:
    """What a company brings in, in the order that makes each file find what it refers to; then targets and days."""
    staff = access.everything(Person, because=BECAUSE).exclude(pk=actor.pk).count()
    brought = (Product, Customer, Deal, Contract, Receipt)
    known = {model: access.everything(model, because=BECAUSE).count() for model in brought}
    aims = _targets(actor)  # whoever has set them goes on without receipts
    steps = [
        _company(actor, begun=bool(staff)),
        _bring(
            actor, Person, _("People and teams"), _("Names, teams and managers; each gets a link to sign in."), staff
        ),
        _bring(actor, Product, _("Products"), _("What you sell and the list price."), known[Product], needed=False),
        _bring(
            actor, Customer, _("Customers"),
            _("Any table you have: title rows, merged headers and units are recognised."), known[Customer],
        ),
        _bring(
            actor, Deal, _("Deals"), _("Open and closed ones, with seller, stage, amount and dates."), known[Deal]
        ),
        _bring(actor, Contract, _("Contracts"), _("What was signed."), known[Contract], needed=False),
        _bring(actor, Receipt, _("Receipts"), _("What was paid."), known[Receipt], needed=not (aims and aims[0].done)),
        *aims,
    ]  # fmt: skip
    besides = [
        Way(str(model.entity.plural), f"/import/?as={model.entity.slug}")
        for model in BESIDES
        if access.may(actor, "import", model)
    ]
    return Setup([step for step in steps if step is not None], besides)


def _company(actor: Person, *, begun: bool) -> Step | None:
    """Where its year begins decides every target: said before anything is brought in."""
    known = the_company()
    if known is None or not access.may(actor, "change", known):
        return None
    words = {
        "month": month_names()[known.fiscal_year_start - 1],
        "zone": known.time_zone,
        "days": render.listed(render.weekday(dt.date(2001, 1, day)) for day in sorted(known.workday_set())),
    }
    hint = _("The fiscal year begins in %(month)s; working days %(days)s; time of %(zone)s.") % words
    url = f"{Company.entity.url('edit', known)}?{urlencode({'_next': reverse('home')})}"
    return Step(_("The company"), hint, begun or known.version > 1, [Way(_("Check"), url)])


def _bring(actor: Person, model: Any, label: str, hint: str, count: int, *, needed: bool = True) -> Step | None:
    if not access.may(actor, "import", model):
        return None
    way = Way(_("Import"), f"/import/?as={model.entity.slug}")
    return Step(label, hint, count > 0, [way], count, needed)


def _targets(actor: Person) -> list[Step]:
    """The year's target in one screen, or as a sheet; then the days that follow from it."""
    if not access.may(actor, "create", Target):
        return []
    year = calendar().year(clock.today())
    where = {"metric": WON_AMOUNT.code, "start__range": (year.start, year.end)}
    rows = access.everything(Target, because=BECAUSE).filter(**where)
    count, people = rows.count(), rows.filter(level="person", kind="month").values("person").distinct().count()
    ways = [Way(pgettext("targets", "Set"), reverse("goals:grid"))]
    if access.may(actor, "import", Target):
        ways.append(Way(_("Import"), f"/import/?as={Target.entity.slug}"))
    targets = Step(
        _("Targets of %(year)s") % {"year": year.code},
        _("One number for the company, split to teams, people and months; or the sheet you have, by month or quarter."),
        count > 0, ways, count,
    )  # fmt: skip
    days = Step(
        _("Everybody's day"),
        _("Once people have months, each day of each person has its target."),
        people > 0, [Way(_("See"), reverse("goals:days"))], people,
    )  # fmt: skip
    return [targets, days]


@results.following
def after_import(request: HttpRequest, batch: Import) -> tuple[str, str] | None:
    """The next step of setting up, on the page of an import that has ended; None once all is there."""
    if batch.state != Import.State.DONE:
        return None
    actor: Any = request.user
    if batch.entity == Target._meta.label_lower:
        return _("See every day"), reverse("goals:days")
    if not access.may(actor, "import", Customer):
        return None
    step = setup(actor).first
    return (_("Next: %(step)s") % {"step": step.label}, step.ways[0].url) if step else None
