"""Two logs: Change is the audit (who, what, before and after); Feed is what rollups and replicas read."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Change(models.Model):
    """One run of one action by one person, over one record or a range of them."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    action = models.CharField(max_length=60)
    entity = models.CharField(max_length=60)
    count = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=40, default="page")
    note = models.TextField(blank=True)
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    """Whom the actor stood in for, where he reached the record through that alone."""
    undoable = models.BooleanField(default=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")

    written: Sequence[ChangeRow] = ()
    """The rows of a change just made, for whoever tells what it did; a loaded one has them in `rows`."""

    class Meta:
        indexes = [
            models.Index(fields=["at", "id"], name="kit_change_at"),
            models.Index(fields=["actor", "at", "id"], name="kit_change_actor"),
            models.Index(fields=["entity", "at", "id"], name="kit_change_entity"),
        ]

    def __str__(self) -> str:
        return f"{self.action} × {self.count}"


class ChangeRow(models.Model):
    """What one change did to one record; `before` is null when the record was created by it."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="rows")
    entity = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [models.Index(fields=["entity", "object_id", "-id"], name="kit_changerow_object")]

    def __str__(self) -> str:
        return f"{self.entity} {self.object_id}"


class Feed(models.Model):
    """Capture for whoever follows the data: one entry per record, or one per range of a bulk change.

    `xid` is PostgreSQL's transaction id: a reader must stop before the oldest transaction still
    open, since a plain watermark on `seq` loses rows committed out of order.
    """

    seq = models.BigAutoField(primary_key=True)
    xid = models.BigIntegerField(default=0)
    entity = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    change = models.ForeignKey(Change, models.CASCADE, related_name="+", null=True)

    class Meta:
        indexes = [models.Index(fields=["entity", "-seq"], name="kit_feed_entity")]

    def __str__(self) -> str:
        return f"{self.seq} {self.entity}"
