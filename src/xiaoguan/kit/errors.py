"""What an action or a reader may answer instead of doing the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class KitError(Exception):
    """Base of every answer that is not a bug: pages, API and import each know how to show it."""


class Denied(KitError):
    """The actor lacks the right; strangers to a row get «not found» instead."""

    def __init__(self, verb: str, subject: Any = None) -> None:
        super().__init__(verb)
        self.verb = verb
        self.subject = subject


class NotRecent(KitError):
    """Changing rights takes a fresh proof of who is there; pages ask for it and come back."""


class Stale(KitError):
    """Somebody else saved the row first; `fields` maps each changed name to (their value, their name)."""

    def __init__(self, row: Any, fields: Mapping[str, Any] | None = None, by: Any = None) -> None:
        super().__init__("stale")
        self.row = row
        self.fields = dict(fields or {})
        self.by = by


class Invalid(KitError):
    """Values that can't be stored; `errors` maps field name to messages in the user's language."""

    def __init__(self, errors: Mapping[str, Sequence[Any]]) -> None:
        super().__init__(", ".join(f"{name}: {'; '.join(map(str, texts))}" for name, texts in errors.items()))
        self.errors = {name: list(texts) for name, texts in errors.items()}


@dataclass(frozen=True)
class WayOut:
    """One thing the refused person can do instead."""

    label: Any
    url: str = ""
    hint: Any = ""
    icon: str = "arrow-right"


class Refusal(KitError):
    """A rule says not now: names the rule, why, and the ways out."""

    def __init__(
        self,
        title: Any,
        cause: Any,
        *,
        code: str,
        rule: Any = "",
        set_by: Any = "",
        ways_out: Sequence[WayOut] = (),
        afterwards: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(str(title))
        self.afterwards = afterwards
        """What is still to be done about it once the refused transaction is gone, such as telling whom it concerns."""
        self.title = title
        self.cause = cause
        self.code = code
        self.rule = rule
        self.set_by = set_by
        self.ways_out = list(ways_out)


class TooMany(Refusal):
    """More of something in a minute than one person may ask for; `seconds` until the next is answered."""

    def __init__(self, seconds: int, title: Any, cause: Any) -> None:
        super().__init__(title, cause, code="too_many")
        self.seconds = seconds
