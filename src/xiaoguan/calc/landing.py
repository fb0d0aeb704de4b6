"""Where a period ends: what is done, the open deals, and business that nobody knows of yet; as one distribution.

An open deal is won whole, with its probability, or not at all. Business that is not in the pipeline yet comes as it
came in ``count`` earlier periods: every deal that was opened *and* won between the same day and the end of one of
them stands for what may come again, each with a chance of 1 / ``count``. Its mean is then exactly the average of
those periods, large deals keep being rare, and the sum of both kinds is the distribution that ``chance`` computes
without sampling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.chance import reach_probabilities, reach_quantiles
from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.pace import Pipeline, weigh_groups

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

MOST_SWAY = 0.5
DOUBT = 3
"""So many periods without any sway are thought to have been seen before the first one."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where one subject's period ends: ``low`` to ``high`` holds 8 of 10 outcomes, ``middle`` is the mean; minor units.

    ``done`` + ``pipeline.weighted`` + ``fresh`` = ``middle``. ``fresh`` is expected of deals not opened yet;
    ``reached`` is the probability of the target, None without one.
    """

    done: int
    pipeline: Pipeline
    fresh: int
    low: int
    middle: int
    high: int
    reached: float | None


@dataclass(frozen=True, slots=True)
class Chances:
    """Possible wins of many subjects: the place of each one's subject (n,), amount (n,), rate in 1/100,000 (n,)."""

    owners: Integers
    amounts: Integers
    rates: Integers

    @staticmethod
    def of(owners: npt.ArrayLike, amounts: npt.ArrayLike, rates: npt.ArrayLike) -> Chances:
        """From anything like arrays."""
        return Chances(*(np.asarray(column, np.int64) for column in (owners, amounts, rates)))

    def with_(self, other: Chances) -> Chances:
        """Both together."""
        return Chances(
            np.concatenate((self.owners, other.owners)),
            np.concatenate((self.amounts, other.amounts)),
            np.concatenate((self.rates, other.rates)),
        )


def landings(
    done: Sequence[int],
    targets: Sequence[int | None],
    open_deals: Chances,
    fresh: Chances,
    *,
    confidence: float = 0.8,
    sway: float = 0.0,
) -> list[Landing]:
    """Where the periods of several subjects end; the places in both ``Chances`` are those in ``done``.

    Rates of ``fresh`` are as :func:`fresh_rate` gives them. Nothing negative is possible: a landing is never below what
    is done.

    ``sway`` is by which share good and bad periods differ beyond what independent deals explain (a standard deviation,
    at most ``MOST_SWAY``): the range widens by it as variances add up, and the probability is the mean over a bad, a
    usual and a good period (Gauss and Hermite's three points: −√3, 0, √3 with weights 1, 4, 1).
    """
    count = len(done)
    pipelines = weigh_groups(open_deals.owners, open_deals.amounts, open_deals.rates, count)
    expected = weigh_groups(fresh.owners, fresh.amounts, fresh.rates, count)
    both = open_deals.with_(fresh)
    gaps = np.array([(target or 0) - made for made, target in zip(done, targets, strict=True)], np.int64)
    aimed = [bool(target) for target in targets]
    sway = min(sway, MOST_SWAY)
    reached = np.zeros(count)
    for weight, factor in _periods(sway) if any(aimed) else ():
        rates = np.minimum((both.rates * factor).astype(np.int64), RATE_ONE)
        reached += weight * reach_probabilities(gaps, both.owners, both.amounts, rates)
    tail = (1 - confidence) / 2
    shares = np.broadcast_to([tail, 1 - tail], (count, 2))
    low, high = reach_quantiles(shares, both.owners, both.amounts, both.rates).T
    found = []
    for place, made in enumerate(done):
        middle = made + pipelines[place].weighted + expected[place].weighted
        found.append(
            Landing(
                made,
                pipelines[place],
                expected[place].weighted,
                max(middle - _widened(middle - made - int(low[place]), sway * (middle - made), confidence), made),
                middle,
                middle + _widened(made + int(high[place]) - middle, sway * (middle - made), confidence),
                float(reached[place]) if aimed[place] else None,
            )
        )
    return found


def _periods(sway: float) -> list[tuple[float, float]]:
    """Weight and factor of a bad, a usual and a good period; one alone where they do not differ."""
    far = sqrt(3) * sway
    return [(1 / 6, 1 - far), (2 / 3, 1.0), (1 / 6, 1 + far)] if sway else [(1.0, 1.0)]


def _widened(reach: int, spread: float, confidence: float) -> int:
    """How far one end of the range lies from the middle when another standard deviation adds to it."""
    return round(sqrt(max(reach, 0) ** 2 + (NormalDist().inv_cdf((1 + confidence) / 2) * spread) ** 2))


def swayed(told: Sequence[tuple[int, int, int, int]], confidence: float = 0.8) -> float:
    """Return by how much past periods differed beyond their ranges: ``told`` has (low, middle, high, came) of each.

    The excess of the squared relative error over the variance the range stands for, drawn towards none by ``DOUBT``
    periods; between 0 and ``MOST_SWAY``.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    excess = 0.0
    for low, middle, high, came in told:
        if middle > 0:
            excess += ((came - middle) / middle) ** 2 - ((high - low) / (2 * z * middle)) ** 2
    return min(sqrt(max(excess, 0.0) / (len(told) + DOUBT)), MOST_SWAY)


def fresh_rate(periods: int) -> int:
    """Return the rate with which a deal that came and was won in one of so many earlier periods comes again."""
    return RATE_ONE // max(periods, 1)
