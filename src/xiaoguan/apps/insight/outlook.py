"""Where people and teams stand in a period: done, target, pace, landing, probability; every figure with its inputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from xiaoguan.apps.forecast.landing import Subject, landings, wins_of
from xiaoguan.apps.goals import queries as goals
from xiaoguan.apps.goals.pace_bar import Pace
from xiaoguan.apps.goals.queries import person_key, targets, targets_of
from xiaoguan.apps.metrics.queries import Figures, figures, is_hidden
from xiaoguan.apps.metrics.shipped import WON_AMOUNT, WON_COUNT
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.opportunities.models import Status
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc import pace
from xiaoguan.calc.landing import Landing
from xiaoguan.calc.period import Period, Progress
from xiaoguan.kit import clock


@dataclass(frozen=True)
class Outlook:
    """One subject in one period. Amounts are fen, rates 1/100,000; `target` is None where none is set.

    `probability` is between 0 and 1, over the open deals due in the period and what may still come; None without a
    target.
    """

    done: int
    wins: int
    target: int | None
    progress: Progress
    landing: Landing

    @property
    def pipeline(self) -> pace.Pipeline:
        """The open deals due in the period."""
        return self.landing.pipeline

    @property
    def probability(self) -> float | None:
        """How likely the target is."""
        return self.landing.reached

    @property
    def expected(self) -> int:
        """What should be reached by now, by working days."""
        return self.progress.on_pace(self.target or 0)

    @property
    def attainment(self) -> int | None:
        """Done of target."""
        return pace.attainment(self.done, self.target)

    @property
    def gap(self) -> int:
        """What is missing to the target."""
        return pace.gap(self.done, self.target or 0)

    @property
    def ahead(self) -> int:
        """Ahead (positive) of or behind today's pace."""
        return self.done - self.expected

    @property
    def per_day(self) -> int | None:
        """What each working day left has to bring."""
        return pace.per_day(self.gap, self.progress.left)

    @property
    def bar(self) -> Pace:
        """What the pace bar draws; without a landing worth showing the range is left out."""
        low, high = (self.landing.low, self.landing.high) if self.landing.high > self.landing.low else (None, None)
        return Pace(self.done, self.expected, self.target or 0, low, high)


@dataclass(frozen=True)
class Sight:
    """What a reader may be told of a metric: its figures, with what follows from open deals, and its targets."""

    figure: bool
    target: bool

    @property
    def both(self) -> bool:
        """Whether one may be held against the other."""
        return self.figure and self.target


def sight(reader: Any, metric: Metric = WON_AMOUNT) -> Sight:
    """What the masks of a reader leave of a metric."""
    return Sight(not is_hidden(reader, metric), not goals.is_hidden(reader, metric))


def aims(reader: Any, metric: Metric, period: Period, subjects: Sequence[str]) -> Mapping[str, int | None]:
    """The target of each subject as far as the reader may see targets; one query."""
    return {} if goals.is_hidden(reader, metric) else targets_of(metric, period, subjects)


def progress(period: Period) -> Progress:
    """Working days of a period, over and left."""
    return working_calendar().progress(period, clock.today())


@dataclass(frozen=True)
class _Part:
    """What is known of one subject before its landing: done, wins, target, whose deals."""

    done: int
    wins: int
    target: int | None
    people: Collection[int] | None


def _made(period: Period, parts: Sequence[_Part], people: Sequence[int] | None) -> list[Outlook]:
    """The outlooks of several subjects, all of whose deals are owned by `people` (None for anybody's)."""
    days = progress(period)
    open_wins, fresh = wins_of(period, people)
    subjects = [Subject(part.done, part.target, part.people) for part in parts]
    found = landings(period, subjects, open_wins, fresh)
    return [Outlook(p.done, p.wins, p.target, days, one) for p, one in zip(parts, found, strict=True)]


def of_people(reader: Any, period: Period, people: Sequence[int], metric: Metric = WON_AMOUNT) -> dict[int, Outlook]:
    """The outlook of each person, in three queries for any number of them."""
    found = figures([metric, WON_COUNT], Slice(period.start, period.end, people=people), by=["person"])
    aimed = aims(reader, metric, period, [person_key(one) for one in people])
    parts = [
        _Part(
            found.exact((one,), metric.measure),
            found.value(WON_COUNT, (one,)) or 0,
            aimed.get(person_key(one)),
            [one],
        )
        for one in people
    ]
    return dict(zip(people, _made(period, parts, people), strict=True))


@dataclass(frozen=True)
class Group:
    """A team (its credits by unit of the day, its open deals by owner) or the whole company (None for both)."""

    subject: str
    people: Collection[int] | None = None
    units: Collection[int] | None = None


def of_groups(reader: Any, period: Period, groups: Sequence[Group], metric: Metric = WON_AMOUNT) -> dict[str, Outlook]:
    """The outlook of each group by its subject, in three queries for any number of them."""
    found = figures([metric, WON_COUNT], Slice(period.start, period.end), by=["unit"])
    aimed = aims(reader, metric, period, [group.subject for group in groups])
    parts = []
    for group in groups:
        keys = list(found.rows) if group.units is None else [(unit,) for unit in group.units]
        done = sum(found.exact(key, metric.measure) for key in keys)
        parts.append(_Part(done, found.total(WON_COUNT, keys) or 0, aimed.get(group.subject), group.people))
    return dict(zip([group.subject for group in groups], _made(period, parts, None), strict=True))


def of_group(reader: Any, period: Period, group: Group, metric: Metric = WON_AMOUNT) -> Outlook:
    """The outlook of one group, which reads no more than its own."""
    found = figures([metric, WON_COUNT], Slice(period.start, period.end, units=group.units))
    goal = aims(reader, metric, period, [group.subject]).get(group.subject)
    people = None if group.people is None else list(group.people)
    part = _Part(found.exact((), metric.measure), found.value(WON_COUNT) or 0, goal, group.people)
    return _made(period, [part], people)[0]


@dataclass(frozen=True)
class Month:
    """One month of a trend."""

    first: date
    value: int
    target: int | None


def trend(
    reader: Any, year: Period, subject: str, *, people: Sequence[int] | None = None, units: Sequence[int] | None = None
) -> list[Month]:
    """Won amount and target of every month of a year for one subject."""
    from_, to = year.start, year.end
    found = figures([WON_AMOUNT], Slice(from_, to, people=people, units=units), by=["month"])
    aimed = {} if goals.is_hidden(reader, WON_AMOUNT) else _month_targets(year, subject)
    return [
        Month(month.start, found.exact((month.start.isoformat(),), WON_AMOUNT.measure), aimed.get(month.start))
        for month in year.split("month")
    ]


def _month_targets(year: Period, subject: str) -> Mapping[date, int]:
    found = targets(WON_AMOUNT, year.start, year.end, [subject])
    return {start: value for (_subject, kind, start), value in found.values.items() if kind == "month"}


def leaderboard(period: Period, people: Sequence[int] | None = None) -> Figures:
    """Won amount and count by person."""
    return figures([WON_AMOUNT, WON_COUNT], Slice(period.start, period.end, people=people), by=["person"])


def risky(today: date) -> Q:
    """Open deals that want a look: late, without a next step, or with one overdue."""
    late = Q(expected_on__lt=today) | Q(next_due__lt=today) | Q(next_due__isnull=True)
    return Q(status=Status.OPEN) & late
