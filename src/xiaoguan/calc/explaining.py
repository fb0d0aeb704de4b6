"""Why a sum moved and what stands out among parts: contributions that add up exactly, and a rule for outliers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

FEW = 5
"""Among fewer values nothing stands out: everybody is one of few."""
FAR = 3.5
"""How many robust standard deviations from the middle count as far: Iglewicz & Hoaglin (1993)."""
_NORMAL = 1.4826
"""Makes the median deviation of normal values their standard deviation."""


@dataclass(frozen=True)
class Split(Generic[Key]):
    """Whose change made a change: ``parts`` largest first, ``others`` what is not named; together ``whole``."""

    whole: int
    parts: list[tuple[Key, int]]
    others: int


def contributions(now: Mapping[Key, int], before: Mapping[Key, int], most: int = 3) -> Split[Key]:
    """Return the parts that moved a sum most in the direction it moved, ``most`` of them; exact, in the values' own
    unit.

    A part that moved the other way is never named as a cause; it is among the others. Equal ones keep the order given.
    """
    keys = list(dict.fromkeys([*now, *before]))
    moved = [(key, now.get(key, 0) - before.get(key, 0)) for key in keys]
    whole = sum(change for _key, change in moved)
    if not whole:
        return Split(0, [], 0)
    same = [(key, change) for key, change in moved if change * whole > 0]
    parts = sorted(same, key=lambda pair: -abs(pair[1]))[:most]
    return Split(whole, parts, whole - sum(change for _key, change in parts))


def outlier(values: Mapping[Key, int]) -> tuple[Key, float] | None:
    """Return the value farthest from the middle and by how many robust standard deviations; None where none is far.

    Robust: the middle is the median, the deviation the median distance from it, so that one giant does not hide
    another. Where more than half are equal the deviation is 0 and nothing is said.
    """
    if len(values) < FEW:
        return None
    middle = median(values.values())
    spread = median(abs(value - middle) for value in values.values()) * _NORMAL
    if not spread:
        return None
    key, value = max(values.items(), key=lambda pair: abs(pair[1] - middle))
    distance = (value - middle) / spread
    return (key, float(distance)) if abs(distance) >= FAR else None
