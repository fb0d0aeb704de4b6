"""What can be made anew from the records: `doctor --rebuild` runs all of it, in the order of declaration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Rebuild = Callable[[], str]


@dataclass(frozen=True)
class Derived:
    """One kind of derived data; `rebuild` repairs it and says in a few words what it found."""

    name: str
    label: Any
    rebuild: Rebuild


everything: dict[str, Derived] = {}
"""Every declared kind by its name."""


def derived(name: str, label: Any) -> Callable[[Rebuild], Rebuild]:
    """Declare how one kind of derived data is made anew; the same name twice is a mistake."""

    def add(rebuild: Rebuild) -> Rebuild:
        if name in everything:
            raise ValueError(f"{name} is declared twice")
        everything[name] = Derived(name, label, rebuild)
        return rebuild

    return add
