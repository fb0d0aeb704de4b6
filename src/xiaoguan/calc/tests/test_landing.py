"""Where a period ends."""

from itertools import product

import numpy as np
from hypothesis import given, settings, strategies as st

from xiaoguan.calc.chance import CELLS, reach_quantiles
from xiaoguan.calc.landing import Chances, fresh_rate, landings, swayed
from xiaoguan.calc.money import RATE_ONE

WAN = 1_000_000
wins = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, RATE_ONE)), max_size=8)


def outcomes(pairs: list[tuple[int, int]]) -> list[tuple[int, float]]:
    """Every sum with its probability."""
    found = []
    for taken in product((0, 1), repeat=len(pairs)):
        weight = 1.0
        for (_amount, rate), won in zip(pairs, taken, strict=True):
            weight *= rate / RATE_ONE if won else 1 - rate / RATE_ONE
        found.append((sum(a for (a, _), won in zip(pairs, taken, strict=True) if won), weight))
    return found


@settings(max_examples=30, deadline=None)
@given(wins, st.sampled_from([0.1, 0.5, 0.9]))
def test_a_quantile_is_where_the_sums_say(pairs: list[tuple[int, int]], share: float) -> None:
    zeros, amounts, rates = [0] * len(pairs), [a for a, _ in pairs], [r for _, r in pairs]
    found = int(reach_quantiles([[share]], zeros, amounts, rates)[0, 0])
    step = 2 * sum(amounts) / (CELLS - 20) + 1
    below = sum(weight for amount, weight in outcomes(pairs) if amount < found - step)
    beyond = sum(weight for amount, weight in outcomes(pairs) if amount < found + step)
    assert below <= share + 1e-9 and beyond >= share - 1e-9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**10), st.integers(0, 10**11), wins, wins)
def test_laws(done: int, target: int, deals: list[tuple[int, int]], before: list[tuple[int, int]]) -> None:
    open_deals = Chances.of([0] * len(deals), [a for a, _ in deals], [r for _, r in deals])
    fresh = Chances.of([0] * len(before), [a for a, _ in before], [fresh_rate(12)] * len(before))
    (found,) = landings([done], [target], open_deals, fresh)
    assert done <= found.low <= found.middle <= found.high
    assert found.middle == done + found.pipeline.weighted + found.fresh
    assert found.reached is None if not target else 0 <= (found.reached or 0) <= 1
    (nobody,) = landings([done], [None], Chances.of([], [], []), Chances.of([], [], []))
    assert (nobody.low, nobody.middle, nobody.high, nobody.reached) == (done, done, done, None)


def test_periods_that_differ_widen_the_range() -> None:
    """What ends far outside its ranges makes later ranges wider and certainties doubtful; what ends inside does not."""
    deals = Chances.of([0] * 40, [WAN] * 40, [50_000] * 40)
    none = Chances.of([], [], [])
    told = [(90, 100, 110, came) for came in (60, 140, 130, 75)]
    sway = swayed(told)
    assert 0.1 < sway < 0.4 and swayed([(90, 100, 110, came) for came in (97, 103, 100)]) == 0
    (calm,), (wild,) = (landings([0], [12 * WAN], deals, none, sway=each) for each in (0.0, sway))
    assert wild.low < calm.low and wild.high > calm.high and wild.middle == calm.middle
    assert 0.5 < (wild.reached or 0) < (calm.reached or 0)


def test_the_range_holds_what_it_promises() -> None:
    """Of two hundred simulated months of open deals and new business about eighty per cent end inside."""
    random = np.random.default_rng(3)
    inside = 0
    for _month in range(200):
        amounts, rates = random.integers(5, 60, 15) * WAN, random.integers(10_000, 70_000, 15)
        before = random.integers(5, 40, random.poisson(24)) * WAN
        deals = Chances.of([0] * 15, amounts, rates)
        fresh = Chances.of([0] * len(before), before, [fresh_rate(12)] * len(before))
        (found,) = landings([0], [None], deals, fresh)
        came = int(amounts[random.random(15) < rates / RATE_ONE].sum())
        came += int((random.integers(5, 40, random.poisson(2)) * WAN).sum())
        inside += found.low <= came <= found.high
    assert 140 <= inside <= 185
