"""Fiscal periods and working days.

Months, quarters and years follow the fiscal calendar and nest; weeks run Monday to Sunday (ISO 8601), nest in nothing.
Periods of one kind tile the days without gap or overlap. ``start`` and ``end`` are both inside the period.

Codes: ``2026`` (fiscal year), ``2026-Q4`` (fiscal quarter), ``2026-11`` (calendar month), ``2026-W47`` (ISO week),
``2026-11-18`` (day). A fiscal year is named by the calendar year it starts in, or ends in if the company says so.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.rounding import divide_half_up

Integers: TypeAlias = npt.NDArray[np.int64]

_DAY = timedelta(days=1)


class Kind(StrEnum):
    """The lengths of period there are."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.YEAR: 12}
_DAYS = {Kind.DAY: 1, Kind.WEEK: 7}


def _add_months(first: date, months: int) -> date:
    """Return the first of the month ``months`` away from the month of ``first``."""
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(years, month + 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class FiscalCalendar:
    """Where a company's year begins: ``start_month`` 1–12; ``named_by`` the calendar year of its start or end."""

    start_month: int = 1
    named_by: Literal["start", "end"] = "start"

    def __post_init__(self) -> None:
        """Refuse a month that is none: PeriodError ``bad_start_month``."""
        if not 1 <= self.start_month <= 12:
            raise PeriodError("bad_start_month", month=self.start_month)

    def of(self, kind: Kind | str, day: date) -> Period:
        """Return the period of ``kind`` that contains ``day``."""
        return Period(self._start(Kind(kind), day), Kind(kind), self)

    def month(self, day: date) -> Period:
        """Return the month of ``day``."""
        return self.of(Kind.MONTH, day)

    def quarter(self, day: date) -> Period:
        """Return the fiscal quarter of ``day``."""
        return self.of(Kind.QUARTER, day)

    def year(self, day: date) -> Period:
        """Return the fiscal year of ``day``."""
        return self.of(Kind.YEAR, day)

    def week(self, day: date) -> Period:
        """Return the week of ``day``, Monday to Sunday."""
        return self.of(Kind.WEEK, day)

    def year_number(self, day: date) -> int:
        """Return the number by which the fiscal year of ``day`` is known."""
        first = self._start(Kind.YEAR, day)
        return first.year + (self.named_by == "end" and self.start_month > 1)

    def tile(self, kind: Kind | str, first: date, last: date) -> list[Period]:
        """Return the periods of ``kind`` from the one of ``first`` to the one of ``last``, in order.

        Raises PeriodError ``ends_before_start``.
        """
        if last < first:
            raise PeriodError("ends_before_start", first=first, last=last)
        found = [self.of(kind, first)]
        while found[-1].end < last:
            found.append(found[-1].next())
        return found

    def parse(self, code: str) -> Period:
        """Return the period of a code (see the module); raises PeriodError ``bad_period_code``.

        Years outside 1000–9990 are refused too, so that the neighbours of what is parsed exist.
        """
        try:
            if not 1000 <= int(code[:4]) <= 9990:
                raise PeriodError("bad_period_code", text=code)
            if re.fullmatch(r"\d{4}-W\d\d", code):
                return self.week(date.fromisocalendar(int(code[:4]), int(code[6:]), 1))
            if re.fullmatch(r"\d{4}-\d\d-\d\d", code):
                return self.of(Kind.DAY, date.fromisoformat(code))
            if re.fullmatch(r"\d{4}-\d\d", code):
                return self.month(date(int(code[:4]), int(code[5:]), 1))
            if found := re.fullmatch(r"(\d{4})(?:-Q([1-4]))?", code):
                first = date(int(found[1]) - (self.named_by == "end" and self.start_month > 1), self.start_month, 1)
                if found[2] is None:
                    return self.year(first)
                return self.quarter(_add_months(first, 3 * int(found[2]) - 3))
        except ValueError:
            raise PeriodError("bad_period_code", text=code) from None
        raise PeriodError("bad_period_code", text=code)

    def _start(self, kind: Kind, day: date) -> date:
        """Return the first day of the period of ``kind`` that contains ``day``."""
        if kind is Kind.DAY:
            return day
        if kind is Kind.WEEK:
            return day - timedelta(days=day.weekday())
        into = (day.month - self.start_month) % _MONTHS[kind]
        return _add_months(day.replace(day=1), -into)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One period of a fiscal calendar, known by its first day; make it with the calendar. Sorts by first day."""

    start: date
    kind: Kind
    calendar: FiscalCalendar = FiscalCalendar()

    def __post_init__(self) -> None:
        """Refuse a first day that starts no such period: PeriodError ``not_a_period_start``."""
        if self.calendar._start(self.kind, self.start) != self.start:
            raise PeriodError("not_a_period_start", kind=str(self.kind), day=self.start)

    @property
    def end(self) -> date:
        """The last day, inside the period."""
        return self._first_of(1) - _DAY

    @property
    def days(self) -> int:
        """The number of calendar days."""
        return (self._first_of(1) - self.start).days

    @property
    def index(self) -> int:
        """The place within its fiscal year (month 1–12, quarter 1–4, year 1) or ISO year (week 1–53); a day's day."""
        if self.kind is Kind.WEEK:
            return self.start.isocalendar().week
        if self.kind is Kind.DAY:
            return (self.start - self.calendar.year(self.start).start).days + 1
        return (self.start.month - self.calendar.start_month) % 12 // _MONTHS[self.kind] + 1

    @property
    def code(self) -> str:
        """The text that ``FiscalCalendar.parse`` reads back; codes of one kind sort as their periods do."""
        match self.kind:
            case Kind.YEAR:
                return f"{self.calendar.year_number(self.start):04d}"
            case Kind.QUARTER:
                return f"{self.calendar.year_number(self.start):04d}-Q{self.index}"
            case Kind.MONTH:
                return f"{self.start:%Y-%m}"
            case Kind.WEEK:
                week = self.start.isocalendar()
                return f"{week.year:04d}-W{week.week:02d}"
            case Kind.DAY:
                return self.start.isoformat()

    def __contains__(self, day: date) -> bool:
        """Say whether ``day`` lies in the period."""
        return self.start <= day <= self.end

    def contains(self, day: date) -> bool:
        """Say whether ``day`` lies in the period."""
        return day in self

    def each_day(self) -> Iterator[date]:
        """Yield the days from first to last."""
        return (self.start + timedelta(days=place) for place in range(self.days))

    def shift(self, count: int) -> Period:
        """Return the period ``count`` places later (earlier if negative)."""
        return Period(self._first_of(count), self.kind, self.calendar)

    def next(self) -> Period:
        """Return the period after this one."""
        return self.shift(1)

    def previous(self) -> Period:
        """Return the period before this one."""
        return self.shift(-1)

    def year_before(self) -> Period:
        """Return the period to compare with last year: same months; 52 weeks or 364 days earlier (same weekdays)."""
        if self.kind in _DAYS:
            return self.calendar.of(self.kind, self.start - timedelta(days=364))
        return self.shift(-12 // _MONTHS[self.kind])

    def within(self, kind: Kind | str) -> Period:
        """Return the larger period of ``kind`` around this one; raises PeriodError ``does_not_tile``."""
        around = self.calendar.of(kind, self.start)
        if self.end not in around or (self.kind is Kind.WEEK and around.kind is not Kind.WEEK):
            raise PeriodError("does_not_tile", kind=str(kind), period=self.code)
        return around

    def split(self, kind: Kind | str) -> list[Period]:
        """Return the periods of ``kind`` that tile this one exactly; raises PeriodError ``does_not_tile``."""
        parts = self.calendar.tile(kind, self.start, self.end)
        inner = parts[0].kind
        mixed = (self.kind is Kind.WEEK) != (inner is Kind.WEEK) and inner is not Kind.DAY
        if mixed or parts[0].start != self.start or parts[-1].end != self.end:
            raise PeriodError("does_not_tile", kind=str(kind), period=self.code)
        return parts

    def _first_of(self, count: int) -> date:
        """Return the first day of the period ``count`` places later."""
        if self.kind in _DAYS:
            return self.start + timedelta(days=_DAYS[self.kind] * count)
        return _add_months(self.start, _MONTHS[self.kind] * count)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a period has come: ``elapsed`` of ``total`` days are over; ``counting`` tells what kind of days.

    Working days count; a period without any (a week of Spring Festival) counts its calendar days instead.
    """

    total: int
    elapsed: int
    today_counts: bool
    counting: Literal["working", "calendar"] = "working"

    @property
    def left(self) -> int:
        """Days still to use, today among them."""
        return self.total - self.elapsed

    @property
    def number(self) -> int:
        """The number of the current day: day 13 of 21 while 12 are over; ``elapsed`` on a day that does not count."""
        return self.elapsed + self.today_counts

    @property
    def rate(self) -> int:
        """The share of the period that is over, 1/100,000."""
        return divide_half_up(self.elapsed * 100_000, self.total)

    def on_pace(self, target: int) -> int:
        """Return the part of ``target`` that should be reached by now, rounded once."""
        return divide_half_up(target * self.elapsed, self.total)


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """Which days are worked: a weekday rule (0 = Monday) and explicit exceptions, day → works or not."""

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    workweek: frozenset[int] = frozenset(range(5))
    _added: list[date] = field(init=False, repr=False)
    _removed: list[date] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the exceptions that say something new, so that counting takes a few steps at any length."""
        new = sorted(day for day, works in self.exceptions.items() if works != (day.weekday() in self.workweek))
        object.__setattr__(self, "_added", [day for day in new if self.exceptions[day]])
        object.__setattr__(self, "_removed", [day for day in new if not self.exceptions[day]])

    def works(self, day: date) -> bool:
        """Say whether ``day`` is a working day."""
        return self.exceptions.get(day, day.weekday() in self.workweek)

    def count(self, first: date, last: date) -> int:
        """Return the number of working days from ``first`` to ``last``, both included; 0 if last comes before first."""
        days = (last - first).days + 1
        if days <= 0:
            return 0
        weeks, rest = divmod(days, 7)
        ruled = weeks * len(self.workweek) + sum((first.weekday() + n) % 7 in self.workweek for n in range(rest))
        return ruled + _between(self._added, first, last) - _between(self._removed, first, last)

    def progress(self, period: Period, today: date) -> Progress:
        """Return how many of the period's working days are over; today counts as over only when it is past."""
        yesterday = min(max(today - _DAY, period.start - _DAY), period.end)
        inside = today in period
        total = self.count(period.start, period.end)
        if not total:
            return Progress(period.days, (yesterday - period.start).days + 1, inside, "calendar")
        return Progress(total, self.count(period.start, yesterday), inside and self.works(today))

    def weights(self, first: date, last: date) -> Integers:
        """Return 1 for a working day and 0 for another, for each day from ``first`` to ``last`` → int64 (days,)."""
        days = (last - first).days + 1
        return np.fromiter((self.works(first + timedelta(days=n)) for n in range(days)), np.int64, max(days, 0))

    def add(self, day: date, count: int) -> date:
        """Return the working day ``count`` working days after ``day`` (before it if negative); 0 gives the day itself.

        Raises PeriodError ``no_working_days`` when no day is ever worked.
        """
        if not self.workweek:
            raise PeriodError("no_working_days")
        step = _DAY if count > 0 else -_DAY
        for _ in range(abs(count)):
            day += step
            while not self.works(day):
                day += step
        return day


def _between(days: list[date], first: date, last: date) -> int:
    """Return how many of the sorted ``days`` lie from ``first`` to ``last``."""
    return bisect_right(days, last) - bisect_left(days, first)
