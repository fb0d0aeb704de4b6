"""Wide rows: a credit with all it can be cut by beside it, as the database tells."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from xiaoguan.apps.metrics.dialects import CUSTOMER, DIALECTS, JOINED, PRODUCT

TYPES = {
    "fact": "VARCHAR", "entity": "VARCHAR", "object_id": "BIGINT", "person_id": "BIGINT", "unit_id": "BIGINT",
    "day": "DATE", "split": "INTEGER", "amount": "BIGINT", "party": "BIGINT", "territory": "BIGINT", "kind": "BIGINT",
    "tier": "VARCHAR", "industry": "VARCHAR", "region": "VARCHAR", "source": "VARCHAR", "turn": "VARCHAR",
    "id": "BIGINT", "goods": "VARCHAR",
}  # fmt: skip
"""The columns as they are read, with their types in DuckDB; a text is never null."""
Mark = tuple[int, int | None, str, int | None]
"""Id, party, entity and record of a mark."""
Words = dict[str, list[str]]
"""The words of each column of `TOLD` that were ever met, and the kinds of records under `entity`: a word is kept as
its place there. A word keeps its place; new ones join at the end."""
TOLD = ("fact", "tier", "industry", "region", "source", "turn", "category")
"""The columns of words: told apart by numbers a question is answered several times quicker than letter by letter."""
RECORD = "object_id * 256 + list_position(?::VARCHAR[], entity)"
"""One whole number for each record: names of its kind would have to be compared letter by letter."""
KEPT = [name for name in TYPES if name not in ("entity", "object_id", "day", "goods")]
MONTH = "((year(day) - 1900) * 12 + month(day) - 1)::SMALLINT AS month"
"""Months since January 1900: a whole number of few values is grouped quicker than a day is cut."""
PORTIONS = (
    "CASE WHEN goods <> '[]' THEN"
    """ from_json(goods, '[{"product": "BIGINT", "category": "VARCHAR", "amount": "BIGINT"}]') END AS goods"""
)
TABLES = ("credits", "parts")
"""Credits, each with its product where it has one at most; and the portions of those that have several (`divided`)."""
STAY = (
    "COALESCE((SELECT stay.territory_id FROM territories_placement stay WHERE stay.customer_id = c.party"
    ' AND stay.counts_from <= c."on" AND (stay.until IS NULL OR stay.until > c."on") LIMIT 1), 0)'
)
_CUTS = ", ".join(JOINED[name] for name in ("kind", "tier", "industry", "region", "source", "turn"))
_PORTION = "'product', portion.product, 'category', COALESCE(goods.category, ''), 'amount', portion.amount"
LISTED = {
    "sqlite": f"json_group_array(json_object({_PORTION}))",
    "postgresql": f"COALESCE(json_agg(json_build_object({_PORTION}))::text, '[]')",
}
MARKED = (
    " c.id IN (SELECT k.id FROM kit_credit k JOIN metrics_ahead m ON m.party = k.party WHERE {these}"
    " UNION SELECT k.id FROM kit_credit k JOIN metrics_ahead m ON m.entity = k.entity AND m.record = k.object_id"
    " WHERE m.record IS NOT NULL AND {these})"
)


def _rows() -> str:
    """The text that reads wide rows, up to the conditions on the credits (c)."""
    goods = f"(SELECT {LISTED[connection.vendor]} FROM metrics_portion portion{PRODUCT} WHERE portion.credit = c.id)"
    return (
        'SELECT c.fact, c.entity, c.object_id, c.person_id, c.unit_id, c."on", c.split, c.amount, c.party,'
        f" {STAY}, {_CUTS}, c.id, {goods} FROM kit_credit c{CUSTOMER} WHERE"
    )


def of_marks(path: Path, marks: Sequence[int]) -> None:
    """Write to a file what the database holds of all that some marks (ids of `Ahead`) are about."""
    speak = DIALECTS[connection.vendor]
    packed = speak.pack(marks)
    _write(path, _rows() + MARKED.format(these=speak.ids.format(column="m.id")), [packed, packed])


def of_days(path: Path, first: date, last: date) -> None:
    """Write to a file what the database holds of some days."""
    _write(path, f'{_rows()} c."on" BETWEEN %s AND %s', [first.isoformat(), last.isoformat()])


def _write(path: Path, sql: str, values: list[Any]) -> None:
    """One statement, so one state of the database, and nobody waits for it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with path.open("wb") as file, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", values) as stream:
                for part in stream:
                    file.write(part)
            return
        cursor.execute(sql, values)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
            while part := cursor.fetchmany(20_000):
                writer.writerows(part)


def load(engine: Any, tables: Sequence[str], path: Path, words: Words) -> None:
    """Make the tables of `TABLES` in DuckDB, by other names, from such a file; words not met before join `words`.

    Raises ValueError when there are more kinds of records than a record's number holds.
    """
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
    texts = ", ".join(f"'{name}'" for name, kind in TYPES.items() if kind == "VARCHAR")
    source = (
        f"read_csv('{_quoted(path)}', header = false, columns = {{{columns}}}, force_not_null = [{texts}],"
        " delim = ',', new_line = '\\n', quote = '\"', escape = '\"', auto_detect = false)"
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE taken AS SELECT * FROM {source}")
    _meet(engine, "entity", ["taken"], words)
    if len(words["entity"]) > 255:
        raise ValueError("there are more kinds of records than a wide row tells apart")
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE plain AS SELECT {RECORD} AS record, day, {MONTH}, {', '.join(KEPT)}, {PORTIONS}"
        " FROM taken",
        [words["entity"]],
    )
    whole, parts = tables
    engine.execute(
        f"CREATE OR REPLACE TABLE {whole} AS SELECT * EXCLUDE goods, COALESCE(len(goods), 0) > 1 AS divided,"
        " COALESCE(goods[1].product, 0) AS product, COALESCE(goods[1].category, '') AS category,"
        " COALESCE(goods[1].amount, amount) AS portion FROM plain"
    )
    engine.execute(
        f"CREATE OR REPLACE TABLE {parts} AS SELECT * EXCLUDE (goods, one), true AS divided,"
        " COALESCE(one.product, 0) AS product, one.category AS category, one.amount AS portion"
        " FROM (SELECT *, unnest(goods) AS one FROM plain WHERE len(goods) > 1)"
    )
    engine.execute("DROP TABLE taken; DROP TABLE plain")
    for name in TOLD:
        _meet(engine, name, tables, words)


def _meet(engine: Any, column: str, tables: Sequence[str], words: Words) -> None:
    """Let new words of a column join those known."""
    known = words.setdefault(column, [])
    asked = " UNION ".join(f"SELECT {column} FROM {table}" for table in tables)
    known += sorted({name for (name,) in engine.execute(asked).fetchall()} - set(known))


def typed(source: str, words: Mapping[str, Sequence[str]]) -> str:
    """A SELECT with columns of words as what DuckDB keeps as numbers: those whose words are given, in their order."""
    kinds = {name: ", ".join("'" + word.replace("'", "''") + "'" for word in words.get(name, ())) for name in TOLD}
    replaced = ", ".join(f"{name}::VARCHAR::ENUM({kind}) AS {name}" for name, kind in kinds.items() if kind)
    return f"SELECT * REPLACE ({replaced}) FROM ({source})" if replaced else source


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def unmarked(source: str) -> str:
    """Of the rows that a SELECT gives those about nothing that is marked, see `leave_out`; empty where that is empty.

    Joined by these words: the same asked with NOT EXISTS takes four times as long.
    """
    joins = "ANTI JOIN gone_party p ON p.party = c.party ANTI JOIN gone_record r ON r.record = c.record"
    return f"SELECT c.* FROM ({source}) c {joins}" if source else ""


def leave_out(engine: Any, marks: Sequence[Mark], entities: Sequence[str]) -> None:
    """Make the tables that `unmarked` asks; a kind of record that the copy has never met is in none of its rows."""
    parties = sorted({party for _pk, party, _entity, _record in marks if party is not None})
    known = {name: place for place, name in enumerate(entities, 1)}
    records = sorted({
        record * 256 + known[entity] for _pk, _party, entity, record in marks if entity in known and record is not None
    })  # fmt: skip
    engine.execute("CREATE OR REPLACE TEMP TABLE gone_party AS SELECT unnest(?::BIGINT[]) AS party", [parties])
    engine.execute("CREATE OR REPLACE TEMP TABLE gone_record AS SELECT unnest(?::BIGINT[]) AS record", [records])
