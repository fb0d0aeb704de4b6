"""Dealing out in turn: each next one goes to whoever has waited longest and still has room."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bearer:
    """Somebody who takes part: how much he carries now, and when he last got one (higher is later, 0 never)."""

    key: Any
    carries: int
    last: float = 0


def deal_out(count: int, bearers: Iterable[Bearer], most: int) -> list[Any]:
    """The keys of who gets the next `count`, in order; shorter where everybody carries `most` before the end.

    Who got one latest comes last; among equals who carries least, then the order given.
    """
    queue: list[tuple[float, int, int, Any]] = [
        (each.last, each.carries, place, each.key) for place, each in enumerate(bearers) if each.carries < most
    ]
    heapq.heapify(queue)
    turn = max([entry[0] for entry in queue], default=0)
    found: list[Any] = []
    while queue and len(found) < count:
        _last, carries, place, key = heapq.heappop(queue)
        found.append(key)
        turn += 1
        if carries + 1 < most:
            heapq.heappush(queue, (turn, carries + 1, place, key))
    return found


def median(values: Sequence[int]) -> int | None:
    """The middle of some whole numbers, of an even number of them the lower one; None of none."""
    return sorted(values)[(len(values) - 1) // 2] if values else None
