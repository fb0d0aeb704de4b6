"""How many single edits turn one sequence into another, for many pairs at once.

An edit inserts, deletes or replaces one element or swaps two neighbours (optimal string alignment). All pairs are
computed together, one row of the dynamic programme at a time.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.integer]
Distances: TypeAlias = npt.NDArray[np.int16]


def distances(left: Integers, left_sizes: Integers, right: Integers, right_sizes: Integers) -> Distances:
    """Return the edits between the first ``left_sizes[i]`` of ``left[i]`` and those of ``right[i]``.

    (n, l), (n,), (n, r), (n,) → int16 (n,). What stands behind a sequence's size is not looked at.
    """
    count, width = right.shape
    places = np.arange(width + 1, dtype=np.int16)
    before, row = np.empty((count, width + 1), np.int16), np.tile(places, (count, 1))
    sizes = right_sizes.astype(np.intp)
    pairs = np.arange(count)
    found = row[pairs, sizes].copy()  # for an empty left side
    for step in range(int(left_sizes.max(initial=0))):
        now = np.empty_like(row)
        now[:, 0] = step + 1
        same = right == left[:, step, None]
        np.minimum(row[:, :-1] + ~same, row[:, 1:] + 1, out=now[:, 1:])
        if step:
            swapped = same[:, :-1] & (right[:, 1:] == left[:, step - 1, None])
            np.minimum(now[:, 2:], np.where(swapped, before[:, :-2] + 1, np.int16(9999)), out=now[:, 2:])
        # An insertion costs one per place: the least of everything to the left, each with its distance added.
        now -= places
        np.minimum.accumulate(now, axis=1, out=now)
        now += places
        before, row = row, now
        ended = left_sizes == step + 1
        found[ended] = row[ended, sizes[ended]]
    return found
