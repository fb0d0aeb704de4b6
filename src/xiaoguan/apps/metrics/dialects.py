"""What differs between the engines a metric is computed on: days, lists as values, whole sums, what a credit reads.

SQLite and PostgreSQL read the credits where they are written and join what a cut asks for; DuckDB and Spark read the
wide rows of the columnar copy (`columns.wide`), where it stands beside each credit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

TERRITORY = "COALESCE(stay.territory_id, 0)"
EARLIER = (
    "EXISTS (SELECT 1 FROM kit_credit e WHERE e.party = c.party AND e.fact = c.fact AND"
    ' (e."on" < c."on" OR (e."on" = c."on" AND e.object_id < c.object_id)))'
)
STAY = (
    " LEFT JOIN territories_placement stay ON stay.customer_id = c.party"
    ' AND stay.counts_from <= c."on" AND (stay.until IS NULL OR stay.until > c."on")'
)
CUSTOMER = " LEFT JOIN customers_customer about ON about.id = c.party"
PORTION = " LEFT JOIN metrics_portion portion ON portion.credit = c.id"
PRODUCT = " LEFT JOIN opportunities_product goods ON goods.id = portion.product"
JOINED = {
    "person": "c.person_id",
    "unit": "c.unit_id",
    "territory": TERRITORY,
    "customer": "COALESCE(c.party, 0)",
    "party": "c.party",
    "kind": "COALESCE(about.kind_id, 0)",
    "tier": "COALESCE(about.tier, '')",
    "industry": "COALESCE(about.industry, '')",
    "region": "COALESCE(substr(about.region, 1, 2), '')",
    "source": "COALESCE(about.source, '')",
    "turn": f"CASE WHEN c.party IS NULL THEN '' WHEN {EARLIER} THEN 'again' ELSE 'first' END",
    "product": "COALESCE(portion.product, 0)",
    "category": "COALESCE(goods.category, '')",
}
"""Each dimension but those of time, read from the tables of the product; `party` is certain customers,
found by an index."""
WIDE = (
    {"person": "c.person_id", "unit": "c.unit_id", "customer": "COALESCE(c.party, 0)", "party": "c.party"}
    | {name: f"c.{name}" for name in ("territory", "kind", "tier", "industry", "region", "source", "turn")}
    | {"product": "c.product", "category": "c.category"}
)
"""The same, read from wide rows."""
JOINS: Mapping[str, tuple[str, ...]] = {
    "territory": (STAY,),
    **dict.fromkeys(("kind", "tier", "industry", "region", "source"), (CUSTOMER,)),
    "product": (PORTION,),
    "category": (PORTION, PRODUCT),
}
"""What a dimension needs beside the credits."""
NUMBERS = frozenset({"person", "unit", "territory", "customer", "party", "kind", "product"})
"""The dimensions whose values are ids."""


SOLD = "(SELECT * FROM credits WHERE NOT divided UNION ALL SELECT * FROM parts)"
"""A wide row for each portion of a credit, one for a credit without portions."""


def _no_key(_name: str, _late: int) -> str:
    return ""


def _late(name: str, start: int) -> int:
    """By how many months quarters and years begin later than the calendar's."""
    return {"year": start - 1, "quarter": (start - 1) % 3}.get(name, 0)


@dataclass(frozen=True)
class Dialect:
    """One engine's words. `{column}` stands for what is tested, `{sum}` for what is added up."""

    name: str
    times: Mapping[str, str]
    """The first day of a day's week, month, quarter and year, and the day itself."""
    ids: str
    """Whether a column is one of any number of ids, given as one value."""
    words: str
    """Whether it is one of some words."""
    among: str
    """The test of ids where it stands inside a sum."""
    pack: Callable[[Collection[Any]], Any]
    """Many values as the one value of such a test."""
    fiscal: Callable[[str, int, int], str]
    """The first day of a quarter or year: so many months later than the calendar's, of years that begin in a month."""
    day: str = 'c."on"'
    between: str = "BETWEEN %s AND %s"
    """Whether a day lies between two days, given as ISO texts."""
    whole: str = "{sum}"
    """A sum as a whole number of 64 bits."""
    portion: str = "COALESCE(portion.amount, c.amount)"
    """What of a credit's amount is one product's."""
    record: str = "c.entity || ':' || c.object_id"
    """What tells one record from every other."""
    table: str = "kit_credit"
    sold: str = ""
    """What is read where products are asked for: a row for each portion of a credit; empty where they are joined."""
    keys: Callable[[str, int], str] = _no_key
    """What is grouped where that is another expression than what groups are named by; empty where it is not."""
    columns: Mapping[str, str] = field(default_factory=lambda: JOINED)
    joins: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: JOINS)

    def dimension(self, name: str, start: int = 1) -> str:
        """What a group is named by; quarters and years are those of a company whose years begin in month `start`."""
        if name not in self.times:
            return self.columns[name]
        late = _late(name, start)
        return self.fiscal(name, late, start) if late else self.times[name]

    def key(self, name: str, start: int = 1) -> str:
        """What is grouped for a dimension; empty where it is what the group is named by."""
        return self.keys(name, _late(name, start))

    def member(self, name: str, *, inside: bool = False) -> str:
        """Whether a credit has one of some values of a dimension; `inside` a sum."""
        test = self.words if name not in NUMBERS else self.among if inside else self.ids
        return test.format(column=self.columns[name])


def _json(values: Collection[Any]) -> str:
    return json.dumps(sorted(values))


def _shifted_text(unit: str, late: int, start: int) -> str:
    year = f'(substr(c."on", 1, 4) - (substr(c."on", 6, 2) < \'{late + 1:02}\'))'
    if unit == "year":
        return f"{year} || '-{start:02}-01'"
    firsts = "".join(f"{((month - 1 - late) // 3 * 3 + late) % 12 + 1:02}" for month in range(1, 13))
    return f"{year} || '-' || substr('{firsts}', (substr(c.\"on\", 6, 2) - 1) * 2 + 1, 2) || '-01'"


def _shifted(day: str, kind: str) -> Callable[[str, int, int], str]:
    def fiscal(unit: str, late: int, start: int) -> str:
        return f"(date_trunc('{unit}', {day} - interval '{late} months') + interval '{late} months'){kind}"

    return fiscal


def _of_months(name: str, late: int) -> str:
    """Whole numbers that tell the weeks, months, quarters or years of wide rows apart."""
    months = {"month": "c.month", "quarter": f"(c.month - {late}) // 3", "year": f"(c.month - {late}) // 12"}
    return {**months, "week": "(c.day - DATE '1900-01-01') // 7"}.get(name, "")


def _first_day(name: str, late: int, _start: int = 1) -> str:
    """The first day of such a week, month, quarter or year; the first of January 1900 was a Monday."""
    key = _of_months(name, late)
    if name == "week":
        return f"DATE '1900-01-01' + ({key})::INTEGER * 7"
    months = {"month": key, "quarter": f"({key}) * 3 + {late}", "year": f"({key}) * 12 + {late}"}[name]
    return f"make_date(1900 + ({months}) // 12, ({months}) % 12 + 1, 1)"


def _shifted_months(unit: str, late: int, start: int) -> str:
    return f"CAST(add_months(trunc(add_months(c.day, -{late}), '{unit}'), {late}) AS STRING)"


UNITS = ("week", "month", "quarter", "year")
_JSON = "{column} IN (SELECT value FROM json_each(%s))"
_ANY = "{column} = ANY(%s)"
SQLITE = Dialect(
    "sqlite",
    {
        "day": 'CAST(c."on" AS text)',
        "week": "date(c.\"on\", '-6 days', 'weekday 1')",
        "month": "substr(c.\"on\", 1, 7) || '-01'",
        "quarter": 'substr(c."on", 1, 5) || substr(\'010101040404070707101010\', (substr(c."on", 6, 2) - 1) * 2 + 1, 2)'
        " || '-01'",
        "year": "substr(c.\"on\", 1, 4) || '-01-01'",
    },
    ids=_JSON, words=_JSON, among=_JSON, pack=_json, fiscal=_shifted_text,
)  # fmt: skip
POSTGRESQL = Dialect(
    "postgresql",
    {"day": 'CAST(c."on" AS text)'} | {unit: f"date_trunc('{unit}', c.\"on\")::date::text" for unit in UNITS},
    ids=_ANY, words=_ANY, among=_ANY, pack=sorted, whole="({sum})::bigint", fiscal=_shifted('c."on"', "::date::text"),
)  # fmt: skip
DUCKDB = Dialect(
    "duckdb",
    {"day": "c.day"} | {unit: _first_day(unit, 0) for unit in UNITS},
    ids="{column} IN (SELECT unnest(?::BIGINT[]))",
    words="list_contains(?::VARCHAR[], {column})",
    among="list_contains(?::BIGINT[], {column})",
    pack=sorted, fiscal=_first_day, keys=_of_months, day="c.day", between="BETWEEN ?::DATE AND ?::DATE",
    whole="({sum})::BIGINT", record="c.record", table="credits", sold=SOLD, portion="c.portion", columns=WIDE, joins={},
)  # fmt: skip
SPARK = Dialect(
    "spark",
    {"day": "CAST(c.day AS STRING)"} | {unit: f"CAST(trunc(c.day, '{unit}') AS STRING)" for unit in UNITS},
    ids="array_contains(CAST(? AS ARRAY<BIGINT>), {column})",
    words="array_contains(CAST(? AS ARRAY<STRING>), {column})",
    among="array_contains(CAST(? AS ARRAY<BIGINT>), {column})",
    pack=sorted, fiscal=_shifted_months, day="c.day", between="BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)",
    whole="CAST({sum} AS BIGINT)", record="c.record", table="credits", sold=SOLD, portion="c.portion", columns=WIDE,
    joins={},
)  # fmt: skip
DIALECTS = {each.name: each for each in (SQLITE, POSTGRESQL, DUCKDB, SPARK)}
"""Every engine by its name; those of a database by what Django calls it."""
