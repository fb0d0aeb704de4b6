"""Why a sum moved, and what stands out."""

from hypothesis import given, settings, strategies as st

from xiaoguan.calc.explaining import contributions, outlier

sums = st.dictionaries(st.integers(1, 12), st.integers(-(10**9), 10**9), max_size=10)


@settings(max_examples=60)
@given(sums, sums, st.integers(0, 4))
def test_contributions_add_up_to_the_fen(now: dict[int, int], before: dict[int, int], most: int) -> None:
    found = contributions(now, before, most)
    assert found.whole == sum(now.values()) - sum(before.values())
    assert sum(change for _key, change in found.parts) + found.others == found.whole
    assert len(found.parts) <= most and all(change * found.whole > 0 for _key, change in found.parts)


def test_only_what_is_far_stands_out() -> None:
    team = {"Chen": 30, "Zhou": 34, "Shen": 28, "Du": 31, "Fang": 33, "Su": 29}
    assert outlier(team) is None
    found = outlier({**team, "Cheng": 90})
    assert found is not None and found[0] == "Cheng" and found[1] > 3.5
    assert outlier({"Chen": 1, "Zhou": 100}) is None  # among two nobody stands out
    assert outlier(dict.fromkeys("abcdef", 5)) is None
