"""Readings of what is sensitive: what happened without changing anything. Sign-ins stand in `org.SignIn`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.record import Record


class How(models.TextChoices):
    """What somebody did."""

    OPEN = "open", _("Opened")
    REVEAL = "reveal", _("Revealed")
    EXPORT = "export", _("Exported")
    API = "api", _("Read through the API")


class AccessEntry(models.Model):
    """One reading, however many records it showed; never changed and never deleted by a page."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False)
    how = models.CharField(max_length=8, choices=How.choices)
    entity = models.CharField(max_length=60, blank=True)
    object_id = models.BigIntegerField(null=True)
    count = models.PositiveIntegerField(default=1)
    fields = models.CharField(max_length=400, blank=True)
    query = models.CharField(max_length=1000, blank=True)
    where = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["at", "id"], name="audit_entry_at"),
            models.Index(fields=["actor", "at", "id"], name="audit_entry_actor"),
            models.Index(fields=["entity", "object_id", "at"], name="audit_entry_record"),
        ]

    def __str__(self) -> str:
        return f"{self.how} {self.entity}"


class Watch(Record):
    """What is sensitive about one record type: the whole record or some fields, when opened, when exported."""

    about = models.CharField(max_length=60, unique=True)
    """The entity."""
    fields = models.JSONField(default=list, blank=True)
    opening = models.BooleanField(_("when opened"), default=False)
    exporting = models.BooleanField(_("when exported or read by a program"), default=False)

    class Meta:
        verbose_name = _("sensitive records")
        verbose_name_plural = _("sensitive records")

    def __str__(self) -> str:
        return self.about
