"""What one person keeps at hand."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Shelved(models.Model):
    """A record that one person has looked at, or keeps as a favourite; it says nothing about who may see it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    entity = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    seen_at = models.DateTimeField(null=True)
    starred_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "entity", "object_id"], name="kit_shelved_once")]
        indexes = [
            models.Index(fields=["person", "-seen_at"], name="kit_shelved_seen"),
            models.Index(
                fields=["person", "-starred_at"], condition=Q(starred_at__isnull=False), name="kit_shelved_starred"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.object_id}"
