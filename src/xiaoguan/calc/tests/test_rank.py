"""Places on a leaderboard."""

from itertools import pairwise

from hypothesis import given, settings, strategies as st

from xiaoguan.calc.rank import leaderboard, moves, places

values = st.lists(st.one_of(st.none(), st.integers(-5, 5)), max_size=12)


def test_ties_share_a_place_and_leave_the_next_out() -> None:
    assert places([50, 80, 50, 10, None]) == [2, 1, 2, 4, None]
    assert places([50, 80, 50, 10], largest_first=False) == [2, 4, 2, 1]
    board = leaderboard([50, 80, 50, None])
    assert [(row.index, row.place, row.tied) for row in board] == [
        (1, 1, False), (0, 2, True), (2, 2, True), (3, None, False)
    ]  # fmt: skip


@given(values)
def test_a_place_is_one_more_than_the_number_of_better_ones(given_values: list[int | None]) -> None:
    for value, place in zip(given_values, places(given_values), strict=True):
        better = sum(other is not None and value is not None and other > value for other in given_values)
        assert place == (None if value is None else better + 1)


@settings(max_examples=40)
@given(values)
def test_the_board_holds_everybody_once_in_order(given_values: list[int | None]) -> None:
    board = leaderboard(given_values)
    assert sorted(row.index for row in board) == list(range(len(given_values)))
    for above, below in pairwise(board):
        if above.value == below.value:
            assert above.index < below.index
        else:
            assert above.value is not None
            assert below.value is None or above.value > below.value
    for row in board:
        assert row.tied == (row.value is not None and given_values.count(row.value) > 1)


def test_moves() -> None:
    assert moves([3, 1, None, 2], [1, 1, 2, None]) == [2, 0, None, None]
