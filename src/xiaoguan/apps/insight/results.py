"""What came of a territory, a customer or a product: each metric of the month and the year beside its target."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.actions import may_set
from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.queries import Targets, all_targets_of, calendar, is_hidden as is_masked
from xiaoguan.apps.goals.sight import seen
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics import dimensions
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import figures, is_hidden, readable_people
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.metrics.wording import reached, shown, told
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.territories.models import Territory
from xiaoguan.apps.territories.queries import territories, with_parts
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, render
from xiaoguan.kit.panel import panel


@dataclass(frozen=True)
class About:
    """Of what the figures are told: whose target, how they are narrowed, and the same as words of an address."""

    subject: Subject
    query: Mapping[str, int]
    territories: Collection[int] | None = None
    only: Mapping[str, Collection[Any]] = field(default_factory=dict)
    note: Any = ""


def _reads(code: str) -> Any:
    """Whether a reader may read figures at all, and cut them by a dimension; asks the database nothing."""

    def shown_to(request: HttpRequest, _row: Any) -> bool:
        actor: Any = request.user
        may_read = access.grants(actor).scope("metrics.figures", "view") != "none"
        return may_read and not dimensions.is_hidden(actor, code)

    return shown_to


@panel(Territory, "results", _("Metrics"), position=20, icon="chart-bar", shown=_reads("territory"))
def of_territory(request: HttpRequest, row: Territory) -> SafeString:
    """What lay in a territory and its parts on its day."""
    inside = with_parts(territories()).get(row.pk, [row.pk])
    about = Subject(Level.TERRITORY.value, row.pk)
    return _table(request.user, About(about, {"territory": row.pk}, inside, note=_("what lay in it on its day")))


@panel(Customer, "results", _("Metrics"), position=72, icon="chart-bar", shown=_reads("customer"))
def of_customer(request: HttpRequest, row: Customer) -> SafeString:
    """What was done with one customer."""
    about = Subject(Level.CUSTOMER.value, row.pk)
    return _table(request.user, About(about, {"customer": row.pk}, only={"customer": [row.pk]}))


@panel(Product, "results", _("Metrics"), position=20, icon="chart-bar", shown=_reads("product"))
def of_product(request: HttpRequest, row: Product) -> SafeString:
    """What was done with one product: money by its part of each record."""
    about, note = Subject(Level.PRODUCT.value, row.pk), _("of several products each its part")
    return _table(request.user, About(about, {"product": row.pk}, only={"product": [row.pk]}, note=note))


def _table(actor: Any, about: About) -> SafeString:
    """Each metric of the month and of the year with its target; every figure leads to its records."""
    today = clock.today()
    periods = [calendar().month(today), calendar().year(today)]
    aims = _aims(actor, about.subject, periods[1])
    open_to = [metric for metric in metrics.values() if not is_hidden(actor, metric)]
    cells = _figures(actor, about, open_to, periods)
    counted = [m for m in open_to if m.category == "result" or m.code in aims or cells[m.code, periods[1].code]]
    lines = format_html_join(
        "", "<tr><td>{}</td>{}{}</tr>",
        (
            (
                capfirst(metric.label),
                *(_cells(metric, about, period, cells, aims.get(metric.code)) for period in periods),
            )
            for metric in counted
        ),
    )  # fmt: skip
    heads = (gettext("Metric"), gettext("This month"), gettext("This year"), gettext("Target"), gettext("Reached"))
    head = format_html(
        '<tr><th>{}</th><th class="num">{}</th><th class="num">{}</th><th class="num">{}</th>'
        '<th class="num">{}</th><th class="num">{}</th><th class="num">{}</th></tr>',
        heads[0], heads[1], *heads[3:], heads[2], *heads[3:],
    )  # fmt: skip
    unit = gettext("money in %(unit)s") % {"unit": render.money_unit()}
    return format_html(
        '<section class="card table-card"><header class="card-head"><h2>{}</h2><span class="fact">{}</span>{}</header>'
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}"><table class="table table-plain">'
        "<thead>{}</thead><tbody>{}</tbody></table></div></section>",
        gettext("Metrics"), gettext("; ").join(str(part) for part in (unit, about.note) if part),
        _setting(actor, about), gettext("Metrics"), head, lines,
    )  # fmt: skip


def _setting(actor: Any, about: About) -> SafeString:
    """The way to a new target, for who may set it."""
    if not may_set(actor, about.subject):
        return SafeString("")
    return format_html(
        '<a class="btn btn-small push" href="{}?subject={}">{}{}</a>',
        reverse("goals:new"), about.subject.key, render.icon("target"), gettext("Set a target"),
    )  # fmt: skip


def _figures(
    actor: Any, about: About, told_to: Collection[Metric], periods: Collection[Period]
) -> dict[tuple[str, str], int | None]:
    """The figure of each metric and period; metrics that the same people's figures may be read of are one query."""
    groups: dict[Any, list[Metric]] = {}
    for metric in told_to:
        people = readable_people(actor, metric)
        groups.setdefault(None if people is None else tuple(people), []).append(metric)
    cells: dict[tuple[str, str], int | None] = {}
    for people, group in groups.items():
        for period in periods:
            where = Slice(period.start, period.end, people=people, territories=about.territories, only=about.only)
            found = figures(group, where)
            cells |= {(metric.code, period.code): found.value(metric) for metric in group}
    return cells


def _aims(actor: Any, subject: Subject, year: Period) -> dict[str, Targets]:
    if subject not in seen(actor, {subject}):
        return {}
    found = all_targets_of(subject.key, year.start, year.end)
    return {code: aims for code, aims in found.items() if not is_masked(actor, aims.metric)}


def _cells(
    metric: Metric, about: About, period: Period, cells: Mapping[tuple[str, str], int | None], aims: Targets | None
) -> SafeString:
    """Figure, target and what is reached of it."""
    value = cells[metric.code, period.code]
    aim = aims.of(about.subject.key, period) if aims else None
    url = records_url(metric.code, period.start, period.end, **about.query)
    return format_html(
        '<td class="num"><a href="{}">{}</a></td><td class="num">{}</td><td class="num">{}</td>',
        url, told(metric, value) if metric.unit in ("minutes", "days") else shown(metric, value), shown(metric, aim),
        reached(metric, value, aim),
    )  # fmt: skip
