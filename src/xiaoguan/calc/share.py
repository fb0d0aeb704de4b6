"""Exact division of whole amounts by weights, by largest remainder; the parts always sum to the whole.

Each part is its exact quota ``total × weight / Σ weights`` rounded down or up by less than one unit. The units left
over go to the parts with the largest remainders, ties to the earliest (Hamilton's method; Balinski & Young, *Fair
Representation*, 1982). Negative totals mirror positive ones. A part of weight zero receives nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.errors import ShareError
from xiaoguan.calc.rounding import INT64_MAX

Integers: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` by ``weights`` (≥ 0, any size); returns one part per weight, summing to ``total``.

    Raises ShareError ``negative_weight``, or ``zero_weights`` when a total other than zero meets no weight at all.
    """
    if any(weight < 0 for weight in weights):
        raise ShareError("negative_weight", weight=min(weights))
    whole = sum(weights)
    if not whole:
        if total:
            raise ShareError("zero_weights", total=total, parts=len(weights))
        return [0] * len(weights)
    quotas = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [floor for floor, _rest in quotas]
    by_rest = sorted(range(len(parts)), key=lambda place: -quotas[place][1])
    for place in by_rest[: abs(total) - sum(parts)]:
        parts[place] += 1
    return parts if total >= 0 else [-part for part in parts]


def split_locked(total: int, weights: Sequence[int], locked: Mapping[int, int]) -> list[int]:
    """Split ``total`` around locked parts (place → value): they stay, the rest is shared by the other weights.

    Raises ShareError ``locked_exceeds`` when the locked parts pass the total (the rest would change its sign) and
    ``nothing_unlocked`` when no part is free to take the rest; both carry ``difference``, the rest in units.
    """
    rest = total - sum(locked.values())
    if rest and len(locked) == len(weights):
        raise ShareError("nothing_unlocked", difference=rest)
    if rest < 0 <= total or total < 0 < rest:
        raise ShareError("locked_exceeds", total=total, difference=rest)
    free = [place for place in range(len(weights)) if place not in locked]
    shares = largest_remainder(rest, [weights[place] for place in free])
    parts = dict(locked) | dict(zip(free, shares, strict=True))
    return [parts[place] for place in range(len(weights))]


def rebalance(
    values: Sequence[int],
    edits: Mapping[int, int],
    *,
    locked: Collection[int] = (),
    weights: Sequence[int] | None = None,
) -> list[int]:
    """Return ``values`` after ``edits`` (place → new value) with the same total: the free parts take the difference.

    Free parts keep their proportions, or follow ``weights`` when given; if all of them are zero they share equally.
    Raises ShareError ``locked_exceeds`` or ``nothing_unlocked`` (with ``difference``).
    """
    held = {place: values[place] for place in locked} | dict(edits)
    basis = [abs(value) for value in values] if weights is None else list(weights)
    if not any(basis[place] for place in range(len(values)) if place not in held):
        basis = [1] * len(values)
    return split_locked(sum(values), basis, held)


def split_rows(
    totals: npt.ArrayLike, weights: npt.ArrayLike, *, locked: Mask | None = None, kept: npt.ArrayLike | None = None
) -> Integers:
    """Split many totals at once: ``totals`` (n,), ``weights`` (m,) or (n, m) → int64 (n, m), rows summing to totals.

    Equal cell by cell to :func:`largest_remainder`, or with ``locked`` (bool, n × m) and ``kept`` (n × m, read where
    locked) to :func:`split_locked`. Raises ShareError as these do, with ``row``.
    """
    amounts = np.asarray(totals, np.int64)
    shares = np.asarray(weights, np.int64)
    if amounts.ndim != 1 or shares.ndim not in (1, 2) or (shares.ndim == 2 and len(shares) != len(amounts)):
        raise ShareError("wrong_shape", totals=amounts.shape, weights=shares.shape)
    if shares.size and int(shares.min()) < 0:
        raise ShareError("negative_weight", weight=int(shares.min()))
    if locked is None:
        return _split_rows(amounts, shares)
    held = np.where(locked, np.asarray(0 if kept is None else kept, np.int64), 0)
    rest = amounts - held.sum(axis=1)
    _refuse_bad_locks(amounts, rest, np.asarray(locked))
    return _split_rows(rest, np.where(locked, 0, shares)) + held


def _refuse_bad_locks(totals: Integers, rest: Integers, locked: Mask) -> None:
    """Raise for the first row whose locked cells leave a rest that cannot be placed."""
    full = (rest != 0) & locked.all(axis=1)
    turned = (rest < 0) & (totals >= 0) | (rest > 0) & (totals < 0)
    for code, rows in (("nothing_unlocked", full), ("locked_exceeds", turned)):
        if rows.any():
            row = int(rows.argmax())
            raise ShareError(code, row=row, total=int(totals[row]), difference=int(rest[row]))


def _split_rows(totals: Integers, weights: Integers) -> Integers:
    """Split without locks. ``total = q·S + r`` gives ``q·w`` exactly, so only ``r < S`` is ever multiplied by a weight:
    a product overflows for huge weights alone, and rows with equal ``r`` under shared weights are computed once.
    """
    sums = weights.sum(axis=-1, dtype=np.float64)  # only to see whether int64 will do
    widest = int(weights.max(initial=0))
    if sums.size and float(sums.max()) * max(widest, weights.shape[-1]) >= INT64_MAX / 4:
        return _split_rows_slowly(totals, weights)
    wholes = np.broadcast_to(weights.sum(axis=-1), totals.shape)
    empty = (wholes == 0) & (totals != 0)
    if empty.any():
        row = int(empty.argmax())
        raise ShareError("zero_weights", row=row, total=int(totals[row]), parts=weights.shape[-1])
    signs, divisors = np.sign(totals), np.maximum(wholes, 1)
    full, rest = np.divmod(np.abs(totals), divisors)
    if weights.ndim == 1:
        kinds, kind = np.unique(rest, return_inverse=True)
        extra = _remainder_cells(kinds, weights, np.broadcast_to(divisors[:1], kinds.shape))[kind]
    else:
        extra = _remainder_cells(rest, weights, divisors)
    return np.asarray((full[:, None] * weights + extra) * signs[:, None], np.int64)


def _remainder_cells(rest: Integers, weights: Integers, divisors: Integers) -> Integers:
    """Split each ``rest`` (0 ≤ rest < its divisor Σ weights) by largest remainder → (n, m)."""
    width = weights.shape[-1]
    products = rest[:, None] * weights
    floors = products // divisors[:, None]
    # One unique key per cell orders by remainder, then by place; the k-th largest is the bar to pass.
    keys = (products - floors * divisors[:, None]) * width + np.arange(width - 1, -1, -1)
    left = rest - floors.sum(axis=1)
    ranked = np.sort(keys, axis=1)
    bars = np.take_along_axis(ranked, np.minimum(width - left, width - 1)[:, None], axis=1)
    floors += (keys >= bars) & (left > 0)[:, None]
    return np.asarray(floors, np.int64)


def _split_rows_slowly(totals: Integers, weights: Integers) -> Integers:
    """Split with Python's unbounded integers, for weights whose products pass int64."""
    each = np.broadcast_to(weights, (len(totals), weights.shape[-1]))
    rows = [largest_remainder(int(total), row.tolist()) for total, row in zip(totals, each, strict=True)]
    return np.array(rows, np.int64).reshape(each.shape)
