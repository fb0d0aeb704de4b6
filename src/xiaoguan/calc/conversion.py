"""What it takes to win: wins per call, per visit, per quote; each one's own rates drawn towards those of the team.

A rate is «how many of the later per one of the earlier» and may exceed one. Counts are events of a rate, so a person's
rate has a Gamma law whose prior is the rate of the people around him, worth as many earlier events as its spread says
(empirical Bayes by moments, as in A. Gelman et al., *Bayesian Data Analysis*, 2.6). Who has three visits is told the
team's rate, who has three hundred his own. The amount per win is drawn in the same way, by the number of wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

FEW, MANY = 5.0, 200.0
"""How many earlier events the prior is worth at least and at most."""
WINS = 5.0
"""How many wins the amount per win of the others is worth."""


@dataclass(frozen=True, slots=True)
class Step:
    """From one thing to the next: ``before`` of them led to ``after``, ``rate`` is what is reckoned with.

    ``own`` is the weight of the person's own history, 0 … 1.
    """

    before: int
    after: int
    rate: float
    own: float


def shrunk(before: int, after: int, around: Sequence[tuple[int, int]]) -> Step:
    """Return the rate of after per before of one person among others: ``around`` has (before, after) of each of them.

    Without anybody around and without own history the rate is 0 and its weight too.
    """
    events, came = sum(one for one, _ in around), sum(other for _, other in around)
    if not events:
        return Step(before, after, after / before if before else 0.0, 1.0 if before else 0.0)
    whole = came / events
    worth = _worth(around, whole)
    rate = (after + whole * worth) / (before + worth)
    return Step(before, after, rate, before / (before + worth))


def _worth(around: Sequence[tuple[int, int]], whole: float) -> float:
    """How many earlier events the rate of the others is worth: few where people differ, many where they are alike.

    The variance between people beyond that of counting (moments): worth = whole / variance, as for a Gamma prior.
    """
    known = [(before, after / before) for before, after in around if before]
    if len(known) < 2 or whole <= 0:
        return FEW if whole <= 0 else MANY / 4
    events = sum(before for before, _ in known)
    spread = sum(before * (rate - whole) ** 2 for before, rate in known)
    by_counting = whole * (len(known) - 1)
    size = events - sum(before**2 for before, _ in known) / events
    between = (spread - by_counting) / size if size > 0 else 0.0
    return MANY if between <= whole / MANY else max(whole / between, FEW)


def per_win(wins: int, amount: int, around: Sequence[tuple[int, int]]) -> int:
    """Return the amount of a win, minor units: own ``amount`` of ``wins``, drawn towards (wins, amount) of others."""
    count, total = sum(one for one, _ in around), sum(other for _, other in around)
    if not count:
        return amount // wins if wins else 0
    return int((amount + total / count * WINS) / (wins + WINS))


@dataclass(frozen=True, slots=True)
class Need:
    """What one working day asks for: how many of each thing, rounded up, and the amount behind it."""

    amount: int
    wins: float
    counts: tuple[int, ...]


def needed(missing: int, days: int, each: int, rates: Sequence[float], most: Sequence[int] = ()) -> Need | None:
    """Return what a day has to bring so that ``missing`` minor units come in ``days`` working days.

    ``each`` is the amount of a win, ``rates`` how many wins come of one call, of one visit, of one quote … ; each
    thing is counted by itself, as its own history says. What has no rate yet is not asked for (0); ``most`` caps each
    count at what a day holds. None when nothing is missing, no day is left or no win is known.
    """
    if missing <= 0 or days <= 0 or each <= 0:
        return None
    wins = missing / days / each
    counts = [max(1, ceil(wins / rate - 1e-9)) if rate > 0 else 0 for rate in rates]
    capped = [min(count, cap) for count, cap in zip(counts, most, strict=True)] if most else counts
    return Need(-(-missing // days), wins, tuple(capped))
