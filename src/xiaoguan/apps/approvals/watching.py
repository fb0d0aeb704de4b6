"""Requests whose record changes while they are pending are outdated, in the transaction of that change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models

from xiaoguan.apps.approvals.ending import end
from xiaoguan.apps.approvals.models import Event, Request, State
from xiaoguan.apps.approvals.snapshots import digest, frozen
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence

if TYPE_CHECKING:
    from xiaoguan.apps.approvals.kinds import Kind


def watch(model: type[models.Model], link: str, kind: Kind) -> None:
    """Follow rows of a model whose attribute `link` holds the id of the kind's subject."""

    def follow(work: Work, rows: Sequence[Any], fresh: bool) -> None:
        if fresh and link == "pk":
            return  # nobody has asked about it yet
        outdate(work, kind, {getattr(row, link) for row in rows})

    follow.__qualname__ = f"watch({kind.code})"
    consequence(model)(follow)


def outdate(work: Work, kind: Kind, ids: set[Any]) -> None:
    """End the pending requests of a kind about these records where they say something else now."""
    label = kind.subject._meta.label_lower
    pending = Request.objects.filter(about=label, object_id__in=ids, kind=kind.code, state=State.PENDING)
    found = list(pending.order_by("pk"))
    if not found:
        return
    subjects = kind.subject._default_manager.in_bulk({request.object_id for request in found})
    for request in found:
        subject = subjects.get(request.object_id)
        if is_outdated(kind, request, subject):
            end(work, kind, request, subject, State.OUTDATED, Event.OUTDATED)


def is_outdated(kind: Kind, request: Request, subject: Any) -> bool:
    """Whether the record is not what the request froze any more: for a parked write, whether it changed at all."""
    if subject is None or subject.deleted_at is not None:
        return True
    if request.write is not None:
        return bool(subject.version != request.about_version)
    return digest(frozen(kind.snapshot(subject))) != request.digest
