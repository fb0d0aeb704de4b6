"""What a compiled text reads instead of all credits: sums where they hold, credits for the rest, in one statement.

One statement sees one state of the database, so a sum and the mark that it is stale are never read apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from xiaoguan.apps.metrics.spec import Measure, Slice

SPAN = {
    "sqlite": "SELECT json_extract(value, '$.month') AS month, json_extract(value, '$.first') AS first,"
    " json_extract(value, '$.last') AS last, json_extract(value, '$.summed') AS summed FROM json_each(%s)",
    "postgresql": "SELECT * FROM json_to_recordset(%s::json)"
    " AS span(month date, first date, last date, summed integer)",
}
READY = (
    "SELECT rolled.fact, span.month, span.first, span.last FROM span"
    " JOIN metrics_rolled rolled ON rolled.month = span.month"
    " WHERE span.summed = 1 AND rolled.fact IN ({facts}) AND NOT EXISTS (SELECT 1 FROM metrics_stale stale"
    " WHERE stale.month = span.month AND stale.fact IN (rolled.fact, ''))"
)
LOOSE = (
    "SELECT asked.fact, span.first, span.last FROM ({asked}) asked CROSS JOIN span WHERE NOT EXISTS"
    " (SELECT 1 FROM ready WHERE ready.fact = asked.fact AND ready.month = span.month)"
)
SUMS = {
    "month": 'SELECT s.fact, s."on", s.unit AS unit_id, s.person AS person_id, s.split, s.amount FROM ready'
    ' JOIN metrics_monthsum s ON s.fact = ready.fact AND s."on" = ready.month',
    "day": 'SELECT s.fact, s."on", s.unit AS unit_id, NULL AS person_id, s.split, s.amount FROM ready'
    ' JOIN metrics_daysum s ON s.fact = ready.fact AND s."on" BETWEEN ready.first AND ready.last',
}
CREDITS = (
    'SELECT r.fact, r."on", r.unit_id, r.person_id, r.split, r.amount FROM loose'
    ' JOIN kit_credit r ON r.fact = loose.fact AND r."on" BETWEEN loose.first AND loose.last'
)
PERSON = frozenset({"person", "unit", "month", "quarter", "year"})
TEAM = PERSON - {"person"} | {"day", "week"}


def fitting(measures: Sequence[Measure], by: Sequence[str], where: Slice) -> str:
    """Which sums answer a question: those of people by "month", those of teams by "day", or none ("")."""
    if where.territories is not None or where.only or any(each.distinct or each.where for each in measures):
        return ""
    if where.people is None and set(by) <= TEAM:
        return "day"
    if set(by) <= PERSON and any(span["summed"] for span in _spans(where, whole=True)):
        return "month"
    return ""


def text(sums: str, facts: Sequence[str], dialect: str, members: Sequence[tuple[str, str]]) -> str:
    """A subquery with the columns of credits.

    `members` restrict it: for each column, person_id or unit_id, the test with a place for its value. The values are
    the spans, then those of the members twice.
    """
    listed = ", ".join(f"'{fact}'" for fact in facts)
    asked = " UNION ALL ".join(f"SELECT '{fact}' AS fact" for fact in facts)
    summed = [test.format(column=f"s.{column.removesuffix('_id')}") for column, test in members]
    single = [test.format(column=f"r.{column}") for column, test in members]
    parts = [f"span AS ({SPAN[dialect]})", f"ready AS ({READY.format(facts=listed)})"]
    parts.append(f"loose AS ({LOOSE.format(asked=asked)})")
    return f"(WITH {', '.join(parts)} {SUMS[sums]}{_where(summed)} UNION ALL {CREDITS}{_where(single)})"


def _where(tests: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(tests)}" if tests else ""


def spans(sums: str, where: Slice) -> str:
    """The months of a slice as a value of `text`."""
    return json.dumps(list(_spans(where, whole=sums == "month")))


def _spans(where: Slice, *, whole: bool) -> Iterator[dict[str, Any]]:
    """Month by month what a slice takes of it, and whether sums may stand for it: with `whole` for all of it only."""
    month = where.first.replace(day=1)
    while month <= where.last:
        after = (month.replace(day=28) + timedelta(4)).replace(day=1)
        first, last = max(where.first, month), min(where.last, after - timedelta(1))
        entire = first == month and last == after - timedelta(1)
        yield {
            "month": month.isoformat(), "first": first.isoformat(), "last": last.isoformat(),
            "summed": int(entire or not whole),
        }  # fmt: skip
        month = after
