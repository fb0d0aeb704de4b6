"""Links that open a dashboard on a wall without signing in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.dashboards.models.dashboard import Dashboard
from xiaoguan.kit.record import Record


def fresh_key() -> str:
    """A key nobody can guess."""
    return secrets.token_urlsafe(24)


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


class WallLink(Record):
    """A link made by its owner, whose rights its figures follow; the key itself is shown once and never kept."""

    dashboard = models.ForeignKey(Dashboard, models.PROTECT, related_name="links")
    label = models.CharField(_("where it hangs"), max_length=60, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    also = models.JSONField(default=list, blank=True, editable=False)
    """Ids of the dashboards it turns to as well."""

    expires_at = models.DateTimeField(_("holds until"))
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return self.label or str(self.dashboard)

    def holds(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.deleted_at is None and self.revoked_at is None and now < self.expires_at

    def takes_back(self, actor: Any) -> bool:
        """A key that was given away stays revoked: only a new link opens the wall again."""
        return False
