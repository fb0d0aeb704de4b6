"""Rules of territories: the most specific wins, in whatever order they are asked."""

from hypothesis import given, strategies as st

from xiaoguan.calc.territory import Map, Place, Rule, claims, shifts, strength

REGIONS = st.sampled_from(["32", "3205", "320583", "33", "3301", "31"])
RULES = st.lists(
    st.builds(
        Rule,
        territory=st.integers(1, 5),
        order=st.integers(0, 3),
        regions=st.lists(REGIONS, max_size=3).map(tuple),
        industries=st.frozensets(st.sampled_from("AB"), max_size=2),
        kinds=st.frozensets(st.integers(1, 2), max_size=2),
    ),
    max_size=6,
)
PLACES = st.builds(
    Place, st.sampled_from(["320583", "320500", "330100", "310000", ""]), st.sampled_from(["A", "B", ""]),
    st.one_of(st.none(), st.integers(1, 2)),
)  # fmt: skip


def test_the_smaller_region_wins_then_more_conditions_then_the_order() -> None:
    wide, city, town = Rule(1, 0, ("32",)), Rule(2, 5, ("3205",)), Rule(3, 9, ("320583", "33"))
    steel = Rule(4, 7, ("3205",), kinds=frozenset({1}))
    rules = [wide, city, town, steel]
    assert claims(rules, Place("320583")).rivals == (3, 2, 1)
    assert claims(rules, Place("320500", kind=1)).winner == 4
    assert claims(rules, Place("320100")).winner == 1
    assert claims(rules, Place("330100")).winner == 3
    assert claims(rules, Place("")).winner is None
    assert claims([Rule(1)], Place("320583")).winner is None
    assert claims([Rule(2, 1, ("32",)), Rule(1, 2, ("32",))], Place("320583")).winner == 2


@given(RULES, PLACES, st.randoms())
def test_the_order_of_asking_does_not_matter(rules: list[Rule], place: Place, chance: object) -> None:
    found = claims(rules, place)
    shuffled = list(rules)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert claims(shuffled, place) == found
    assert set(found.rivals) == {rule.territory for rule in rules if strength(rule, place) is not None}


@given(RULES, PLACES, st.integers(1, 5), st.frozensets(st.integers(1, 5)))
def test_names_go_before_rules(rules: list[Rule], place: Place, territory: int, out: frozenset[int]) -> None:
    assert Map(rules, given={7: territory}).of(7, place) == territory
    kept = Map(rules, kept_out={7: out})
    assert kept.of(7, place) not in out
    assert kept.of(8, place) == claims(rules, place).winner


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.tuples(st.integers(0, 99)))))
def test_what_is_gained_is_lost_elsewhere(moves: list[tuple[int, int, tuple[int]]]) -> None:
    found = shifts(moves)
    moved = [each for each in moves if each[0] != each[1]]
    assert sum(each.customers for each in found.values()) == len(moved)
    assert sum(each.values[0] for each in found.values()) == sum(values[0] for _a, _b, values in moved)
