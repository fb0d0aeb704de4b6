"""Metric specs to SQL: a handful of primitives per dialect, the text cached, ids passed as one parameter.

The credits are read, with the dated stays of customers where territories are asked for and with the
customers where something is asked of them (or the wide rows of the columnar copy, which hold all this), so
a compiled text depends on measures, dimensions and what is restricted; never on ids or dates.

Where products are asked for, the portions of credits are read with them: its money is the sum of its portions in a
group. Where it counts however many these are, each credit is added up within its group first, so that it counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from xiaoguan.apps.metrics import sources
from xiaoguan.apps.metrics.dialects import DIALECTS, Dialect
from xiaoguan.apps.metrics.spec import DIMENSIONS, GOODS, Measure, Slice
from xiaoguan.kit.fact import facts as known
from xiaoguan.kit.fields import RATE_ONE


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
        """The shape of a slice; certain customers are found by the index of whom credits are about."""
        given = (where.people is not None, where.units is not None, where.territories is not None)
        only = tuple(
            "party" if code == "customer" and 0 not in where.only[code] else code for code in sorted(where.only)
        )
        return cls(*given, only, sums, start)

    def restricted(self) -> list[str]:
        """The dimensions restricted to some values, in the order of the values."""
        given = (("person", self.people), ("unit", self.units), ("territory", self.territories))
        return [*(name for name, is_given in given if is_given), *self.only]


def _conditions(measure: Measure, alone: bool, speak: Dialect, *, inside: bool) -> tuple[list[str], list[Any]]:
    """What a credit must be to count for a measure, and the values asked for."""
    found = [] if alone else [f"c.fact IN ({sources.listed(measure.facts)})"]
    found += [speak.member(code, inside=inside) for code, _values in measure.where]
    return found, [speak.pack(values) for _code, values in measure.where]


def _one(measure: Measure, speak: Dialect) -> str:
    """The column that tells one customer or record of a distinct measure from another."""
    return "c.party" if measure.how == "customers" else speak.record


def _sum(measure: Measure, alone: bool, speak: Dialect, amount: str = "c.amount") -> tuple[str, list[Any]]:
    """What all rows of a group bring to a measure."""
    conditions, values = _conditions(measure, alone, speak, inside=True)
    if measure.distinct:
        one = _one(measure, speak)
        one = f"CASE WHEN {' AND '.join(conditions)} THEN {one} END" if conditions else one
        return f"COUNT(DISTINCT {one}) * {RATE_ONE}", values
    column = amount if measure.how == "sum" else "c.split"
    if not conditions:
        return f"COALESCE(SUM({column}), 0)", values
    return f"COALESCE(SUM(CASE WHEN {' AND '.join(conditions)} THEN {column} ELSE 0 END), 0)", values


def whole(measure: Measure) -> bool:
    """Whether a credit counts whole in each of its products: all but money, which is divided among them."""
    fact = known.get(measure.facts[0])
    return measure.how != "sum" or (fact is not None and fact.unit != "money")


def _once(measure: Measure, alone: bool, speak: Dialect) -> tuple[str, list[Any]]:
    """What one credit brings to a measure within a group, out of its portions there."""
    conditions, values = _conditions(measure, alone, speak, inside=True)
    columns = {"sum": speak.portion, "count": "c.split"}
    column = _one(measure, speak) if measure.distinct else columns[measure.how]
    chosen = f"CASE WHEN {' AND '.join(conditions)} THEN {column} END" if conditions else column
    return f"{'MAX' if whole(measure) else 'SUM'}({chosen})", values


def _divides(measures: Sequence[Measure]) -> bool:
    """Whether all of them can be added up portion by portion, however many a credit has in a group."""
    return all(measure.distinct or not whole(measure) for measure in measures)


def _summed(measure: Measure, place: int) -> str:
    """What all credits of a group bring to a measure."""
    column = f"one.m{place}"
    return f"COUNT(DISTINCT {column}) * {RATE_ONE}" if measure.distinct else f"COALESCE(SUM({column}), 0)"


def _per_credit(groups: Sequence[str], keys: Sequence[str], texts: Sequence[str], source: str) -> str:
    """A subquery with a row for each credit in each group."""
    columns = [f"{text} AS g{place}" for place, text in enumerate(groups)]
    columns += [f"{text} AS m{place}" for place, text in enumerate(texts)]
    return f" FROM (SELECT {', '.join(columns)}{source} GROUP BY {', '.join([*keys, 'c.id'])}) one"


def _source(
    facts: Sequence[str], used: Collection[str], shape: Shape, speak: Dialect, conditions: Sequence[str] = ()
) -> str:
    """From where, and which credits."""
    if shape.sums:
        chosen = [(f"{name}_id", speak.ids) for name in shape.restricted()]
        return f" FROM {sources.text(shape.sums, used, chosen)} c"
    restricted = shape.restricted()
    where = [*conditions, f"c.fact IN ({sources.listed(facts)})", f"{speak.day} {speak.between}"]
    where += [speak.member(name) for name in restricted]
    asked = {*used, *restricted}
    joins = dict.fromkeys(join for name, needed in speak.joins.items() if name in asked for join in needed)
    table = speak.sold if speak.sold and asked & {*GOODS} else speak.table
    return f" FROM {table} c{''.join(joins)} WHERE {' AND '.join(where)}"


def _speaking(dimensions: tuple[str, ...], dialect: str) -> Dialect:
    if dialect not in DIALECTS or not set(dimensions) <= set(DIMENSIONS):
        raise ValueError(f"no {dimensions} in {dialect}")
    return DIALECTS[dialect]


@cache
def compile_text(measures: tuple[Measure, ...], dimensions: tuple[str, ...], dialect: str, shape: Shape) -> Text:
    """The SQL of some measures by some dimensions; sums come back as exact integers.

    A text over sums says in front of every row how many of them hold, and 1 for a row: there is always one that
    says the first. Raises ValueError for a dimension or dialect the language doesn't have.
    """
    speak = _speaking(dimensions, dialect)
    facts = sorted({fact for measure in measures for fact in measure.facts})
    groups = [speak.dimension(name, shape.start) for name in dimensions]
    used = {*dimensions, *(code for measure in measures for code, _values in measure.where)}
    goods = bool({*used, *shape.only} & {*GOODS})
    once, amount = goods and not _divides(measures), speak.portion if goods else "c.amount"
    alone = [set(measure.facts) == set(facts) for measure in measures]
    parts = [
        _once(measure, only, speak) if once else _sum(measure, only, speak, amount)
        for measure, only in zip(measures, alone, strict=True)
    ]
    source, texts = _source(facts, used, shape, speak), [text for text, _values in parts]
    flag = ["1"] if shape.sums else []
    keys = [speak.key(name, shape.start) or str(place) for place, name in enumerate(dimensions, 1 + len(flag))]
    if once:
        source = _per_credit(groups, keys, texts, source)
        groups = [f"one.g{place}" for place in range(len(groups))]
        texts = [_summed(measure, place) for place, measure in enumerate(measures)]
        keys = [str(place) for place in range(1, len(groups) + 1)]
    sums = [speak.whole.format(sum=text) for text in texts]
    text = f"SELECT {', '.join([*flag, *groups, *sums])}{source}"
    if groups:
        text += f" GROUP BY {', '.join(keys)}"
    if shape.sums:
        text = f"SELECT held.n, q.* FROM (SELECT {sources.holding(shape.sums)} AS n) held LEFT JOIN ({text}) q ON 1 = 1"
    return Text(text, tuple(value for _text, values in parts for value in values))


@cache
def compile_members(measure: Measure, dimensions: tuple[str, ...], dialect: str, shape: Shape) -> Text:
    """The SQL of who or what is counted once however many groups it is in, group by group, and how much each brings."""
    speak = _speaking(dimensions, dialect)
    conditions, values = _conditions(measure, True, speak, inside=False)
    used = {*dimensions, *(code for code, _values in measure.where)}
    brings = "c.amount" if measure.how == "sum" else "c.split"
    one = (_one(measure, speak), str(RATE_ONE)) if measure.distinct else ("c.id", brings)
    columns = ", ".join([*(speak.dimension(name, shape.start) for name in dimensions), *one])
    if measure.how == "customers":
        conditions = [*conditions, "c.party IS NOT NULL"]
    source = _source(sorted(measure.facts), used, shape, speak, conditions)
    return Text(f"SELECT DISTINCT {columns}{source}", tuple(values))


def parameters(where: Slice, dialect: str, cut: Sequence[sources.Stretch] = ()) -> list[Any]:
    """The values of a slice in the order of a compiled text."""
    speak = DIALECTS[dialect]
    if cut:
        members = [speak.pack(each) for each in (where.people, where.units) if each is not None]
        return [value for part in sources.values(cut, members) for value in part]
    values: list[Any] = [where.first.isoformat(), where.last.isoformat()]
    ids = [where.people, where.units, where.territories, *(where.only[code] for code in sorted(where.only))]
    return values + [speak.pack(each) for each in ids if each is not None]
