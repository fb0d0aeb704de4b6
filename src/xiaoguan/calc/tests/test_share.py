"""Laws of exact division: parts sum, stay within one unit of their quota, respect locks, ignore nothing silently."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc.errors import ShareError
from xiaoguan.calc.share import largest_remainder, rebalance, split_locked, split_rows

totals = st.integers(-(10**14), 10**14)
weight_lists = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)


@settings(max_examples=40)
@given(totals, weight_lists)
def test_parts_sum_and_keep_quota(total: int, weights: list[int]) -> None:
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)
        assert weight or not part
        assert part * total >= 0


@settings(max_examples=40)
@given(totals, weight_lists)
def test_negative_totals_mirror(total: int, weights: list[int]) -> None:
    assert largest_remainder(-total, weights) == [-part for part in largest_remainder(total, weights)]


@settings(max_examples=40)
@given(totals, weight_lists, st.integers(1, 1000))
def test_only_proportions_matter(total: int, weights: list[int], factor: int) -> None:
    assert largest_remainder(total, [weight * factor for weight in weights]) == largest_remainder(total, weights)


@settings(max_examples=40)
@given(st.integers(0, 10**9), weight_lists, st.randoms())
def test_order_matters_for_ties_only(total: int, weights: list[int], random: object) -> None:
    places = list(range(len(weights)))
    random.shuffle(places)  # type: ignore[attr-defined]
    straight = largest_remainder(total, weights)
    shuffled = largest_remainder(total, [weights[place] for place in places])
    rests = [total * weight % sum(weights) for weight in weights]
    for at, place in enumerate(places):
        assert shuffled[at] == straight[place] or rests.count(rests[place]) > 1


@settings(max_examples=40)
@given(totals, weight_lists)
def test_heavier_parts_never_get_less_unless_tied(total: int, weights: list[int]) -> None:
    parts = [abs(part) for part in largest_remainder(total, weights)]
    for heavy, more in zip(parts, weights, strict=True):
        assert all(heavy >= light for light, less in zip(parts, weights, strict=True) if less < more) or total == 0


def test_ties_go_to_the_earliest() -> None:
    assert largest_remainder(5, [1, 1, 1]) == [2, 2, 1]
    assert largest_remainder(-5, [1, 1, 1]) == [-2, -2, -1]
    assert largest_remainder(1, [0, 1, 1]) == [0, 1, 0]


def test_refusals() -> None:
    with pytest.raises(ShareError, match="zero_weights"):
        largest_remainder(1, [0, 0])
    with pytest.raises(ShareError, match="zero_weights"):
        largest_remainder(1, [])
    with pytest.raises(ShareError, match="negative_weight"):
        largest_remainder(1, [3, -1])
    assert largest_remainder(0, [0, 0]) == [0, 0]
    assert largest_remainder(0, []) == []


@st.composite
def locked_cases(draw: st.DrawFn) -> tuple[int, list[int], dict[int, int]]:
    weights = draw(weight_lists)
    locked = draw(st.dictionaries(st.integers(0, len(weights) - 1), st.integers(0, 10**6), max_size=len(weights)))
    return sum(locked.values()) + draw(st.integers(0, 10**9)), weights, locked


@settings(max_examples=40)
@given(locked_cases())
def test_locks_are_untouched(case: tuple[int, list[int], dict[int, int]]) -> None:
    total, weights, locked = case
    free = [weight for place, weight in enumerate(weights) if place not in locked]
    if total != sum(locked.values()) and not any(free):
        with pytest.raises(ShareError, match="zero_weights" if free else "nothing_unlocked"):
            split_locked(total, weights, locked)
        return
    parts = split_locked(total, weights, locked)
    assert sum(parts) == total
    assert all(parts[place] == value for place, value in locked.items())


def test_locks_that_leave_no_room() -> None:
    with pytest.raises(ShareError) as caught:
        split_locked(100, [1, 1, 1], {0: 60, 1: 60})
    assert (caught.value.code, caught.value.facts["difference"]) == ("locked_exceeds", -20)
    with pytest.raises(ShareError) as caught:
        split_locked(100, [1, 1], {0: 60, 1: 30})
    assert (caught.value.code, caught.value.facts["difference"]) == ("nothing_unlocked", 10)
    assert split_locked(90, [1, 1], {0: 60, 1: 30}) == [60, 30]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=12), st.data())
def test_rebalance_keeps_the_total(values: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    locked = data.draw(st.sets(st.integers(0, len(values) - 1), max_size=len(values) - 2)) - {place}
    room = sum(values) - sum(values[other] for other in locked)
    new = data.draw(st.integers(0, room))
    if len(locked) + 1 == len(values) and new != room:
        return
    after = rebalance(values, {place: new}, locked=locked)
    assert sum(after) == sum(values)
    assert after[place] == new
    assert all(after[other] == values[other] for other in locked)


def test_rebalance_keeps_proportions_and_falls_back_to_equal_parts() -> None:
    assert rebalance([100, 200, 100], {0: 40}) == [40, 240, 120]
    assert rebalance([100, 0, 0], {0: 90}) == [90, 5, 5]
    assert rebalance([100, 200, 100], {0: 40}, weights=[0, 0, 1]) == [40, 200 - 200, 360]
    with pytest.raises(ShareError, match="locked_exceeds"):
        rebalance([10, 10], {0: 30})


@settings(max_examples=40)
@given(st.data())
def test_many_rows_equal_single_rows(data: st.DataObject) -> None:
    rows, width = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 12))
    amounts = data.draw(st.lists(totals, min_size=rows, max_size=rows))
    line = st.lists(st.integers(0, 10**5), min_size=width, max_size=width).filter(any)
    own = data.draw(st.lists(line, min_size=rows, max_size=rows))
    assert split_rows(amounts, own[0]).tolist() == [largest_remainder(total, own[0]) for total in amounts]
    expected = [largest_remainder(total, weights) for total, weights in zip(amounts, own, strict=True)]
    assert split_rows(amounts, own).tolist() == expected


@settings(max_examples=40)
@given(locked_cases())
def test_many_rows_with_locks_equal_single_rows(case: tuple[int, list[int], dict[int, int]]) -> None:
    total, weights, locked = case
    mask = np.array([[place in locked for place in range(len(weights))]] * 2)
    kept = np.array([[locked.get(place, 7) for place in range(len(weights))]] * 2)
    try:
        expected = split_locked(total, weights, locked)
    except ShareError as error:
        with pytest.raises(ShareError, match=error.code):
            split_rows([total, total], weights, locked=mask, kept=kept)
        return
    assert split_rows([total, total], weights, locked=mask, kept=kept).tolist() == [expected, expected]


def test_many_rows_with_huge_numbers_stay_exact() -> None:
    big = 9 * 10**18
    assert split_rows([big, -big], [1, 2, 3]).tolist() == [largest_remainder(s, [1, 2, 3]) for s in (big, -big)]
    weights = [10**15, 3 * 10**15 + 1, 7]
    assert split_rows([10**12 + 1], weights).tolist() == [largest_remainder(10**12 + 1, weights)]
    weights = [4 * 10**18, 4 * 10**18, 4 * 10**18]  # their sum passes int64
    assert split_rows([100], weights).tolist() == [[34, 33, 33]]


def test_many_rows_refusals() -> None:
    with pytest.raises(ShareError, match="zero_weights") as caught:
        split_rows([0, 5], [[0, 0], [0, 0]])
    assert caught.value.facts["row"] == 1
    with pytest.raises(ShareError, match="wrong_shape"):
        split_rows([1, 2], [[1, 1]])
    with pytest.raises(ShareError, match="negative_weight"):
        split_rows([1], [1, -1])
    assert split_rows([0], [0, 0]).tolist() == [[0, 0]]
    assert split_rows([], [1, 1]).shape == (0, 2)
