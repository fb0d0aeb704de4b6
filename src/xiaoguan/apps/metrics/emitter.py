"""Metric specs to SQL: a handful of primitives per dialect, the text cached, ids passed as one parameter.

The credit table is the only one read, with the dated stays of customers where territories are asked
for, so a compiled text depends on measures, dimensions and what is restricted; never on ids or dates.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from xiaoguan.apps.metrics.spec import DIMENSIONS, Measure, Slice

TRUNC = {
    "sqlite": {
        "week": "date(\"on\", '-6 days', 'weekday 1')",
        "month": "substr(\"on\", 1, 7) || '-01'",
        "quarter": 'substr("on", 1, 5) || substr(\'010101040404070707101010\', (substr("on", 6, 2) - 1) * 2 + 1, 2)'
        " || '-01'",
        "year": "substr(\"on\", 1, 4) || '-01-01'",
    },
    "postgresql": {unit: f"date_trunc('{unit}', \"on\")::date::text" for unit in ("week", "month", "quarter", "year")},
}
MEMBER = {
    "sqlite": "{column} IN (SELECT value FROM json_each(%s))",
    "postgresql": "{column} = ANY(%s)",
}
TERRITORY = "COALESCE(stay.territory_id, 0)"
COLUMNS = {"person": "person_id", "unit": "unit_id", "territory": TERRITORY}
STAY = (
    " LEFT JOIN territories_placement stay ON stay.customer_id = kit_credit.party"
    ' AND stay.counts_from <= "on" AND (stay.until IS NULL OR stay.until > "on")'
)


def _dimension(name: str, dialect: str) -> str:
    if name in COLUMNS:
        return COLUMNS[name]
    if name == "day":
        return 'CAST("on" AS text)'
    return TRUNC[dialect][name]


def _member(column: str, dialect: str) -> str:
    return MEMBER[dialect].format(column=column)


def _listed(facts: Sequence[str]) -> str:
    if not all(fact.isidentifier() for fact in facts):
        raise ValueError(f"fact codes are plain identifiers, not {facts}")
    return ", ".join(f"'{fact}'" for fact in facts)


def _sum(measure: Measure, alone: bool) -> str:
    column = "amount" if measure.how == "sum" else "split"
    if alone:
        return f"COALESCE(SUM({column}), 0)"
    return f"COALESCE(SUM(CASE WHEN fact IN ({_listed(measure.facts)}) THEN {column} ELSE 0 END), 0)"


@cache
def compile_text(
    measures: tuple[Measure, ...],
    dimensions: tuple[str, ...],
    dialect: str,
    people: bool,
    units: bool,
    territories: bool = False,
) -> str:
    """The SQL of some measures by some dimensions; sums come back as exact integers.

    Raises ValueError for a dimension or dialect the language doesn't have.
    """
    if dialect not in MEMBER or not set(dimensions) <= set(DIMENSIONS):
        raise ValueError(f"no {dimensions} in {dialect}")
    facts = sorted({fact for measure in measures for fact in measure.facts})
    sums = [_sum(measure, set(measure.facts) == set(facts)) for measure in measures]
    if dialect == "postgresql":
        sums = [f"{text}::bigint" for text in sums]
    groups = [_dimension(name, dialect) for name in dimensions]
    where = [f"fact IN ({_listed(facts)})", '"on" BETWEEN %s AND %s']
    if people:
        where.append(_member("person_id", dialect))
    if units:
        where.append(_member("unit_id", dialect))
    if territories:
        where.append(_member(TERRITORY, dialect))
    stay = STAY if territories or "territory" in dimensions else ""
    text = f"SELECT {', '.join([*groups, *sums])} FROM kit_credit{stay} WHERE {' AND '.join(where)}"
    return f"{text} GROUP BY {', '.join(groups)}" if groups else text


def parameters(where: Slice, dialect: str) -> list[Any]:
    """The values of a compiled text in its order."""
    values: list[Any] = [where.first.isoformat(), where.last.isoformat()]
    for ids in (where.people, where.units, where.territories):
        if ids is not None:
            values.append(json.dumps(sorted(ids)) if dialect == "sqlite" else sorted(ids))
    return values
