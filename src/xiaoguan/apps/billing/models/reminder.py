"""When people are told of instalments that fall due: one row of settings, and what has been told."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.billing.models.instalment import Instalment
from xiaoguan.kit.record import Record


class Reminders(Record):
    """How long before an instalment is due its owner is told, and how long after it his manager."""

    days_before = models.PositiveSmallIntegerField(
        _("days before it is due"), default=7, validators=[MaxValueValidator(90)],
        help_text=_("So long before, the owner is told; 0: only on the day itself."),
    )  # fmt: skip
    days_after = models.PositiveSmallIntegerField(
        _("days overdue until the manager is told"), default=3, validators=[MaxValueValidator(365)],
        help_text=_("The owner is told on the first overdue day."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("payment reminders")
        verbose_name_plural = _("payment reminders")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="billing_reminders_single")]

    def __str__(self) -> str:
        return f"{self.days_before} / {self.days_after}"


class Step(models.IntegerChoices):
    """What has been told of an instalment, in the order of the days."""

    SOON = 1
    DUE = 2
    LATE = 3
    MANAGER = 4


class Told(models.Model):
    """The last thing that was told of an instalment, and of which due day; another day begins anew."""

    instalment = models.OneToOneField(Instalment, models.CASCADE, related_name="told")
    due_on = models.DateField()
    step = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("reminder of an instalment")

    def __str__(self) -> str:
        return f"{self.due_on:%Y-%m-%d} {self.step}"
