"""Attainment, pace, open deals."""

import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc import pace
from xiaoguan.calc.money import RATE_ONE

WAN = 1_000_000
deals = st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, RATE_ONE)), max_size=20)


def test_the_seller_of_the_pictures() -> None:
    done, target = 6_280 * WAN // 100, 120 * WAN
    assert pace.attainment(done, target) == 52_333
    assert pace.on_pace(target, 12, 21) == 68_571_429
    assert pace.against_pace(done, target, 12, 21) == -5_771_429  # 5.77 behind
    assert pace.gap(done, target) == 5_720 * WAN // 100
    assert pace.per_day(pace.gap(done, target), 9) == 6_355_556  # 6.36 a day


def test_without_target_or_days() -> None:
    assert pace.attainment(5, None) is None
    assert pace.attainment(5, 0) is None
    assert pace.attainment(0, 10) == 0
    assert pace.gap(11, 10) == 0
    assert pace.per_day(5, 0) is None


@settings(max_examples=40)
@given(deals)
def test_weighing_is_exact(pairs: list[tuple[int, int]]) -> None:
    amounts, rates = [a for a, _ in pairs], [r for _, r in pairs]
    found = pace.weigh(amounts, rates)
    assert (found.count, found.full) == (len(pairs), sum(amounts))
    assert abs(found.weighted * RATE_ONE - sum(a * r for a, r in pairs)) * 2 <= RATE_ONE
    expected = sum(a * a * r * (RATE_ONE - r) for a, r in pairs) / RATE_ONE**2
    assert found.variance == pytest.approx(expected, rel=1e-9)


@settings(max_examples=40)
@given(deals, st.integers(1, 5))
def test_groups_equal_single_owners(pairs: list[tuple[int, int]], groups: int) -> None:
    owners = [place % groups for place in range(len(pairs))]
    amounts, rates = [a for a, _ in pairs], [r for _, r in pairs]
    for owner, found in enumerate(pace.weigh_groups(owners, amounts, rates, groups)):
        own = pace.weigh(amounts[owner::groups], rates[owner::groups])
        assert (found.count, found.full, found.weighted) == (own.count, own.full, own.weighted)
        assert found.variance == pytest.approx(own.variance)
