"""Laws of likelihood: it falls as the target rises, counts what was opened later only, and knows when to be silent."""

from datetime import date, timedelta

from hypothesis import given, settings, strategies as st

from xiaoguan.calc.likely import Won, from_history, months_back, probability, quartile, unknown_part

TODAY = date(2026, 11, 18)
amounts = st.lists(st.integers(0, 10**9), max_size=8)


@settings(max_examples=30)
@given(amounts, st.lists(st.integers(0, 10**9), min_size=3, max_size=6), st.integers(1, 10**10), st.integers(0, 10**9))
def test_a_higher_target_is_never_likelier(deals: list[int], unknown: list[int], need: int, more: int) -> None:
    rates = [50_000] * len(deals)
    low, high = probability(need, unknown, deals, rates), probability(need + more, unknown, deals, rates)
    assert low is not None
    assert high is not None
    assert 0 <= high <= low + 1e-9 <= 1 + 2e-9


def test_open_deals_and_what_is_unknown_add_up() -> None:
    """One deal of 100 at 50 %; in half of the cases 60 come on top: 100 are made in the half the deal is won."""
    assert probability(100, [0, 60, 0, 60], [100], [50_000]) == 0.5
    assert probability(60, [0, 60, 0, 60], [100], [50_000]) == 0.75
    assert probability(0, [], [], []) == 1.0
    assert probability(1, [5, 5], [], []) is None


def test_only_deals_opened_later_are_unknown() -> None:
    """A month ago: a deal that was open then was known, one opened afterwards was not."""
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    known = Won(date(2026, 10, 1), date(2026, 10, 25), 10)
    later = Won(date(2026, 10, 20), date(2026, 10, 28), 7)
    early = Won(date(2026, 10, 19), date(2026, 10, 20), 5)
    old = Won(date(2026, 9, 1), date(2026, 9, 2), 1)
    assert unknown_part([known, later, early, old], TODAY, first, last)[0] == 12
    assert unknown_part([], TODAY, first, last) == []


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_back_stays_in_its_month(day: date, months: int) -> None:
    found = months_back(day, months)
    assert (day.year * 12 + day.month) - (found.year * 12 + found.month) == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1


@given(st.lists(st.integers(0, 1000), min_size=3, max_size=20), st.integers(0, 1500))
def test_history_counts_how_often(totals: list[int], need: int) -> None:
    found = from_history(need, totals)
    assert found == (sum(total >= need for total in totals) + 1) / (len(totals) + 2)
    assert min(totals) <= quartile(totals) <= max(totals)
