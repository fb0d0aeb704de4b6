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


class Wish(models.Model):
    """Switches by kind and channel where they differ from the defaults, the rhythm, the quiet hours, the own robot."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    switches = models.JSONField(default=dict)
    rhythm = models.CharField(_("mail and robot"), max_length=8, choices=Rhythm.choices, default=Rhythm.NOW)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True, default=dt.time(22))
    quiet_to = models.TimeField(_("quiet until"), null=True, blank=True, default=dt.time(7, 30))
    service = models.CharField(_("robot"), max_length=8, choices=Service.choices, blank=True)
    address = models.CharField(_("address of the robot"), max_length=400, blank=True)
    signature = models.CharField(_("signing key"), max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id}"
