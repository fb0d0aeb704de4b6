"""Shares of a whole that hold for some time: who has what on a day, and the day on which they add up to most.

A stretch is (first day or None, last day or None, rate); both days are included, None is open. Rates are whole
hundred-thousandths of any size that is not negative.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise

Stretch = tuple[dt.date | None, dt.date | None, int]
DAY = dt.timedelta(days=1)


def holds(first: dt.date | None, last: dt.date | None, day: dt.date) -> bool:
    """Whether a stretch covers a day."""
    return (first is None or first <= day) and (last is None or day <= last)


def peak(stretches: Sequence[Stretch]) -> tuple[dt.date | None, int]:
    """The first day on which the rates add up to most, and that sum; the day is None for «since always» and for none.

    Sums only rise where a stretch begins, so it is enough to look there.
    """
    starts = sorted({first for first, _last, _rate in stretches if first is not None})
    always = sum(rate for first, _last, rate in stretches if first is None)
    best: tuple[dt.date | None, int] = (None, always)
    for day in starts:
        total = sum(rate for first, last, rate in stretches if holds(first, last, day))
        if total > best[1]:
            best = (day, total)
    return best


def overlapping(stretches: Iterable[tuple[dt.date | None, dt.date | None]]) -> bool:
    """Whether two stretches share a day."""
    ordered = sorted(stretches, key=lambda each: each[0] or dt.date.min)
    for (_first, last), (following, _end) in pairwise(ordered):
        if last is None or following is None or following <= last:
            return True
    return False
