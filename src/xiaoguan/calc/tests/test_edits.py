"""Edits between sequences: against the textbook's recursion, and their laws."""

import numpy as np
from hypothesis import given, settings, strategies as st

from xiaoguan.calc.edits import distances

words = st.text("abc", max_size=7)


def textbook(left: str, right: str) -> int:
    """Optimal string alignment, cell by cell."""
    table = [[i + j if not i * j else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            same = left[i - 1] == right[j - 1]
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


def between(pairs: list[tuple[str, str]]) -> list[int]:
    """The distances of some pairs of words, filled up with what must not matter."""
    width = 9
    sides = []
    for side in (0, 1):
        codes = np.array(
            [[*map(ord, pair[side]), *[120 + side] * (width - len(pair[side]))] for pair in pairs], np.uint32
        )
        sides += [codes.reshape(len(pairs), width), np.array([len(pair[side]) for pair in pairs], np.int64)]
    return distances(*sides).tolist()


@settings(max_examples=150)
@given(st.lists(st.tuples(words, words), min_size=1, max_size=6))
def test_every_pair_is_as_the_textbook_says(pairs: list[tuple[str, str]]) -> None:
    assert between(pairs) == [textbook(left, right) for left, right in pairs]


@settings(max_examples=60)
@given(words, words)
def test_direction_does_not_matter_and_only_equals_are_at_zero(left: str, right: str) -> None:
    there, back = between([(left, right), (right, left)])
    assert there == back
    assert (there == 0) == (left == right)


def test_neighbours_swapped_are_one_edit() -> None:
    assert between([("华阳集团", "阳华集团"), ("", "abc"), ("abc", "")]) == [1, 3, 3]
