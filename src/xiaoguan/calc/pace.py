"""Attainment, pace and landing of one target: how far, where it should be today, where it will probably end.

Amounts are whole minor units, rates whole 1/100,000. ``elapsed`` and ``total`` are days as counted by
``period.WorkCalendar.progress``. The probability of reaching a target is in ``chance``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.money import RATE_ONE, ratio
from xiaoguan.calc.rounding import divide_half_up

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

TOO_EARLY = 4
"""Pace is extrapolated only once a quarter (1/TOO_EARLY) of the period is over."""
_FLOOR = 0.05


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


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a period probably ends: ``low`` to ``high`` holds the asked confidence, ``middle`` is expected.

    ``run_rate`` and ``pipeline`` are the two single estimates, None where one does not apply.
    """

    low: int
    middle: int
    high: int
    run_rate: int | None
    pipeline: int | None


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


def landing(done: int, wins: int, pipeline: Pipeline, *, elapsed: int, total: int, confidence: float = 0.8) -> Landing:
    """Return where a period ends, from what is done (``done`` in ``wins`` deals) and the open deals due in it.

    Two models, each with a mean and a variance:

    - *pipeline*: done + Σ a·p, variance Σ a²·p·(1 − p) (independent deals); applies if open deals have any weight.
    - *run-rate*: done × total / elapsed. Wins arrive as a Poisson process of deals of the average size a = done / wins:
      with m wins still expected, variance a²·(m + m² / wins), the second term for the uncertain rate itself. Applies
      after a quarter of the period with at least one win; before that it would multiply one early deal by twenty.

    Where both apply they are weighted by their precision (Bates & Granger, *The Combination of Forecasts*, 1969); where
    they contradict each other the variance grows by χ² (the scale factor of the Particle Data Group). No model is
    trusted to better than 5 %. The range is the normal interval, never below what is done. With neither model, or when
    the period is over, the landing is what is done.
    """
    estimates: list[tuple[float, float]] = []
    by_pipeline = by_rate = None
    if elapsed < total and pipeline.weighted > 0:
        by_pipeline = done + pipeline.weighted
        estimates.append((by_pipeline, max(pipeline.variance, (by_pipeline * _FLOOR) ** 2)))
    if 0 < elapsed < total <= elapsed * TOO_EARLY and wins > 0 and done > 0:
        by_rate = divide_half_up(done * total, elapsed)
        expected = wins * (total - elapsed) / elapsed
        spread = (done / wins) ** 2 * (expected + expected**2 / wins)
        estimates.append((by_rate, max(spread, (by_rate * _FLOOR) ** 2)))
    if not estimates:
        return Landing(done, done, done, None, None)
    precision = sum(1 / variance for _, variance in estimates)
    mean = sum(value / variance for value, variance in estimates) / precision
    conflict = sum((value - mean) ** 2 / variance for value, variance in estimates)
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * sqrt(max(1.0, conflict) / precision)
    low, middle, high = (round(mean - reach), round(mean), round(mean + reach))
    return Landing(min(max(low, done), middle), middle, high, by_rate, by_pipeline)
