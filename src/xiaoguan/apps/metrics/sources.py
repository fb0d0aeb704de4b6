"""What a compiled text reads instead of all credits: sums where they hold, credits for the other days.

A question's days are cut into stretches, each read from one table between two dates that the planner sees. Of a month
that is asked for in part the sum is read too where nothing happened on its other days, as in the running one. Which
sums hold is remembered, and counted again by the statement that reads them: it sees one state of the database, so
whoever trusted a sum that was out of date learns it with the answer and asks anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from xiaoguan.apps.metrics.spec import Measure, Slice

Ready = Mapping[tuple[str, date], tuple[date, date]]
"""(fact, first day of a month) of the sums that hold → the first and the last day on which something happened."""
Form = tuple[tuple[str, tuple[str, ...]], ...]
"""What a text depends on of its stretches: source and facts of each."""

CREDITS, PEOPLE, TEAMS, DAYS = "credits", "people", "teams", "days"
TABLES = {
    CREDITS: ("kit_credit", "r.unit_id", "r.person_id"),
    PEOPLE: ("metrics_monthsum", "r.unit", "r.person"),
    TEAMS: ("metrics_teamsum", "r.unit", "CAST(NULL AS bigint)"),
    DAYS: ("metrics_daysum", "r.unit", "CAST(NULL AS bigint)"),
}
"""Each source's table, and what says team and person there."""
HOLDING = (
    "SELECT COUNT(*) FROM metrics_rolled r WHERE r.fact IN ({facts}) AND r.month BETWEEN %s AND %s AND NOT EXISTS"
    " (SELECT 1 FROM metrics_stale s WHERE s.month = r.month AND s.fact IN (r.fact, ''))"
)
COVERING = " AND (r.first_on IS NULL OR r.first_on >= %s) AND (r.last_on IS NULL OR r.last_on <= %s)"
"""Whether the days asked for hold all that is in the sum of a whole month."""
PERSON = frozenset({"person", "unit", "month", "quarter", "year"})
TEAM = PERSON - {"person"} | {"day", "week"}
FINE = frozenset({"day", "week"})
MONTHLY = frozenset({PEOPLE, TEAMS})
"""The sums of months, which stand on the first day of theirs."""
MOST = 24
"""More stretches than these are not worth it: then credits are read."""


@dataclass(frozen=True)
class Stretch:
    """Some facts between two days, both included, and where they are read."""

    source: str
    facts: tuple[str, ...]
    first: date
    last: date
    since: date
    """From which day on it is asked for: later than `first` where the month's sum has nothing before it."""

    @property
    def months(self) -> int:
        """How many months it touches."""
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1


def stretches(measures: Sequence[Measure], by: Sequence[str], where: Slice, ready: Ready) -> tuple[Stretch, ...]:
    """How to read a question; empty where sums don't answer it or none hold."""
    whole, part = _fitting(measures, by, where)
    if not whole:
        return ()
    found: dict[tuple[tuple[str, date, date, date], ...], list[str]] = defaultdict(list)
    for fact in sorted({fact for measure in measures for fact in measure.facts}):
        found[tuple(_of(fact, whole, part, where, ready))].append(fact)
    cut = tuple(Stretch(source, tuple(facts), *days) for parts, facts in found.items() for source, *days in parts)
    if len(cut) > MOST or all(each.source == CREDITS for each in cut):
        return ()
    return cut


def _fitting(measures: Sequence[Measure], by: Sequence[str], where: Slice) -> tuple[str, str]:
    """Which sums answer a question for whole months and for parts of one; ("", "") if none do."""
    if where.territories is not None or where.only or any(each.distinct or each.where for each in measures):
        return "", ""
    if where.people is None and set(by) <= TEAM:
        return (DAYS if FINE & set(by) else TEAMS), DAYS
    return (PEOPLE, CREDITS) if set(by) <= PERSON else ("", "")


def _of(fact: str, whole: str, part: str, where: Slice, ready: Ready) -> Iterator[tuple[str, date, date, date]]:
    """The stretches of one fact: neighbouring months from the same source are one."""
    months = [(_source(fact, month, whole, part, ready), month) for month in _months(where)]
    for source, group in groupby(months, key=lambda pair: pair[0]):
        days = [month for _source_of, month in group]
        since = days[0][0]
        yield source, since.replace(day=1) if source in MONTHLY else since, days[-1][1], since


def _source(fact: str, month: tuple[date, date], whole: str, part: str, ready: Ready) -> str:
    first, last = month
    if (held := ready.get((fact, first.replace(day=1)))) is None:
        return CREDITS
    return whole if first <= held[0] and last >= held[1] else part


def _months(where: Slice) -> Iterator[tuple[date, date]]:
    """First and last day that a slice takes of each of its months."""
    first = where.first
    while first <= where.last:
        after = (first.replace(day=28) + timedelta(4)).replace(day=1)
        yield first, min(where.last, after - timedelta(1))
        first = after


def form(cut: Sequence[Stretch]) -> Form:
    """What the text depends on."""
    return tuple((each.source, each.facts) for each in cut)


def text(shape: Form, used: Collection[str], members: Sequence[tuple[str, str]]) -> str:
    """A subquery with the columns of credits; team and person only where they are `used`.

    No index has all columns: a credit is read from one only where no more is asked for. `members` restrict it: for
    each a column, and a test with places for the column and its value.
    """
    parts = []
    for source, facts in shape:
        tests = [f"r.fact IN ({listed(facts)})", 'r."on" BETWEEN %s AND %s']
        for column, test in members:
            name = column if source == CREDITS else column.removesuffix("_id")
            tests.append(test.format(column=f"r.{name}"))
        table, unit, person = TABLES[source]
        columns = ["r.fact", 'r."on"', "r.split", "r.amount"]
        columns += [f"{column} AS {name}_id" for name, column in (("unit", unit), ("person", person)) if name in used]
        parts.append(f"SELECT {', '.join(columns)} FROM {table} r WHERE {' AND '.join(tests)}")
    return f"({' UNION ALL '.join(parts)})"


def holding(shape: Form) -> str:
    """How many of the sums that a text reads do hold, as one number."""
    return " + ".join(
        f"({HOLDING.format(facts=listed(facts))}{COVERING if source in MONTHLY else ''})"
        for source, facts in shape
        if source != CREDITS
    )


def values(cut: Sequence[Stretch], members: Sequence[object]) -> tuple[list[object], list[object]]:
    """The values of `holding`, and those of `text`."""
    months: list[object] = []
    for each in cut:
        if each.source != CREDITS:
            months += [day.replace(day=1).isoformat() for day in (each.first, each.last)]
            months += [each.since.isoformat(), each.last.isoformat()] if each.source in MONTHLY else []
    days = [value for each in cut for value in (each.first.isoformat(), each.last.isoformat(), *members)]
    return months, [*days]


def expected(cut: Sequence[Stretch]) -> int:
    """What `holding` says if all is as it was planned."""
    return sum(len(each.facts) * each.months for each in cut if each.source != CREDITS)


def listed(facts: Collection[str]) -> str:
    """Codes of facts as literals."""
    if not all(fact.isidentifier() for fact in facts):
        raise ValueError(f"fact codes are plain identifiers, not {facts}")
    return ", ".join(f"'{fact}'" for fact in facts)
