"""The rhythm of days: nothing learnt is flat, a strong weekday weighs more, one big day hardly anything."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from xiaoguan.calc.period import FiscalCalendar, WorkCalendar
from xiaoguan.calc.rhythm import ONE, Calendar, rhythm
from xiaoguan.calc.share import split_rows

pytestmark = pytest.mark.once
WORK = WorkCalendar()
BEFORE, AHEAD = (Calendar.of(list(FiscalCalendar().parse(code).each_day()), WORK) for code in ("2025", "2026"))


def test_a_flat_year_is_flat() -> None:
    assert set(rhythm([0] * 365, BEFORE, AHEAD).tolist()) == {ONE}
    days = FiscalCalendar().parse("2025").each_day()
    assert set(rhythm([100 if WORK.works(day) else 0 for day in days], BEFORE, AHEAD).tolist()) == {ONE}


def test_strong_fridays_and_month_ends_weigh_more_and_one_big_day_hardly() -> None:
    days = list(FiscalCalendar().parse("2025").each_day())
    friday = rhythm([300 if day.weekday() == 4 else 100 if WORK.works(day) else 0 for day in days], BEFORE, AHEAD)
    coming = list(FiscalCalendar().parse("2026").each_day())
    week = {day.weekday(): int(friday[at]) for at, day in enumerate(coming) if day.month == 6 and WORK.works(day)}
    assert week[4] > 1.8 * week[0]
    late = rhythm([300 if day.day > 24 else 100 for day in days], BEFORE, AHEAD)
    assert late[coming.index(dt.date(2026, 6, 30))] > 1.5 * late[coming.index(dt.date(2026, 6, 2))]
    one = rhythm([10_000 if day == dt.date(2025, 3, 5) else 1_000 if WORK.works(day) else 0 for day in days],
                 BEFORE, AHEAD)  # fmt: skip
    assert one.max() < 2 * one.min()


@given(values=st.lists(st.integers(-(10**12), 10**12), min_size=365, max_size=365), total=st.integers(0, 10**13))
def test_every_working_day_bears_a_part_and_parts_make_the_whole(values: list[int], total: int) -> None:
    weights = rhythm(values, BEFORE, AHEAD)
    assert weights.min() >= 1
    shares = split_rows([total], weights * AHEAD.works)
    assert int(shares.sum()) == total
    assert not shares[0][~AHEAD.works].any()
