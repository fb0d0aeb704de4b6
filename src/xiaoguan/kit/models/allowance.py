"""How much of a limited thing was taken in one minute, by all processes together."""

from __future__ import annotations

from django.db import models


class Taken(models.Model):
    """What was taken of one allowance (`api:17`: calls of a token) in one minute since 1970."""

    name = models.CharField(max_length=60)
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "minute"], name="kit_taken_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.count}"
