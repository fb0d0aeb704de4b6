"""How likely a target is: what open deals may bring, and what comes on top from deals that are not open yet.

A period's result is what is done, what today's open deals still bring, and what deals bring that nobody knows of yet.
The first is known, the second is exact by `calc.chance`, and the third is taken from the past: the same period, so many
months ago, brought so much from deals opened after the day that corresponds to today. Each month back is one case, and
all cases weigh alike.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.chance import reach_probabilities
from xiaoguan.calc.money import RATE_ONE

FEWEST = 3
"""So many cases there must be before anything is said."""


@dataclass(frozen=True)
class Won:
    """A deal of the past: the day it was opened, the day it was won, and what it brought in minor units."""

    opened: date
    won: date
    amount: int


def months_back(day: date, months: int) -> date:
    """The same day so many months earlier; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def unknown_part(deals: Sequence[Won], today: date, first: date, last: date, cases: int = 24) -> list[int]:
    """What deals opened later brought in the same stretch of earlier months, one number per month back.

    The stretch is what is left of the period from ``first`` to ``last``; only months back whose stretch is over count,
    and none from before the oldest deal.
    """
    if not deals:
        return []
    oldest = min(deal.opened for deal in deals)
    opened = np.array([deal.opened.toordinal() for deal in deals])
    won = np.array([deal.won.toordinal() for deal in deals])
    amounts = np.array([deal.amount for deal in deals], np.int64)
    found: list[int] = []
    back = 1
    while len(found) < cases:
        then, begin, end = (months_back(day, back) for day in (today, max(first, today), last))
        if then < oldest:
            break
        if end < today:
            inside = (opened > then.toordinal()) & (won >= begin.toordinal()) & (won <= end.toordinal())
            found.append(int(amounts[inside].sum()))
        back += 1
    return found


def probability(need: int, unknown: Sequence[int], amounts: npt.ArrayLike, rates: npt.ArrayLike) -> float | None:
    """P(open deals and what is still unknown make ``need``), the mean over the cases; None with fewer than FEWEST."""
    if need <= 0:
        return 1.0
    if len(unknown) < FEWEST:
        return None
    values, shares = np.asarray(amounts, np.int64), np.asarray(rates, np.int64)
    count = len(unknown)
    owners = np.repeat(np.arange(count), len(values))
    found = reach_probabilities(
        need - np.asarray(unknown, np.int64), owners, np.tile(values, count), np.tile(shares, count)
    )
    return float(found.mean())


def from_history(need: int, totals: Sequence[int], growth: int = 0) -> float | None:
    """How often periods of the past, grown by ``growth`` (1/100,000), made ``need``; never quite 0 or 1 (Laplace)."""
    if len(totals) < FEWEST:
        return None
    made = sum(total + total * growth // RATE_ONE >= need for total in totals)
    return (made + 1) / (len(totals) + 2)


def quartile(values: Sequence[int]) -> int:
    """The value that a quarter of the values pass (nearest rank, rounded towards the larger); 0 without any."""
    ordered = sorted(values)
    return ordered[(3 * len(ordered)) // 4] if len(ordered) > 1 else (ordered[0] if ordered else 0)
