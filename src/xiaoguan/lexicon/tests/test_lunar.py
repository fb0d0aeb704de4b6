"""Days of the lunar calendar: read, told, found in the year."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from xiaoguan.lexicon import lunar


@given(st.integers(1, 12), st.integers(1, 30))
def test_what_is_told_is_read_back(month: int, day: int) -> None:
    assert lunar.parse(lunar.told(month, day)) == (month, day)
    assert lunar.parse(f"{month}-{day}") == lunar.parse(f"农历{month}月{day}日") == (month, day)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("腊月廿三", (12, 23)),
        ("十二月二十三", (12, 23)),
        ("正月初一", (1, 1)),
        ("八月 十五", (8, 15)),
        ("13-1", None),
        ("8-31", None),
        ("August 15", None),
        ("", None),
    ],
)
def test_people_say_lunar_days_in_many_ways(said: str, day: tuple[int, int] | None) -> None:
    assert lunar.parse(said) == day


@pytest.mark.parametrize(
    ("date", "kept"),
    [
        (dt.date(2026, 9, 25), [(8, 15)]),  # mid-autumn
        (dt.date(2026, 2, 17), [(1, 1)]),  # new year
        (dt.date(2025, 7, 25), []),  # the first day of a leap sixth month
    ],
)
def test_a_date_has_its_lunar_day(date: dt.date, kept: list[tuple[int, int]]) -> None:
    assert lunar.kept_on(date) == kept


def test_every_lunar_day_is_kept_once_in_a_lunar_year() -> None:
    """From new year to new year: a thirtieth that a month lacks is kept on its last day, a leap month adds nothing."""
    for first, last in ((dt.date(2025, 1, 29), dt.date(2026, 2, 16)), (dt.date(2026, 2, 17), dt.date(2027, 2, 5))):
        days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        kept = [day for date in days for day in lunar.kept_on(date)]
        assert sorted(kept) == [(month, day) for month in range(1, 13) for day in range(1, 31)]
