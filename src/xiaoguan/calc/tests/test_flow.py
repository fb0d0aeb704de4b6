"""Stays: ranks, intervals and the bottleneck hold for any counts."""

from __future__ import annotations

from hypothesis import given, strategies as st

from xiaoguan.calc.flow import ONE, Step, bottleneck, differ, interval, mean, percentile, rate

histograms = st.dictionaries(st.integers(0, 400), st.integers(1, 50), min_size=1, max_size=12)
counts = st.integers(0, 300).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
steps = st.lists(
    st.builds(Step, on=st.integers(0, 40), back=st.integers(0, 9), lost=st.integers(0, 40), still=st.integers(0, 9),
              days=histograms), max_size=6,
)  # fmt: skip


@given(histograms, st.integers(1, 100))
def test_a_percentile_is_the_first_day_that_covers_its_share(days, share) -> None:
    found, total = percentile(days, share), sum(days.values())
    covered = sum(count for day, count in days.items() if day <= found)
    before = sum(count for day, count in days.items() if day < found)
    assert found in days and covered * 100 >= total * share > before * 100


@given(histograms)
def test_an_average_is_no_more_than_half_a_day_off(days) -> None:
    total = sum(days.values())
    assert 2 * abs(mean(days) * total - sum(day * count for day, count in days.items())) <= total


@given(counts)
def test_an_interval_holds_its_rate_and_narrows_with_more_cases(case) -> None:
    part, whole = case
    low, high = interval(part, whole)
    assert 0 <= low <= high <= ONE
    if whole:
        assert low - 1 <= (rate(part, whole) or 0) <= high + 1
        wider = interval(part * 4, whole * 4)
        assert wider[1] - wider[0] <= high - low + 2


@given(counts, counts)
def test_no_difference_is_told_twice_nor_of_nothing(one, other) -> None:
    assert differ(one, other) == -differ(other, one)
    if not one[1] or not other[1]:
        assert differ(one, other) == 0


@given(steps, st.integers(2, 5))
def test_the_bottleneck_costs_most_whatever_the_scale(found, times) -> None:
    place = bottleneck(found)
    cost = [step.spent * step.lost / step.over if step.over else 0 for step in found]
    if place is None:
        assert not any(cost)
        return
    assert cost[place] >= max(cost) * (1 - 1e-9) and found[place].lost and found[place].spent
    larger = [
        Step(s.on * times, s.back * times, s.lost * times, s.still, {d: n * times for d, n in s.days.items()})
        for s in found
    ]
    assert bottleneck(larger) == place
