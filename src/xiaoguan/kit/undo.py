"""Taking a change back: the stored before-values are written again, as a change of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from xiaoguan.kit import access
from xiaoguan.kit.action import Done, Work
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.extra import PREFIX, put
from xiaoguan.kit.models.change import Change, ChangeRow
from xiaoguan.kit.record import Record

ways: dict[str, Callable[[Change, list[ChangeRow], dict[tuple[str, int], Any], Any, str], Done]] = {}
"""Actions with a way back of their own, by `entity.action`: `func(change, rows, records, actor, source)`, once the
actor's rights are checked; the newest rows come first."""


@dataclass
class Since:
    """One record of a change that was changed again afterwards, and by which rows of the audit."""

    record: Any
    rows: list[ChangeRow] = field(default_factory=list)


class Moved(Exception):
    """The change can't be taken back as it stands: records have moved on since."""

    def __init__(self, change: Change, since: list[Since]) -> None:
        super().__init__(change.pk)
        self.change = change
        self.since = since


def undo(change: Change, *, actor: Any, source: str = "page") -> Done:
    """Take a change back. Raises Moved, Denied, Refusal; Http404 for a change of records unknown to the actor."""
    rows = list(change.rows.order_by("-id"))
    records = _records(rows)
    rows = [row for row in rows if (row.entity, row.object_id) in records]
    _check_seen(actor, rows, records)
    _check_allowed(change)
    _check_rights(actor, rows, records)
    if way := ways.get(f"{change.entity}.{change.action}"):
        return way(change, rows, records, actor, source)
    if since := _moved(rows, records):
        raise Moved(change, since)
    with transaction.atomic():
        work = Work(actor, "undo", change.entity, source)
        work.change.reverses = change
        work.reverting = True
        for row in rows:
            _put_back(work, row, records[row.entity, row.object_id])
        return Done(work.finish(), records)


def is_reversed(change: Change) -> bool:
    """Whether a change was taken back already."""
    return Change.objects.filter(reverses=change).exists()


def _check_allowed(change: Change) -> None:
    if not change.undoable:
        raise Refusal(
            _("This can't be undone"),
            _("What was done here is meant to be final."),
            code="NOT-UNDOABLE",
        )
    if is_reversed(change):
        raise Refusal(_("This is undone already"), _("Somebody has taken this change back."), code="UNDONE")


def _records(rows: Iterable[ChangeRow]) -> dict[tuple[str, int], Any]:
    """The records of a change as they are now, deleted ones too; one query per kind of record."""
    ids: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        ids[row.entity].add(row.object_id)
    found = {}
    for name, wanted in ids.items():
        for record in _model(name)._default_manager.filter(pk__in=wanted):
            found[name, record.pk] = record
    return found


def _model(name: str) -> type[models.Model]:
    if name in entities:
        return entities[name].model
    return apps.get_model(name)


def _own(rows: list[ChangeRow], records: dict[tuple[str, int], Any]) -> list[tuple[ChangeRow, Any]]:
    """The rows about the change's own entity with their records; what followed from them follows them back."""
    main = rows[-1].change.entity
    return [(row, records[row.entity, row.object_id]) for row in rows if row.entity == main] or [
        (row, records[row.entity, row.object_id]) for row in rows
    ]


def _check_seen(actor: Any, rows: list[ChangeRow], records: dict[tuple[str, int], Any]) -> None:
    """To a stranger there was no change at all: he learns neither that it is final nor what became of it."""
    if not rows:
        raise Http404
    for _row, record in _own(rows, records):
        # What is no entity (a saved view) is mostly its owner's own, and nobody else takes its changes back.
        theirs = isinstance(record, Record) and not record.takes_back(actor)
        if not access.may(actor, "view", record) if hasattr(record, "entity") else theirs:
            raise Http404


def _check_rights(actor: Any, rows: list[ChangeRow], records: dict[tuple[str, int], Any]) -> None:
    """The actor must be allowed what undoing does to each record of the change's own entity."""
    for row, record in _own(rows, records):
        if not hasattr(record, "entity"):
            continue
        verb = "delete" if row.before is None or "deleted_at" in (row.after or {}) else "change"
        if not access.may(actor, verb, record):
            raise Denied(verb, record)
        hidden = access.masked(actor, type(record))
        if hidden and any(key.removesuffix("_id") in hidden or key in hidden for key in row.before or {}):
            raise Denied("change", record)


def _moved(rows: list[ChangeRow], records: dict[tuple[str, int], Any]) -> list[Since]:
    """Records whose version is no longer the one this change left behind."""
    left: dict[tuple[str, int], int] = {}
    for row in rows:
        key = (row.entity, row.object_id)
        left[key] = max(left.get(key, 0), row.version)
    found = []
    for key, version in left.items():
        record = records.get(key)
        if record is not None and record.version != version:
            later = ChangeRow.objects.filter(entity=key[0], object_id=key[1], version__gt=version)
            found.append(Since(record, list(later.select_related("change__actor").order_by("id"))))
    return found


def _put_back(work: Work, row: ChangeRow, record: Any) -> None:
    """Write the inverse of one audit row."""
    if row.before is None:
        work.remove(record)
        return
    columns = {name for field in record._meta.get_fields() for name in (field.name, getattr(field, "attname", ""))}
    told = {key: value for key, value in row.before.items() if key not in columns and not key.startswith(PREFIX)}
    if told:
        # What a work only noted is written by other rows of the same change; here the note is turned round.
        work.note(record, {key: (row.after or {}).get(key) for key in told}, told)
    for key, value in row.before.items():
        if key.startswith(PREFIX):
            put(record, key, value)
            continue
        if key in told:
            continue
        field = record._meta.get_field(key)
        if field.many_to_many:
            getattr(record, key).set(value)
            work.note(record, {key: (row.after or {}).get(key)}, {key: value})
        else:
            setattr(record, key, field.to_python(value))
    work.save(record)
