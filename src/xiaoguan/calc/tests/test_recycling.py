"""Days until the pool: a new owner has all of them, and nothing that happens brings the day nearer."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, strategies as st

from xiaoguan.calc.recycling import Known, Rule, first, leaves_on

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))
TRIGGERS = st.sampled_from(["contact", "deal", "win", "contract"])
RULES = st.builds(Rule, st.integers(1, 99), TRIGGERS, st.integers(1, 400))
KNOWN = st.builds(Known, DAYS, st.dictionaries(TRIGGERS, DAYS))


@given(RULES, KNOWN)
def test_an_owner_has_all_his_days(rule: Rule, known: Known) -> None:
    day = leaves_on(rule, known)
    assert (day is None) == (rule.trigger == "contract" and "contract" not in known.last)
    assert day is None or day - known.since >= dt.timedelta(days=rule.days)


@given(RULES, KNOWN, DAYS)
def test_what_happens_later_never_brings_the_day_nearer(rule: Rule, known: Known, later: dt.date) -> None:
    before = leaves_on(rule, known)
    happened = max(later, known.last.get(rule.trigger, later))
    after = leaves_on(rule, Known(known.since, {**known.last, rule.trigger: happened}))
    assert after is not None
    assert before is None or after >= before
    assert after >= happened + dt.timedelta(days=rule.days)


@given(st.lists(RULES, max_size=6), KNOWN)
def test_the_earliest_rule_takes_it(rules: list[Rule], known: Known) -> None:
    days = [day for rule in rules if (day := leaves_on(rule, known)) is not None]
    found = first(rules, known)
    assert (found is None) == (not days)
    if found is not None:
        assert found[0] == min(days)
        assert found[1] == next(rule.key for rule in rules if leaves_on(rule, known) == found[0])
