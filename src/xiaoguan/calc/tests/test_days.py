"""Laws of days: they sum to their month, lie on working days, and keep what was told of days that are over."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc.aim import assigned, beyond, ramped, steps
from xiaoguan.calc.days import Stretch, Told, spread

DAYS = 60
HALVES = (np.arange(0, 31), np.arange(31, DAYS))
amounts = st.lists(st.integers(0, 10**12), min_size=3, max_size=3)
week = st.lists(st.integers(0, 1), min_size=DAYS, max_size=DAYS)


def _stretches(first: list[int], second: list[int], fixed: list[bool] | None = None) -> list[Stretch]:
    held = None if fixed is None else np.array(fixed)
    return [Stretch(days, np.array(part), held) for days, part in zip(HALVES, (first, second), strict=True)]


@settings(max_examples=60)
@given(
    amounts,
    amounts,
    week,
    amounts,
    amounts,
    week,
    st.integers(0, DAYS),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_days_make_the_stretch_and_keep_the_past(
    first: list[int], second: list[int], worked: list[int], changed: list[int], also: list[int],
    later: list[int], over: int, known: list[bool],
) -> None:  # fmt: skip
    """Whatever changes, sums hold; past days stay for whom they were told unless what is left can't be placed."""
    told = spread(_stretches(first, second), np.array(worked))
    now = spread(_stretches(changed, also), np.array(later), Told(told, np.array(known), over))
    for half, totals, open_days in zip(HALVES, (changed, also), (later[:31], later[31:]), strict=True):
        assert now[:, half].sum(axis=1).tolist() == totals
        assert (now >= 0).all()
        if any(open_days):
            fresh = ~np.array(known)
            assert not now[np.ix_(fresh, half[np.array(open_days) == 0])].any()
        past = half[half < over]
        for row in np.flatnonzero(known):
            left = totals[row] - int(told[row, past].sum())
            if len(past) and left >= 0 and any(open_days[len(past) :]):
                assert (now[row, past] == told[row, past]).all()


@settings(max_examples=30)
@given(amounts, amounts, week, week)
def test_a_locked_stretch_keeps_its_days(
    first: list[int], second: list[int], worked: list[int], later: list[int]
) -> None:
    """A calendar that changes moves nothing of what is locked."""
    told = spread(_stretches(first, second), np.array(worked))
    known, fixed = np.array([True] * 3), [True, False, True]
    now = spread(_stretches(first, second, fixed), np.array(later), Told(told, known, 0))
    assert (now[[0, 2]] == told[[0, 2]]).all()
    assert (now[1] == spread(_stretches(first, second), np.array(later))[1]).all()


def test_rows_may_have_days_of_their_own() -> None:
    """Who comes in the middle of a month has nothing on the days before."""
    weights = np.ones((2, DAYS), int)
    weights[1, :10] = 0
    found = spread([Stretch(HALVES[0], np.array([31, 21]))], weights)
    assert found[0, :31].tolist() == [1] * 31
    assert found[1, :31].tolist() == [0] * 10 + [1] * 21


@given(st.integers(0, 10**13), st.integers(0, 200_000))
def test_tiers_lie_beyond_the_target(own: int, by: int) -> None:
    """More where more is better, less where less is better, and the parts make at least the whole."""
    assert assigned(own, by) == beyond(own, by) >= own >= beyond(own, by, higher_is_better=False) >= 0


@pytest.mark.parametrize(
    ("text", "found"),
    [("30 60 100", [30, 60, 100]), ("", []), ("30，60", [30, 60]), ("120", None), ("-5", None), ("x", None)],
)
def test_a_ramp_is_a_list_of_per_cents(text: str, found: list[int] | None) -> None:
    assert steps(text) == found


def test_a_beginner_bears_his_part() -> None:
    """Nothing before he comes, the first step in the month he comes, all of it afterwards."""
    months = [date(2026, number, 1) for number in range(1, 7)]
    assert [ramped(date(2026, 2, 17), month, [30, 60]) for month in months] == [0, 30, 60, 100, 100, 100]
    assert ramped(None, months[0], [30]) == 100
