"""A record that was merged into another one."""

from __future__ import annotations

from django.db import models

from xiaoguan.kit.models import Change


class Merged(models.Model):
    """The record `object_id` of `entity` has been part of the record `into_id` since a change; undoing removes it.

    `moved` holds what that change sent along and no history tells: rows without a history of their own, as
    `app.model.column` → their ids.
    """

    id = models.BigAutoField(primary_key=True)
    entity = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    into_id = models.BigIntegerField()
    change = models.ForeignKey(Change, models.CASCADE, related_name="+")
    moved = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "object_id"], name="merging_merged_once")]
        indexes = [models.Index(fields=["entity", "into_id"], name="merging_merged_into")]

    def __str__(self) -> str:
        return f"{self.entity} {self.object_id} → {self.into_id}"
