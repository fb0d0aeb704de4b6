"""The search index: one row of keys per findable record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models


class KeysField(models.TextField):
    """A set of keys: words separated by spaces on SQLite, where FTS5 reads them, a tsvector on PostgreSQL."""

    def db_type(self, connection: Any) -> str:
        """The type of the column."""
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Make the vector from an array: its text form has marks of its own, which keys contain."""
        return "array_to_tsvector(%s::text[])" if connection.vendor == "postgresql" else "%s"

    def get_db_prep_value(self, value: Iterable[str] | None, connection: Any, prepared: bool = False) -> Any:
        """Keys in their order; None stays None."""
        if value is None:
            return None
        keys = sorted(set(value))
        return keys if connection.vendor == "postgresql" else " ".join(keys)

    def get_prep_value(self, value: Any) -> Any:
        """Leave the keys as they are until the database is known."""
        return value

    def to_python(self, value: Any) -> Any:
        """Keys are only written; reading gives the database's own text."""
        return value


class SearchEntry(models.Model):
    """The keys under which one record is found.

    The id is made of the entity's number and the record's id (`search.store.entry_id`), so writing needs no
    look-up. It holds nothing a reader could see: hits are read from the records themselves, for an actor.
    The database finds keys by an FTS5 table that triggers keep in step (SQLite) or a GIN index (PostgreSQL).
    """

    id = models.BigIntegerField(primary_key=True)
    tokens = KeysField()

    def __str__(self) -> str:
        return str(self.pk)
