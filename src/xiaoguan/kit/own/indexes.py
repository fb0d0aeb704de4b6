"""An index for each own field that lists filter by; a job keeps them in step with the definitions."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import job
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.models.own import FieldKind, OwnField
from xiaoguan.kit.own.fields import column_of
from xiaoguan.kit.search.writing import refresh_statistics

NOT_INDEXED = (FieldKind.LONG, FieldKind.CHOICES, FieldKind.FILE)
"""Sentences are searched, not compared; one of several choices is looked for inside a list."""


def name_of(definition: OwnField) -> str:
    """The index of a definition: its name says what it was made for, so that another form gets another index."""
    made_for = f"{definition.record}.{definition.code}.{definition.holds}.1"
    return f"own_{definition.pk}_{hashlib.sha256(made_for.encode()).hexdigest()[:8]}"


def wanted(definition: OwnField) -> bool:
    """Whether a definition has an index."""
    return definition.active and definition.deleted_at is None and definition.holds not in NOT_INDEXED


def exists(name: str, table: str) -> bool:
    """Whether an index is there and complete."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND indisvalid", [name])
            return cursor.fetchone() is not None
        return name in connection.introspection.get_constraints(cursor, table)


def follow(definition: OwnField) -> None:
    """Have an index made or dropped once the definition is committed."""
    job.enqueue("own.index", {"field": definition.pk}, key=str(definition.pk), again=True)


@job.job("own.index", label=_("Index an own field"), lease=3600, slow=True)
def index(run: job.Run) -> dict[str, Any]:
    """Make or drop the index of one definition; PostgreSQL goes on writing meanwhile."""
    definition = OwnField._default_manager.get(pk=run.payload["field"])
    entity = entities.get(definition.record)
    if entity is None:
        return {}
    name = name_of(definition)
    if wanted(definition):
        return {"made": name if make(definition, entity, name) else ""}
    drop(name)
    return {"dropped": name}


def make(definition: OwnField, entity: Entity, name: str) -> bool:
    """Make an index that isn't there; what an interrupted run left half made goes first. False when it is there."""
    column, meta = column_of(definition, entity.model), entity.model._meta
    if column is None or exists(name, meta.db_table):
        return False
    drop(name)
    quote = connection.ops.quote_name
    expression = column.field.sql(quote("extra"), connection.vendor)
    _run(f"CREATE INDEX %s {quote(name)} ON {quote(meta.db_table)} ({expression})")
    refresh_statistics(entity.model)
    return True


def drop(name: str) -> None:
    """Drop an index, if it is there."""
    _run(f"DROP INDEX %s IF EXISTS {connection.ops.quote_name(name)}")


def _run(statement: str) -> None:
    """Without a lock on PostgreSQL, which needs a connection outside of any transaction."""
    aside = connection.vendor == "postgresql" and not connection.in_atomic_block
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and not aside:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come takes no index
        cursor.execute(statement.replace("%s ", "CONCURRENTLY " if aside else ""))
