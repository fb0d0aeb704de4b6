"""Dealing out: nobody gets more than he can carry, nobody comes twice before all others had their turn."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, strategies as st

from xiaoguan.calc.rota import Bearer, deal_out, median

BEARERS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=7).map(
    lambda rows: [Bearer(key, carries, last) for key, (carries, last) in enumerate(rows)]
)


@given(st.integers(0, 40), BEARERS, st.integers(0, 10))
def test_all_are_dealt_while_there_is_room(count: int, bearers: list[Bearer], most: int) -> None:
    found = deal_out(count, bearers, most)
    room = {each.key: max(0, most - each.carries) for each in bearers}
    assert len(found) == min(count, sum(room.values()))
    assert all(n <= room[key] for key, n in Counter(found).items())


@given(st.integers(0, 40), BEARERS)
def test_everybody_has_his_turn_before_anybody_comes_again(count: int, bearers: list[Bearer]) -> None:
    found = deal_out(count, bearers, 1000)
    size = len(bearers)
    for at in range(0, len(found), size or 1):
        part = found[at : at + size]
        assert len(set(part)) == len(part)
    if found:
        assert bearers[found[0]].last == min(each.last for each in bearers)


@given(st.lists(st.integers(0, 10_000)))
def test_the_median_has_as_many_below_as_above(values: list[int]) -> None:
    found = median(values)
    assert (found is None) == (not values)
    if found is not None:
        assert found in values
        assert sum(each < found for each in values) <= len(values) // 2
        assert sum(each > found for each in values) <= len(values) // 2
