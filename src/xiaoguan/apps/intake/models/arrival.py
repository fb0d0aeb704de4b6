"""One file that came from a source."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.intake.models.source import Source
from xiaoguan.transfer.models import Import


class Arrival(models.Model):
    """A file and what became of it; while it waits, the same name of the same source is not taken again."""

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Failed")

    source = models.ForeignKey(Source, models.CASCADE, related_name="arrivals")
    name = models.CharField(max_length=255)
    stamp = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    batch = models.ForeignKey(Import, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "name"], condition=models.Q(state="waiting"), name="intake_arrival_once"
            )
        ]
        indexes = [models.Index(fields=["source", "-id"], name="intake_arrival_latest")]

    def __str__(self) -> str:
        return self.name
