"""The rhythm of a year: how much more one day usually brings than another, learnt from the days of the year before.

Three things make a day: its weekday, how far into the month it lies, and its month. Each is a factor around 1, drawn
towards 1 by `CALM` days of an average year, so that a single big day makes no pattern.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.period import WorkCalendar

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

CALM = 6
"""So many ordinary days stand beside those of each weekday, fifth of a month and month."""
FIFTHS = 5
ONE = 1000
"""The weight of an ordinary day."""


@dataclass(frozen=True)
class Calendar:
    """What is known of the days of a year: weekday 0–6, fifth of the month's working days 0–4, month 0–11, worked."""

    weekday: Integers
    fifth: Integers
    month: Integers
    works: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, days: Sequence[dt.date], calendar: WorkCalendar) -> Calendar:
        """Of days in order, whole months of them."""
        works = np.fromiter((calendar.works(day) for day in days), np.bool_, len(days))
        months = np.fromiter((day.year * 12 + day.month - 1 for day in days), np.int64, len(days))
        fifth = np.zeros(len(days), np.int64)
        for month in np.unique(months):
            inside = months == month
            before = np.cumsum(works[inside]) - works[inside]
            fifth[inside] = np.minimum(before * FIFTHS // max(int(works[inside].sum()), 1), FIFTHS - 1)
        weekday = np.fromiter((day.weekday() for day in days), np.int64, len(days))
        return cls(weekday, fifth, months % 12, works)


def rhythm(past: Sequence[int], before: Calendar, ahead: Calendar) -> Integers:
    """Return the weight of every day ahead (≥ 1, `ONE` for an ordinary one) after what each day before brought.

    What came on a day off counts for the working day after it; a day of refunds counts as nothing. Without anything
    to learn from all days weigh the same.
    """
    values = _on_working_days(np.maximum(np.asarray(past, np.float64), 0), before.works)
    worked = before.works
    average = float(values[worked].mean()) if worked.any() else 0.0
    if average <= 0:
        return np.full(len(ahead.weekday), ONE, np.int64)
    factor = np.ones(len(ahead.weekday))
    for known, coming, kinds in (
        (before.weekday, ahead.weekday, 7), (before.fifth, ahead.fifth, FIFTHS), (before.month, ahead.month, 12),
    ):  # fmt: skip
        sums = np.bincount(known[worked], values[worked], kinds)
        counts = np.bincount(known[worked], minlength=kinds)
        factor *= ((sums + CALM * average) / ((counts + CALM) * average))[coming]
    return np.maximum(np.rint(factor * ONE).astype(np.int64), 1)


def _on_working_days(values: Floats, works: npt.NDArray[np.bool_]) -> Floats:
    """Move what days off brought to the working day after each; after the last one, to the last."""
    if not works.any():
        return values
    places = np.flatnonzero(works)
    after = np.minimum(np.searchsorted(places, np.arange(len(values))), len(places) - 1)
    return np.bincount(places[after], values, len(values)).astype(np.float64)
