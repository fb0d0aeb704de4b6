"""The page of one metric: its figure of any period against target, the period before and last year, and cut any way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from xiaoguan.apps.goals import daily, queries as goals
from xiaoguan.apps.goals.here import named
from xiaoguan.apps.goals.lines import LEVELS
from xiaoguan.apps.goals.models import Level, Target
from xiaoguan.apps.goals.sight import seen
from xiaoguan.apps.goals.subject import COMPANY, Subject
from xiaoguan.apps.insight import breakdown
from xiaoguan.apps.insight.breakdown import Cut
from xiaoguan.apps.insight.comparing import a_year_before, compared
from xiaoguan.apps.insight.drawings import month_names
from xiaoguan.apps.metrics import dimensions, stages, versions, wording
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.pages import records_url, whose
from xiaoguan.apps.metrics.queries import Figures, figures, is_hidden, readable_people
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import CATEGORIES, Metric, Slice
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.territories.models import Territory
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, charts, clock, render

KINDS = {
    "day": pgettext_lazy("period", "Day"),
    "week": pgettext_lazy("period", "Week"),
    "month": gettext_lazy("Month"),
    "quarter": gettext_lazy("Quarter"),
    "year": gettext_lazy("Year"),
}
TREND = {"day": 31, "week": 13, "month": 13, "quarter": 8, "year": 5}
"""How many periods the trend shows, the chosen one last."""
AIMED = ("month", "quarter", "year")
"""Periods whose targets are rows; those of days and weeks are made of them."""


def index(request: HttpRequest) -> HttpResponse:
    """Every metric in use, chapter by chapter, with this month's and last month's figure."""
    actor: Any = request.user
    _check(actor)
    month = goals.calendar().month(clock.today())
    told = list(metrics.values())
    now, before = (_read(actor, told, period) for period in (month, month.previous()))
    chapters = []
    for code, label in CATEGORIES.items():
        lines = [
            {
                "metric": metric,
                "url": reverse("insight:metric", args=[metric.code]),
                "now": render.masked() if is_hidden(actor, metric) else wording.told(metric, now[metric.code]),
                "before": render.masked() if is_hidden(actor, metric) else wording.told(metric, before[metric.code]),
            }
            for metric in told
            if metric.category == code
        ]
        if lines:
            chapters.append((label, lines))
    context = {
        "page_title": _("Metrics"),
        "page_fact": _("%(n)s in use") % {"n": len(told)},
        "chapters": chapters,
        "new_url": Definition.entity.url("new") if access.may(actor, "create", Definition) else "",
        "rows_url": Definition.entity.url("list") if access.may(actor, "view", Definition) else "",
    }
    return TemplateResponse(request, "insight/metrics.html", context)


def _check(actor: Any) -> None:
    if access.grants(actor).scope("metrics.figures", "view") == "none":
        raise Http404


def _read(actor: Any, told: Sequence[Metric], period: Period) -> Mapping[str, int | None]:
    """The figures an actor may read: metrics of which he may read the same people's are one query."""
    groups: dict[Any, list[Metric]] = {}
    for metric in told:
        people = readable_people(actor, metric)
        groups.setdefault(None if people is None else tuple(people), []).append(metric)
    found: dict[str, int | None] = {}
    for people, group in groups.items():
        read = figures(group, Slice(period.start, period.end, people=people))
        found |= {metric.code: read.value(metric) for metric in group}
    return found


def metric(request: HttpRequest, code: str) -> HttpResponse:
    """One metric: the chosen period, compared; its trend; cut by a dimension; what it counts and since when."""
    actor: Any = request.user
    _check(actor)
    spec = metrics.get(code)
    if spec is None:
        raise Http404
    period = _period(request)
    where, subject = whose(actor, request.GET, spec, period.start, period.end)
    hidden = is_hidden(actor, spec)
    offered = breakdown.offered(actor, spec, period, where)
    by = request.GET.get("by", "person")
    if by == breakdown.STAGE and by not in offered and stages.fits(actor, spec):
        by = "person"  # of a day, or of some customers only, no stage is known
    if by not in offered:
        raise Http404
    view = View(request, spec, period, where, subject)
    context = view.head() | {"hidden": hidden, "offered": offered.values(), "by": offered[by]}
    if not hidden:
        lines = Cut(actor, spec, period, where, subject, view.now).lines(by, view.about(), view.address)
        context |= view.figures() | {"chart": view.trend(), "lines": lines}
        context["yearly"] = str(period.kind) == "year"  # then the period before is last year
        context["aimed"] = any(line.get("aimed") for line in lines)
        context["overlap"] = wording.overlap(spec, by) if by != breakdown.STAGE else _STAGES
    return TemplateResponse(request, "insight/metric.html", context | _definition(actor, spec))


def _period(request: HttpRequest) -> Period:
    """The period of the address: a code, or the running one of a kind."""
    calendar = goals.calendar()
    raw = request.GET.get("period", "month")
    if raw in KINDS:
        return calendar.of(raw, clock.today())
    try:
        return calendar.parse(raw)
    except PeriodError:
        raise Http404 from None


class View:
    """What the page says of one metric, period and slice; every part a fixed number of queries."""

    def __init__(self, request: HttpRequest, spec: Metric, period: Period, where: Slice, subject: Any) -> None:
        self.actor: Any = request.user
        self.given = {name: value for name, value in request.GET.items() if name in _WORDS}
        self.spec, self.period, self.where, self.subject = spec, period, where, subject
        self.now = figures([spec], where).value(spec)

    def address(self, **changed: Any) -> str:
        """This page with other words in its address; None takes one away."""
        words = {"period": self.period.code, **self.given, **changed}
        return "?" + urlencode({name: value for name, value in words.items() if value is not None})

    def head(self) -> dict[str, Any]:
        """Title, period, and the ways to other ones."""
        kind = str(self.period.kind)
        today = clock.today()
        chips = [
            {"label": label, "url": self.address(**dict.fromkeys(names))}
            for label, names in _chips(self.subject, self.where, self.given)
        ]
        return {
            "page_title": capfirst(str(self.spec.label)),
            "metric": self.spec,
            "period": self.period,
            "name": named(self.period),
            "kinds": [
                (
                    label,
                    self.address(period=self.period.calendar.of(one, min(self.period.end, today)).code),
                    one == kind,
                )
                for one, label in KINDS.items()
            ],
            "previous_url": self.address(period=self.period.previous().code),
            "next_url": self.address(period=self.period.next().code) if self.period.end < today else "",
            "chips": chips,
            "by_url": self.address(by=None) + "&by=",
            "running": self.period.start <= today <= self.period.end,
        }

    def figures(self) -> dict[str, Any]:
        """The figure against its target, the period before and the same one last year."""
        before, last_year = self.period.previous(), a_year_before(self.period)
        aim = self.aim(self.period)
        return {
            "value": wording.told(self.spec, self.now),
            "records": records_url(self.spec.code, self.period.start, self.period.end, **self.about()),
            "aim": wording.told(self.spec, aim) if aim is not None else "",
            "reached": wording.reached(self.spec, self.now, aim),
            "against": [
                compared(self.spec, self.now, self._of(before), _("the period before, %(p)s") % {"p": named(before)}),
                compared(self.spec, self.now, self._of(last_year), _("last year, %(p)s") % {"p": named(last_year)}),
            ],
        }

    def _of(self, period: Period) -> int | None:
        return figures([self.spec], self._during(period)).value(self.spec)

    def _during(self, period: Period) -> Slice:
        return replace(self.where, first=period.start, last=period.end)

    def about(self) -> dict[str, Any]:
        """The words of the address that say about whom, as the drill-down takes them."""
        return {name: value for name, value in self.given.items() if name != "by"}

    def aim(self, period: Period) -> int | None:
        """The target of the whole that is shown, as far as the reader may know it."""
        key = self.aimed_at
        return None if key is None else goals.targets_of(self.spec, period, [key])[key]

    @cached_property
    def aimed_at(self) -> str | None:
        """Whose target stands beside the figure; None where nobody has one, or not for this reader."""
        subject = self._subject()
        return subject.key if subject is not None and _knows_target(self.actor, self.spec, subject) else None

    def _subject(self) -> Subject | None:
        """Whose target it would be; None where nobody has one (a tier, a part of the company)."""
        if self.where.only:
            return self._one_of(dict(self.where.only)) if self.subject is None else None
        for kind, level in ((Person, Level.PERSON), (Team, Level.TEAM), (Territory, Level.TERRITORY)):
            if isinstance(self.subject, kind):
                return Subject(level.value, self.subject.pk)
        if self.subject is not None:
            return None
        if self.where.people is None:
            return COMPANY
        return Subject(Level.PERSON.value, self.actor.pk) if list(self.where.people) == [self.actor.pk] else None

    def _one_of(self, only: dict[str, Collection[Any]]) -> Subject | None:
        """The customer or product that is all the page is about."""
        [(code, values), *more] = only.items()
        if more or code not in ("customer", "product") or len(values) != 1 or not (pk := next(iter(values))):
            return None
        return Subject(LEVELS[code].value, pk)

    def trend(self) -> SafeString:
        """The last periods up to this one, with the targets where there are any, and the table behind."""
        periods = [self.period]
        while len(periods) < TREND[str(self.period.kind)]:
            periods.insert(0, periods[0].previous())
        values = self._values(periods)
        labels = [_short(period) for period in periods]
        links = [records_url(self.spec.code, one.start, one.end, **self.about()) for one in periods]
        series: list[dict[str, Any]] = [{"name": capfirst(str(self.spec.label)), "values": values, "links": links}]
        aims = self._aims(periods)
        if any(aim is not None for aim in aims):
            series.append({"name": _("Target"), "kind": "step", "values": aims})
        measure = self.spec.unit if self.spec.unit in ("money", "rate") else "count"
        kind = "columns" if self.spec.additive else "line"
        spec = {"kind": kind, "labels": labels, "measure": measure, "series": series}  # fmt: skip
        words = {"metric": capfirst(str(self.spec.label)), "first": labels[0], "last": labels[-1]}
        # The chart draws whole numbers: times in minutes, not in hours.
        fact = {"minutes": _("in minutes"), "days": _("in days")}.get(self.spec.unit, "")
        return charts.chart(
            spec,
            title=_("Trend"),
            fact=fact,
            sentence=_("%(metric)s from %(first)s to %(last)s") % words,
            size="tile-8",
        )

    def _values(self, periods: Sequence[Period]) -> list[int | None]:
        """The figure of each period: grouped by the database where one formula held all the time."""
        kind = str(periods[0].kind)
        by = kind if kind in ("day", "week") else "month"
        if self.spec.past and by != kind:
            return [self._of(period) for period in periods]
        found = figures([self.spec], replace(self.where, first=periods[0].start, last=periods[-1].end), by=[by])
        return [self._sum(found, period, by) for period in periods]

    def _sum(self, found: Figures, period: Period, by: str) -> int | None:
        keys = [(part.start.isoformat(),) for part in period.calendar.tile(by, period.start, period.end)]
        if len(keys) == 1:
            return found.value(self.spec, keys[0])
        return found.total(self.spec, keys)

    def _aims(self, periods: Sequence[Period]) -> list[int | None]:
        key = self.aimed_at
        if key is None:
            return [None] * len(periods)
        if str(periods[0].kind) not in AIMED:
            return self._short_aims(key, periods)
        known = goals.targets(self.spec, periods[0].start, periods[-1].end, [key])
        return [known.of(key, period) for period in periods]

    def _short_aims(self, key: str, periods: Sequence[Period]) -> list[int | None]:
        """The targets of days or weeks, exact parts of their months."""
        found: list[int | None] = [None] * len(periods)
        for year in periods[0].calendar.tile("year", periods[0].start, periods[-1].end):
            days = daily.vectors(self.spec, year, [key]).get(key)
            for place, period in enumerate(periods):
                if days is None or period.end < year.start or period.start > year.end:
                    continue
                part = days.total((period.start - year.start).days, (min(period.end, year.end) - year.start).days)
                if part is not None:
                    found[place] = (found[place] or 0) + part
        return found


_STAGES = gettext_lazy("Counted from the way deals took, as of now; the figure above is as of last night.")
_WORDS = ("person", "team", "territory", "by", *dimensions.NARROWING)
"""What of an address belongs to the page."""


def _chips(subject: Any, where: Slice, given: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """What narrows the page, in words, with the words of the address that say it."""
    found = [(str(subject), ["person", "team", "territory"])] if subject is not None else []
    return found + [
        (dimensions.said({code: values})[0], [dimensions.dimensions[code].param])
        for code, values in where.only.items()
        if dimensions.dimensions[code].param in given
    ]


def _knows_target(actor: Any, spec: Metric, subject: Subject) -> bool:
    """Whether the reader may know the target of whom the page is about; the company's where all may read its figure."""
    if goals.is_hidden(actor, spec) or access.grants(actor).scope(Target.entity.name, "view") == "none":
        return False
    return subject == COMPANY or subject in seen(actor, {subject})


def _short(period: Period) -> str:
    """A period as an axis shows it: months by their names, January with its year."""
    kind = str(period.kind)
    if kind == "day":
        return str(render.day(period.start))
    if kind == "week":
        return period.code[-3:]
    if kind == "month":
        name = month_names()[period.start.month - 1]
        return f"{period.start.year} {name}" if period.start.month == 1 else name
    return period.code


def _definition(actor: Any, spec: Metric) -> dict[str, Any]:
    """What is counted, in words, since when, who answers for it, and where it is changed."""
    pk = metrics.row_of(spec.code) if access.may(actor, "view", Definition) else None
    row = Definition.objects.select_related("owner", "parent").filter(pk=pk).first() if pk else None
    return {
        "sentence": wording.sentence(spec),
        "versions": versions.told(row, spec, actor) if row else [],
        "row": row,
        "edit_url": Definition.entity.url("edit", row) if row and access.may(actor, "change", row) else "",
        "history_url": Definition.entity.url("detail", row) if row else "",
        "unit": wording.unit(spec),
        "seen": row.get_seen_by_display() if row else "",
        "category": CATEGORIES[spec.category],
    }
