"""Where the boxes of a chart of people stand: leaves side by side, everybody above the middle of his own."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

Name = TypeVar("Name", bound=Hashable)


class Spot(NamedTuple):
    """A place: `x` in boxes from the left (a half is between two), `depth` in rows from the top."""

    x: float
    depth: int


def order(above: Mapping[Name, Name | None]) -> list[tuple[Name, int]]:
    """Return everybody with his depth, each followed by his own; who stands under nobody known is on top.

    Where some stand under each other in a circle, the first named of them is on top.
    """
    below: dict[Name | None, list[Name]] = {}
    for name, upper in above.items():
        below.setdefault(upper if upper in above and upper != name else None, []).append(name)
    found: dict[Name, int] = {}

    def walk(top: Name) -> None:
        waiting = [(top, 0)]
        while waiting:
            name, depth = waiting.pop()
            if name not in found:
                found[name] = depth
                waiting += [(each, depth + 1) for each in reversed(below.get(name, []))]

    for name in [*below.get(None, []), *above]:
        if name not in found:
            walk(name)
    return list(found.items())


def spots(above: Mapping[Name, Name | None]) -> dict[Name, Spot]:
    """Return the place of everybody, none on another's; `above` names each one's superior, or None."""
    rows: Sequence[tuple[Name, int]] = order(above)
    found: dict[Name, Spot] = {}
    free = sum(index + 1 == len(rows) or rows[index + 1][1] <= depth for index, (_name, depth) in enumerate(rows))
    ends: dict[int, tuple[float, float]] = {}
    for index in range(len(rows) - 1, -1, -1):
        name, depth = rows[index]
        if index + 1 == len(rows) or rows[index + 1][1] <= depth:
            free -= 1
            x = float(free)
        else:
            first, last = ends.pop(depth + 1)
            x = (first + last) / 2
        found[name] = Spot(x, depth)
        ends[depth] = (x, ends[depth][1] if depth in ends else x)
    return {name: found[name] for name, _depth in rows}
