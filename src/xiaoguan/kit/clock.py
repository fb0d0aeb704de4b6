"""The one source of «now»: business time, which demo, import and tests may set, and the machine's own time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

SETTERS = ("xiaoguan.demo", "xiaoguan.transfer")
"""Packages of the product that may set the clock; tests may too. A name here is a decision to be reviewed."""

_set_to: ContextVar[datetime | None] = ContextVar("xiaoguan_clock", default=None)
_zone_source: list[Callable[[], ZoneInfo | None]] = []


def now() -> datetime:
    """The moment an action takes place, aware and in UTC."""
    return _set_to.get() or machine_now()


def machine_now() -> datetime:
    """The computer's time, deaf to `at`: for leases, schedules, throttles and logs."""
    return datetime.now(UTC)


def zone() -> ZoneInfo:
    """The company's time zone; the setting TIME_ZONE until a company says otherwise."""
    found = _zone_source[0]() if _zone_source else None
    return found or ZoneInfo(settings.TIME_ZONE)


def use_zone(source: Callable[[], ZoneInfo | None]) -> None:
    """Register who knows the company's time zone; the last one stands."""
    _zone_source[:] = [source]


def today() -> date:
    """The business date of `now` where the company is."""
    return now().astimezone(zone()).date()


def local(moment: datetime) -> datetime:
    """An aware moment as the company's wall clock shows it."""
    return moment.astimezone(zone())


def at(moment: datetime) -> AbstractContextManager[None]:
    """Set `now` inside a `with` block; for SETTERS and tests only.

    Raises PermissionError for any other caller, so that no page or action can back-date what it
    writes, and ValueError for a moment without a time zone.
    """
    caller = str(sys._getframe(1).f_globals.get("__name__", ""))
    if not may_set(caller):
        raise PermissionError(f"{caller} may not set the clock; see SETTERS in {__name__}")
    if moment.tzinfo is None:
        raise ValueError("the clock needs an aware moment")
    return _at(moment.astimezone(UTC))


def may_set(module: str) -> bool:
    """Whether code of this module may set the clock."""
    if any(module == name or module.startswith(f"{name}.") for name in SETTERS):
        return True
    parts = module.split(".")
    return any(part in ("tests", "conftest") or part.startswith("test_") for part in parts)


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    token = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(token)
