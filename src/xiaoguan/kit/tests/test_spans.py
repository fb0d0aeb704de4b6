"""Words for stretches of days."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from xiaoguan.kit.spans import WORDS, month_of, span

WEDNESDAY = dt.date(2026, 11, 18)
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("today", dt.date(2026, 11, 18), dt.date(2026, 11, 18)),
        ("tomorrow", dt.date(2026, 11, 19), dt.date(2026, 11, 19)),
        ("this_week", dt.date(2026, 11, 16), dt.date(2026, 11, 22)),
        ("next_week", dt.date(2026, 11, 23), dt.date(2026, 11, 29)),
        ("last_month", dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
        ("this_quarter", dt.date(2026, 10, 1), dt.date(2026, 12, 31)),
        ("last_quarter", dt.date(2026, 7, 1), dt.date(2026, 9, 30)),
        ("last_year", dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
        ("overdue", None, dt.date(2026, 11, 17)),
        ("last_7_days", dt.date(2026, 11, 12), dt.date(2026, 11, 18)),
        ("2026-11-01..", dt.date(2026, 11, 1), None),
        ("..2026-11-30", None, dt.date(2026, 11, 30)),
        ("2026-02-03", dt.date(2026, 2, 3), dt.date(2026, 2, 3)),
    ],
)
def test_known_stretches(word: str, first: dt.date | None, last: dt.date | None) -> None:
    """Each word means the days a person would say."""
    assert span(word, WEDNESDAY) == (first, last)


@pytest.mark.parametrize("nonsense", ["", "soon", "2026-13-01", "2026-11-01..x", "next_overdue"])
def test_nonsense_is_refused(nonsense: str) -> None:
    """What is no stretch raises ValueError, which pages turn into words."""
    with pytest.raises(ValueError):
        span(nonsense, WEDNESDAY)


@given(DAYS)
def test_every_word_is_a_stretch(today: dt.date) -> None:
    """No word fails on any day, and no stretch ends before it begins."""
    for word in WORDS:
        first, last = span(word, today)
        assert first is None or last is None or first <= last


@given(DAYS, st.integers(-30, 30))
def test_months_tile(day: dt.date, shift: int) -> None:
    """A month ends the day before the next one begins, and shifting back returns."""
    first, last = month_of(day, shift)
    assert first.day == 1
    assert last + dt.timedelta(days=1) == month_of(day, shift + 1)[0]
    assert month_of(first, -shift)[0] == day.replace(day=1)
