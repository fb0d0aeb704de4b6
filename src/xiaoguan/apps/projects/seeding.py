"""Puts the protection periods that every installation starts with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

# Phase, days protected, days added by an extension.
PERIODS = (
    ("planned", 180, 90),
    ("design", 180, 90),
    ("tender", 120, 60),
    ("construction", 90, 45),
    ("done", 30, 0),
    ("stopped", 60, 30),
)


ALWAYS = dt.date(2000, 1, 1)


def ensure(protection_model: Any) -> None:
    """Add the phases that are missing; takes the model, so that a migration can pass the historical one."""
    known = set(protection_model._base_manager.values_list("phase", flat=True))
    now = timezone.now()
    protection_model._base_manager.bulk_create(
        protection_model(phase=phase, since=ALWAYS, days=days, extension=extension, created_at=now, updated_at=now)
        for phase, days, extension in PERIODS
        if phase not in known
    )
