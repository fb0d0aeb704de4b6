"""A target's days: months (or longer stretches) spread over the days that are worked, exactly.

Every stretch is shared among its days by largest remainder, so that days sum to months and months to the year. Days
that are over stay as they were told: what is left goes to the days that are left. Where that can't be (more was told
than there is, or no day is left) the whole stretch is shared anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.share import split_rows

Integers: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Stretch:
    """Days that share a number: ``days`` (m,) their places in the year, ``totals`` (n,) one number per person.

    A ``fixed`` (n,) person keeps the days told as long as they make the number.
    """

    days: Integers
    totals: Integers
    fixed: Mask | None = None


@dataclass(frozen=True)
class Told:
    """What was said before: ``days`` (n, d), for whom it was said ``known`` (n,), and how many days are over."""

    days: Integers
    known: Mask
    over: int


def spread(stretches: Sequence[Stretch], weights: npt.ArrayLike, told: Told | None = None) -> Integers:
    """Share every stretch among its days → int64 (n, d); no day may be in two stretches.

    ``weights`` (d,) or (n, d), ≥ 0: 1 for a working day. Days without weight get nothing, unless no day of the stretch
    has any: then all of its days count alike. Raises ShareError as ``split_rows`` does.
    """
    shared = np.asarray(weights, np.int64)
    rows = max((len(each.totals) for each in stretches), default=0)
    found = np.zeros((rows, shared.shape[-1]), np.int64)
    for each in stretches:
        basis = _some(shared[..., each.days])
        if told is None or not told.known.any():
            found[:, each.days] = split_rows(each.totals, basis)
        else:
            found[:, each.days] = _again(each, basis, told)
    return found


def _some(weights: Integers) -> Integers:
    """The weights, with 1 for every day where there is none at all."""
    if weights.ndim == 1:
        return weights if weights.any() else np.ones_like(weights)
    return np.where(weights.any(axis=1, keepdims=True), weights, 1)


def _again(stretch: Stretch, basis: Integers, told: Told) -> Integers:
    """Share what the days that are over leave of a stretch, row by row as far as that can be."""
    before = told.days[:, stretch.days]
    past = np.broadcast_to(stretch.days < told.over, before.shape)
    rest = stretch.totals - np.where(past, before, 0).sum(axis=1)
    free = np.where(past, 0, np.broadcast_to(basis, before.shape))
    keeps = told.known & past.any(axis=1) & (rest >= 0) & (stretch.totals >= 0) & (free.any(axis=1) | (rest == 0))
    same = told.known & (before.sum(axis=1) == stretch.totals)
    whole = same & (stretch.fixed if stretch.fixed is not None else np.zeros_like(same))
    fresh = ~(keeps | whole)
    made = np.empty_like(before)
    if fresh.any():
        made[fresh] = split_rows(stretch.totals[fresh], basis if basis.ndim == 1 else basis[fresh])
    keeps &= ~whole
    if keeps.any():
        safe = np.where(free.any(axis=1, keepdims=True), free, 1)  # nothing is left to share: any weight will do
        shares = split_rows(rest[keeps], safe[keeps])
        made[keeps] = np.where(past[keeps], before[keeps], shares)
    made[whole] = before[whole]
    return made
