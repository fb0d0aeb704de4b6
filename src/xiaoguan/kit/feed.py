"""Writing and reading the feed that rollups, caches and replicas follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models import Func, Value

from xiaoguan.kit.models.change import Change, ChangeRow, Feed

RANGE_FROM = 20


class TransactionId(Func):
    """PostgreSQL's id of the running transaction; 0 where the database has one writer at a time."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, list[Any]]:
        """SQLite commits in the order of its one writer, so a watermark on seq is enough."""
        return "0", []


def record(change: Change, rows: Sequence[ChangeRow]) -> None:
    """One entry per record, or one per entity when a change is wider than RANGE_FROM records."""
    ids: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        ids[row.entity].append(row.object_id)
    xid: Any = TransactionId() if connection.vendor == "postgresql" else Value(0)
    entries = []
    for entity, members in ids.items():
        named: list[int | None] = list(members) if len(members) <= RANGE_FROM else [None]
        entries += [Feed(entity=entity, object_id=one, change=change, xid=xid) for one in named]
    Feed.objects.bulk_create(entries)


def versions(*entities: str) -> dict[str, int]:
    """The newest entry of each entity (0 for none), in one query that reads one index entry per entity."""
    # A maximum over `entity IN (…)` would walk every entry of these entities; one branch each does not.
    branch = f"SELECT %s, (SELECT MAX(seq) FROM {Feed._meta.db_table} WHERE entity = %s)"
    if not entities:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([branch] * len(entities)), [name for one in entities for name in (one, one)])
        return {name: last or 0 for name, last in cursor.fetchall()}


def version(*entities: str) -> int:
    """The newest entry among entities: a cheap token that changes whenever any of their rows does."""
    return max(versions(*entities).values(), default=0)
