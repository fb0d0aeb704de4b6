"""Taking a zip in, and starting to attach what is in it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from xiaoguan.apps.enclosures import queries
from xiaoguan.apps.enclosures.archive import open_archive
from xiaoguan.apps.enclosures.models import Enclosure
from xiaoguan.kit import clock, job
from xiaoguan.kit.errors import Refusal
from xiaoguan.transfer import storing
from xiaoguan.transfer.models import Import

KIND = "enclosures.attach"


def largest() -> int:
    """How large one file may be."""
    return int(settings.XIAOGUAN_FILE_MB) << 20


def take(batch: Import, file: File[Any], name: str, column: str) -> Enclosure:
    """Keep a zip and say where its files would go. Raises BadArchive, Unreadable or Unstorable."""
    if batch.state != Import.State.DONE:
        raise Refusal(
            _("Import the sheet first"), _("Files are laid to records that are there."), code="enclosures.early"
        )
    row = Enclosure(batch=batch, name=name[-255:], column=column, created_at=clock.now())
    row.plan, row.report = queries.plan(batch, open_archive(file.file, largest=largest()), column)
    file.seek(0)
    storing.put(row, "file", f"{row.pk}.zip", file)
    row.save(force_insert=True)
    return row


def start(row: Enclosure) -> job.Job:
    """Attach what was planned; pressing the button twice starts it once."""
    with transaction.atomic():
        made = job.enqueue(
            KIND, {"enclosure": str(row.pk)}, actor=row.batch.actor, key=str(row.pk), total=len(row.plan)
        )
        waiting = Enclosure.objects.filter(pk=row.pk, state__in=(Enclosure.State.PLANNED, Enclosure.State.FAILED))
        waiting.update(state=Enclosure.State.RUNNING, job=made)
    return made
