"""Cross tables."""

import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc.errors import MoneyError
from xiaoguan.calc.pivot import pivot

facts = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(-100, 100)), max_size=30)


@settings(max_examples=40)
@given(facts)
def test_all_sides_sum_to_the_facts(given_facts: list[tuple[str, str, int]]) -> None:
    table = pivot(given_facts)
    assert table.total == sum(value for _, _, value in given_facts) == sum(table.row_totals) == sum(table.column_totals)
    for r, row in enumerate(table.rows):
        assert table.row_totals[r] == sum(value or 0 for value in table.cells[r])
        for c, column in enumerate(table.columns):
            own = [value for a, b, value in given_facts if (a, b) == (row, column)]
            assert table.cells[r][c] == (sum(own) if own else None)


@settings(max_examples=40)
@given(facts)
def test_given_keys_fix_order_and_presence(given_facts: list[tuple[str, str, int]]) -> None:
    table = pivot(given_facts, rows="bd", columns="zyx")
    assert (table.rows, table.columns) == (("b", "d"), ("z", "y", "x"))
    assert table.cells[1] == (None, None, None)
    assert table.total == sum(value for row, _, value in given_facts if row == "b")


def test_nothing_is_not_zero() -> None:
    table = pivot([("a", "x", 5), ("a", "x", -5), ("b", "y", 1)])
    assert table.cells == ((0, None), (None, 1))
    assert pivot([]).total == 0


def test_sums_beyond_the_database_are_refused() -> None:
    with pytest.raises(MoneyError, match="too_large"):
        pivot([("a", "x", 2**62), ("b", "x", 2**62)])
