"""Logistic regression of many small groups: each effect is drawn towards nothing as far as the data ask for it.
it.

The log odds of an outcome are a sum: an offset that is known beforehand, an intercept, slopes of a few numbers, and
for every *factor* (seller, product, band of amounts …) the effect of the level at hand. The effects of one factor are
normal around zero with a variance of the factor's own, and that variance is learnt from the data (empirical Bayes:
MacKay's evidence updates, *Bayesian Interpolation*, 1992; for a logistic outcome on the Laplace approximation, which
is the penalised quasi-likelihood of Breslow & Clayton, 1993). A level with three cases stays near the whole, one with
three thousand says what it says, and a factor that tells nothing gets no variance and drops out. Deterministic; NumPy
only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

ROUNDS = 15
FIRST_VARIANCE = 0.1
"""What an effect is thought to be before anything is seen: log odds of ±0.3."""
LEAST, MOST = 1e-5, 9.0
SILENT = 1e-3
"""A factor whose variance falls below says nothing and is left out of the later rounds."""
INTERCEPT_VARIANCE = 1.0
STEPS = 12
"""Newton steps at most; five are usual."""
_LARGEST_LOGIT = 30.0


@dataclass(frozen=True)
class Cases:
    """What is known of n cases.

    ``codes`` (n, k): the level of each of the k factors, from 0; ``sizes`` (k,) gives the number of levels of each,
    and a code equal to it says «no level known», which has no effect. ``slopes`` (n, m): numbers about within −1 … 1
    whose slopes are learnt. ``offsets`` (n,): log odds known beforehand. ``weights`` (n,): how much a case counts.
    """

    codes: Integers
    sizes: tuple[int, ...]
    slopes: Floats
    offsets: Floats
    weights: Floats

    def part(self, rows: npt.NDArray[np.bool_]) -> Cases:
        """Some of the cases."""
        return Cases(self.codes[rows], self.sizes, self.slopes[rows], self.offsets[rows], self.weights[rows])

    def kept(self, factors: Sequence[int]) -> Cases:
        """The cases with some of their factors."""
        sizes = tuple(self.sizes[place] for place in factors)
        return Cases(self.codes[:, list(factors)], sizes, self.slopes, self.offsets, self.weights)


@dataclass(frozen=True)
class Effects:
    """What was learnt: log odds of intercept, slopes (m,), of each factor's levels, and the variances behind them.

    ``variances`` (k + m,) are those of the factors, then those of the slopes.
    """

    intercept: float
    slopes: Floats
    levels: tuple[Floats, ...]
    variances: Floats

    def logits(self, cases: Cases) -> Floats:
        """The log odds of cases → (n,)."""
        found = cases.offsets + self.intercept + cases.slopes @ self.slopes
        for place, effects in enumerate(self.levels):
            found = found + np.append(effects, 0.0)[cases.codes[:, place]]
        return np.asarray(found, np.float64)


def chances(logits: Floats) -> Floats:
    """Log odds as probabilities between 0 and 1, never quite either."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -_LARGEST_LOGIT, _LARGEST_LOGIT))), np.float64)


def learn(cases: Cases, outcomes: npt.ArrayLike, *, variances: Floats | None = None) -> Effects:
    """Learn the effects from outcomes (n,) of 0 or 1; with ``variances`` given only the effects are learnt anew."""
    won = np.asarray(outcomes, np.float64)
    factors = list(range(len(cases.sizes)))
    count = cases.slopes.shape[1]
    if variances is not None:
        return _Fit(cases, won).solve(variances).effects(variances)
    current = np.full(len(factors) + count, FIRST_VARIANCE)
    fit, shown = _Fit(cases, won), cases
    for _round in range(ROUNDS):
        fit.solve(current)
        after = fit.evidence(current)
        settled = bool(np.all(np.abs(after - current) <= 0.05 * current + SILENT / 10))
        current = after
        loud = [place for place in range(len(factors)) if current[place] > SILENT]
        if len(loud) < len(factors):
            factors = [factors[place] for place in loud]
            current = np.concatenate((current[loud], current[len(shown.sizes) :]))
            shown = cases.kept(factors)
            fit = fit.without(shown, loud)
        elif settled:
            break
    found = fit.solve(current).effects(current)
    levels = [np.zeros(size) for size in cases.sizes]
    whole = np.zeros(len(cases.sizes) + count)
    for place, factor in enumerate(factors):
        levels[factor], whole[factor] = found.levels[place], current[place]
    whole[len(cases.sizes) :] = current[len(factors) :]
    return Effects(found.intercept, found.slopes, tuple(levels), whole)


class _Fit:
    """The most probable effects under given variances, found by Newton's method from where the last round ended."""

    def __init__(self, cases: Cases, won: Floats, start: Floats | None = None) -> None:
        self.cases, self.won = cases, won
        self.dense = np.column_stack((np.ones(len(won)), cases.slopes))
        self.wide = self.dense.shape[1]
        ends = self.wide + np.cumsum(np.asarray(cases.sizes, np.int64))
        self.firsts = [int(end) - size for end, size in zip(ends, cases.sizes, strict=True)]
        self.total = self.wide + sum(cases.sizes)
        self.values = np.zeros(self.total) if start is None else start
        self.covariance = np.zeros((0, 0))
        if start is None and len(won):
            share = (float(cases.weights @ won) + 0.5) / (float(cases.weights.sum()) + 1.0)
            if not np.any(cases.offsets):
                self.values[0] = np.log(share / (1 - share))

    def without(self, shown: Cases, loud: Sequence[int]) -> _Fit:
        """The same with fewer factors, going on from what was found."""
        parts = [self.values[self.firsts[place] : self.firsts[place] + self.cases.sizes[place]] for place in loud]
        return _Fit(shown, self.won, np.concatenate((self.values[: self.wide], *parts)))

    def _logits(self, values: Floats) -> Floats:
        found = self.cases.offsets + self.dense @ values[: self.wide]
        for place, (first, size) in enumerate(zip(self.firsts, self.cases.sizes, strict=True)):
            found = found + np.append(values[first : first + size], 0.0)[self.cases.codes[:, place]]
        return np.asarray(found, np.float64)

    def _penalty(self, variances: Floats) -> Floats:
        """One over the variance of every value; the intercept has its own, wide unless something is known already."""
        wide = INTERCEPT_VARIANCE if np.any(self.cases.offsets) else 100.0
        count = len(self.cases.sizes)
        each = [np.full(1, 1 / wide), 1 / np.maximum(variances[count:], LEAST)]
        each += [
            np.full(size, 1 / max(float(variance), LEAST))
            for size, variance in zip(self.cases.sizes, variances[:count], strict=True)
        ]
        return np.concatenate(each)

    def _loss(self, values: Floats, penalty: Floats) -> float:
        logits = self._logits(values)
        likelihood = self.cases.weights @ (np.logaddexp(0.0, logits) - self.won * logits)
        return float(likelihood + (penalty * values**2).sum() / 2)

    def solve(self, variances: Floats) -> _Fit:
        """Go to the most probable values; keeps the curvature there for the evidence."""
        penalty = self._penalty(variances)
        loss = self._loss(self.values, penalty)
        for _step in range(STEPS):
            p = chances(self._logits(self.values))
            curvature = self._curvature(self.cases.weights * p * (1 - p))
            curvature[np.diag_indices(self.total)] += penalty
            gradient = self._gather(self.cases.weights * (self.won - p)) - penalty * self.values
            move = np.linalg.solve(curvature, gradient)
            for _half in range(8):
                after = self._loss(self.values + move, penalty)
                if after <= loss:
                    break
                move = move / 2
            gained, loss = loss - after, min(loss, after)
            if gained < 0:
                break
            self.values = self.values + move
            if gained < 1e-6 * (1 + abs(loss)):
                break
        self._last = curvature
        return self

    def evidence(self, variances: Floats) -> Floats:
        """The variances that make the data likeliest, one MacKay step on; caution counts one idle level more."""
        covariance = np.linalg.inv(self._last)
        spread = np.diag(covariance)
        count = len(self.cases.sizes)
        after = np.empty_like(variances)
        spans = [(first, first + size) for first, size in zip(self.firsts, self.cases.sizes, strict=True)]
        spans += [(place, place + 1) for place in range(1, self.wide)]
        for place, (first, end) in enumerate(spans):
            known = (end - first) - float(spread[first:end].sum()) / max(float(variances[place]), LEAST)
            idle = 1.0 if place < count else 0.1
            after[place] = float((self.values[first:end] ** 2).sum()) / (max(known, 0.0) + idle)
        return np.clip(after, LEAST, MOST)

    def effects(self, variances: Floats) -> Effects:
        """What stands now."""
        levels = tuple(
            self.values[first : first + size].copy() for first, size in zip(self.firsts, self.cases.sizes, strict=True)
        )
        return Effects(float(self.values[0]), self.values[1 : self.wide].copy(), levels, variances)

    def _gather(self, amounts: Floats) -> Floats:
        """X'a: what the cases of every value add up to."""
        parts = [self.dense.T @ amounts]
        for place, size in enumerate(self.cases.sizes):
            sums = np.bincount(self.cases.codes[:, place], amounts, size + 1)[:size]
            parts.append(np.asarray(sums, np.float64))
        return np.concatenate(parts)

    def _curvature(self, weights: Floats) -> Floats:
        """X'WX without ever writing X down: pairs of codes are counted."""
        found = np.zeros((self.total, self.total))
        found[: self.wide, : self.wide] = self.dense.T @ (self.dense * weights[:, None])
        codes, sizes = self.cases.codes, self.cases.sizes
        for one, (first, size) in enumerate(zip(self.firsts, sizes, strict=True)):
            own = slice(first, first + size)
            for column in range(self.wide):
                sums = np.bincount(codes[:, one], weights * self.dense[:, column], size + 1)[:size]
                found[column, own] = found[own, column] = sums
            diagonal = np.arange(first, first + size)
            found[diagonal, diagonal] = np.bincount(codes[:, one], weights, size + 1)[:size]
            for other in range(one + 1, len(sizes)):
                wide = sizes[other] + 1
                flat = np.bincount(codes[:, one] * wide + codes[:, other], weights, (size + 1) * wide)
                block = flat.reshape(size + 1, wide)[:size, :-1]
                across = slice(self.firsts[other], self.firsts[other] + sizes[other])
                found[own, across], found[across, own] = block, block.T
        return found
