"""Favourites and what somebody looked at last: his own, on every device, and no more than he may still see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import access, clock, filters
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.models.shelf import Shelved

KEPT = 60
"""So many records somebody has looked at are remembered; favourites are not counted."""
MOST = 500
"""So many favourites anybody has at most; one more pushes the oldest out."""

Known = tuple[Entity, Any]


def see(entity: Entity, pk: int, *, actor: Any) -> None:
    """Remember that somebody has looked at a record; what he looked at long ago is forgotten."""
    with transaction.atomic():
        _row, fresh = Shelved.objects.update_or_create(
            person=actor, entity=entity.name, object_id=pk, defaults={"seen_at": clock.now()}
        )
        if fresh:
            passed = Shelved.objects.filter(person=actor, starred_at=None).order_by("-seen_at", "-pk")[KEPT:]
            Shelved.objects.filter(pk__in=list(passed.values_list("pk", flat=True))).delete()


def star(entity: Entity, pk: int, *, actor: Any, on: bool) -> None:
    """Keep a record as a favourite, or no longer."""
    with transaction.atomic():
        Shelved.objects.update_or_create(
            person=actor, entity=entity.name, object_id=pk, defaults={"starred_at": clock.now() if on else None}
        )
        if on:
            passed = Shelved.objects.filter(person=actor, starred_at__isnull=False).order_by("-starred_at", "-pk")
            Shelved.objects.filter(pk__in=list(passed.values_list("pk", flat=True)[MOST:])).update(starred_at=None)


def is_starred(entity: Entity, pk: int, *, actor: Any) -> bool:
    """Whether this record is one of the actor's favourites."""
    return Shelved.objects.filter(person=actor, entity=entity.name, object_id=pk, starred_at__isnull=False).exists()


def known(actor: Any) -> dict[str, set[int]]:
    """Ids of favourites and of what was looked at last, by the name of their entity: searches put them first."""
    found: dict[str, set[int]] = defaultdict(set)
    for name, pk in Shelved.objects.filter(person=actor).values_list("entity", "object_id")[: KEPT + MOST]:
        found[name].add(pk)
    return found


def at_hand(actor: Any, *, most: int) -> tuple[list[Known], list[Known]]:
    """Favourites and the records looked at last beside them, newest first, as far as the actor sees them."""
    mine = Shelved.objects.filter(person=actor)
    # A few more than are shown: some may be gone, or no longer his to see.
    starred = _keys(mine.filter(starred_at__isnull=False).order_by("-starred_at", "-pk")[: 2 * most])
    seen = _keys(mine.filter(starred_at=None, seen_at__isnull=False).order_by("-seen_at", "-pk")[: 2 * most])
    rows = _rows([*starred, *seen], actor)
    return _shown(starred, rows)[:most], _shown(seen, rows)[:most]


def _keys(rows: QuerySet[Shelved]) -> list[tuple[str, int]]:
    return list(rows.values_list("entity", "object_id"))


def _rows(keys: Iterable[tuple[str, int]], actor: Any) -> Mapping[tuple[str, int], Any]:
    """The visible records of these keys: one query per entity."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for name, pk in keys:
        wanted[name].append(pk)
    found: dict[tuple[str, int], Any] = {}
    for name, ids in wanted.items():
        entity = entities.get(name)
        if entity is None or not access.may(actor, "view", entity.model):
            continue
        links = {
            column.relations
            for part in ("title", "subtitle")
            for column in entity.columns(part)
            if column.relations
        }  # fmt: skip
        rows = access.visible(entity.model, actor).filter(pk__in=ids)
        found |= {(name, row.pk): row for row in (rows.select_related(*links) if links else rows)}
    return found


def _shown(keys: Collection[tuple[str, int]], rows: Mapping[tuple[str, int], Any]) -> list[Known]:
    return [(entities[key[0]], rows[key]) for key in keys if key in rows]


@filters.everywhere("starred", _("my favourites"))
def starred(entity: Entity, actor: Any) -> Q:
    """The condition of every list: what its reader has marked with a star."""
    mine = Shelved.objects.filter(person=actor.pk, entity=entity.name, starred_at__isnull=False)
    return Q(pk__in=mine.values("object_id"))
