"""Public holidays and make-up working days (调休) of mainland China, as far as they are published."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import chinese_calendar


@lru_cache(maxsize=256)
def covers(year: int) -> bool:
    """Tell whether the holidays of a year are published; beyond them Monday to Friday is all there is."""
    try:
        chinese_calendar.is_workday(dt.date(year, 1, 1))
        chinese_calendar.is_workday(dt.date(year, 12, 31))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=64)
def exceptions(year: int) -> dict[dt.date, bool]:
    """Map the days that break the Monday-to-Friday rule to whether they are worked; empty where nothing is published."""
    if not covers(year):
        return {}
    found = {}
    day = dt.date(year, 1, 1)
    while day.year == year:
        works = chinese_calendar.is_workday(day)
        if works != (day.weekday() < 5):
            found[day] = works
        day += dt.timedelta(days=1)
    return found
