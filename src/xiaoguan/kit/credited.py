"""Records whose facts stay with the person who earned them when the record changes hands."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.record import Record


class CreditedRecord(Record):
    """A record with an owner, who looks after it, and a credited person, who earned it.

    `credited` follows `owner` through every ordinary write, so correcting a wrong owner corrects
    the figures. Only a hand-over keeps it: `keep_credit()` before the new owner is saved.
    """

    credited = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("credited to"),
    )

    class Meta:
        abstract = True

    def keep_credit(self) -> None:
        """Let the next change of owner leave the credit where it is."""
        self._credit_kept = True

    def prepare(self) -> None:
        """Let the credit follow the owner unless it has been handed over."""
        super().prepare()
        previous: Any = getattr(self, "_loaded", {}).get("owner_id")
        if self.credited_id is None or (self.credited_id == previous and not getattr(self, "_credit_kept", False)):
            self.credited_id: int | None = self.owner_id
