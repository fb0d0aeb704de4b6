"""Stored imports: taking a file in, opening it again, and clearing old files away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, BinaryIO

from django.core.files import File
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import clock, job, schedule
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.tables.limits import TRUSTED
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.transfer import storing
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import Options
from xiaoguan.transfer.session import Session, prepare

KEEP_FILES = dt.timedelta(days=30)


def take(file: File[Any], name: str, entity: Entity, actor: Any, options: Mapping[str, Any], **more: Any) -> Import:
    """Store a file that somebody brings; nothing is read yet. Raises Unstorable."""
    batch = Import(entity=entity.name, actor=actor, name=name[-255:], options=dict(options), **more)
    batch.created_at = clock.now()
    storing.put(batch, "file", f"{batch.pk}", file)
    batch.save(force_insert=True)
    return batch


def drop(batch: Import) -> None:
    """Forget a file that turned out to be none."""
    batch.file.delete(save=False)
    batch.delete()


def entity_of(batch: Import) -> Entity:
    """What the file is imported into."""
    return entities[batch.entity]


def open_file(batch: Import) -> BinaryIO:
    """The stored file; Unreadable("missing") once it is cleared away."""
    try:
        opened: BinaryIO = batch.file.storage.open(batch.file.name, "rb")
    except (FileNotFoundError, ValueError) as error:
        raise Unreadable("missing") from error
    return opened


def session_of(batch: Import, *, use_recipe: bool = False) -> Session:
    """The prepared file of a stored import, checked against the limits when it was taken in."""
    session = prepare(
        lambda: open_file(batch),
        batch.name,
        entity_of(batch),
        batch.actor,
        Options.from_json(batch.options),
        limits=TRUSTED,
        use_recipe=use_recipe,
    )
    session.importer.before = batch.created_at
    return session


@job.job("transfer.import.prune", label=_("Clear out old import files"))
def prune(run: job.Run) -> dict[str, int]:
    """Files of customers and figures are not kept for longer than somebody may want to look at them."""
    old = Import.objects.filter(created_at__lt=clock.machine_now() - KEEP_FILES).exclude(file="")
    cleared = 0
    for batch in old.exclude(state=Import.State.RUNNING):
        with run.chunk(done=1):
            batch.file.delete(save=False)
            Import.objects.filter(pk=batch.pk).update(file="")
            cleared += 1
    return {"cleared": cleared}


schedule.every("45 3 * * *", "transfer.import.prune", label=_("Clear out old import files"))
