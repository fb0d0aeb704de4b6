"""The index of gram sets against brute force: alikeness, the best items, the self-join, the file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc.grams import BACKGROUND, RARE, Grams, build

collections = st.lists(st.sets(st.integers(0, 40) | st.integers(0, 2**32 - 1), max_size=9), max_size=25)


def indexed(items: list[set[int]], common: tuple[int, ...] = ()) -> Grams:
    """The index of some sets; every gram is given twice, which must not matter."""
    flat = [(gram, owner) for owner, grams in enumerate(items) for gram in (*grams, *grams)]
    grams, owners = np.array(flat, np.int64).reshape(-1, 2).T
    return build(grams.astype(np.uint32), owners, len(items), np.array(common, np.uint32))


def weight(gram: int, items: list[set[int]], common: tuple[int, ...] = ()) -> float:
    """The weight of a gram as the module says."""
    carried = sum(gram in each for each in items)
    return float(np.log((len(items) + BACKGROUND) / (carried + BACKGROUND * (0.005 if gram in common else RARE))))


def alike(one: set[int], other: set[int], items: list[set[int]]) -> float:
    """Dice's coefficient, set by set."""
    total = sum(weight(gram, items) for gram in one) + sum(weight(gram, items) for gram in other)
    return 2 * sum(weight(gram, items) for gram in one & other) / total if total else 0.0


@settings(max_examples=120)
@given(collections, st.sets(st.integers(0, 40), max_size=9))
def test_the_likest_come_first_and_none_is_forgotten(items: list[set[int]], query: set[int]) -> None:
    found, values = indexed(items).top(np.array(sorted(query), np.uint32), most=len(items) or 1)
    expected = {at: alike(query, each, items) for at, each in enumerate(items) if query & each}
    assert set(found.tolist()) == set(expected)
    for at, value in zip(found.tolist(), values.tolist(), strict=True):
        assert value == pytest.approx(expected[at], rel=1e-4)
    assert values.tolist() == sorted(values.tolist(), reverse=True)


@settings(max_examples=120)
@given(collections, st.sampled_from([0.2, 0.5, 0.7, 0.95]))
def test_the_join_is_what_brute_force_finds(items: list[set[int]], threshold: float) -> None:
    left, right, values = indexed(items).pairs(threshold)
    found = dict(zip(zip(left.tolist(), right.tolist(), strict=True), values.tolist(), strict=True))
    every = [(a, b) for b in range(len(items)) for a in range(b)]
    expected = {pair: value for pair in every if (value := alike(items[pair[0]], items[pair[1]], items)) > 0}
    for pair, value in expected.items():
        if abs(value - threshold) > 1e-4:
            assert (pair in found) == (value > threshold)
    for pair, value in found.items():
        assert value == pytest.approx(expected[pair], rel=1e-4)


@settings(max_examples=40)
@given(collections)
def test_order_of_items_does_not_matter(items: list[set[int]]) -> None:
    straight = {(a, b) for a, b in zip(*(side.tolist() for side in indexed(items).pairs(0.5)[:2]), strict=True)}
    last = len(items) - 1
    turned = {
        (last - b, last - a)
        for a, b in zip(*(side.tolist() for side in indexed(items[::-1]).pairs(0.5)[:2]), strict=True)
    }
    assert straight == turned


def test_common_grams_weigh_less_however_few_items_there_are() -> None:
    items = [{1, 2}, {2, 3}]
    index = indexed(items, common=(2,))
    weights = dict(zip(index.grams.tolist(), index.weights.tolist(), strict=True))
    for gram in (1, 2, 3):
        assert weights[gram] == pytest.approx(weight(gram, items, (2,)), rel=1e-5)
    assert weights[2] < weights[1] < index.unknown
    assert index.weights_of(np.array([2, 77], np.uint32)).tolist() == pytest.approx([weights[2], index.unknown])


def test_a_lookup_reads_no_more_than_its_budget_and_at_least_one_gram() -> None:
    items = [{1, 2, 10 + at} for at in range(100)]
    index = indexed(items)
    found, _values = index.top(np.array([1, 2, 15], np.uint32), most=200, budget=50)
    assert found.tolist() == [5]
    found, _values = index.top(np.array([1, 2], np.uint32), most=200, budget=50)
    assert len(found) == 100


@settings(max_examples=25)
@given(collections)
def test_the_file_gives_back_what_was_saved(tmp_path_factory: pytest.TempPathFactory, items: list[set[int]]) -> None:
    path = tmp_path_factory.mktemp("grams") / "names.grams"
    index = indexed(items)
    index.save(path)
    again = Grams.load(path)
    for name in index.__dataclass_fields__:
        assert getattr(again, name).tolist() == getattr(index, name).tolist()
        assert getattr(again, name).dtype == getattr(index, name).dtype


def test_another_file_and_a_torn_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.grams"
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="no index"):
        Grams.load(path)
    indexed([{1, 2, 3}]).save(path)
    path.write_bytes(path.read_bytes()[:-70])
    with pytest.raises(ValueError, match="cut off"):
        Grams.load(path)
