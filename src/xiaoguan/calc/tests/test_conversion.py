"""What it takes to win."""

from hypothesis import given, settings, strategies as st

from xiaoguan.calc.conversion import needed, per_win, shrunk

pairs = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 400)), max_size=12)


@settings(max_examples=60)
@given(st.integers(0, 400), st.integers(0, 400), pairs)
def test_a_rate_lies_between_own_and_others(before: int, after: int, around: list[tuple[int, int]]) -> None:
    found = shrunk(before, after, around)
    events = sum(one for one, _ in around)
    ends = [after / before] if before else []
    ends += [sum(other for _, other in around) / events] if events else []
    assert 0 <= found.own <= 1
    assert min(ends, default=0) - 1e-9 <= found.rate or not before
    if before and events:
        assert found.rate <= max(ends) + 1e-9
    longer = shrunk(before * 10, after * 10, around)
    assert longer.own >= found.own


def test_three_visits_say_little_three_hundred_much() -> None:
    team = [(200, 40), (180, 30), (220, 48), (150, 33)]
    new, old = shrunk(3, 3, team), shrunk(300, 150, team)
    assert new.rate < 0.3 and new.own < 0.2
    assert old.rate > 0.35 and old.own > 0.5
    assert per_win(1, 900, [(10, 3_000)]) == 400  # (900 + 5 × 300) / 6


@settings(max_examples=60)
@given(
    st.integers(1, 10**11),
    st.integers(1, 23),
    st.integers(1, 10**10),
    st.lists(st.floats(0.01, 3), min_size=1, max_size=4),
)
def test_what_is_asked_for_brings_what_is_missing(missing: int, days: int, each: int, rates: list[float]) -> None:
    found = needed(missing, days, each, rates)
    assert found is not None
    assert found.amount * days >= missing
    assert all(count * rate * days * each >= missing * 0.999 for count, rate in zip(found.counts, rates, strict=True))
    assert needed(missing, days, each, rates, [2] * len(rates)).counts <= (2,) * len(rates)  # type: ignore[union-attr]
    assert needed(0, days, each, rates) is None and needed(missing, 0, each, rates) is None
