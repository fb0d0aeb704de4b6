"""Attachments keep their files from being cleared away, and show them to who sees the record."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from xiaoguan.apps.collaboration.models import Attachment
from xiaoguan.files.uses import use
from xiaoguan.kit import access, clock
from xiaoguan.kit.entity import entities
from xiaoguan.kit.pages.remove import KEPT


def used(ids: Collection[UUID]) -> set[UUID]:
    """Files that are attached, or may still be brought back: by their own deletion or by that of their record."""
    before = clock.machine_now() - KEPT
    rows = Attachment._default_manager.filter(file__in=ids).exclude(deleted_at__lt=before)
    wanted: dict[str, dict[int, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for name, pk, file in rows.values_list("about", "object_id", "file_id"):
        wanted[name][pk].add(file)
    return {file for name, records in wanted.items() for pk in _kept(name, records, before) for file in records[pk]}


def _kept(name: str, records: Collection[int], before: dt.datetime) -> list[int]:
    """The records that are there or may come back."""
    if name not in entities:
        return list(records)  # its app is switched off for the moment
    rows = entities[name].model._default_manager.filter(pk__in=list(records)).exclude(deleted_at__lt=before)
    return list(rows.values_list("pk", flat=True))


def seen(actor: Any, pk: UUID) -> bool | None:
    """Whether a record in the actor's sight has the file attached; None where it is attached nowhere."""
    rows = list(Attachment._default_manager.filter(file=pk).values_list("about", "object_id", "deleted_at"))
    if not rows:
        return None
    return any(
        gone is None and name in entities and access.visible(entities[name].model, actor).filter(pk=record).exists()
        for name, record, gone in rows
    )


use("attachments", used=used, seen=seen)
