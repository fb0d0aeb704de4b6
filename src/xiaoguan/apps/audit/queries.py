"""Searching the log of changes: filters that cost the same however long the log is.

What has an index narrows in the database. What has none (kind of action, source, a field, words in values) is looked
at newest first in portions, up to SCAN changes an answer; the page then says how far back it has looked.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from xiaoguan.apps.audit.reading import LOG
from xiaoguan.kit import access, clock
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.history import Reader
from xiaoguan.kit.models import Change, ChangeRow

PAGE = 50
PORTION = 2000
SCAN = 20_000
ROWS = 20
"""How many records of one change a page shows."""


@dataclass(frozen=True)
class Filters:
    """What is searched for; empty parts don't narrow."""

    person: int | None = None
    entity: str = ""
    record: int | None = None
    action: str = ""
    source: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    field: str = ""
    text: str = ""

    @property
    def looks_inside(self) -> bool:
        """Whether values have to be read."""
        return bool(self.field or self.text)


@dataclass(frozen=True)
class Cursor:
    """The last change of a page: the next one goes on behind it."""

    at: dt.datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.pk}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Read what `str` wrote; None for anything else."""
        at, _mark, pk = text.partition("~")
        try:
            found = cls(dt.datetime.fromisoformat(at), int(pk))
        except ValueError:
            return None
        return found if found.at.tzinfo else None


@dataclass
class Found:
    """Changes of one page, where the next begins (None at the end), and how far back it looked in vain."""

    changes: list[Change]
    next: Cursor | None = None
    looked_to: dt.datetime | None = None


def may_read(actor: Any) -> bool:
    """Whether somebody may open the log."""
    return access.grants(actor).scope(LOG, "view") == "all"


def readable(actor: Any) -> set[str]:
    """The entities whose values this reader may see in the log: those of which he may see every record."""
    grants = access.grants(actor)
    return {name for name, each in entities.items() if each.scope == "all" or grants.scope(name, "view") == "all"}


def _narrowed(filters: Filters) -> QuerySet[Change]:
    rows = Change.objects.all()
    if filters.person is not None:
        rows = rows.filter(actor_id=filters.person)
    if filters.record is not None and filters.entity:
        touched = ChangeRow.objects.filter(entity=filters.entity, object_id=filters.record)
        rows = rows.filter(pk__in=touched.values("change_id"))
    elif filters.entity:
        rows = rows.filter(entity=filters.entity)
    if filters.first is not None:
        rows = rows.filter(at__gte=_midnight(filters.first))
    if filters.last is not None:
        rows = rows.filter(at__lt=_midnight(filters.last + dt.timedelta(days=1)))
    return rows


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), clock.zone())


def _behind(rows: QuerySet[Change], cursor: Cursor | None) -> QuerySet[Change]:
    if cursor is None:
        return rows
    return rows.filter(at__lte=cursor.at).exclude(at=cursor.at, pk__gte=cursor.pk)


def ids(filters: Filters, actor: Any, cursor: Cursor | None = None) -> Iterator[tuple[int, dt.datetime, bool]]:
    """(change, time, whether it matches), newest first, in portions; whoever asks decides when it is enough."""
    rows = _narrowed(filters)
    while True:
        portion = list(
            _behind(rows, cursor).order_by("-at", "-pk").values_list("pk", "at", "action", "source")[:PORTION]
        )
        kept = {
            pk
            for pk, _at, action, source in portion
            if (not filters.action or action == filters.action) and (not filters.source or source == filters.source)
        }
        if filters.looks_inside and kept:
            kept = _holding(kept, filters, actor)
        for pk, at, _action, _source in portion:
            yield pk, at, pk in kept
        if len(portion) < PORTION:
            return
        cursor = Cursor(portion[-1][1], portion[-1][0])


def _holding(wanted: set[int], filters: Filters, actor: Any) -> set[int]:
    """Those changes in which a field changed or a value holds the words, as far as this reader may see them."""
    rows = ChangeRow.objects.filter(change_id__in=wanted, entity__in=readable(actor))
    if filters.field:
        names = (filters.field, f"{filters.field}_id")
        rows = rows.filter(Q(after__has_any_keys=list(names)))
    if filters.text:
        rows = rows.annotate(was=Cast("before", TextField()), now=Cast("after", TextField()))
        needle = _stored(filters.text)
        rows = rows.filter(Q(was__icontains=needle) | Q(now__icontains=needle))
    found: set[int] = set()
    readers: dict[str, Reader] = {}
    for row in rows.order_by("-id")[:SCAN]:
        if row.entity not in readers:
            readers[row.entity] = Reader(entities[row.entity], actor, [])
        if row.change_id not in found and _shows(readers[row.entity], row, filters):
            found.add(row.change_id)
    return found


def _stored(text: str) -> str:
    """Words as the database keeps them inside JSON: SQLite as it was written, with escapes."""
    return text if connection.vendor == "postgresql" else json.dumps(text)[1:-1]


def _shows(reader: Reader, row: ChangeRow, filters: Filters) -> bool:
    """Whether a field this reader may see changed, or holds the words."""
    for key in {**(row.before or {}), **(row.after or {})}:
        column = reader.column(key)
        if column is None or (filters.field and column.path != filters.field):
            continue
        values = [(side or {}).get(key) for side in (row.before, row.after)]
        if not filters.text or any(filters.text.casefold() in str(value).casefold() for value in values):
            return True
    return False


def search(filters: Filters, actor: Any, cursor: Cursor | None = None, limit: int = PAGE) -> Found:
    """One page of matching changes; looks at SCAN changes at most."""
    chosen: list[int] = []
    looked, last = 0, None
    for pk, at, matches in ids(filters, actor, cursor):
        looked, last = looked + 1, Cursor(at, pk)
        if matches:
            chosen.append(pk)
        if len(chosen) >= limit or looked >= SCAN:
            more = Cursor(at, pk)
            return Found(loaded(chosen), more, at if looked >= SCAN else None)
    return Found(loaded(chosen), None, last.at if last and looked >= SCAN else None)


def loaded(chosen: Sequence[int]) -> list[Change]:
    """Changes by their ids, newest first, with who made them."""
    rows = Change.objects.filter(pk__in=chosen).select_related("actor", "acting_for", "reverses")
    return sorted(rows, key=lambda change: (change.at, change.pk), reverse=True)


def rows_of(changes: Sequence[Change], per_change: int = ROWS) -> dict[int, list[ChangeRow]]:
    """The first records of each change, in one query."""
    number = models.Window(models.functions.RowNumber(), partition_by=models.F("change_id"), order_by="id")
    numbered = ChangeRow.objects.filter(change_id__in=[each.pk for each in changes]).annotate(number=number)
    found: dict[int, list[ChangeRow]] = defaultdict(list)
    known = {change.pk: change for change in changes}
    for row in numbered.filter(number__lte=per_change).order_by("id"):
        row.change = known[row.change_id]
        found[row.change_id].append(row)
    return found


def readers(rows: Mapping[int, Sequence[ChangeRow]], actor: Any) -> dict[str, Reader]:
    """One reader per entity the actor may see the values of; links of all rows are asked for together."""
    allowed, by_entity = readable(actor), defaultdict(list)
    for found in rows.values():
        for row in found:
            if row.entity in allowed:
                by_entity[row.entity].append(row)
    return {name: Reader(entities[name], actor, found) for name, found in by_entity.items()}


def titles(rows: Mapping[int, Sequence[ChangeRow]], actor: Any) -> dict[tuple[str, int], str]:
    """What the touched records are called, deleted ones too, for who may see them all; one query per entity."""
    wanted: dict[str, set[int]] = defaultdict(set)
    allowed = readable(actor)
    for found in rows.values():
        for row in found:
            if row.entity in allowed:
                wanted[row.entity].add(row.object_id)
    known = {}
    for name, keys in wanted.items():
        entity: Entity = entities[name]
        links = [column.path for column in entity.columns("title") if column.field.is_relation]
        for record in entity.model._default_manager.filter(pk__in=keys).select_related(*links):
            known[name, record.pk] = entity.title_of(record)
    return known
