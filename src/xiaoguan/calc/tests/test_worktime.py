"""Working minutes: against walking minute by minute, and split anywhere they add up."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, strategies as st

from xiaoguan.calc.period import WorkCalendar
from xiaoguan.calc.worktime import minutes

DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 9, 20)  # noqa: DTZ001  a wall clock
MOMENTS = st.datetimes(START, START + 30 * DAY).map(lambda each: each.replace(microsecond=0))
DAYS = st.dates(dt.date(2026, 9, 20), dt.date(2026, 10, 20))
CALENDARS = st.builds(WorkCalendar, st.dictionaries(DAYS, st.booleans(), max_size=8), st.just(frozenset(range(5))))
MINUTE = dt.timedelta(minutes=1)


@given(MOMENTS, st.integers(0, 4 * 24 * 60), CALENDARS)
def test_the_same_as_walking(begin: dt.datetime, length: int, calendar: WorkCalendar) -> None:
    begin = begin.replace(second=0)
    walked = sum(
        calendar.works((moment := begin + n * MINUTE).date()) and dt.time(9) <= moment.time() < dt.time(18)
        for n in range(length)
    )
    assert minutes(begin, begin + length * MINUTE, calendar) == walked


@given(MOMENTS, MOMENTS, MOMENTS, CALENDARS)
def test_split_anywhere_it_adds_up(a: dt.datetime, b: dt.datetime, c: dt.datetime, calendar: WorkCalendar) -> None:
    first, middle, last = sorted([a, b, c])
    parts = minutes(first, middle, calendar) + minutes(middle, last, calendar)
    assert 0 <= minutes(first, last, calendar) - parts <= 1
    assert minutes(last, first, calendar) == 0


def test_a_night_and_a_weekend_are_no_waiting() -> None:
    friday = dt.datetime.combine(dt.date(2026, 11, 20), dt.time(17, 50))
    monday = dt.datetime.combine(dt.date(2026, 11, 23), dt.time(9, 5))
    assert minutes(friday, monday, WorkCalendar()) == 15
    assert minutes(friday + DAY, friday + 2 * DAY, WorkCalendar()) == 0
