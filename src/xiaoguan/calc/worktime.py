"""Minutes of working time between two moments: what a customer waited for an answer, nights and holidays left out."""

from __future__ import annotations

import datetime as dt

from xiaoguan.calc.period import WorkCalendar

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


def minutes(
    begin: dt.datetime,
    end: dt.datetime,
    calendar: WorkCalendar,
    opens: dt.time = dt.time(9),
    closes: dt.time = dt.time(18),
) -> int:
    """Whole working minutes from `begin` to `end`, both on the wall clock of one place; 0 if the end comes first.

    A working day lasts from `opens` to `closes`. The whole days between are counted, not walked. Where the clock
    is put forward or back at night, working time knows nothing of it.
    """
    begin, end = begin.replace(tzinfo=None), end.replace(tzinfo=None)
    if end <= begin:
        return 0
    first, last = begin.date(), end.date()
    if first == last:
        return _within(first, begin, end, calendar, opens, closes) // MINUTE
    whole = calendar.count(first + DAY, last - DAY) * _length(opens, closes)
    started = _within(first, begin, _at(first + DAY, dt.time.min), calendar, opens, closes)
    ended = _within(last, _at(last, dt.time.min), end, calendar, opens, closes)
    return (started + whole + ended) // MINUTE


def _within(
    day: dt.date, begin: dt.datetime, end: dt.datetime, calendar: WorkCalendar, opens: dt.time, closes: dt.time
) -> dt.timedelta:
    """The part of one day's working time that lies between two moments."""
    if not calendar.works(day):
        return dt.timedelta()
    return max(dt.timedelta(), min(end, _at(day, closes)) - max(begin, _at(day, opens)))


def _length(opens: dt.time, closes: dt.time) -> dt.timedelta:
    return _at(dt.date.min, closes) - _at(dt.date.min, opens)


def _at(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time)
