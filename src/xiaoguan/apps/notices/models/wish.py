"""How one person wants to be told."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.notices.models.robot import Service


class Rhythm(models.TextChoices):
    """When what leaves the house leaves it."""

    NOW = "now", _("At once")
    HOURLY = "hourly", _("Once an hour, together")
    MORNING = "morning", _("Once a day, in the morning")


HOURS = range(7, 22)
"""The hours at which somebody may want his briefings, by the company's wall clock."""


class Wish(models.Model):
    """How to be told: switches by kind and channel where they differ from the defaults, when, and the own robot.

    Without an `hour` briefings come before the day's work begins.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    switches = models.JSONField(default=dict)
    rhythm = models.CharField(_("mail and robot"), max_length=8, choices=Rhythm.choices, default=Rhythm.NOW)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True, default=dt.time(22))
    quiet_to = models.TimeField(_("quiet until"), null=True, blank=True, default=dt.time(7, 30))
    hour = models.PositiveSmallIntegerField(_("briefings at"), null=True, blank=True)
    service = models.CharField(_("robot"), max_length=8, choices=Service.choices, blank=True)
    address = models.CharField(_("address of the robot"), max_length=400, blank=True)
    signature = models.CharField(_("signing key"), max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id}"
