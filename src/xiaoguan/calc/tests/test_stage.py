"""Days in a stage, win rates, funnel steps."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from xiaoguan.calc import stage


@pytest.mark.parametrize(
    ("until", "expected", "days", "over"),
    [(date(2026, 11, 12), 6, 0, 0), (date(2026, 11, 18), 6, 6, 0), (date(2026, 11, 19), 6, 7, 1),
     (date(2026, 12, 31), None, 49, 0), (date(2026, 11, 1), 6, 0, 0), (date(2026, 11, 13), 0, 1, 1)],
)  # fmt: skip
def test_stuck_past_the_expected_days(until: date, expected: int | None, days: int, over: int) -> None:
    stay = stage.stay(date(2026, 11, 12), until, expected)
    assert (stay.days, stay.over, stay.stuck) == (days, over, over > 0)


def test_win_rate_of_closed_deals() -> None:
    assert stage.win_rate(4238, 2473) == 63_150  # the public pipeline: 63.15 %
    assert stage.win_rate(0, 0) is None
    assert stage.win_rate(0, 3) == 0
    assert stage.win_rate_range(0, 0) is None


def test_wilson_by_hand() -> None:
    """Agresti & Coull 1998: 95 % for 9 of 10 is 0.596 to 0.982."""
    low, high = stage.win_rate_range(9, 1, confidence=0.95) or (0, 0)
    assert (round(low / 1000, 1), round(high / 1000, 1)) == (59.6, 98.2)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_range_holds_the_rate(won: int, lost: int) -> None:
    found, rate = stage.win_rate_range(won, lost), stage.win_rate(won, lost)
    if found is None or rate is None:
        assert won + lost == 0
        return
    assert 0 <= found[0] <= rate + 1
    assert rate - 1 <= found[1] <= 100_000
    mirrored = stage.win_rate_range(lost, won)
    assert mirrored is not None
    assert abs(mirrored[0] + found[1] - 100_000) <= 1


def test_steps_of_a_funnel() -> None:
    assert stage.step_rates([200, 100, 25, 0, 0]) == [50_000, 25_000, 0, None]
