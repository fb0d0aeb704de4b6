"""Birthdays by the sun or by the moon, under one number a day: what is kept on a date is asked for by an index."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from xiaoguan.lexicon import lunar

BY_THE_MOON = 10_000
"""Added to month and day (815 is 15 August) where a birthday is kept by the lunar calendar."""


def key(birthday: dt.date | None, lunar_birthday: str) -> int | None:
    """The number under which a birthday is found; whoever says a lunar day keeps that one."""
    if found := lunar.parse(lunar_birthday):
        return BY_THE_MOON + 100 * found[0] + found[1]
    return None if birthday is None else 100 * birthday.month + birthday.day


def _kept_on(date: dt.date) -> list[int]:
    """What is kept on a date; born on 29 February, on the 28th of years without one."""
    found = [100 * date.month + date.day]
    if (date.month, date.day) == (2, 28) and (date + dt.timedelta(days=1)).month == 3:
        found.append(229)
    return found + [BY_THE_MOON + 100 * month + day for month, day in lunar.kept_on(date)]


@lru_cache(maxsize=32)
def coming(today: dt.date, days: int) -> dict[int, dt.date]:
    """The numbers kept within some days from today, today included, and the date of each."""
    found: dict[int, dt.date] = {}
    for after in range(days + 1):
        date = today + dt.timedelta(days=after)
        for number in _kept_on(date):
            found.setdefault(number, date)
    return found
