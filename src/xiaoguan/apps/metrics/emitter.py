"""Metric specs to SQL: a handful of primitives per dialect, the text cached, ids passed as one parameter.

The credit table is the only one read, with the dated stays of customers where territories are asked
for and with the customers where something is asked of them, so a compiled text depends on measures,
dimensions and what is restricted; never on ids or dates.

Where products are asked for, the portions of credits are read with them, and each credit is added up
within its group first: its money is the sum of its portions there, and it counts once however many they are.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from xiaoguan.apps.metrics import sources
from xiaoguan.apps.metrics.spec import ABOUT, DIMENSIONS, DISTINCT, GOODS, Measure, Slice
from xiaoguan.kit.fact import facts as known
from xiaoguan.kit.fields import RATE_ONE

TRUNC = {
    "sqlite": {
        "week": "date(c.\"on\", '-6 days', 'weekday 1')",
        "month": "substr(c.\"on\", 1, 7) || '-01'",
        "quarter": 'substr(c."on", 1, 5) || substr(\'010101040404070707101010\', (substr(c."on", 6, 2) - 1) * 2 + 1, 2)'
        " || '-01'",
        "year": "substr(c.\"on\", 1, 4) || '-01-01'",
    },
    "postgresql": {
        unit: f"date_trunc('{unit}', c.\"on\")::date::text" for unit in ("week", "month", "quarter", "year")
    },
}
MEMBER = {
    "sqlite": "{column} IN (SELECT value FROM json_each(%s))",
    "postgresql": "{column} = ANY(%s)",
}
TERRITORY = "COALESCE(stay.territory_id, 0)"
EARLIER = (
    "EXISTS (SELECT 1 FROM kit_credit e WHERE e.party = c.party AND e.fact = c.fact AND"
    ' (e."on" < c."on" OR (e."on" = c."on" AND e.object_id < c.object_id)))'
)
COLUMNS = {
    "person": "c.person_id",
    "unit": "c.unit_id",
    "territory": TERRITORY,
    "kind": "COALESCE(about.kind_id, 0)",
    "tier": "COALESCE(about.tier, '')",
    "industry": "COALESCE(about.industry, '')",
    "region": "COALESCE(substr(about.region, 1, 2), '')",
    "source": "COALESCE(about.source, '')",
    "turn": f"CASE WHEN c.party IS NULL THEN '' WHEN {EARLIER} THEN 'again' ELSE 'first' END",
    "product": "COALESCE(portion.product, 0)",
    "category": "COALESCE(goods.category, '')",
}
STAY = (
    " LEFT JOIN territories_placement stay ON stay.customer_id = c.party"
    ' AND stay.counts_from <= c."on" AND (stay.until IS NULL OR stay.until > c."on")'
)
CUSTOMER = " LEFT JOIN customers_customer about ON about.id = c.party"
PORTION = " LEFT JOIN metrics_portion portion ON portion.credit = c.id"
OF_PRODUCT = " LEFT JOIN opportunities_product goods ON goods.id = portion.product"
OF_CUSTOMER = frozenset(ABOUT) - {"turn", *GOODS}


@dataclass(frozen=True)
class Text:
    """A compiled query: its SQL, and the values that stand in its columns before those of the slice."""

    sql: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Shape:
    """What of a slice the text depends on: what is restricted at all."""

    people: bool = False
    units: bool = False
    territories: bool = False
    only: tuple[str, ...] = ()
    sums: sources.Form = ()
    """Which sums stand for credits, stretch by stretch; none at all is only credits."""
    start: int = 1
    """The month in which years begin: quarters and years are those of the company."""

    @classmethod
    def of(cls, where: Slice, sums: sources.Form = (), start: int = 1) -> Shape:
        """The shape of a slice."""
        given = (where.people is not None, where.units is not None, where.territories is not None)
        return cls(*given, tuple(sorted(where.only)), sums, start)


def _fiscal(unit: str, start: int, dialect: str) -> str:
    """The first day of the quarter or year of a fact where years begin in a month other than January."""
    # So many months later than those of the calendar.
    late = start - 1 if unit == "year" else (start - 1) % 3
    if not late:
        return TRUNC[dialect][unit]
    if dialect != "sqlite":
        return f"(date_trunc('{unit}', c.\"on\" - interval '{late} months') + interval '{late} months')::date::text"
    year = f'(substr(c."on", 1, 4) - (substr(c."on", 6, 2) < \'{late + 1:02}\'))'
    if unit == "year":
        return f"{year} || '-{start:02}-01'"
    firsts = "".join(f"{((month - 1 - late) // 3 * 3 + late) % 12 + 1:02}" for month in range(1, 13))
    return f"{year} || '-' || substr('{firsts}', (substr(c.\"on\", 6, 2) - 1) * 2 + 1, 2) || '-01'"


def _dimension(name: str, dialect: str, start: int) -> str:
    if name in COLUMNS:
        return COLUMNS[name]
    if name == "day":
        return 'CAST(c."on" AS text)'
    return _fiscal(name, start, dialect) if name in ("quarter", "year") else TRUNC[dialect][name]


def _member(column: str, dialect: str) -> str:
    return MEMBER[dialect].format(column=column)


def _packed(values: Collection[Any], dialect: str) -> Any:
    """Any number of ids or words as one parameter."""
    return json.dumps(sorted(values)) if dialect == "sqlite" else sorted(values)


def _conditions(measure: Measure, alone: bool, dialect: str) -> tuple[list[str], list[Any]]:
    """What a credit must be to count for a measure, and the values asked for."""
    found = [] if alone else [f"c.fact IN ({sources.listed(measure.facts)})"]
    found += [_member(COLUMNS[code], dialect) for code, _values in measure.where]
    return found, [_packed(values, dialect) for _code, values in measure.where]


def _one(measure: Measure) -> str:
    """The column that tells one customer or record of a distinct measure from another."""
    column = f"c.{DISTINCT[measure.how]}"
    return column if measure.how == "customers" else f"c.entity || ':' || {column}"


def _sum(measure: Measure, alone: bool, dialect: str) -> tuple[str, list[Any]]:
    conditions, values = _conditions(measure, alone, dialect)
    if measure.distinct:
        one = f"CASE WHEN {' AND '.join(conditions)} THEN {_one(measure)} END" if conditions else _one(measure)
        return f"COUNT(DISTINCT {one}) * {RATE_ONE}", values
    column = "c.amount" if measure.how == "sum" else "c.split"
    if not conditions:
        return f"COALESCE(SUM({column}), 0)", values
    return f"COALESCE(SUM(CASE WHEN {' AND '.join(conditions)} THEN {column} ELSE 0 END), 0)", values


def whole(measure: Measure) -> bool:
    """Whether a credit counts whole in each of its products: all but money, which is divided among them."""
    fact = known.get(measure.facts[0])
    return measure.how != "sum" or (fact is not None and fact.unit != "money")


def _once(measure: Measure, alone: bool, dialect: str) -> tuple[str, list[Any]]:
    """What one credit brings to a measure within a group, out of its portions there."""
    conditions, values = _conditions(measure, alone, dialect)
    columns = {"sum": "COALESCE(portion.amount, c.amount)", "count": "c.split"}
    column = _one(measure) if measure.distinct else columns[measure.how]
    chosen = f"CASE WHEN {' AND '.join(conditions)} THEN {column} END" if conditions else column
    return f"{'MAX' if whole(measure) else 'SUM'}({chosen})", values


def _summed(measure: Measure, place: int) -> str:
    """What all credits of a group bring to a measure."""
    column = f"one.m{place}"
    return f"COUNT(DISTINCT {column}) * {RATE_ONE}" if measure.distinct else f"COALESCE(SUM({column}), 0)"


def _per_credit(groups: Sequence[str], texts: Sequence[str], source: str) -> str:
    """A subquery with a row for each credit in each group."""
    columns = [f"{text} AS g{place}" for place, text in enumerate(groups)]
    columns += [f"{text} AS m{place}" for place, text in enumerate(texts)]
    keys = ", ".join([*(str(place + 1) for place in range(len(groups))), "c.id"])
    return f" FROM (SELECT {', '.join(columns)}{source} GROUP BY {keys}) one"


def _source(
    facts: Sequence[str], used: Collection[str], shape: Shape, dialect: str, conditions: Sequence[str] = ()
) -> str:
    """From where, and which credits."""
    if shape.sums:
        chosen = [name for name, given in (("person_id", shape.people), ("unit_id", shape.units)) if given]
        return f" FROM {sources.text(shape.sums, [(name, MEMBER[dialect]) for name in chosen])} c"
    where = [*conditions, f"c.fact IN ({sources.listed(facts)})", 'c."on" BETWEEN %s AND %s']
    if shape.people:
        where.append(_member("c.person_id", dialect))
    if shape.units:
        where.append(_member("c.unit_id", dialect))
    if shape.territories:
        where.append(_member(TERRITORY, dialect))
    where += [_member(COLUMNS[code], dialect) for code in shape.only]
    stay = STAY if shape.territories or "territory" in used else ""
    customer = CUSTOMER if OF_CUSTOMER & {*used, *shape.only} else ""
    asked = {*used, *shape.only}
    portion = PORTION if asked & {*GOODS} else ""
    product = OF_PRODUCT if "category" in asked else ""
    return f" FROM kit_credit c{stay}{customer}{portion}{product} WHERE {' AND '.join(where)}"


def _check(dimensions: tuple[str, ...], dialect: str) -> None:
    if dialect not in MEMBER or not set(dimensions) <= set(DIMENSIONS):
        raise ValueError(f"no {dimensions} in {dialect}")


@cache
def compile_text(measures: tuple[Measure, ...], dimensions: tuple[str, ...], dialect: str, shape: Shape) -> Text:
    """The SQL of some measures by some dimensions; sums come back as exact integers.

    A text over sums says in front of every row how many of them hold, and 1 for a row: there is always one that
    says the first. Raises ValueError for a dimension or dialect the language doesn't have.
    """
    _check(dimensions, dialect)
    facts = sorted({fact for measure in measures for fact in measure.facts})
    groups = [_dimension(name, dialect, shape.start) for name in dimensions]
    used = {*dimensions, *(code for measure in measures for code, _values in measure.where)}
    each = _once if {*used, *shape.only} & {*GOODS} else _sum
    parts = [each(measure, set(measure.facts) == set(facts), dialect) for measure in measures]
    values = tuple(value for _text, values in parts for value in values)
    source = _source(facts, used, shape, dialect)
    texts = [text for text, _values in parts]
    if each is _once:
        source = _per_credit(groups, texts, source)
        groups = [f"one.g{place}" for place in range(len(groups))]
        texts = [_summed(measure, place) for place, measure in enumerate(measures)]
    sums = [text if dialect == "sqlite" else f"({text})::bigint" for text in texts]
    flag = ["1"] if shape.sums else []
    text = f"SELECT {', '.join([*flag, *groups, *sums])}{source}"
    if groups:
        text += f" GROUP BY {', '.join(str(place + 1 + len(flag)) for place in range(len(groups)))}"
    if shape.sums:
        text = f"SELECT held.n, q.* FROM (SELECT {sources.holding(shape.sums)} AS n) held LEFT JOIN ({text}) q ON 1 = 1"
    return Text(text, values)


@cache
def compile_members(measure: Measure, dimensions: tuple[str, ...], dialect: str, shape: Shape) -> Text:
    """The SQL of who or what is counted once however many groups it is in, group by group, and how much each brings."""
    _check(dimensions, dialect)
    conditions, values = _conditions(measure, True, dialect)
    used = {*dimensions, *(code for code, _values in measure.where)}
    brings = "c.amount" if measure.how == "sum" else "c.split"
    one = (_one(measure), str(RATE_ONE)) if measure.distinct else ("c.id", brings)
    columns = ", ".join([*(_dimension(name, dialect, shape.start) for name in dimensions), *one])
    if measure.distinct:
        conditions = [*conditions, f"c.{DISTINCT[measure.how]} IS NOT NULL"]
    source = _source(sorted(measure.facts), used, shape, dialect, conditions)
    return Text(f"SELECT DISTINCT {columns}{source}", tuple(values))


def parameters(where: Slice, dialect: str, cut: Sequence[sources.Stretch] = ()) -> list[Any]:
    """The values of a slice in the order of a compiled text."""
    if cut:
        members = [_packed(each, dialect) for each in (where.people, where.units) if each is not None]
        return [value for part in sources.values(cut, members) for value in part]
    values: list[Any] = [where.first.isoformat(), where.last.isoformat()]
    ids = [where.people, where.units, where.territories, *(where.only[code] for code in sorted(where.only))]
    return values + [_packed(each, dialect) for each in ids if each is not None]
