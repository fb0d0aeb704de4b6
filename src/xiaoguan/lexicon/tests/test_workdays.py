"""Working days of mainland China."""

import datetime as dt

import pytest

from xiaoguan.calc.period import WorkCalendar
from xiaoguan.lexicon.workdays import covers, exceptions


@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_year(year: int, days: int) -> None:
    assert WorkCalendar(exceptions(year)).count(dt.date(year, 1, 1), dt.date(year, 12, 31)) == days


def test_only_days_that_break_the_rule_are_listed() -> None:
    found = exceptions(2026)
    assert all(works != (day.weekday() < 5) for day, works in found.items())
    assert sum(found.values()) == 6  # make-up working days
    assert found[dt.date(2026, 10, 1)] is False


def test_beyond_what_is_published() -> None:
    assert covers(2026)
    assert not covers(2027)
    assert not covers(1990)
    assert exceptions(2027) == {}
