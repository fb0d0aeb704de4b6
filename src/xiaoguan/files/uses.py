"""Who refers to stored files: what keeps them from being cleared away, and who may see them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404

from xiaoguan.files.models import StoredFile


@dataclass(frozen=True)
class Use:
    """One way of referring to files: an attachment, a field.

    `used(ids)` gives those still needed, what may be brought back from a recycle bin among them. `seen(actor, id)`
    tells whether a record that the actor sees shows the file; None where no record has it.
    """

    code: str
    used: Callable[[Collection[UUID]], set[UUID]]
    seen: Callable[[Any, UUID], bool | None]


uses: dict[str, Use] = {}
"""Every way of referring to files by its code."""


def use(code: str, *, used: Callable[[Collection[UUID]], set[UUID]], seen: Callable[[Any, UUID], bool | None]) -> None:
    """Register a way of referring to files; ValueError for a code taken twice."""
    if code in uses:
        raise ValueError(f"the use of files {code} is registered twice")
    uses[code] = Use(code, used, seen)


def needed(ids: Collection[UUID]) -> set[UUID]:
    """Those of some files that anything refers to."""
    return {pk for each in uses.values() for pk in each.used(ids)}


def visible_file(pk: UUID, actor: Any) -> StoredFile:
    """A file that a record in the actor's sight shows, or one of his own that no record has yet; else Http404."""
    stored = StoredFile.objects.filter(pk=pk).first()
    if stored is None or not actor.is_active:
        raise Http404
    answers = [each.seen(actor, stored.pk) for each in uses.values()]
    if any(answers) or (all(answer is None for answer in answers) and stored.by_id == actor.pk):
        return stored
    raise Http404
