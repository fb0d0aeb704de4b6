"""When a notice leaves the house: at once, with the hour's others or in the morning, and never in the quiet hours."""

from __future__ import annotations

import datetime as dt

from xiaoguan.apps.notices.models import Rhythm
from xiaoguan.kit import clock

MORNING = dt.time(8, 0)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def due(now: dt.datetime, rhythm: str, quiet_from: dt.time | None, quiet_to: dt.time | None) -> dt.datetime:
    """The moment for something told now, by the company's wall clock; aware, in UTC."""
    here = clock.local(now)
    if rhythm == Rhythm.HOURLY:
        here = here.replace(minute=0, second=0, microsecond=0) + HOUR
    elif rhythm == Rhythm.MORNING:
        here = _next(here, MORNING)
    return _after_quiet(here, quiet_from, quiet_to).astimezone(dt.UTC)


def _next(here: dt.datetime, at: dt.time) -> dt.datetime:
    """The first moment after `here` when the clock shows `at`."""
    found = dt.datetime.combine(here.date(), at, here.tzinfo)
    return found if found > here else dt.datetime.combine(here.date() + DAY, at, here.tzinfo)


def _after_quiet(here: dt.datetime, start: dt.time | None, end: dt.time | None) -> dt.datetime:
    """The moment itself, or the end of the quiet hours it falls into; they may pass midnight."""
    if start is None or end is None or start == end:
        return here
    at = here.timetz().replace(tzinfo=None)
    quiet = start <= at < end if start < end else at >= start or at < end
    return _next(here, end) if quiet else here
