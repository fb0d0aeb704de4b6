"""What was forecast of a month when it began, kept so that forecasts can be judged."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Snapshot(models.Model):
    """The landing of one subject's month as told on ``made_on``; amounts in fen.

    ``due`` is, for the company, how many of the deals due in the month were to be expected as won (the sum of their
    rates, 1/100,000). ``sway`` (1/100,000) is what widened the range beyond that of independent deals. ``later`` marks
    a month that was over before forecasts were kept: it was told afterwards, from what the records knew when the month
    began and from deals closed before it.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=40)
    start = models.DateField()
    low = models.BigIntegerField()
    middle = models.BigIntegerField()
    high = models.BigIntegerField()
    due = models.BigIntegerField(null=True)
    sway = models.PositiveIntegerField(default=0)
    made_on = models.DateField()
    later = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("kept forecast")
        constraints = [models.UniqueConstraint(fields=["subject", "start"], name="forecast_snapshot_one")]
        indexes = [models.Index(fields=["start"], name="forecast_snapshot_start")]

    def __str__(self) -> str:
        return f"{self.subject} {self.start}"
