"""What is known about a stored file; its bytes lie in Django's storage under a name of ours."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from xiaoguan.kit.fields import uuid7

SMALL = ".small"


class StoredFile(models.Model):
    """One file as it is kept: checked, cleaned, immutable.

    `name` is what the person called it and never becomes part of `path`. `type` is what the content is.
    Pictures have their size and a small picture beside them. Once the bytes are cleared away `cleared_at` is set.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    path = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.name

    @property
    def picture(self) -> bool:
        """Whether a browser may show it as an image."""
        return self.width is not None

    @property
    def small(self) -> str:
        """Where the small picture of a picture lies; empty for other files."""
        return f"{self.path}{SMALL}" if self.picture else ""

    @property
    def previewed(self) -> bool:
        """Whether there is something to look at without downloading it."""
        return self.cleared_at is None and (self.picture or self.type == "application/pdf")


class FieldUse(models.Model):
    """A record that has, or lately had (`left_at`), a file in a field of its own; kept in step by `own`."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="+")
    entity = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    path = models.CharField(max_length=60)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "entity", "object_id", "path"], name="files_fielduse_once")
        ]
        indexes = [models.Index(fields=["entity", "object_id"], name="files_fielduse_record")]

    def __str__(self) -> str:
        return f"{self.entity} {self.object_id}"
