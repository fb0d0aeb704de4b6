"""Days that differ from the ordinary working week."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class CalendarDay(Record):
    """One day the company decided itself: it beats the published holidays and the working week."""

    day = models.DateField(_("day"))
    working = models.BooleanField(_("working day"), default=False)
    note = models.CharField(_("note"), max_length=80, blank=True)

    entity = Entity(
        slug="calendar-days",
        icon="calendar",
        nav="settings",
        scope="all",
        list="day working note",
        form="day working note",
        filter="day working",
        key="day",
        sort="-day",
    )

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        constraints = [
            models.UniqueConstraint(
                fields=["day"], condition=models.Q(deleted_at__isnull=True), name="org_calendarday_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
