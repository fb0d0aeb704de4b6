"""Files in fields that people have added: found by what a form or a program sends, guarded, and kept while in use."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.files import content, uses
from xiaoguan.files.models import FieldUse, StoredFile
from xiaoguan.kit import access, clock, consequence
from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.own import definitions
from xiaoguan.kit.own.kinds import Reference, Shelf, shelves
from xiaoguan.kit.pages.remove import KEPT


def find(text: str) -> Reference | None:
    """The file of an id, of a token, or of a name that only one file has; whether the actor may use it is asked later.

    The name is always the stored one, whatever a token says.
    """
    rows = StoredFile.objects.filter(cleared_at__isnull=True)
    try:
        stored = rows.filter(pk=UUID(text.partition("/")[0])).first()
    except ValueError:
        named = list(rows.filter(name=text)[:2])
        stored = named[0] if len(named) == 1 else None
    return Reference(stored.pk, stored.name) if stored is not None else None


def html(reference: Reference) -> SafeString:
    """Where a record is shown: a small picture of a picture, and the name as the way to the file."""
    url = reverse("stored_file", args=[reference.id])
    ending = reference.name.rpartition(".")[2].lower()
    small = SafeString("")
    if any(sort.picture and ending in sort.endings for sort in content.SORTS):
        small = format_html('<img class="file-thumb" src="{}?small" alt="" loading="lazy">', url)
    return format_html(
        '<a class="file" href="{}?view" target="_blank" rel="noopener">{}<span>{}</span></a>',
        url,
        small,
        reference.name,
    )


def _fields(entity: Entity) -> list[Any]:
    """The fields of an entity that hold files, retired ones too."""
    return [column for column in entity.own.values() if column.kind.code == "file"]


def check_and_follow(work: Work, rows: Sequence[Any], fresh: bool) -> None:
    """Look at the files of saved records, and note them; asked before they are noted, which would make them seen."""
    columns = _fields(Entity.of(rows[0])) if rows else []
    if columns and not work.reverting:
        _only_ones_own(work, rows, columns, fresh)
    if columns:
        _follow(Entity.of(rows[0]), rows, columns)


def _only_ones_own(work: Work, rows: Sequence[Any], columns: Sequence[Any], fresh: bool) -> None:
    """Nobody gets at a file by naming it: he must see it already, or have brought it himself."""
    for row in rows:
        before = {} if fresh else (row._loaded.get("extra") or {})
        for column in columns:
            key = column.field.key
            token = row.extra.get(key)
            if not token or token == before.get(key):
                continue
            try:
                stored = uses.visible_file(Reference.of(token).id, work.actor)
            except (Http404, ValueError) as error:
                raise Invalid({column.path: [_("There is no such file.")]}) from error
            if stored.cleared_at is not None or stored.name != Reference.of(token).name:
                raise Invalid({column.path: [_("There is no such file.")]})


def _follow(entity: Entity, rows: Sequence[Any], columns: Sequence[Any]) -> None:
    """Note which files records have now, and since when they have others no more."""
    ids = [row.pk for row in rows]
    now = clock.machine_now()
    held = {
        (Reference.of(row.extra[column.field.key]).id, row.pk, column.path)
        for row in rows
        for column in columns
        if row.extra.get(column.field.key)
    }
    known = {}
    for each in FieldUse.objects.filter(entity=entity.name, object_id__in=ids):
        known[each.file_id, each.object_id, each.path] = each
    gone = [each.pk for mark, each in known.items() if mark not in held and each.left_at is None]
    back = [each.pk for mark, each in known.items() if mark in held and each.left_at is not None]
    FieldUse.objects.filter(pk__in=gone).update(left_at=now)
    FieldUse.objects.filter(pk__in=back).update(left_at=None)
    new = held - known.keys()
    FieldUse.objects.bulk_create(
        [FieldUse(file_id=file, entity=entity.name, object_id=pk, path=path) for file, pk, path in new]
    )


def used(ids: Collection[UUID]) -> set[UUID]:
    """Files that a field holds, or held so lately that undo may put them back."""
    rows = FieldUse.objects.filter(file__in=ids).exclude(left_at__lt=clock.machine_now() - KEPT)
    return set(rows.values_list("file_id", flat=True))


def seen(actor: Any, pk: UUID) -> bool | None:
    """Whether a record and a field in the actor's sight hold the file; None where none does."""
    rows = list(FieldUse.objects.filter(file=pk))
    if not rows:
        return None
    return any(
        each.left_at is None
        and each.entity in entities
        and access.readable(actor, entities[each.entity], each.path)
        and access.visible(entities[each.entity].model, actor).filter(pk=each.object_id).exists()
        for each in rows
    )


def register_all() -> None:
    """Called when all models are known."""
    shelves[:] = [Shelf(find, html)]
    uses.use("own fields", used=used, seen=seen)
    for entity in entities.values():
        if definitions.may_have(entity):
            consequence.consequence(entity.model)(check_and_follow)
