"""Dated shares: the busiest day is never missed."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, strategies as st

from xiaoguan.calc.dated import holds, overlapping, peak

FIRST = dt.date(2026, 1, 1)
DAYS = [FIRST + dt.timedelta(days=n) for n in range(12)]
ends = st.none() | st.sampled_from(DAYS)
stretches = st.lists(st.tuples(ends, ends, st.integers(0, 100_000)), max_size=6)


@given(stretches)
def test_no_day_has_more_than_the_peak(found) -> None:
    kept = [each for each in found if each[0] is None or each[1] is None or each[0] <= each[1]]
    day, most = peak(kept)
    sums = {day: sum(rate for first, last, rate in kept if holds(first, last, day)) for day in DAYS}
    assert max(sums.values()) <= most
    if day is not None:
        assert sums[day] == most


@given(st.lists(st.tuples(ends, ends).filter(lambda each: None in each or each[0] <= each[1]), max_size=4))
def test_two_share_a_day_when_some_day_lies_in_both(found) -> None:
    wide = [DAYS[0] - dt.timedelta(days=1), *DAYS, DAYS[-1] + dt.timedelta(days=1)]
    assert overlapping(found) == any(sum(holds(*each, day) for each in found) > 1 for day in wide)
