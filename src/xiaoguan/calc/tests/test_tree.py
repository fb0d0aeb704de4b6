"""Targets down an organisation and along time: exact on every level, locks untouched, siblings independent."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc.errors import ShareError
from xiaoguan.calc.period import FiscalCalendar, WorkCalendar
from xiaoguan.calc.tree import Level, cascade, decompose, group_sums, leaves, pack, roll_up, split_levels, unpack

YEAR = FiscalCalendar().year(date(2024, 1, 1))
MONTH_DAYS = [month.days for month in YEAR.split("month")]
WORKDAYS = WorkCalendar().weights(YEAR.start, YEAR.end)


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    size = draw(st.integers(1, 25))
    parents = [-1] + [draw(st.integers(0, node - 1)) for node in range(1, size)]
    weights = draw(st.lists(st.integers(1, 1000), min_size=size, max_size=size))
    return parents, weights


@settings(max_examples=30)
@given(trees(), st.integers(0, 10**12), st.lists(st.integers(1, 100), min_size=12, max_size=12))
def test_every_level_adds_up(tree: tuple[list[int], list[int]], total: int, seasons: list[int]) -> None:
    parents, weights = tree
    levels = [Level([12], seasons), Level(MONTH_DAYS, WORKDAYS)]
    done = decompose(total, parents, weights, levels)
    months, days = done.levels
    assert done.totals[0] == total
    assert (months.sum(axis=1) == done.totals).all()
    assert (group_sums(days, MONTH_DAYS) == months).all()
    assert (group_sums(months, [3, 3, 3, 3]).sum(axis=1) == done.totals).all()
    for node in set(parents) - {-1}:
        below = [child for child, parent in enumerate(parents) if parent == node]
        assert done.totals[below].sum() == done.totals[node]
        assert (months[below].sum(axis=0) == months[node]).all()
        assert (days[below].sum(axis=0) == days[node]).all()
    assert (days[:, WORKDAYS == 0] == 0).all()


@settings(max_examples=40)
@given(trees(), st.integers(0, 10**9), st.randoms())
def test_numbering_of_other_branches_is_irrelevant(
    tree: tuple[list[int], list[int]], total: int, random: object
) -> None:
    parents, weights = tree
    order = list(range(1, len(parents)))
    random.shuffle(order)  # type: ignore[attr-defined]
    # keep siblings in their order, whatever happens to the rest
    for node in set(parents):
        places = sorted(place for place, child in enumerate(order) if parents[child] == node)
        for place, child in zip(places, sorted(order[place] for place in places), strict=True):
            order[place] = child
    old = [0, *order]
    new = {node: place for place, node in enumerate(old)}
    moved = cascade(total, [-1 if parents[n] < 0 else new[parents[n]] for n in old], [weights[n] for n in old])
    straight = cascade(total, parents, weights)
    assert [moved[new[node]] for node in range(len(parents))] == straight.tolist()


def test_locked_nodes_stay_and_name_the_parent_that_does_not_add_up() -> None:
    parents = [-1, 0, 0, 1, 1, 2]
    values = cascade(1000, parents, [0, 1, 1, 1, 1, 1], {1: 600, 3: 50})
    assert values.tolist() == [1000, 600, 400, 50, 550, 400]
    with pytest.raises(ShareError) as caught:
        cascade(1000, parents, [0, 1, 1, 1, 1, 1], {5: 20})
    assert caught.value.code == "nothing_unlocked"
    assert (caught.value.facts["node"], caught.value.facts["difference"]) == (2, 480)


@pytest.mark.parametrize("parents", [[-1, -1], [0, 1], [-1, 5], [-1, 2, 1], []])
def test_what_is_no_tree_is_refused(parents: list[int]) -> None:
    with pytest.raises(ShareError, match="bad_tree"):
        cascade(10, parents, [1] * len(parents))


def test_locked_months_of_one_person() -> None:
    locked = np.zeros((2, 12), bool)
    locked[0, 1] = True
    kept = np.zeros((2, 12), int)
    kept[0, 1] = 6_000
    seasons = [6, 4, 8, 9, 9, 9, 8, 8, 9, 10, 10, 10]
    months, days = split_levels([154_000, 150_000], [Level([12], seasons, locked, kept), Level(MONTH_DAYS, WORKDAYS)])
    assert months[0, 1] == 6_000
    assert months.sum(axis=1).tolist() == [154_000, 150_000]
    assert months[1].tolist() == [9000, 6000, 12000, 13500, 13500, 13500, 12000, 12000, 13500, 15000, 15000, 15000]
    assert group_sums(days, MONTH_DAYS)[0, 1] == 6_000


def test_roll_up_and_leaves() -> None:
    parents = [-1, 0, 0, 1]
    assert leaves(parents) == [2, 3]
    assert roll_up(parents, [[1, 2], [10, 20]]).tolist() == [[11, 22], [10, 20], [1, 2], [10, 20]]
    assert roll_up([-1], [7]).tolist() == [7]
    with pytest.raises(ShareError, match="wrong_shape"):
        roll_up(parents, [1])


def test_shapes_are_checked() -> None:
    with pytest.raises(ShareError, match="wrong_shape"):
        split_levels([1], [Level([3, 3], [1] * 6)])
    with pytest.raises(ShareError, match="wrong_shape"):
        group_sums([[1, 2, 3]], [2, 2])


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40))
def test_packed_vectors_come_back(values: list[int]) -> None:
    assert unpack(pack(values)).tolist() == values
