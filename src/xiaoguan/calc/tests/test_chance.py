"""The probability of reaching a target against plain enumeration and plain dynamic programming."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc import chance
from xiaoguan.calc.chance import CONVOLVED, ENUMERATED, reach_probabilities, reach_probability
from xiaoguan.calc.money import RATE_ONE

small = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, RATE_ONE)), max_size=7)


def enumerated(need: int, pairs: list[tuple[int, int]]) -> float:
    total = 0.0
    for outcome in product((0, 1), repeat=len(pairs)):
        if sum(amount for won, (amount, _) in zip(outcome, pairs, strict=True) if won) >= need:
            weights = [rate if won else RATE_ONE - rate for won, (_, rate) in zip(outcome, pairs, strict=True)]
            total += float(np.prod([weight / RATE_ONE for weight in weights]))
    return total


def programmed(need: int, amounts: np.ndarray, rates: np.ndarray) -> float:
    below = np.zeros(need)
    below[0] = 1
    for amount, rate in zip(amounts, rates / RATE_ONE, strict=True):
        moved = below[: max(need - amount, 0)] * rate
        below *= 1 - rate
        below[need - len(moved) :] += moved
    return float(1 - below.sum())


@settings(max_examples=40)
@given(small, st.integers(-5, 10**10))
def test_small_owners_equal_enumeration(pairs: list[tuple[int, int]], need: int) -> None:
    found = reach_probability(need, [a for a, _ in pairs], [r for _, r in pairs])
    assert found == pytest.approx(enumerated(need, pairs), abs=1e-12)


@settings(max_examples=40)
@given(small.filter(bool), st.data())
def test_a_need_met_to_the_fen_counts_as_reached(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    need = sum(amount for amount, _ in chosen)
    found = reach_probability(need, [a for a, _ in pairs], [r for _, r in pairs])
    assert found == pytest.approx(enumerated(need, pairs), abs=1e-12)


def test_certainties() -> None:
    assert reach_probability(0, [], []) == 1.0
    assert reach_probability(-1, [5], [0]) == 1.0
    assert reach_probability(1, [], []) == 0.0
    assert reach_probability(101, [60, 40], [RATE_ONE, RATE_ONE]) == 0.0
    assert reach_probability(100, [60, 40], [RATE_ONE, RATE_ONE]) == pytest.approx(1.0)
    assert reach_probability(100, [60, 40, 50], [RATE_ONE, 50_000, 0]) == pytest.approx(0.5)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([9, ENUMERATED, ENUMERATED + 1, 40, CONVOLVED]))
def test_multiples_of_a_step_are_exact(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    amounts = random.integers(1, 1_900 // count + 1, count)
    rates = random.integers(0, RATE_ONE + 1, count)
    need = int(random.integers(1, amounts.sum() + 1))
    found = reach_probability(need * 10_000, amounts * 10_000, rates)
    assert found == pytest.approx(programmed(need, amounts, rates), abs=1e-9)


@pytest.mark.parametrize("count", [ENUMERATED + 1, 60, CONVOLVED, CONVOLVED + 1, 400])
@pytest.mark.parametrize("seed", range(4))
def test_the_stated_error_of_large_owners(count: int, seed: int) -> None:
    random = np.random.default_rng([count, seed])
    amounts = np.minimum(random.lognormal(5, 1.2, count).astype(int) + 1, 9_000)
    rates = random.integers(3_000, 90_000, count)
    need = int(amounts @ rates / RATE_ONE * random.uniform(0.8, 1.2)) + 1
    assert abs(reach_probability(need, amounts, rates) - programmed(need, amounts, rates)) < 0.01


def test_few_different_prices_stay_within_the_stated_error() -> None:
    random = np.random.default_rng(3)
    for count in (30, 90, 200):
        amounts = random.choice([5_000, 7_001, 93, 550], count)
        rates = random.integers(5_000, 60_000, count)
        need = int(amounts @ rates / RATE_ONE)
        assert abs(reach_probability(need, amounts, rates) - programmed(need, amounts, rates)) < 0.01


def test_many_certain_deals() -> None:
    amounts = np.full(300, 1_001)
    assert reach_probability(1_001 * 300, amounts, np.full(300, RATE_ONE)) == pytest.approx(1.0)
    assert reach_probability(1_001 * 300 + 1, amounts, np.full(300, RATE_ONE)) == 0.0


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_owners_do_not_disturb_each_other(seed: int) -> None:
    random = np.random.default_rng(seed)
    owners = random.integers(0, 12, 90)
    amounts, rates = random.integers(0, 10**8, 90), random.integers(0, RATE_ONE, 90)
    needs = random.integers(-10, 4 * 10**8, 12)
    together = reach_probabilities(needs, owners, amounts, rates)
    for owner in range(12):
        own = owners == owner
        assert together[owner] == pytest.approx(reach_probability(needs[owner], amounts[own], rates[own]))


@settings(max_examples=40)
@given(small, st.integers(1, 10**9), st.integers(0, 10**9))
def test_a_larger_need_is_never_likelier(pairs: list[tuple[int, int]], need: int, more: int) -> None:
    amounts, rates = [a for a, _ in pairs], [r for _, r in pairs]
    found = reach_probabilities([need, need + more], [0] * len(pairs) + [1] * len(pairs), amounts * 2, rates * 2)
    assert found[0] >= found[1] - 1e-12
    assert (found >= 0).all()
    assert (found <= 1).all()


def test_the_ways_agree_where_they_meet() -> None:
    random = np.random.default_rng(11)
    amounts = random.integers(10**6, 10**8, 24)
    rates = random.integers(10_000, 90_000, 24) / RATE_ONE
    need = np.array([int(amounts @ rates)])
    exact = chance._enumerated(need, amounts[None], rates[None])[0]
    assert chance._convolved(need, amounts[None], rates[None])[0] == pytest.approx(exact, abs=0.002)
    assert chance._Many(amounts, rates).tail(int(need[0])) == pytest.approx(exact, abs=0.01)
