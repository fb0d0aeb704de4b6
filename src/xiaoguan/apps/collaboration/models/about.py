"""A row that belongs to a record of any kind."""

from __future__ import annotations

from typing import Any

from django.db import models

from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.record import Record

ALIVE = models.Q(deleted_at__isnull=True)


def takes_part(entity: Entity) -> bool:
    """Whether people work together on records of an entity: those that stand in the navigation as work.

    Settings are looked after by administrators; what has no place in the navigation is a part of another record.
    """
    return issubclass(entity.model, Record) and not entity.fixed and entity.nav not in ("", "settings")


class About(Record):
    """Something that somebody (`owner`) added to the record `object_id` of the entity `about`.

    Whoever sees the record sees it, nobody else; it is found by an index and loaded for many records at once.
    """

    about = models.CharField(max_length=60, editable=False)
    object_id = models.BigIntegerField(editable=False)

    class Meta:
        abstract = True

    @property
    def target(self) -> Entity:
        """The kind of record it belongs to."""
        return entities[self.about]

    def record_for(self, actor: Any) -> Any:
        """The record it belongs to; None for who may not see that."""
        return access.visible(self.target.model, actor).filter(pk=self.object_id).first()

    def takes_back(self, actor: Any) -> bool:
        """Who added it may undo what became of it, as long as he sees the record."""
        return bool(self.owner_id == actor.pk and self.record_for(actor) is not None)


def about(record: Any) -> dict[str, Any]:
    """The values that tie a row to a record."""
    return {"about": record._meta.label_lower, "object_id": record.pk}
