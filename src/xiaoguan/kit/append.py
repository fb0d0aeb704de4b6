"""Appending to logs: rows that nobody looks at again in this transaction, stored by one plain statement.

The ORM prepares every value of every row in several steps; of a change to many records that is most of the cost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

PLAIN = frozenset({
    "BigAutoField", "BigIntegerField", "BooleanField", "CharField", "IntegerField", "PositiveIntegerField", "TextField",
})  # fmt: skip
"""Kinds of fields whose values the drivers take as they are."""
FEW = 20
"""From so many rows on PostgreSQL is sent a stream instead of a statement."""


@cache
def _fields(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    """The stored columns without the key that the database gives."""
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


def _writer(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """From an instance to what the driver stores for one field."""
    name = field.attname
    stored = field.target_field if isinstance(field, models.ForeignKey) else field
    if stored.get_internal_type() in PLAIN:
        return lambda row: getattr(row, name)
    if isinstance(field, models.JSONField):
        encoder = field.encoder
        return lambda row: None if (value := getattr(row, name)) is None else json.dumps(value, cls=encoder)
    return lambda row: field.get_db_prep_save(getattr(row, name), connection)


def append(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Insert rows inside the caller's transaction; their ids are not read back."""
    if not rows:
        return
    kind: Any = model  # behind the cache the type checker takes a class for unhashable
    fields = _fields(kind)
    writers = [_writer(field) for field in fields]
    values = [tuple([write(row) for write in writers]) for row in rows]
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > FEW:
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as stream:
                for row in values:
                    stream.write_row(row)
            return
        marks = ", ".join(["%s"] * len(fields))
        if connection.vendor == "postgresql":
            places = ", ".join([f"({marks})"] * len(values))
            cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {places}", [one for row in values for one in row])
        else:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
