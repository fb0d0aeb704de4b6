"""Secrets and signatures: HMAC-SHA256 over the timestamp, a dot and the body."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from xiaoguan.apps.webhooks.models import Endpoint, Secret
from xiaoguan.kit import clock

OVERLAP = dt.timedelta(days=1)
"""How long the old secret signs beside the new one."""


def valid(endpoint: Endpoint) -> list[str]:
    """The secrets that sign now, the newest first."""
    good = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.machine_now())
    return list(Secret.objects.filter(good, endpoint=endpoint).order_by("-pk").values_list("value", flat=True))


def renew(endpoint: Endpoint) -> str:
    """Make a secret and return it, once; the one before stays valid for a day, any older ones end."""
    now = clock.machine_now()
    value = f"xgwh_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        kept = Secret.objects.select_for_update().filter(endpoint=endpoint)
        newest = kept.order_by("-pk").first()
        kept.exclude(pk=newest.pk if newest else None).delete()
        kept.filter(expires_at__isnull=True).update(expires_at=now + OVERLAP)
        Secret.objects.create(endpoint=endpoint, value=value, created_at=now)
    return value


def end_old(endpoint: Endpoint) -> int:
    """Let only the newest secret sign from now on."""
    return Secret.objects.filter(endpoint=endpoint, expires_at__isnull=False).delete()[0]


def sign(values: Sequence[str], stamp: int, body: bytes) -> str:
    """The header: one signature per valid secret, the newest first."""
    text = f"{stamp}.".encode() + body
    return ",".join(f"v1={hmac.new(value.encode(), text, hashlib.sha256).hexdigest()}" for value in values)
