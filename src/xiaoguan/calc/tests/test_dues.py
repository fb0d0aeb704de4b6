"""Laws of what is owed: parts make the whole, nothing is lost, nobody gets more than that, every day has a place."""

import datetime as dt

import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc import dues
from xiaoguan.calc.errors import ShareError
from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.share import largest_remainder

DAY = dt.date(2026, 11, 18)
sums = st.integers(0, 10**12)
keyed = st.lists(st.integers(0, 10**10), max_size=12).map(lambda values: list(enumerate(values)))


@settings(max_examples=60)
@given(sums, st.lists(st.integers(1, 10**4), min_size=1, max_size=10), sums)
def test_rates_of_the_whole_make_the_whole(total: int, weights: list[int], fixed: int) -> None:
    rates = largest_remainder(RATE_ONE, weights)
    amounts = dues.instalments(total, [(rate, None) for rate in rates])
    assert sum(amounts) == total
    assert dues.instalments(total, [(None, amount) for amount in amounts]) == amounts
    mixed = dues.instalments(total + fixed, [(None, fixed), (None, total)])
    assert mixed == [fixed, total]


def test_a_plan_that_is_not_whole_is_left_as_it_is() -> None:
    assert dues.instalments(100_00, [(30_000, None), (30_000, None)]) == [30_00, 30_00]
    assert dues.instalments(100_01, [(50_000, None), (None, 50_00)]) == [50_01, 50_00]
    assert dues.instalments(10, [(33_333, None)] * 3) == [4, 3, 3]


@settings(max_examples=80)
@given(st.lists(st.tuples(sums, sums).map(lambda pair: (max(pair), min(pair))), max_size=8), sums)
def test_another_total_never_takes_what_was_paid(parts: list[tuple[int, int]], total: int) -> None:
    paid = sum(amount if there >= amount else there for amount, there in parts)
    settled = all(there >= amount for amount, there in parts)
    if total < paid or (settled and total > paid):
        with pytest.raises(ShareError):
            dues.respread(total, parts)
        return
    found = dues.respread(total, parts)
    assert sum(found) == total
    assert all(new >= there for new, (_amount, there) in zip(found, parts, strict=True))
    assert all(new == amount for new, (amount, there) in zip(found, parts, strict=True) if there >= amount)


@settings(max_examples=80)
@given(keyed, keyed)
def test_given_money_is_neither_lost_nor_made(money: list[tuple[int, int]], owed: list[tuple[int, int]]) -> None:
    found = dues.give(money, owed)
    for source, amount in money:
        assert sum(part for key, _due, part in found if key == source) <= amount
    for due, amount in owed:
        assert sum(part for _key, key, part in found if key == due) <= amount
    assert sum(part for _key, _due, part in found) == min(sum(m for _, m in money), sum(o for _, o in owed))
    assert all(part > 0 for _key, _due, part in found)
    late = [due for _key, due, _part in found]
    assert late == sorted(late), "the oldest first"


@settings(max_examples=60)
@given(keyed, sums)
def test_the_latest_is_taken_back_first(given_: list[tuple[int, int]], amount: int) -> None:
    found = dues.take_back(given_, amount)
    there = dict(given_)
    assert sum(part for _key, part in found) == min(amount, sum(there.values()))
    assert all(0 < part <= there[key] for key, part in found)
    keys = [key for key, _part in found]
    assert keys == sorted(keys, reverse=True)
    assert all(part == there[key] for key, part in found[:-1]), "an earlier one is touched only when this one is empty"


@settings(max_examples=60)
@given(st.integers(-400, 400))
def test_every_day_has_one_bucket(late: int) -> None:
    due = DAY - dt.timedelta(days=late)
    holds = [(a is None or a <= due) and (b is None or due <= b) for a, b in dues.spans(DAY)]
    assert holds == [place == dues.bucket(due, DAY) for place in range(len(holds))]


def test_the_edges_of_the_buckets() -> None:
    at = {0: 0, 1: 1, 30: 1, 31: 2, 60: 2, 61: 3, 90: 3, 91: 4, 180: 4, 181: 5}
    assert {late: dues.bucket(DAY - dt.timedelta(days=late), DAY) for late in at} == at
    assert dues.bucket(None, DAY) == 0


def test_a_paid_plan_takes_no_more() -> None:
    with pytest.raises(ShareError, match="nothing_unlocked"):
        dues.respread(300, [(100, 100), (100, 100)])
    assert dues.respread(0, []) == []
