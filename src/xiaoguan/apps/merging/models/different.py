"""Two records that somebody has said are not one."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.record import Record


class Different(Record):
    """The records `first_id` and `second_id` of `about` (the lower id first) are two: they are not proposed again."""

    about = models.CharField(max_length=60)
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("two records")
        verbose_name_plural = _("two records")
        constraints = [
            models.UniqueConstraint(
                fields=["about", "first_id", "second_id"],
                condition=Q(deleted_at__isnull=True),
                name="merging_different_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.first_id} {self.second_id}"

    def takes_back(self, actor: Any) -> bool:
        """Whoever said so may take it back."""
        return self.created_by_id == actor.pk
