"""What a territory brings in: its metrics of the month and the year beside its targets, on its own page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.goals.models import Level, Target
from xiaoguan.apps.goals.models.target import subject_key
from xiaoguan.apps.goals.queries import Targets, all_targets_of, calendar, is_hidden as is_masked
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import figures, is_hidden, readable_people
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.metrics.wording import reached, shown, told
from xiaoguan.apps.territories.models import Territory
from xiaoguan.apps.territories.queries import looking_after, territories, with_parts
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, render
from xiaoguan.kit.panel import panel


def reads_figures(request: HttpRequest, _row: Territory) -> bool:
    """Whether the reader may read figures at all."""
    return access.grants(request.user).scope("metrics.figures", "view") != "none"


def aims_shown(actor: Any, row: Territory) -> bool:
    """Its targets are for those who see all targets, and for those in whose reach somebody looks after it."""
    scope = access.grants(actor).scope(Target.entity.name, "view")
    if scope in ("all", "none"):
        return scope == "all"
    reach = {actor.pk} if scope == "self" else set(actor.reach_ids())
    return any(each.person_id in reach for each in looking_after().get(row.pk, []))


@panel(Territory, "results", _("Metrics"), position=20, icon="chart-bar", shown=reads_figures)
def results(request: HttpRequest, row: Territory) -> SafeString:
    """Each metric of the month and of the year with its target; every figure leads to its records."""
    actor: Any = request.user
    today = clock.today()
    periods = [calendar().month(today), calendar().year(today)]
    inside = with_parts(territories()).get(row.pk, [row.pk])
    aims = _aims(actor, row, periods[1])
    groups: dict[Any, list[Metric]] = {}
    open_to = [metric for metric in metrics.values() if not is_hidden(actor, metric)]
    for metric in open_to:  # metrics that the same people's figures may be read of are one query
        people = readable_people(actor, metric)
        groups.setdefault(None if people is None else tuple(people), []).append(metric)
    cells: dict[tuple[str, str], int | None] = {}
    for people, group in groups.items():
        for period in periods:
            found = figures(group, Slice(period.start, period.end, people=people, territories=inside))
            cells |= {(metric.code, period.code): found.value(metric) for metric in group}
    counted = [m for m in open_to if m.category == "result" or m.code in aims or cells[m.code, periods[1].code]]
    lines = format_html_join(
        "", "<tr><td>{}</td>{}{}</tr>",
        (
            (capfirst(metric.label), *(_cells(metric, row, period, cells, aims.get(metric.code)) for period in periods))
            for metric in counted
        ),
    )  # fmt: skip
    heads = (gettext("Metric"), gettext("This month"), gettext("This year"), gettext("Target"), gettext("Reached"))
    head = format_html(
        '<tr><th>{}</th><th class="num">{}</th><th class="num">{}</th><th class="num">{}</th>'
        '<th class="num">{}</th><th class="num">{}</th><th class="num">{}</th></tr>',
        heads[0], heads[1], *heads[3:], heads[2], *heads[3:],
    )  # fmt: skip
    unit = gettext("money in %(unit)s; what lay in it on its day") % {"unit": render.money_unit()}
    return format_html(
        '<section class="card table-card"><header class="card-head"><h2>{}</h2><span class="fact">{}</span></header>'
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}"><table class="table table-plain">'
        "<thead>{}</thead><tbody>{}</tbody></table></div></section>",
        gettext("Metrics"), unit, gettext("Metrics"), head, lines,
    )  # fmt: skip


def _aims(actor: Any, row: Territory, year: Period) -> dict[str, Targets]:
    found = all_targets_of(key(row), year.start, year.end) if aims_shown(actor, row) else {}
    return {code: aims for code, aims in found.items() if not is_masked(actor, aims.metric)}


def key(row: Territory) -> str:
    """The subject of a territory's targets."""
    return subject_key(Level.TERRITORY, row.pk)


def _cells(
    metric: Metric, row: Territory, period: Period, cells: dict[tuple[str, str], int | None], aims: Targets | None
) -> SafeString:
    """Figure, target and what is reached of it."""
    value = cells[metric.code, period.code]
    aim = aims.of(key(row), period) if aims else None
    url = records_url(metric.code, period.start, period.end, territory=row.pk)
    return format_html(
        '<td class="num"><a href="{}">{}</a></td><td class="num">{}</td><td class="num">{}</td>',
        url, told(metric, value) if metric.unit in ("minutes", "days") else shown(metric, value), shown(metric, aim),
        reached(metric, value, aim),
    )  # fmt: skip
