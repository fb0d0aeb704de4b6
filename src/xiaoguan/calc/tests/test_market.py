"""Markets told apart hold together what the largest of them says, and nothing twice."""

from hypothesis import given, strategies as st

from xiaoguan.calc.market import apart, holds

SIZES = st.dictionaries(
    st.tuples(st.sampled_from(["", "32", "31"]), st.sampled_from(["", "lamps", "poles"])), st.integers(1, 10**12)
)


@given(SIZES)
def test_nothing_is_counted_twice(sizes: dict[tuple[str, str], int]) -> None:
    """No part is below zero or above what was entered; a market holds at least what was said of it."""
    found = apart(sizes)
    assert set(found) == set(sizes)
    for market, size in sizes.items():
        assert 0 <= found[market] <= size
        assert sum(part for other, part in found.items() if holds(market, other)) >= size


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(0, 10**9))
def test_the_rest_is_what_is_beyond_the_parts(one: int, other: int, beyond: int) -> None:
    """A country with two provinces: their sum and the rest are the country."""
    found = apart({("", ""): one + other + beyond, ("32", ""): one, ("31", ""): other})
    assert found == {("", ""): beyond, ("32", ""): one, ("31", ""): other}
