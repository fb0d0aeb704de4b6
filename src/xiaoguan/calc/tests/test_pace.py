"""Attainment, pace, landing."""

import numpy as np
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


@settings(max_examples=40)
@given(st.integers(0, 10**11), st.integers(0, 40), deals, st.integers(0, 21))
def test_landing_laws(done: int, wins: int, pairs: list[tuple[int, int]], elapsed: int) -> None:
    pipeline = pace.weigh([a for a, _ in pairs], [r for _, r in pairs])
    found = pace.landing(done, wins, pipeline, elapsed=elapsed, total=21)
    assert done <= found.low <= found.middle <= found.high
    wider = pace.landing(done, wins, pipeline, elapsed=elapsed, total=21, confidence=0.95)
    assert wider.low <= found.low
    assert wider.high >= found.high
    if elapsed == 21 and not pairs:
        assert (found.low, found.high) == (done, done)


def test_landing_by_hand() -> None:
    pipeline = pace.weigh([26_800_000, 18_600_000, 14_500_000], [75_000, 55_000, 70_000])
    assert pipeline.weighted == 40_480_000
    found = pace.landing(62_800_000, 4, pipeline, elapsed=12, total=21)
    assert (found.run_rate, found.pipeline) == (109_900_000, 103_280_000)
    rounded = [round(value, -4) for value in (found.low, found.middle, found.high)]
    assert rounded == [85_410_000, 104_400_000, 123_390_000]
    early = pace.landing(62_800_000, 4, pipeline, elapsed=5, total=21)
    assert (early.run_rate, early.middle) == (None, 103_280_000)
    over = pace.landing(62_800_000, 4, pipeline, elapsed=21, total=21)
    assert (over.low, over.high) == (62_800_000, 62_800_000)
    assert pace.landing(5, 1, pace.Pipeline(), elapsed=0, total=21) == pace.Landing(5, 5, 5, None, None)


def test_models_that_contradict_widen_the_range() -> None:
    pipeline = pace.weigh([2_000_000] * 10, [50_000] * 10)
    agreeing = pace.landing(10_000_000, 10, pipeline, elapsed=10, total=20)
    contradicting = pace.landing(100_000_000, 100, pipeline, elapsed=10, total=20)
    assert (agreeing.run_rate, agreeing.pipeline) == (20_000_000, 20_000_000)
    assert contradicting.pipeline is not None
    assert contradicting.run_rate is not None
    assert contradicting.pipeline < contradicting.middle < contradicting.run_rate
    single = pace.landing(100_000_000, 100, pace.Pipeline(), elapsed=10, total=20)
    assert contradicting.high - contradicting.low > single.high - single.low


def test_the_interval_holds_what_it_promises() -> None:
    """Eight in ten simulated months end inside the range of the pipeline model."""
    random = np.random.default_rng(7)
    amounts = random.integers(1_000, 200_000, 40)
    rates = random.integers(10_000, 90_000, 40)
    found = pace.landing(0, 0, pace.weigh(amounts, rates), elapsed=0, total=21)
    sums = (random.random((4_000, 40)) < rates / RATE_ONE) @ amounts
    assert 0.77 < ((sums >= found.low) & (sums <= found.high)).mean() < 0.83
