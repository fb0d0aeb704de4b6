"""What the stays of deals in their stages say: typical days, step rates with their uncertainty, the bottleneck.

Stays are counted by days in the stage (a histogram: days → stays) and by what came after. Rates are whole
hundred-thousandths. Nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

ONE = 100_000
FEW = 20
"""Below so many cases a rate is told with its count and a warning."""
Z = 1.959964
"""The normal quantile of a 95 % interval."""


@dataclass
class Step:
    """What became of the stays begun in one stage; `days` counts those that are over."""

    on: int = 0
    back: int = 0
    lost: int = 0
    still: int = 0
    days: dict[int, int] = field(default_factory=dict)

    @property
    def entered(self) -> int:
        """All stays."""
        return self.on + self.back + self.lost + self.still

    @property
    def over(self) -> int:
        """Stays that have ended."""
        return self.on + self.back + self.lost

    @property
    def rate(self) -> int | None:
        """How many of those that ended went on; None while none has."""
        return rate(self.on, self.over)

    @property
    def spent(self) -> int:
        """Deal-days spent in the stage by the stays that are over."""
        return sum(days * count for days, count in self.days.items())


def rate(part: int, whole: int) -> int | None:
    """A share in hundred-thousandths, half away from zero; None of nothing."""
    return None if not whole else (2 * ONE * part + whole) // (2 * whole)


def percentile(days: Mapping[int, int], share: int) -> int | None:
    """The nearest rank: the fewest days that at least `share` per cent of the stays took no longer than."""
    total = sum(days.values())
    if not total:
        return None
    rank = max(1, -(-total * share // 100))
    seen = 0
    for value in sorted(days):
        seen += days[value]
        if seen >= rank:
            return value
    raise AssertionError("the ranks of a histogram end with its last value")


def mean(days: Mapping[int, int]) -> int | None:
    """The average in whole days, halves up: a few very long stays pull it far above the median."""
    total = sum(days.values())
    return None if not total else (2 * sum(value * count for value, count in days.items()) + total) // (2 * total)


def interval(part: int, whole: int) -> tuple[int, int]:
    """Within which bounds the true rate lies, 95 times of 100 (Wilson 1927): honest for few cases and near 0 and 1."""
    if not whole:
        return 0, ONE
    share, square = part / whole, Z * Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    low = 0 if part == 0 else max(0, round((middle - half) * ONE))
    high = ONE if part == whole else min(ONE, round((middle + half) * ONE))
    return low, high


def differ(one: tuple[int, int], other: tuple[int, int]) -> int:
    """1 when the first (part, whole) surely has the higher rate, −1 the lower one, 0 when chance may explain it.

    The intervals of both rates must not overlap: stricter than a test of the difference, and easy to see.
    """
    (low, high), (below, above) = interval(*one), interval(*other)
    return 1 if low > above else -1 if high < below else 0


def bottleneck(steps: Sequence[Step]) -> int | None:
    """The stage that costs most: deal-days spent there times the share of deals that are lost from there.

    None where no stage has both days and losses. Of equals the earlier one.
    """
    best, found = 0.0, None
    for place, step in enumerate(steps):
        cost = step.spent * step.lost / step.over if step.over else 0.0
        if cost > best * (1 + 1e-12):
            best, found = cost, place
    return found


def reached(steps: Sequence[Step]) -> list[int]:
    """Of everything that entered, per stage the share that is expected to get there, in hundred-thousandths."""
    found, share = [], ONE
    for step in steps:
        found.append(share)
        share = share * (step.rate or 0) // ONE
    return found
