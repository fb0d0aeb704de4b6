"""A zip that came beside an import."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.fields import uuid7
from xiaoguan.transfer.models import Import

__all__ = ["Enclosure"]


class Enclosure(models.Model):
    """A zip for the records of one import, of whoever imported.

    `plan` is [[record id, name in the zip], …], `report` lists what goes nowhere: files nobody names,
    names without a file, and files that are not taken, each with the reason.
    """

    class State(models.TextChoices):
        """How far it has come."""

        PLANNED = "planned", _("Checked")
        RUNNING = "running", _("Being attached")
        DONE = "done", _("Attached")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Import, models.CASCADE, related_name="enclosures")
    file = models.FileField(upload_to="enclosures/", max_length=255, blank=True)
    name = models.CharField(max_length=255)
    column = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    plan = models.JSONField(default=list)
    report = models.JSONField(default=dict)
    attached = models.PositiveIntegerField(default=0)
    job = models.ForeignKey("kit.Job", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
