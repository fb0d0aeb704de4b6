"""Wide rows: a credit with all it can be cut by beside it, as the database tells."""

from __future__ import annotations

import csv
from collections.abc import Sequence
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
RECORD = "object_id * 256 + list_position(?::VARCHAR[], entity)"
"""One whole number for each record: names of its kind would have to be compared letter by letter."""
KEPT = [name for name in TYPES if name not in ("entity", "object_id", "goods")]
SOLD = (
    "CASE WHEN goods <> '[]' THEN"
    """ from_json(goods, '[{"product": "BIGINT", "category": "VARCHAR", "amount": "BIGINT"}]') END AS goods"""
)
"""The portions of a credit, a list beside it: null where nothing is known of products."""
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


def load(engine: Any, table: str, path: Path, entities: list[str]) -> None:
    """Make a table of DuckDB from such a file; kinds of records not met before join `entities`."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
    texts = ", ".join(f"'{name}'" for name, kind in TYPES.items() if kind == "VARCHAR")
    source = (
        f"read_csv('{_quoted(path)}', header = false, columns = {{{columns}}}, force_not_null = [{texts}],"
        " delim = ',', new_line = '\\n', quote = '\"', escape = '\"', auto_detect = false)"
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE taken AS SELECT * FROM {source}")
    met = {name for (name,) in engine.execute("SELECT DISTINCT entity FROM taken").fetchall()}
    entities += sorted(met - set(entities))
    if len(entities) > 255:
        raise ValueError("there are more kinds of records than a wide row tells apart")
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {RECORD} AS record, {', '.join(KEPT)}, {SOLD} FROM taken",
        [entities],
    )
    engine.execute("DROP TABLE taken")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


KEEPS = (
    "NOT EXISTS (SELECT 1 FROM gone_party g WHERE g.party = c.party)"
    " AND NOT EXISTS (SELECT 1 FROM gone_record g WHERE g.record = c.record)"
)
"""Whether a row of the copy (c) is about nothing that is marked; see `leave_out`."""


def leave_out(engine: Any, marks: Sequence[Mark], entities: Sequence[str]) -> None:
    """Make the tables that `KEEPS` asks; a kind of record that the copy has never met is in none of its rows."""
    parties = sorted({party for _pk, party, _entity, _record in marks if party is not None})
    known = {name: place for place, name in enumerate(entities, 1)}
    records = sorted({
        record * 256 + known[entity] for _pk, _party, entity, record in marks if entity in known and record is not None
    })  # fmt: skip
    engine.execute("CREATE OR REPLACE TEMP TABLE gone_party AS SELECT unnest(?::BIGINT[]) AS party", [parties])
    engine.execute("CREATE OR REPLACE TEMP TABLE gone_record AS SELECT unnest(?::BIGINT[]) AS record", [records])
