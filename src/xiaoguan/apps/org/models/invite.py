"""One-time links by which somebody sets a password."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.record import Record


class Purpose(models.TextChoices):
    """Why a link was made."""

    FIRST = "first", _("first administrator")
    JOIN = "join", _("first sign-in")
    RESET = "reset", _("new password")


class Invite(Record):
    """A link for one person: works once, until it expires; only the hash of its token is kept."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="invites", verbose_name=_("person")
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices, default=Purpose.JOIN)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, editable=False)

    class Meta:
        verbose_name = _("one-time link")
        verbose_name_plural = _("one-time links")
        indexes = [models.Index(fields=["person", "used_at"], name="org_invite_open")]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_purpose_display()}"

    def open_at(self, moment: dt.datetime) -> bool:
        """Whether the link still works."""
        return self.used_at is None and self.deleted_at is None and moment < self.expires_at
