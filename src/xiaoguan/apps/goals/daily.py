"""The days of targets: what a subject is to reach today or this week, exact parts of its months.

A day belongs to the finest target over it: its month, else what the months of its quarter leave of the quarter, else
what is left of the year. Stored vectors are read as they are; one whose targets or calendar have changed since is
made anew, and the days that are over stay as they were told.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Count, Max

from xiaoguan.apps.goals.models import DayPlan, DayShape, Target
from xiaoguan.apps.goals.models.target import value_field
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc.days import Stretch, Told, spread
from xiaoguan.calc.period import Period
from xiaoguan.calc.tree import pack, unpack
from xiaoguan.kit import access, clock, feed, memo

Integers: TypeAlias = npt.NDArray[np.int64]
Key = tuple[str, dt.date]
"""Kind and first day of a target."""
Shape = tuple[Key, ...]
BATCH = 2000
FEW = 200
"""Of so many subjects the days are read by themselves."""
MOST = 5000
"""The days of more are not kept in memory."""
CALENDAR = ("org.company", "org.calendarday", "org.person")
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """One subject's year: a number for each day, and which days any target covers."""

    values: Integers
    covered: npt.NDArray[np.bool_]

    def total(self, first: int, last: int) -> int | None:
        """The sum of the days from place `first` to `last`, both included; None where nothing covers them."""
        days = slice(max(0, first), last + 1)
        return int(self.values[days].sum()) if self.covered[days].any() else None


@dataclass(frozen=True)
class Made:
    """A vector as it follows from the targets of now, and whether the stored one already says so."""

    days: Days
    made_of: str
    stored: bool


@dataclass(frozen=True)
class Own:
    """What of a year's days is one subject's own: the place of his first day, and how his days weigh."""

    joined: Mapping[str, int]
    shapes: Mapping[str, Integers]

    def mark(self, name: str, mark: Any) -> None:
        """Say it into the mark of what a vector is made of."""
        if name in self.joined:
            mark.update(b"joined %d" % self.joined[name])
        if name in self.shapes:
            mark.update(b"shape" + self.shapes[name].tobytes())

    def weights(self, shared: Integers, names: Sequence[str]) -> Integers:
        """The working days, weighed; for who joins within the year, those since."""
        if not any(name in self.joined or name in self.shapes for name in names):
            return shared
        found = np.tile(shared, (len(names), 1))
        for row, name in enumerate(names):
            if name in self.shapes:
                found[row] *= self.shapes[name]
            found[row, : self.joined.get(name, 0)] = 0
        return found


def vectors(metric: Metric, year: Period, subjects: Collection[str] | None = None) -> dict[str, Days]:
    """The days of every subject (or of some) with an additive target in a fiscal year, in a fixed number of queries.

    Of many subjects all are remembered until a target, the calendar, somebody's first day or a shape changes, or the
    day does: a company's line is made of everybody's.
    """
    if subjects is not None and len(subjects) <= FEW:
        return {subject: made.days for subject, made in _make(metric, year, subjects).items()}
    shaped = DayShape.objects.filter(metric=metric.code, start=year.start).aggregate(n=Count("pk"), newest=Max("pk"))
    token = (clock.today(), *shaped.values(), *feed.versions(Target._meta.label_lower, *CALENDAR).values())
    key = ("goals.vectors", metric.code, year)
    whole = memo.remember(key, token, lambda: {name: made.days for name, made in _make(metric, year, None).items()})
    if len(whole) > MOST:
        memo.drop(key)
    return {name: days for name, days in whole.items() if subjects is None or name in subjects}


def of(metric: Metric, period: Period, subjects: Sequence[str]) -> dict[str, int | None]:
    """What each subject is to reach in a day or a week."""
    found: dict[str, int | None] = dict.fromkeys(subjects)
    for year in period.calendar.tile("year", period.start, period.end):
        first, last = (period.start - year.start).days, (min(period.end, year.end) - year.start).days
        for subject, days in vectors(metric, year, subjects).items():
            part = days.total(first, last)
            if part is not None:
                found[subject] = (found[subject] or 0) + part
    return found


def store(metric: Metric, year: Period, subjects: Collection[str] | None = None) -> int:
    """Bring the stored vectors in step with the targets; returns how many were written.

    Runs in the transaction of what changed the targets.
    """
    made = _make(metric, year, subjects)
    rest = iter((subject, pack(each.days.values), each.made_of) for subject, each in made.items() if not each.stored)
    while part := list(islice(rest, BATCH)):
        write(metric.code, year.start, part)
    rows = DayPlan.objects.filter(metric=metric.code, start=year.start)
    if subjects is not None:
        rows = rows.filter(subject__in=list(subjects))
    gone = [pk for pk, subject in rows.values_list("pk", "subject") if subject not in made]
    if gone:
        DayPlan.objects.filter(pk__in=gone).delete()
    return sum(not each.stored for each in made.values())


def write(metric: str, start: dt.date, rows: Sequence[tuple[str, bytes, str]]) -> None:
    """Store (subject, packed days, what they are made of), each in the place of what there was, by one statement.

    The ORM prepares each value of each row in several steps; of ten thousand people that is most of the cost.
    """
    into = f"INSERT INTO {DayPlan._meta.db_table} (metric, start, subject, days, made_of)"
    instead = "ON CONFLICT (metric, start, subject) DO UPDATE SET days = excluded.days, made_of = excluded.made_of"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*rows, strict=True)]
            told = "SELECT %s, %s, * FROM unnest(%s::text[], %s::bytea[], %s::text[])"
            cursor.execute(f"{into} {told} {instead}", [metric, start, *columns])
        else:
            lines = [(metric, start.isoformat(), subject, days, made_of) for subject, days, made_of in rows]
            cursor.executemany(f"{into} VALUES (%s, %s, %s, %s, %s) {instead}", lines)


def _make(metric: Metric, year: Period, subjects: Collection[str] | None) -> dict[str, Made]:
    if not metric.additive:
        return {}
    aims = _aims(metric, year, subjects)
    if not aims:
        return {}
    told = DayPlan.objects.filter(metric=metric.code, start=year.start)
    if subjects is not None:
        told = told.filter(subject__in=list(subjects))
    known = {subject: (made_of, days) for subject, made_of, days in told.values_list("subject", "made_of", "days")}
    own = Own(_joined(year), _shapes(metric, year, subjects))
    groups: dict[Shape, list[str]] = {}
    for subject, aim in aims.items():
        groups.setdefault(tuple(sorted(aim)), []).append(subject)
    weights = working_calendar().weights(year.start, year.end)
    found: dict[str, Made] = {}
    for shape, members in groups.items():
        found |= _group(year, shape, {one: aims[one] for one in members}, weights, known, own)
    return found


def _aims(metric: Metric, year: Period, subjects: Collection[str] | None) -> dict[str, dict[Key, tuple[int, bool]]]:
    because = "numbers follow the number rule, which the caller applies by choosing subjects"
    rows = access.everything(Target, because=because).filter(metric=metric.code, start__range=(year.start, year.end))
    if subjects is not None:
        rows = rows.filter(subject__in=list(subjects))
    valid = {(kind, part.start) for kind in ("month", "quarter") for part in year.split(kind)} | {("year", year.start)}
    found: dict[str, dict[Key, tuple[int, bool]]] = {}
    for subject, kind, start, value, locked in rows.values_list(
        "subject", "kind", "start", value_field(metric), "locked"
    ):
        if value is not None and (kind, start) in valid:
            found.setdefault(subject, {})[kind, start] = value, locked
    return found


def _shapes(metric: Metric, year: Period, subjects: Collection[str] | None) -> dict[str, Integers]:
    """The weights of days of whoever has some of his own."""
    rows = DayShape.objects.filter(metric=metric.code, start=year.start)
    if subjects is not None and len(subjects) < BATCH:
        rows = rows.filter(subject__in=list(subjects))
    return {subject: unpack(bytes(weights)) for subject, weights in rows.values_list("subject", "weights")}


def _joined(year: Period) -> dict[str, int]:
    """Who joins within the year, with the place of his first day."""
    rows = Person.anybody.filter(joined_on__gt=year.start, joined_on__lte=year.end).values_list("pk", "joined_on")
    return {f"person:{pk}": (day - year.start).days for pk, day in rows if day is not None}


def _group(
    year: Period,
    shape: Shape,
    aims: Mapping[str, Mapping[Key, tuple[int, bool]]],
    weights: Integers,
    known: Mapping[str, tuple[str, bytes]],
    own: Own,
) -> dict[str, Made]:
    """The vectors of subjects whose targets cover the same periods."""
    names = list(aims)
    values = np.array([[aims[name][key][0] for key in shape] for name in names], np.int64)
    covered = np.zeros(len(weights), bool)
    places = _stretches(year, shape)
    for days, _plus, _minus in places:
        covered[days] = True
    base = hashlib.blake2b(weights.tobytes() + repr(shape).encode(), digest_size=16)
    marks = []
    for row, name in zip(values, names, strict=True):
        mark = base.copy()
        mark.update(row.tobytes())
        own.mark(name, mark)
        marks.append(mark.hexdigest())
    found, stale = {}, []
    for at, name in enumerate(names):
        if name in known and known[name][0] == marks[at]:
            found[name] = Made(Days(unpack(bytes(known[name][1])), covered), marks[at], True)
        else:
            stale.append(at)
    if not stale:
        return found
    locked = np.array([[aims[names[at]][key][1] for key in shape] for at in stale], bool)
    cut = [
        Stretch(days, _left(values[stale], plus, minus), locked[:, plus[0]] if len(plus) == 1 and not minus else None)
        for days, plus, minus in places
    ]
    fresh = spread(cut, own.weights(weights, [names[at] for at in stale]), _told(year, names, stale, known))
    for row, at in zip(fresh, stale, strict=True):
        found[names[at]] = Made(Days(row, covered), marks[at], False)
    return found


def _stretches(year: Period, shape: Shape) -> list[tuple[Integers, list[int], list[int]]]:
    """Which days share a number, and which targets it is made of: those added and those taken off."""
    place = {key: at for at, key in enumerate(shape)}
    found = []
    open_days: list[dt.date] = []
    taken: list[int] = []
    for quarter in year.split("quarter"):
        months = quarter.split("month")
        aimed = [place[key] for month in months if (key := ("month", month.start)) in place]
        found += [(_places(year, month.each_day()), [place["month", month.start]], [])
                  for month in months if ("month", month.start) in place]  # fmt: skip
        rest = [day for month in months if ("month", month.start) not in place for day in month.each_day()]
        own = place.get(("quarter", quarter.start))
        if own is None:
            open_days += rest
            taken += aimed
        else:
            taken.append(own)
            if rest:
                found.append((_places(year, rest), [own], aimed))
    whole = place.get(("year", year.start))
    if whole is not None and open_days:
        found.append((_places(year, open_days), [whole], taken))
    return found


def _places(year: Period, days: Iterable[dt.date]) -> Integers:
    return np.fromiter(((day - year.start).days for day in days), np.int64)


def _left(values: Integers, plus: list[int], minus: list[int]) -> Integers:
    """What a longer target leaves for the days that no finer one covers; nothing where the finer ones pass it."""
    rest = values[:, plus].sum(axis=1) - values[:, minus].sum(axis=1)
    return np.asarray(np.maximum(rest, 0), np.int64)


def _told(year: Period, names: Sequence[str], stale: Sequence[int], known: Mapping[str, tuple[str, bytes]]) -> Told:
    over = min(max((clock.today() - year.start).days, 0), year.days)
    days = np.zeros((len(stale), year.days), np.int64)
    there = np.zeros(len(stale), bool)
    for row, at in enumerate(stale):
        if names[at] in known:
            days[row], there[row] = unpack(bytes(known[names[at]][1])), True
    return Told(days, there, over)
