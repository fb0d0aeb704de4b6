"""What one request has to tell of itself: its number, who asks, what it did at the database. Imports no model."""

from __future__ import annotations

import logging
import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field

SANE = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
"""What a proxy may send as the number of a request; anything else gets a new one."""


@dataclass
class Trace:
    """One request on its way; `slowest` are its longest statements as (seconds, shape)."""

    request_id: str
    statements: int = 0
    seconds: float = 0.0
    actor: int | None = None
    slowest: list[tuple[float, str]] = field(default_factory=list)


current: ContextVar[Trace | None] = ContextVar("xiaoguan_trace", default=None)


def begin(asked: str = "") -> Trace:
    """A trace under the number that was asked for, if it is a sane one."""
    return Trace(asked if SANE.match(asked) else uuid.uuid4().hex)


def request_id() -> str:
    """The number of the request under way; empty outside one."""
    found = current.get()
    return found.request_id if found else ""


class Numbered(logging.Filter):
    """Lets every line that is written while a request runs carry its number and who asks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add to the line, and let it pass."""
        if (found := current.get()) is not None:
            for name, value in (("request_id", found.request_id), ("actor", found.actor)):
                if value is not None and not hasattr(record, name):
                    setattr(record, name, value)
        return True
