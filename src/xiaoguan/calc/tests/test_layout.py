"""Charts of people: everybody has a place of his own, above his own."""

from __future__ import annotations

import itertools

from hypothesis import given, strategies as st

from xiaoguan.calc import layout

# Superiors by number: of people named before (a forest), or of anybody (circles too).
FORESTS = st.integers(0, 25).flatmap(
    lambda size: st.tuples(*(st.one_of(st.none(), st.integers(0, max(0, n - 1))) for n in range(size)))
)
ANY = st.integers(0, 12).flatmap(
    lambda size: st.tuples(*(st.one_of(st.none(), st.integers(0, 15)) for _ in range(size)))
)


def _named(superiors: tuple[int | None, ...]) -> dict[int, int | None]:
    return {number: None if upper == number else upper for number, upper in enumerate(superiors)}


@given(ANY)
def test_everybody_has_a_place_and_nobody_shares_it(superiors: tuple[int | None, ...]) -> None:
    above = _named(superiors)
    found = layout.spots(above)
    assert found.keys() == above.keys()
    rows: dict[int, list[float]] = {}
    for spot in found.values():
        rows.setdefault(spot.depth, []).append(spot.x)
    for xs in rows.values():
        xs.sort()
        assert all(right - left >= 1 for left, right in itertools.pairwise(xs))
    assert all(0 <= spot.x < max(1, len(found)) for spot in found.values())


@given(FORESTS)
def test_a_superior_stands_a_row_above_in_the_middle_of_his_own(superiors: tuple[int | None, ...]) -> None:
    above = _named(superiors)
    found = layout.spots(above)
    for name, upper in above.items():
        assert found[name].depth == (0 if upper is None else found[upper].depth + 1)
    for name in above:
        own = [found[each].x for each, upper in above.items() if upper == name]
        assert not own or found[name].x == (min(own) + max(own)) / 2


def test_a_small_company() -> None:
    found = layout.spots({"head": None, "buyer": "head", "engineer": "head", "clerk": "buyer", "trainee": "buyer"})
    assert found == {"head": (1.25, 0), "buyer": (0.5, 1), "clerk": (0, 2), "trainee": (1, 2), "engineer": (2, 1)}
