"""The search index: one row of keys per findable record."""

from __future__ import annotations

from django.db import models


class SearchEntry(models.Model):
    """The keys under which one record is found, separated by spaces.

    The id is made of the entity's number and the record's id (`search.store.entry_id`), so writing needs no
    look-up. It holds nothing a reader could see: hits are read from the records themselves, for an actor.
    The database finds keys by an FTS5 table that triggers keep in step (SQLite) or a GIN index (PostgreSQL).
    """

    id = models.BigIntegerField(primary_key=True)
    tokens = models.TextField()

    def __str__(self) -> str:
        return str(self.pk)
