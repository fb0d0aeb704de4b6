"""The probability that independent open deals close a gap: every deal is won whole or not at all.

The distribution of the won amount is computed, not sampled, in one of three ways by the number of deals of an owner:

- up to 22: exact. Both halves of the deals are enumerated and matched by whole amounts (meet in the middle, Horowitz &
  Sahni 1974), many owners at once;
- up to 120: dynamic programming over a grid of amounts. Blocks of eight deals are enumerated, put on the grid and
  convolved. Exact when all amounts are multiples of a step that fits the grid; otherwise an amount between two cells is
  shared by both in proportion, which keeps every mean, and the probability is off by less than 0.01 (tested; as a rule
  by a few 0.0001);
- above: the ten largest deals are enumerated, the sum of the others is normal with its skewness (Edgeworth's first
  correction, Feller II, XVI.4), off by less than 0.01 (tested).
"""

from __future__ import annotations

from math import erfc, pi, sqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.money import RATE_ONE

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

ENUMERATED = 22
CONVOLVED = 120
CELLS = 2_048
_BLOCK = 8
_AT_ONCE = 100_000  # numbers held by one step: what a processor cache holds
_LARGEST = 10
_SCORES = np.linspace(-8.0, 8.0, 8_001)
_UPPER_TAIL = np.array([erfc(score / sqrt(2)) / 2 for score in _SCORES.tolist()])  # read with an error below 2e-7


def reach_probability(need: int, amounts: npt.ArrayLike, rates: npt.ArrayLike) -> float:
    """Return P(won amounts ≥ ``need``) for one owner; see :func:`reach_probabilities`."""
    values = np.asarray(amounts, np.int64)
    return float(reach_probabilities([need], np.zeros(len(values), np.int64), values, rates)[0])


def reach_probabilities(
    needs: npt.ArrayLike, owners: npt.ArrayLike, amounts: npt.ArrayLike, rates: npt.ArrayLike
) -> Floats:
    """Return P(won amounts ≥ need) per owner → float64 (g,).

    ``needs`` (g,) minor units; for each deal ``owners`` (n,) the place of its owner in ``needs``, ``amounts`` (n,) ≥ 0
    minor units (an owner's sum below 2^61) and ``rates`` (n,) its win probability in 1/100,000. A need of zero or less
    is reached for certain.
    """
    gaps = np.asarray(needs, np.int64)
    places, values, shares = (np.asarray(column, np.int64) for column in (owners, amounts, rates))
    full = np.zeros(len(gaps), np.int64)
    np.add.at(full, places, np.where(shares > 0, values, 0))
    result = np.where(gaps <= 0, 1.0, 0.0)
    undecided = (gaps > 0) & (full >= gaps)
    order = np.flatnonzero(undecided[places] & (shares > 0) & (values > 0))
    order = order[np.argsort(places[order], kind="stable")]
    counts = np.bincount(places[order], minlength=len(gaps))
    firsts = np.cumsum(counts) - counts
    sizes, chances = values[order], shares[order] / RATE_ONE
    widths = np.where(counts <= ENUMERATED, (counts + 1) // 2 * 2, -(-counts // _BLOCK) * _BLOCK)
    widths[counts > CONVOLVED] = 0
    for width in np.unique(widths[undecided & (widths > 0)]).tolist():
        group = np.flatnonzero(undecided & (widths == width))
        method, each = (_enumerated, 2 << width // 2) if width <= ENUMERATED else (_convolved, width // _BLOCK * CELLS)
        for part in np.array_split(group, -(-len(group) * each // _AT_ONCE)):
            steps = np.arange(width)
            exists = steps < counts[part, None]
            where = np.where(exists, firsts[part, None] + steps, 0)
            result[part] = method(gaps[part], np.where(exists, sizes[where], 0), np.where(exists, chances[where], 0))
    for owner in np.flatnonzero(undecided & (counts > CONVOLVED)).tolist():
        deals = slice(firsts[owner], firsts[owner] + counts[owner])
        result[owner] = _Many(sizes[deals], chances[deals]).tail(int(gaps[owner]))
    return np.clip(result, 0.0, 1.0)


def reach_quantiles(
    shares: npt.ArrayLike, owners: npt.ArrayLike, amounts: npt.ArrayLike, rates: npt.ArrayLike
) -> Integers:
    """Return the largest amounts x of each owner with P(won amounts < x) ≤ share → int64 (g, k).

    ``shares`` (g, k) between 0 and 1, some for each owner; the rest as in :func:`reach_probabilities`. Told to about
    one part in ``CELLS`` of what the owner could win at most; whoever has no deals gets 0.
    """
    asked = np.asarray(shares, np.float64)
    places, values, chances = (np.asarray(column, np.int64) for column in (owners, amounts, rates))
    order = np.flatnonzero((chances > 0) & (values > 0))
    order = order[np.argsort(places[order], kind="stable")]
    counts = np.bincount(places[order], minlength=len(asked))
    firsts = np.cumsum(counts) - counts
    sizes, likely = values[order], chances[order] / RATE_ONE
    result = np.zeros(asked.shape, np.int64)
    widths = np.where(counts <= CONVOLVED, -(-counts // _BLOCK) * _BLOCK, 0)
    for width in np.unique(widths[widths > 0]).tolist():
        group = np.flatnonzero(widths == width)
        for part in np.array_split(group, -(-len(group) * width // _BLOCK * CELLS // _AT_ONCE)):
            steps = np.arange(width)
            exists = steps < counts[part, None]
            where = np.where(exists, firsts[part, None] + steps, 0)
            tails, step, _common = _tails(np.where(exists, sizes[where], 0), np.where(exists, likely[where], 0))
            for column in range(asked.shape[1]):
                above = tails >= 1 - asked[part, column, None] - 1e-9
                result[part, column] = np.maximum(above.sum(axis=1) - 1, 0) * step
    for owner in np.flatnonzero(counts > CONVOLVED).tolist():
        deals = slice(firsts[owner], firsts[owner] + counts[owner])
        many, full = _Many(sizes[deals], likely[deals]), int(sizes[deals].sum())
        result[owner] = [many.quantile(share, full) for share in asked[owner].tolist()]
    return result


def _combinations(amounts: Integers, chances: Floats) -> tuple[Integers, Floats]:
    """Return the sums and probabilities of every combination: (g, h) → (g, 2^h)."""
    sums = np.zeros((len(amounts), 1), np.int64)
    weights = np.ones((len(amounts), 1))
    for column in range(amounts.shape[1]):
        amount, chance = amounts[:, column, None], chances[:, column, None]
        sums = np.concatenate((sums, sums + amount), axis=1)
        weights = np.concatenate((weights * (1 - chance), weights * chance), axis=1)
    return sums, weights


def _enumerated(needs: Integers, amounts: Integers, chances: Floats) -> Floats:
    """Return P(sum ≥ need) by matching the combinations of both halves: (g, 2h) → (g,).

    What one half still lacks is sorted among the sums of the other; a lack counts the weight of all sums above it.
    """
    sums, weights = _combinations(amounts[:, ::2], chances[:, ::2])
    others, demand = _combinations(amounts[:, 1::2], chances[:, 1::2])
    lacks = needs[:, None] - others
    order = np.argsort(np.concatenate((2 * lacks, 2 * sums + 1), axis=1), axis=1)  # a lack sorts before its equal sum
    none = np.zeros_like(weights)
    supplied = np.take_along_axis(np.concatenate((none, weights), axis=1), order, axis=1)
    demanded = np.take_along_axis(np.concatenate((demand, none), axis=1), order, axis=1)
    above = supplied[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.asarray((above * demanded).sum(axis=1), np.float64)


def _tails(amounts: Integers, chances: Floats) -> tuple[Floats, Integers, Integers]:
    """Return P(sum ≥ c steps) for every cell c (g, CELLS), the step of each owner and the common divisor of his
    amounts.

    The distributions of blocks of deals are convolved on a grid: (g, n), n a multiple of the block. Exact where the
    step is the common divisor.
    """
    owners, blocks = len(amounts), amounts.shape[1] // _BLOCK
    sums, weights = _combinations(amounts.reshape(-1, _BLOCK), chances.reshape(-1, _BLOCK))
    common = np.gcd.reduce(amounts, axis=1)
    steps = np.maximum(common, -(-amounts.sum(axis=1) // (CELLS - blocks - 1)))  # a block may round up by one cell
    each = np.repeat(steps, blocks)[:, None]
    cells = sums // each
    above = (sums - cells * each) / each
    cells += np.arange(owners * blocks)[:, None] * CELLS
    up = weights * above
    grid = np.bincount(cells.ravel(), (weights - up).ravel(), owners * blocks * CELLS)
    grid[1:] += np.bincount(cells.ravel(), up.ravel(), owners * blocks * CELLS)[:-1]
    spectra = np.fft.rfft(grid.reshape(owners, blocks, CELLS)).prod(axis=1)
    return np.fft.irfft(spectra, CELLS)[:, ::-1].cumsum(axis=1)[:, ::-1], steps, common


def _convolved(needs: Integers, amounts: Integers, chances: Floats) -> Floats:
    """Return P(sum ≥ need) by convolving the distributions of blocks of deals on a grid: (g, n) → (g,)."""
    tails, steps, common = _tails(amounts, chances)
    rows = np.arange(len(needs))
    exact = tails[rows, -(-needs // steps)]
    # Shared between neighbours, a bar before cell c really stands at c − ½: mix the two bars around the need.
    bars, part = np.divmod(needs / steps + 0.5, 1)
    places = bars.astype(np.int64)
    mixed = (1 - part) * tails[rows, places] + part * tails[rows, np.minimum(places + 1, CELLS - 1)]
    return np.asarray(np.where(steps == common, exact, mixed), np.float64)


class _Many:
    """The largest deals of one owner enumerated, the sum of his many others taken as skewed normal."""

    def __init__(self, amounts: Integers, chances: Floats) -> None:
        order = np.argpartition(amounts, -_LARGEST)
        large, small = order[-_LARGEST:], order[:-_LARGEST]
        self.sums, self.weights = _combinations(amounts[None, large], chances[None, large])
        sizes, p = amounts[small].astype(np.float64), chances[small]
        self.mean = float(sizes @ p)
        self.spread = sqrt(float((sizes**2 * p * (1 - p)).sum()))
        third = float((sizes**3 * p * (1 - p) * (1 - 2 * p)).sum())
        self.skew = third / self.spread**3 if self.spread else 0.0
        self.common = int(np.gcd.reduce(amounts))

    def tail(self, need: int) -> float:
        """Return P(sum ≥ need)."""
        if not self.spread:
            return float(self.weights[0, self.sums[0] + int(self.mean) >= need].sum())
        bar = -(-need // self.common) * self.common - self.common / 2  # half a step: sums are multiples of the divisor
        scores = (bar - self.sums[0] - self.mean) / self.spread
        tails = np.interp(scores, _SCORES, _UPPER_TAIL)
        tails += self.skew / 6 * (scores**2 - 1) * np.exp(-(scores**2) / 2) / sqrt(2 * pi)
        return float(self.weights[0] @ np.clip(tails, 0.0, 1.0))

    def quantile(self, share: float, full: int) -> int:
        """Return the largest amount with P(sum < amount) ≤ share, to the grid's fineness."""
        sure, beyond = 0, full + 1
        for _step in range(CELLS.bit_length()):
            middle = (sure + beyond) // 2
            sure, beyond = (middle, beyond) if self.tail(middle) >= 1 - share else (sure, middle)
        return sure
