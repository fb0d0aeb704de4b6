"""Attainment and pace of one target: how far, and where it should be today; and the open deals of an owner.

Amounts are whole minor units, rates whole 1/100,000. ``elapsed`` and ``total`` are days as counted by
``period.WorkCalendar.progress``. The probability of reaching a target is in
``chance``, where a period ends in ``landing``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.money import RATE_ONE, ratio
from xiaoguan.calc.rounding import divide_half_up

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


def attainment(done: int, target: int | None) -> int | None:
    """Return ``done / target`` as a rate; None without a target or with a target of zero or less."""
    return ratio(done, target) if target and target > 0 else None


def on_pace(target: int, elapsed: int, total: int) -> int:
    """Return what should be reached after ``elapsed`` of ``total`` days, rounded once; ``total`` must not be 0."""
    return divide_half_up(target * elapsed, total)


def against_pace(done: int, target: int, elapsed: int, total: int) -> int:
    """Return how far ``done`` is ahead (positive) of or behind (negative) the on-pace value."""
    return done - on_pace(target, elapsed, total)


def gap(done: int, target: int) -> int:
    """Return what is missing to the target; 0 when it is reached."""
    return max(target - done, 0)


def per_day(missing: int, days_left: int) -> int | None:
    """Return what each day left has to bring so that the gap closes, rounded up; None when no day is left."""
    return -(-missing // days_left) if days_left > 0 else None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Open deals of one owner: how many, their ``full`` and probability-weighted amount, and its variance (minor²)."""

    count: int = 0
    full: int = 0
    weighted: int = 0
    variance: float = 0.0


def weigh(amounts: npt.ArrayLike, rates: npt.ArrayLike) -> Pipeline:
    """Return the pipeline of open deals: ``amounts`` (n,) minor units, ``rates`` (n,) win probabilities, 1/100,000."""
    values = np.asarray(amounts, np.int64)
    return weigh_groups(np.zeros(len(values), np.int64), values, rates, 1)[0]


def weigh_groups(owners: npt.ArrayLike, amounts: npt.ArrayLike, rates: npt.ArrayLike, groups: int) -> list[Pipeline]:
    """Return one pipeline per owner: ``owners`` (n,) are places 0 … ``groups`` − 1, otherwise as :func:`weigh`.

    Deals are independent: the weighted amount is Σ a·p, rounded once, its variance Σ a²·p·(1 − p).
    """
    places = np.asarray(owners, np.int64)
    values = np.asarray(amounts, np.int64)
    chances = np.asarray(rates, np.int64)
    spread = values.astype(np.float64) ** 2 * chances * (RATE_ONE - chances) / RATE_ONE**2
    whole, rest = np.divmod(values, RATE_ONE)  # a·p in two parts that both stay far inside int64
    sums = np.zeros((4, groups), np.int64)
    for row, column in enumerate((np.ones_like(values), values, whole * chances, rest * chances)):
        np.add.at(sums[row], places, column)
    variances = np.bincount(places, spread, groups)
    return [
        Pipeline(int(n), int(full), divide_half_up(int(high) * RATE_ONE + int(low), RATE_ONE), float(variance))
        for n, full, high, low, variance in zip(*sums, variances, strict=True)
    ]
