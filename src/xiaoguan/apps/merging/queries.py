"""Where a record that was merged is now, and what was merged into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xiaoguan.apps.merging.models import Merged
from xiaoguan.kit import access, elsewhere
from xiaoguan.kit.entity import Entity


def into(entity: Entity, pk: int, actor: Any) -> Any:
    """The record that this one is part of in the end, where the actor sees it."""
    seen, now = {pk}, pk
    while found := Merged.objects.filter(entity=entity.name, object_id=now).values_list("into_id", flat=True).first():
        if found in seen:
            return None
        seen.add(found)
        now = found
    return access.visible(entity.model, actor).filter(pk=now).order_by().first() if now != pk else None


elsewhere.finders.append(into)


def parts(entity: str, ids: Sequence[int]) -> list[int]:
    """Ids of what was merged into some records, and into what was merged into them."""
    found: list[int] = []
    more = list(ids)
    while more:
        rows = Merged.objects.filter(entity=entity, into_id__in=more).exclude(object_id__in=found)
        more = list(rows.values_list("object_id", flat=True))
        found += more
    return found
