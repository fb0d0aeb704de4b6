"""Where people and teams stand in a period: done, target, pace, landing, probability; every figure with its inputs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q

from xiaoguan.apps.goals import queries as goals
from xiaoguan.apps.goals.queries import person_key, targets, targets_of
from xiaoguan.apps.metrics.queries import Figures, figures, is_hidden
from xiaoguan.apps.metrics.shipped import WON_AMOUNT, WON_COUNT
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc import chance, pace
from xiaoguan.calc.period import Period, Progress
from xiaoguan.kit import access, clock, feed, memo
from xiaoguan.kit.gauges import Pace


@dataclass(frozen=True)
class Outlook:
    """One subject in one period. Amounts are fen, rates 1/100,000; `target` is None where none is set.

    `probability` is between 0 and 1, exact over the open deals due in the period; None without a target.
    """

    done: int
    wins: int
    target: int | None
    progress: Progress
    pipeline: pace.Pipeline
    landing: pace.Landing
    probability: float | None

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


@dataclass(frozen=True)
class OpenDeals:
    """Open deals due by the end of a period: owner, amount, probability of each."""

    owners: tuple[int | None, ...]
    amounts: tuple[int, ...]
    rates: tuple[int, ...]

    @cached_property
    def _places(self) -> Mapping[int | None, list[int]]:
        """Where the deals of each owner stand."""
        found: dict[int | None, list[int]] = defaultdict(list)
        for at, owner in enumerate(self.owners):
            found[owner].append(at)
        return found

    def of(self, people: Collection[int] | None) -> tuple[Sequence[int], Sequence[int]]:
        """Amounts and rates of some owners' deals; None means all."""
        if people is None:
            return self.amounts, self.rates
        chosen = [at for owner in people for at in self._places.get(owner, ())]
        return [self.amounts[at] for at in chosen], [self.rates[at] for at in chosen]


def open_deals(last: date, people: Sequence[int] | None = None) -> OpenDeals:
    """Open deals expected by a day, of some owners or of all; numbers follow the number rule of the caller.

    All of them are remembered until a deal changes: they are many, and every director's home is made of them.
    """
    if people is None:
        token = feed.version(Deal._meta.label_lower)
        return memo.remember(("open_deals", last), token, lambda: _read_deals(last, None))
    return _read_deals(last, people)


def _read_deals(last: date, people: Sequence[int] | None) -> OpenDeals:
    because = "a landing forecast is a number, not a list of records"
    rows = access.everything(Deal, because=because).filter(status=Status.OPEN, counts=True, expected_on__lte=last)
    if people is not None:
        rows = rows.filter(owner__in=people)
    found = list(rows.values_list("owner_id", "amount", "probability"))
    return OpenDeals(
        tuple(row[0] for row in found), tuple(row[1] or 0 for row in found), tuple(row[2] or 0 for row in found)
    )


def progress(period: Period) -> Progress:
    """Working days of a period, over and left."""
    return working_calendar().progress(period, clock.today())


def _made(
    done: int, wins: int, target: int | None, days: Progress, deals: tuple[Sequence[int], Sequence[int]]
) -> Outlook:
    pipeline = pace.weigh(*deals)
    landing = pace.landing(done, wins, pipeline, elapsed=days.elapsed, total=days.total)
    likely = None if not target else chance.reach_probability(target - done, *deals)
    return Outlook(done, wins, target, days, pipeline, landing, likely)


def of_people(reader: Any, period: Period, people: Sequence[int], metric: Metric = WON_AMOUNT) -> dict[int, Outlook]:
    """The outlook of each person, in three queries for any number of them."""
    found = figures([metric, WON_COUNT], Slice(period.start, period.end, people=people), by=["person"])
    aimed = aims(reader, metric, period, [person_key(one) for one in people])
    deals, days = open_deals(period.end, people), progress(period)
    return {
        one: _made(
            found.exact((one,), metric.measure),
            found.value(WON_COUNT, (one,)) or 0,
            aimed.get(person_key(one)),
            days,
            deals.of([one]),
        )
        for one in people
    }


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
    deals, days = open_deals(period.end), progress(period)
    made = {}
    for group in groups:
        keys = list(found.rows) if group.units is None else [(unit,) for unit in group.units]
        made[group.subject] = _made(
            sum(found.exact(key, metric.measure) for key in keys),
            found.total(WON_COUNT, keys) or 0,
            aimed.get(group.subject),
            days,
            deals.of(group.people),
        )
    return made


def of_group(reader: Any, period: Period, group: Group, metric: Metric = WON_AMOUNT) -> Outlook:
    """The outlook of one group, which reads no more than its own."""
    found = figures([metric, WON_COUNT], Slice(period.start, period.end, units=group.units))
    goal = aims(reader, metric, period, [group.subject]).get(group.subject)
    people = None if group.people is None else list(group.people)
    deals = open_deals(period.end, people).of(None)
    return _made(found.exact((), metric.measure), found.value(WON_COUNT) or 0, goal, progress(period), deals)


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
