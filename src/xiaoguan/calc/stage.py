"""Stages of a pipeline: how long a deal stays, when it is stuck, how many of the closed ones are won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import sqrt
from statistics import NormalDist

from xiaoguan.calc.money import RATE_ONE, ratio


@dataclass(frozen=True, slots=True)
class Stay:
    """A deal's stay in one stage: calendar ``days`` so far, ``expected`` ones, and days ``over`` them (0 if none)."""

    days: int
    expected: int | None
    over: int

    @property
    def stuck(self) -> bool:
        """True past the expected days; a stage without expectation is never stuck."""
        return self.over > 0


def stay(entered: date, until: date, expected: int | None) -> Stay:
    """Return the stay from ``entered`` to ``until`` (today, or the day it left); on the day it enters it has stayed 0.

    Calendar days count: a customer waits on weekends too. ``until`` before ``entered`` (a corrected date) counts as 0.
    """
    days = max((until - entered).days, 0)
    return Stay(days, expected, 0 if expected is None else max(days - expected, 0))


def win_rate(won: int, lost: int) -> int | None:
    """Return won / (won + lost) as a rate (1/100,000) of the deals closed in a period; None when none was closed.

    Invalid deals are no decision and belong in neither count.
    """
    return ratio(won, won + lost)


def win_rate_range(won: int, lost: int, confidence: float = 0.8) -> tuple[int, int] | None:
    """Return the rates between which the true win rate lies: Wilson's score interval, honest for a handful of deals.

    E. B. Wilson, *Probable Inference* (1927). None when no deal was closed.
    """
    closed = won + lost
    if not closed:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = won / closed
    centre = share + z * z / (2 * closed)
    reach = z * sqrt(share * (1 - share) / closed + z * z / (4 * closed * closed))
    scale = RATE_ONE / (1 + z * z / closed)
    return max(round((centre - reach) * scale), 0), min(round((centre + reach) * scale), RATE_ONE)


def step_rates(counts: Sequence[int]) -> list[int | None]:
    """Return the rate from each stage of a funnel to the next; ``counts[i]`` deals came at least as far as stage i."""
    return [ratio(after, before) for before, after in pairwise(counts)]
