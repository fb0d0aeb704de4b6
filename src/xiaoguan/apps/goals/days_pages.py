"""The grid by day and by week: who has what to reach when, exact parts of the months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, pgettext

from xiaoguan.apps.goals import daily, here, queries, table
from xiaoguan.apps.goals.daily import Days, Integers
from xiaoguan.apps.goals.models import Level, Target
from xiaoguan.apps.goals.pages import opened_team, told_to
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.queries import holidays_published, working_calendar
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, render
from xiaoguan.kit.errors import Denied

SPANS = {"day": "month", "week": "quarter"}
"""What a page of days or of weeks shows at once."""


def days(request: HttpRequest) -> HttpResponse:
    """The days of a month, or the weeks of a quarter, of everybody whose targets the reader sees."""
    if not access.may(request.user, "view", Target):
        raise Denied("view", Target)
    metric, show, span, at = _asked(request)
    year = span.within("year")
    columns = span.split("day") if show == "day" else span.calendar.tile("week", span.start, span.end)
    tops = queries.grid(request.user, metric, year)
    lines = [node for top in tops for node in top.walk()]
    opened = opened_team(request, lines)
    needed = _needed(tops, opened)
    years = _years(year, columns)
    vectors = {each.start: daily.vectors(metric, each, needed) for each in years}
    for known in vectors.values():
        for top in tops:
            _roll(top, known)
    asked = {"metric": metric.code, "show": show, "on": span.start.isoformat()}
    context = {
        "page_title": _("Targets by day: %(metric)s") % {"metric": metric.label}
        if show == "day"
        else _("Targets by week: %(metric)s") % {"metric": metric.label},
        "metric": metric,
        "metrics": [each for each in told_to(request.user) if each.additive],
        "show": show,
        "span": span,
        "at_named": render.day_plan(at.start) if show == "day" else here.named(at),
        "steps": [(here.named(each), url(metric, show, each.start)) for each in (at.previous(), at.next())],
        "before": span.previous(),
        "after": span.next(),
        "year": year,
        "shows": [("year", _("Year")), ("quarter", _("Quarter")), ("month", _("Month"))],
        "spans": [("week", _("Week")), ("day", pgettext("length of a column", "Day"))],
        "today": clock.today(),
        "head": _head(span, columns),
        "body": _body(tops, Columns.of(metric, span, columns, years, at), vectors, opened, asked),
        "empty": not lines,
        "unit": wording.unit(metric),
        "working": working_calendar().count(span.start, span.end),
        "calendar_known": holidays_published(span.end.year),
    }
    return TemplateResponse(request, "goals/days.html", context)


def _asked(request: HttpRequest) -> tuple[Metric, str, Period, Period]:
    """Metric, what a column is, the month or quarter shown, and the column of it that a phone shows; not found on
    nonsense."""
    told = [each for each in told_to(request.user) if each.additive]
    metric = metrics.get(request.GET.get("metric") or (told[0].code if told else ""))
    show = request.GET.get("show", "day")
    if metric is None or metric not in told or show not in SPANS:
        raise Http404
    try:
        on = dt.date.fromisoformat(request.GET.get("on") or clock.today().isoformat())
    except ValueError:
        raise Http404 from None
    if not 1000 < on.year < 9990:
        raise Http404
    calendar = queries.calendar()
    return metric, show, calendar.of(SPANS[show], on), calendar.of(show, on)


def url(metric: Metric, show: str, on: dt.date) -> str:
    """The address of a page of days or weeks."""
    return f"{reverse('goals:days')}?{urlencode({'metric': metric.code, 'show': show, 'on': on.isoformat()})}"


def _years(year: Period, columns: Sequence[Period]) -> list[Period]:
    """The fiscal years that the columns touch: a week may lie in two of them."""
    return year.calendar.tile("year", columns[0].start, columns[-1].end)


def _roll(node: Node, known: dict[str, Days]) -> Days | None:
    """Give a line without a target of its own what its parts have, day by day."""
    parts = [days for child in node.children if (days := _roll(child, known)) is not None]
    if parts and node.subject.key not in known:
        covered = np.logical_or.reduce([part.covered for part in parts])
        known[node.subject.key] = Days(np.sum([part.values for part in parts], axis=0), covered)
    return known.get(node.subject.key)


def _needed(tops: Sequence[Node], opened: str | None) -> set[str]:
    """Whose days are read: the lines in sight, and all below one that has no target of its own."""
    found: set[str] = set()
    for top in tops:
        for node in table.in_sight(top, opened):
            own = node.year is not None or any(value is not None for value in node.months)
            found |= {node.subject.key} if own else {each.subject.key for each in node.walk()}
    return found


def _head(span: Period, columns: Sequence[Period]) -> SafeString:
    today = clock.today()
    calendar = working_calendar()
    cells = [
        f'<th class="col-key" scope="col">{escape(_("Whose"))}</th>',
        f'<th class="num total" scope="col">{escape(span.code)}</th>',
    ]
    for column in columns:
        label, note = _label(column)
        off = not calendar.count(column.start, column.end)
        current = ' aria-current="date"' if today in column else ""
        shade = " sub" if off else ""
        cells.append(f'<th class="num{shade}" scope="col"{current}>{escape(label)}<small>{escape(note)}</small></th>')
    return SafeString("".join(cells))


def _label(column: Period) -> tuple[str, str]:
    """What stands over a column: the day and its weekday, or the week and its first day."""
    if str(column.kind) == "day":
        return str(column.start.day), _("Mo|Tu|We|Th|Fr|Sa|Su").split("|")[column.start.weekday()]
    return _("Week %(number)s") % {"number": column.index}, f"{column.start.month}/{column.start.day}"


@dataclass(frozen=True)
class Columns:
    """What all rows share: the columns with their looks, and the places of their days in each fiscal year."""

    metric: Metric
    span: Period
    classes: tuple[str, ...]
    off: tuple[bool, ...]
    label: str
    """How a phone names the sum of all columns."""
    places: Mapping[dt.date, tuple[Integers, Integers]]
    """By the first day of a year: of the span and of every column the first place, and that after the last."""

    @classmethod
    def of(
        cls, metric: Metric, span: Period, columns: Sequence[Period], years: Iterable[Period], at: Period
    ) -> Columns:
        """Asked once for a page, not once for a cell."""
        calendar, today = working_calendar(), clock.today()
        off = tuple(not calendar.count(each.start, each.end) for each in columns)
        classes = []
        for each, idle in zip(columns, off, strict=True):
            now = today in each
            looks = {"sub": idle, "is-now": now, "is-here": each == at}
            classes.append(" ".join(["num", *(name for name, true in looks.items() if true)]))
        places = {}
        for year in years:
            ends = [((each.start - year.start).days, (each.end - year.start).days + 1) for each in (span, *columns)]
            bounds = np.clip(np.array(ends, np.int64), 0, year.days)
            places[year.start] = bounds[:, 0], bounds[:, 1]
        return cls(metric, span, tuple(classes), off, escape(here.named(span)), places)

    def sums(self, subject: str, vectors: Mapping[dt.date, Mapping[str, Days]]) -> list[int | None]:
        """The span's sum and that of every column; None where no target covers any day of it."""
        values = np.zeros(len(self.off) + 1, np.int64)
        covered = np.zeros(len(self.off) + 1, np.int64)
        for start, (first, after) in self.places.items():
            if (days := vectors[start].get(subject)) is None:
                continue
            for into, source in ((values, days.values), (covered, days.covered)):
                running = np.concatenate(([0], np.cumsum(source, dtype=np.int64)))
                into += running[after] - running[first]
        return [value if there else None for value, there in zip(values.tolist(), covered.tolist(), strict=True)]


def _body(
    tops: Sequence[Node],
    columns: Columns,
    vectors: Mapping[dt.date, Mapping[str, Days]],
    opened: str | None,
    asked: Mapping[str, str],
) -> SafeString:
    """All rows in sight; territories, customers and products after teams and people."""
    lines, level = [], ""
    figures: dict[int | None, str] = {None: "—"}  # days of a month have two numbers, not thirty
    for top in tops:
        lines.append(table.group_head(top, level, len(columns.off) + 2))
        level = top.subject.level
        for node in table.in_sight(top, opened):
            fold = ""
            if opened is not None and any(child.subject.level == Level.PERSON for child in node.children):
                fold = table.opener(node, asked, is_open=opened == node.subject.key)
            lines.append(_row(node, columns, columns.sums(node.subject.key, vectors), figures, fold))
        lines.append(table.rest(top, columns.metric))
    return SafeString("".join(lines))


def _row(node: Node, columns: Columns, sums: Sequence[int | None], figures: dict[int | None, str], fold: str) -> str:
    for value in sums:
        if value not in figures:
            figures[value] = str(escape(table.shown(columns.metric, value)))
    level = min(node.depth, 2)
    kind = "grid-total" if node.depth == 0 and node.children else "grid-team" if node.children else "grid-leaf"
    url = table.line_url(node.subject, columns.metric, columns.span.within("year"))
    cells = [
        f'<td class="{classes}">{"" if off and not value else figures[value]}</td>'
        for value, classes, off in zip(sums[1:], columns.classes, columns.off, strict=True)
    ]
    return (
        f'<tr class="{kind}" data-level="{level}"><th class="col-key" scope="row">{fold}<a href="{escape(url)}">'
        f'{escape(node.name)}</a></th><td class="num total" data-label="{columns.label}">{figures[sums[0]]}'
        f"</td>{''.join(cells)}</tr>"
    )
