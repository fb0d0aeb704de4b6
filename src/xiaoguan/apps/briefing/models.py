"""Which briefing everybody was sent last."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Sent(models.Model):
    """The period of the last briefing of a kind that somebody was sent: none leaves twice, whatever hour he chooses."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=5)
    period = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="briefing_sent_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} → {self.person_id}"
