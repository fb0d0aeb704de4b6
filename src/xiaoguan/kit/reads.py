"""Telling who reads: pages, exports and the API announce what they are about to show; an app above keeps the log.

One announcement per opened record or list, never one per row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from xiaoguan.kit.entity import Entity


@dataclass(frozen=True)
class Reading:
    """What is read: one record (`pk`) or a whole filtered set; `fields` are the names shown.
    `count` is asked only by who keeps it.

    `how` is open, export, reveal or api; `where` says from which page or address.
    """

    actor: Any
    how: str
    entity: Entity
    pk: int | None = None
    count: Callable[[], int] = lambda: 1
    fields: Collection[str] = ()
    query: str = ""
    where: str = ""


listeners: list[Callable[[Reading], None]] = []
"""Called with every reading, before the answer is sent."""


def tell(reading: Reading) -> None:
    """Announce a reading."""
    for listener in listeners:
        listener(reading)


def origin(request: Any) -> str:
    """The address a request comes from, as far as the server knows it."""
    return str(request.META.get("REMOTE_ADDR", ""))[:64]
