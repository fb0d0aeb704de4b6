"""Working formulas out anew for all records, by the database itself, after a definition has changed."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from xiaoguan.calc import formula
from xiaoguan.kit import feed, job
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.own import definitions, formulas

CHUNK = 5000
"""Ids per transaction: SQLite's one writer is held for some tenths of a second."""


def follow(record: str) -> None:
    """Have the formulas of a kind of record worked out once the definitions are committed."""
    job.enqueue("own.recompute", {"record": record}, key=record, again=True)


@job.job("own.recompute", label=_("Work formulas out anew"), slow=True)
def recompute(run: job.Run) -> dict[str, Any]:
    """Every formula in the order of reading, range of ids by range of ids; the cursor is the last id."""
    entity = entities[run.payload["record"]]
    found = definitions.added(entity).worked_out
    last = entity.model._default_manager.aggregate(last=Max("pk"))["last"] or 0
    run.expect(last)
    changed = 0
    while (after := run.cursor or 0) < last and found:
        with run.chunk(cursor=min(after + CHUNK, last), done=min(CHUNK, last - after)):
            touched = sum(write(entity, column, after, after + CHUNK) for column in found)
            if touched:
                feed.stir(entity.name)
            changed += touched
    return {"changed": changed}


def write(entity: Entity, column: Column, after: int, last: int) -> int:
    """Store one formula's result where it differs, for ids beyond `after` up to `last`; how many rows that were."""
    postgresql, quote = connection.vendor == "postgresql", connection.ops.quote_name
    field: Any = column.field
    new, extra = expression(entity, column), quote("extra")
    old = field.sql(extra, connection.vendor)
    if postgresql:
        value = f"jsonb_set({extra}, '{{{field.key}}}', to_jsonb({new}))"
        kept, differs = f"{extra} - '{field.key}'", "IS DISTINCT FROM"
    else:
        value, differs = f"json_set({extra}, '$.{field.key}', {new})", "IS NOT"
        kept = f"json_remove({extra}, '$.{field.key}')"
        formula.register(_raw())
    pk = quote(entity.model._meta.pk.column)
    case = f"CASE WHEN {new} IS NULL THEN {kept} ELSE {value} END"
    where = f"{pk} > {int(after)} AND {pk} <= {int(last)} AND ({new}) {differs} {old}"
    statement = f"UPDATE {quote(entity.model._meta.db_table)} SET {extra} = {case} WHERE {where}"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def _raw() -> Any:
    connection.ensure_connection()
    return connection.connection


def expression(entity: Entity, column: Column) -> str:
    """A formula's result as it is stored, as SQL over the table's own columns."""
    known, field, vendor = definitions.added(entity).known, column.field, connection.vendor
    quote = connection.ops.quote_name
    stored = {}
    for key in field.node.names():
        source: formulas.Source = known[key]
        inner: Any = source.column.field
        if source.column.own:
            stored[key] = source.sql(inner.sql(quote("extra"), vendor), vendor)
        else:
            stored[key] = source.sql(quote(inner.column), vendor)
    made = formula.sql(field.node, "postgresql" if vendor == "postgresql" else "sqlite", stored)
    if field.node.type == "number":
        places = formulas.PLACES.get(field.definition.result, field.definition.decimals)
        if vendor != "postgresql":
            return f"formula_fit({made}, {places})"
        scaled = f"round({made}, {places}) * 1{'0' * places}"
        return (
            f"(SELECT CASE WHEN abs(n) < 9223372036854775808 THEN n::bigint END FROM (SELECT {scaled}) AS scaled (n))"
        )
    return made if field.node.type == "date" else f"substr({made}, 1, {field.max_length})"
