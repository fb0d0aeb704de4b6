"""Taking an import back: what it created goes to the recycle bin, what it changed gets its old values.

Records that somebody has changed since stay as they are and are listed, with what hangs on them.
Parts that came in the same rows (the contacts of a customer) are taken back too. Other records made along
the way (a customer named by a deal) stay: others may use them by now.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.kit import access, clock, job
from xiaoguan.kit.action import Work, working
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.extra import PREFIX, put
from xiaoguan.kit.models.change import Change, ChangeRow
from xiaoguan.kit.pages.answers import go
from xiaoguan.transfer.importer import importer_of
from xiaoguan.transfer.models import Import

GOOD_FOR = dt.timedelta(days=30)
LISTED = 50


def page(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Queue the taking back of the person's own import."""
    batch = Import.objects.select_related("actor").filter(pk=pk, actor=request.user).first()
    if batch is None or batch.entity not in entities:
        raise Http404
    start(batch)
    return go(request, reverse("import:show", args=[batch.pk]))


def start(batch: Import) -> job.Job:
    """Queue it; raises Denied or Refusal."""
    model = entities[batch.entity].model
    if not access.may(batch.actor, "delete", model):
        raise Denied("delete", model)
    if batch.state != Import.State.DONE or batch.finished_at is None:
        raise Refusal(_("This import can't be taken back"), _("It is not finished, or taken back already."),
                      code="import.not_done")  # fmt: skip
    if batch.finished_at < clock.now() - GOOD_FOR:
        raise Refusal(
            _("This import can't be taken back any more"),
            _("It was finished on %(day)s; imports can be taken back for 30 days.")
            % {"day": clock.local(batch.finished_at).date().isoformat()},
            code="import.too_old",
        )
    row = job.enqueue("transfer.import.revert", {"batch": str(batch.pk)}, actor=batch.actor, key=str(batch.pk))
    Import.objects.filter(pk=batch.pk).update(job=row, preview={**batch.preview, "reverting": True, "kept": []})
    return row


@job.job("transfer.import.revert", label=gettext_lazy("Take an import back"), slow=True)
def revert(run: job.Run) -> dict[str, int]:
    """One change entry of the import per chunk, the newest first; the cursor is the last one taken back."""
    batch = Import.objects.select_related("actor").get(pk=run.payload["batch"])
    ids = sorted(set(batch.rows.exclude(change=None).values_list("change_id", flat=True)), reverse=True)
    run.expect(len(ids))
    for change in Change.objects.filter(pk__in=[pk for pk in ids if run.cursor is None or pk < run.cursor]).order_by(
        "-pk"
    ):
        with run.chunk(cursor=change.pk, done=1):
            kept = _take_back(batch, change)
            batch.preview["kept"] = [*batch.preview.get("kept", []), *kept][:LISTED]
            Import.objects.filter(pk=batch.pk).update(preview=batch.preview)
    with run.chunk():
        batch.preview["reverting"] = False
        Import.objects.filter(pk=batch.pk).update(state=Import.State.REVERTED, preview=batch.preview)
    return {"kept": len(batch.preview.get("kept", []))}


def _take_back(batch: Import, change: Change) -> list[dict[str, Any]]:
    """Undo one change entry but for the records that moved on; returns those."""
    entity = entities[batch.entity]
    rows = list(change.rows.order_by("-id"))
    main = Touched(entity.model, rows, batch.actor)
    parts = {each.entity.name: Touched(each.model, rows, batch.actor, each.link) for each in importer_of(entity).parts}
    for part in parts.values():
        # A record whose part moved on stays with it: it would be taken away from under it.
        main.moved |= {part.anchor(pk) for pk in part.moved} & main.new
        part.moved |= {pk for pk in part.records if part.anchor(pk) in main.moved}
    with working(entity.model, "undo", actor=batch.actor, verb="import", source="import") as work:
        work.reverting = True
        for name, changed in _by_entity(rows):
            if name in parts:
                _write_back(work, changed, parts[name].free)
            else:
                _put_back(work, name, changed, batch.entity, main.records, main.moved)
    return [each for touched in (main, *parts.values()) for each in touched.kept()]


class Touched:
    """The records of one model that a change entry created or changed, and which of them have moved on since."""

    def __init__(self, model: type[models.Model], rows: Sequence[ChangeRow], actor: Any, link: str = "") -> None:
        self.slug = entities[model._meta.label_lower].slug
        self.link = link
        mine = [row for row in rows if row.entity == model._meta.label_lower]
        ids = {row.object_id for row in mine}
        self.records = {row.pk: row for row in model._default_manager.filter(pk__in=ids)} if ids else {}
        self.new = {row.object_id for row in mine if row.before is None}
        left: dict[int, int] = {}
        for row in mine:
            left[row.object_id] = max(left.get(row.object_id, 0), row.version)
        self.moved = {pk for pk, version in left.items() if pk in self.records and self.records[pk].version != version}
        if self.records:
            mine_to_delete = access.visible(model, actor, "delete").filter(pk__in=self.records)
            allowed = set(mine_to_delete.values_list("pk", flat=True))
            self.moved |= {pk for pk, row in self.records.items() if pk not in allowed and row.deleted_at is None}

    @property
    def free(self) -> dict[int, Any]:
        """What is as the import left it."""
        return {pk: row for pk, row in self.records.items() if pk not in self.moved}

    def anchor(self, pk: int) -> int:
        """The main record that a part hangs on."""
        return int(getattr(self.records[pk], f"{self.link}_id"))

    def kept(self) -> list[dict[str, Any]]:
        """What stays, for the page."""
        rows = [self.records[pk] for pk in sorted(self.moved) if self.records[pk].deleted_at is None]
        return [{"pk": row.pk, "title": str(row), "slug": self.slug} for row in rows]


def _by_entity(rows: Sequence[ChangeRow]) -> list[tuple[str, list[ChangeRow]]]:
    """Audit rows by kind of record, in the order of undoing."""
    found: dict[str, list[ChangeRow]] = {}
    for row in rows:
        found.setdefault(row.entity, []).append(row)
    return list(found.items())


def _put_back(
    work: Work, name: str, rows: Sequence[ChangeRow], main: str, records: dict[int, Any], moved: set[int]
) -> None:
    """Write the inverse of audit rows of one kind; rows of other kinds go only where they hang on the main one."""
    if name not in entities:
        return
    model = entities[name].model
    if name != main:
        link = _link_to(model, entities[main].model)
        if link is None:
            return
        hanging = model._default_manager.filter(pk__in={row.object_id for row in rows})
        found = {row.pk: row for row in hanging if getattr(row, link) in records and getattr(row, link) not in moved}
    else:
        found = {pk: record for pk, record in records.items() if pk not in moved}
    _write_back(work, rows, found)


def _write_back(work: Work, rows: Sequence[ChangeRow], found: Mapping[int, Any]) -> None:
    """Give these records the values they had, and take away those that are new."""
    gone, changed = {}, {}
    for row in rows:
        record = found.get(row.object_id)
        if record is None or record.deleted_at is not None:
            continue
        if row.before is None:
            gone[record.pk] = record
            continue
        for key, value in row.before.items():
            if key.startswith(PREFIX):
                put(record, key, value)
            else:
                setattr(record, key, record._meta.get_field(key).to_python(value))
        changed[record.pk] = record
    if kept := [record for pk, record in changed.items() if pk not in gone]:
        work.save(*kept)
    if gone:
        work.remove(*gone.values())


def _link_to(model: type[models.Model], target: type[models.Model]) -> str | None:
    """The column by which rows of a model hang on a record of the imported entity."""
    for field in model._meta.concrete_fields:
        if field.is_relation and field.related_model is target and not field.null:
            return str(field.attname)
    return None
