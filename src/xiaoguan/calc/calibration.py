"""How good probabilities are, told after the fact: Brier score, ranking, reliability; and how to set them right.

Probabilities and outcomes are arrays (n,); outcomes are 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.effects import chances

Floats: TypeAlias = npt.NDArray[np.float64]

BINS = 10
_TRUST = 0.3
"""By how much shift and stretch are thought to differ from none at all before anything is seen."""
_LEAST_STRETCH = 0.05


def brier(probabilities: npt.ArrayLike, outcomes: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the mean squared difference of probability and outcome (G. W. Brier, 1950): 0 is perfect, less better."""
    off = (np.asarray(probabilities, np.float64) - np.asarray(outcomes, np.float64)) ** 2
    return float(np.average(off, weights=None if weights is None else np.asarray(weights, np.float64)))


def auc(probabilities: npt.ArrayLike, outcomes: npt.ArrayLike) -> float:
    """Return how often a won case has a higher probability than a lost one, ties counting half; 0.5 without either."""
    scores, won = np.asarray(probabilities, np.float64), np.asarray(outcomes, np.float64) > 0
    wins = int(won.sum())
    if not wins or wins == len(won):
        return 0.5
    _values, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[won].sum() - wins * (wins + 1) / 2) / (wins * (len(won) - wins)))


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases of about the same probability: how many, the mean probability, the share that was won, and its range."""

    count: int
    said: float
    came: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether what was said lies where chance alone may have put what came."""
        return self.low <= self.said <= self.high


def reliability(
    probabilities: npt.ArrayLike, outcomes: npt.ArrayLike, weights: npt.ArrayLike | None = None, bins: int = BINS
) -> list[Bin]:
    """Return the reliability curve in bands of equal width, empty ones left out; ranges are Wilson's, 95 %.

    With ``weights`` a band counts what its cases weigh together, at least one.
    """
    said, came = np.asarray(probabilities, np.float64), np.asarray(outcomes, np.float64)
    heavy = np.ones(len(said)) if weights is None else np.asarray(weights, np.float64)
    places = np.minimum((said * bins).astype(np.int64), bins - 1)
    found = []
    for place in np.unique(places).tolist():
        inside = places == place
        count = max(round(float(heavy[inside].sum())), 1)
        share = float(np.average(came[inside], weights=heavy[inside]))
        low, high = _wilson(share, count)
        found.append(Bin(count, float(np.average(said[inside], weights=heavy[inside])), share, low, high))
    return found


def _wilson(share: float, count: int, z: float = 1.959964) -> tuple[float, float]:
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))) / (1 + z * z / count)
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


@dataclass(frozen=True, slots=True)
class Straightening:
    """Log odds set right by a shift and a stretch (J. Platt, 1999); the order of cases never changes."""

    shift: float = 0.0
    stretch: float = 1.0

    def logits(self, logits: npt.ArrayLike) -> Floats:
        """The log odds after it."""
        return np.asarray(self.shift + self.stretch * np.asarray(logits, np.float64), np.float64)


def straighten(logits: npt.ArrayLike, outcomes: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Straightening:
    """Learn a straightening from log odds said of cases that were not learnt from, and what became of them.

    Drawn towards no change, so that a handful of cases changes nothing. The stretch stays positive.
    """
    x, y = np.asarray(logits, np.float64), np.asarray(outcomes, np.float64)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
    design = np.column_stack((np.ones(len(x)), x))
    values, prior, pull = np.array([0.0, 1.0]), np.array([0.0, 1.0]), 1 / _TRUST**2
    for _step in range(25):
        p = chances(design @ values)
        gradient = design.T @ (w * (y - p)) - pull * (values - prior)
        curvature = design.T @ (design * (w * p * (1 - p))[:, None]) + pull * np.eye(2)
        move = np.linalg.solve(curvature, gradient)
        values = values + move / max(1.0, float(np.abs(move).max()))
        if float(np.abs(move).max()) < 1e-9:
            break
    return Straightening(float(values[0]), max(float(values[1]), _LEAST_STRETCH))
