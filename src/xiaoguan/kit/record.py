"""The abstract row every business table shares."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.extra import ExtraField
from xiaoguan.kit.fields import uuid7


class Record(models.Model):
    """A row with identity, owner, unit, version and a soft delete.

    `version` counts saves (If-Match); `uid` may be supplied by a client so that offline records
    can point at each other; `extra` holds own fields and what an import could not place.
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    unit = models.ForeignKey(
        settings.XIAOGUAN_UNIT_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("team"),
    )
    created_at = models.DateTimeField(_("created at"), editable=False, null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("created by"),
    )
    updated_at = models.DateTimeField(_("updated at"), editable=False, null=True)
    deleted_at = models.DateTimeField(_("deleted at"), editable=False, null=True)
    extra = ExtraField(_("further values"), default=dict, blank=True, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        """Load a row and remember what it said, so that a save knows what it changes."""
        instance = super().from_db(db, field_names, values)
        instance._loaded = dict(zip(field_names, values, strict=False))
        return instance

    owner_defaults = True
    """Whether a new row without an owner belongs to whoever creates it; false where `prepare` derives the owner."""

    def prepare(self) -> None:
        """Derive stored fields before a save (normalised keys, totals); pure, runs no query."""

    def takes_back(self, actor: Any) -> bool:
        """Whether this person may undo what became of the row, where it is no entity with rights of its own."""
        return bool(self.owner_id == actor.pk)

    def changed_fields(self) -> dict[str, tuple[Any, Any]]:
        """Map each column that differs from the loaded row to (before, after)."""
        loaded = getattr(self, "_loaded", {})
        found = {}
        for field in self._meta.concrete_fields:
            name = field.attname
            if name in loaded and loaded[name] != (now := getattr(self, name)):
                found[name] = (loaded[name], now)
        return found
