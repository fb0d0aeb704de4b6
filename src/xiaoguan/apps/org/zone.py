"""The company's time zone for the clock: asked of the database at most once a minute in each process."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from xiaoguan.apps.org.models import Company

KEEP_SECONDS = 60.0
_kept: list[tuple[float, ZoneInfo | None]] = []


def zone() -> ZoneInfo | None:
    """The zone of the company; None before there is one, or before the first migration."""
    if _kept and time.monotonic() < _kept[0][0]:
        return _kept[0][1]
    try:
        name = Company.objects.values_list("time_zone", flat=True).first()
    except DatabaseError:
        return None
    found = ZoneInfo(name) if name else None
    _kept[:] = [(time.monotonic() + KEEP_SECONDS, found)]
    return found


def forget() -> None:
    """Ask again next time: the company was saved in this process."""
    _kept.clear()
