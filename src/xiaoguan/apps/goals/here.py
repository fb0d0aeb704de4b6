"""The grid on a phone shows one period: which one, where each line stands in it, and whether its parts make it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.http import Http404
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from xiaoguan.apps.goals import pace_bar
from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.models.target import subject_key
from xiaoguan.apps.goals.pace_bar import Pace
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.table import shown
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.queries import Figures, figures, is_hidden, readable_people
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.org.queries import led_teams, subtrees, working_calendar
from xiaoguan.apps.territories.queries import territories, with_parts
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period, Progress
from xiaoguan.kit import clock, render

BY = {
    Level.PERSON.value: "person",
    Level.TEAM.value: "unit",
    Level.TERRITORY.value: "territory",
    Level.CUSTOMER.value: "customer",
    Level.PRODUCT.value: "product",
}
"""How the figures of lines are grouped; the company's are not."""


def asked(code: str, year: Period, show: str) -> Period:
    """The period of an address: one of those shown; without one the running one, or the first of another year."""
    if code:
        try:
            period = year.calendar.parse(code)
        except PeriodError:
            raise Http404 from None
        if str(period.kind) == show and period.start in year:
            return period
    today = clock.today()
    return year.calendar.of(show, today if today in year else year.start)


def named(period: Period) -> str:
    """A period as people call it."""
    kind = str(period.kind)
    if kind == "month":
        return date_format(period.start, "YEAR_MONTH_FORMAT")
    if kind == "week":
        week = period.start.isocalendar()
        return _("week %(week)s of %(year)s") % {"week": week.week, "year": week.year}
    if kind == "quarter":
        year, _dash, quarter = period.code.partition("-Q")
        return _("quarter %(quarter)s of %(year)s") % {"quarter": quarter, "year": year}
    return render.day_edit(period.start) if kind == "day" else period.code


def months_in(period: Period) -> range:
    """The places of a period's months in its year."""
    size = {"year": 12, "quarter": 3, "month": 1}[str(period.kind)]
    return range(size * (period.index - 1), size * period.index)


def target(node: Node, period: Period) -> int | None:
    """What a line aims at in a period."""
    places = months_in(period)
    if len(places) == 12:
        return node.year
    return node.months[places[0]] if len(places) == 1 else node.quarters[places[0] // 3]


def parts(node: Node, period: Period) -> tuple[int, int] | None:
    """What the parts of a line make in a period, and what they are to make; None with nothing to compare."""
    if node.partial or not node.children:
        return None
    places = months_in(period)
    if len(places) == 12:
        return None if node.below is None or node.whole is None else (node.below, node.whole)
    own = target(node, period)
    known = [value for child in node.children if (value := target(child, period)) is not None]
    if own is None or not known:
        return None
    months = [node.months[at] for at in places]
    made = None not in months and sum(value or 0 for value in months) == own
    whole = sum(node.handed_out(value) or 0 for value in (months if made else [own]))
    return sum(known) + sum(node.moved[at] for at in places), whole


def done(actor: Any, metric: Metric, period: Period, nodes: Iterable[Node]) -> dict[str, int | None]:
    """What lines have reached in a period, by their keys, as far as the actor may read it.

    One query for each kind of line there is; nothing is asked before the period begins.
    """
    if is_hidden(actor, metric) or period.start > clock.today():
        return {}
    ids: dict[str, set[int]] = defaultdict(set)
    for node in nodes:
        ids[node.subject.level].add(node.subject.pk or 0)
    people = readable_people(actor, metric)
    if people is not None:  # of a market, a customer, a product he would see a part only
        led = led_teams(actor).values_list("pk", flat=True) if ids[Level.TEAM] else ()
        readable: Mapping[str, set[int]] = {Level.PERSON: set(people), Level.TEAM: set(led)}
        ids = {level: found & readable.get(level, set()) for level, found in ids.items()}
    answer: dict[str, int | None] = {}
    for level, known in ids.items():
        if known:
            found = _figures(metric, period, level, people, known)
            groups = _groups(level, known)
            answer |= {subject_key(level, pk): _together(found, metric, groups[pk]) for pk in known}
    return answer


def _figures(metric: Metric, period: Period, level: str, people: Collection[int] | None, known: set[int]) -> Figures:
    by = BY.get(level)
    if level == Level.PERSON:
        people = known
    only = {by: known} if by in ("customer", "product") else {}
    where = Slice(period.start, period.end, people=people, only=only)
    return figures([metric], where, [by] if by else [])


def _groups(level: str, known: set[int]) -> Mapping[int, Collection[int] | None]:
    """The groups whose figures make that of each line; None is all of them."""
    if level == Level.COMPANY:
        return dict.fromkeys(known)
    if level == Level.TEAM:
        return subtrees(*known)
    below = with_parts(territories()) if level == Level.TERRITORY else {}
    return {pk: below.get(pk, [pk]) for pk in known}


def _together(found: Figures, metric: Metric, groups: Collection[int] | None) -> int | None:
    """One figure; without any fact 0, of a ratio None."""
    if groups is None:
        return found.value(metric)
    keys = [(pk,) for pk in groups if (pk,) in found.rows]
    return found.total(metric, keys) if keys else (0 if metric.over is None else None)


def told(actor: Any, metric: Metric, period: Period, nodes: Sequence[Node]) -> dict[str, str]:
    """Below each line what it has reached of its target, whether that is on pace, and what its parts make; by key."""
    figures = done(actor, metric, period, nodes)
    progress = working_calendar().progress(period, clock.today())
    return {
        node.subject.key: _standing(metric, figures.get(node.subject.key), target(node, period), progress, period)
        + _sum(metric, node, period)
        for node in nodes
    }


def _standing(metric: Metric, value: int | None, aim: int | None, progress: Progress, period: Period) -> str:
    """Reached, of the target, pace; nothing where no figure may be read or there is none yet."""
    if value is None:
        return ""
    words = f"{escape(_('Reached'))} <b>{_plain(metric, value)}</b>"
    if aim:
        words += f" · {wording.reached(metric, value, aim)}"
    if not aim or not metric.additive or not metric.higher_is_better:
        return f'<span class="here-line"><span>{words}</span></span>'
    of = Pace(max(value, 0), progress.on_pace(aim), aim)
    bar = pace_bar.pace(of, compact=True, text=lambda each: _plain(metric, each))
    runs = clock.today() <= period.end
    side = pace_bar.pace_words(of, lambda each: _plain(metric, each)) if runs else ""
    return f'<span class="here-line"><span>{words}</span><span>{escape(side)}</span></span>{bar}'


def _sum(metric: Metric, node: Node, period: Period) -> str:
    """What the parts make of what they are to make."""
    found = parts(node, period) if metric.additive else None
    if found is None:
        return ""
    made, whole = found
    words = _("Parts %(parts)s of %(whole)s") % {"parts": _plain(metric, made), "whole": _plain(metric, whole)}
    gap = _plain(metric, abs(made - whole))
    if made == whole:
        verdict = f"<span>{render.icon('check')} {escape(_('equal'))}</span>"
    else:
        said = _("over by %(gap)s") if made > whole else _("short by %(gap)s")
        verdict = f'<span class="red">{escape(said % {"gap": gap})}</span>'
    return f'<span class="here-line here-sum"><span>{escape(words)}</span>{verdict}</span>'


def _plain(metric: Metric, value: int | None) -> str:
    """A figure without its unit, which the page says once."""
    if metric.unit == "rate":
        return str(wording.shown(metric, value))
    return shown(metric, value).replace("-", "−")
