"""Targets down an organisation and along time, exact at every level.

Down: a node's value is split among its children by weight around locked children. Along: a person's year is split into
months (locked months stay), a month into days. Up: every inner node is the sum of its children in every period, so the
company's March is its people's March, and its days sum to its year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.errors import ShareError
from xiaoguan.calc.rounding import checked
from xiaoguan.calc.share import Mask, split_locked, split_rows

Integers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Level:
    """One step of time: how many cells each cell of the level above has, and their weights.

    ``sizes`` (p,) for p cells above, Σ sizes = c cells here; ``weights`` (c,) or one row per leaf (n, c). ``locked``
    (bool n × c) with ``kept`` (n × c) holds cells at a value.
    """

    sizes: Sequence[int]
    weights: npt.ArrayLike
    locked: Mask | None = None
    kept: npt.ArrayLike | None = None


@dataclass(frozen=True)
class Decomposition:
    """Values of every node of a tree: ``totals`` (k,), and per level of time a matrix (k, cells)."""

    totals: Integers
    levels: tuple[Integers, ...]


def cascade(
    total: int, parents: Sequence[int], weights: Sequence[int], locked: Mapping[int, int] | None = None
) -> Integers:
    """Split ``total`` down a tree → int64 (k,): the root has it, the children of every node sum to that node.

    ``parents[i]`` is the parent's index, −1 for the one root; ``locked`` maps nodes to values that stay. A child's
    share depends on its siblings only. Raises ShareError ``bad_tree``, and the codes of ``split_locked`` with ``node``.
    """
    children, root = _children(parents)
    held = locked or {}
    values = np.zeros(len(parents), np.int64)
    values[root] = checked(total)
    reached, queue = 1, [root]
    for node in queue:
        below = children.get(node, [])
        reached += len(below)
        queue += below
        if not below:
            continue
        fixed = {place: held[child] for place, child in enumerate(below) if child in held}
        try:
            values[below] = split_locked(int(values[node]), [weights[child] for child in below], fixed)
        except ShareError as error:
            raise ShareError(error.code, **{**error.facts, "node": node}) from None
    if reached != len(parents):
        raise ShareError("bad_tree", unreachable=len(parents) - reached)
    return values


def _children(parents: Sequence[int]) -> tuple[dict[int, list[int]], int]:
    """Return the children of each inner node in order of index, and the root."""
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(parents):
        if not -1 <= parent < len(parents):
            raise ShareError("bad_tree", node=node, parent=parent)
        children.setdefault(parent, []).append(node)
    roots = children.pop(-1, [])
    if len(roots) != 1:
        raise ShareError("bad_tree", roots=len(roots))
    return children, roots[0]


def leaves(parents: Sequence[int]) -> list[int]:
    """Return the nodes without children, in order of index."""
    inner = set(parents)
    return [node for node in range(len(parents)) if node not in inner]


def split_levels(totals: npt.ArrayLike, levels: Sequence[Level]) -> list[Integers]:
    """Split each total (n,) along nested levels of time → one int64 (n, cells) per level.

    The cells below one cell of the level above sum to it exactly. Raises ShareError as ``split_rows`` does.
    """
    above = np.asarray(totals, np.int64)[:, None]
    found: list[Integers] = []
    for level in levels:
        if len(level.sizes) != above.shape[1]:
            raise ShareError("wrong_shape", cells=above.shape[1], sizes=len(level.sizes))
        weights = np.asarray(level.weights, np.int64)
        below = np.empty((len(above), sum(level.sizes)), np.int64)
        first = 0
        for column, size in enumerate(level.sizes):
            cells = slice(first, first + size)
            below[:, cells] = split_rows(
                above[:, column],
                weights[..., cells],
                locked=None if level.locked is None else level.locked[:, cells],
                kept=None if level.kept is None else np.asarray(level.kept)[:, cells],
            )
            first += size
        found.append(below)
        above = below
    return found


def roll_up(parents: Sequence[int], leaf_values: npt.ArrayLike) -> Integers:
    """Sum leaves up the tree: values (leaves,) or (leaves, cells) in order of :func:`leaves` → one row per node."""
    below = np.asarray(leaf_values, np.int64)
    bottom = leaves(parents)
    if len(below) != len(bottom):
        raise ShareError("wrong_shape", leaves=len(bottom), rows=len(below))
    values = np.zeros((len(parents), *below.shape[1:]), np.int64)
    values[bottom] = below
    children, root = _children(parents)
    order = [root]
    for node in order:
        order += children.get(node, ())
    if len(order) != len(parents):
        raise ShareError("bad_tree", unreachable=len(parents) - len(order))
    for node in reversed(order):
        if node in children:
            values[node] = values[children[node]].sum(axis=0)
    return values


def group_sums(cells: npt.ArrayLike, sizes: Sequence[int]) -> Integers:
    """Sum neighbouring cells (n, Σ sizes) by groups → (n, groups): months to quarters, days to months."""
    matrix = np.asarray(cells, np.int64)
    if sum(sizes) != matrix.shape[-1] or min(sizes, default=1) < 1:
        raise ShareError("wrong_shape", cells=matrix.shape[-1], sizes=sum(sizes))
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.intp)
    return np.asarray(np.add.reduceat(matrix, starts, axis=-1), np.int64)


def decompose(
    total: int,
    parents: Sequence[int],
    weights: Sequence[int],
    levels: Sequence[Level],
    *,
    locked: Mapping[int, int] | None = None,
) -> Decomposition:
    """Split a total down the tree and along time; rows of each level are the nodes, leaves and inner alike.

    Level weights and locks given per leaf follow the order of :func:`leaves`. Every node's cells sum to its total, each
    inner node's cell is the sum of its children's. Raises ShareError as :func:`cascade` and :func:`split_levels` do.
    """
    totals = cascade(total, parents, weights, locked)
    along = split_levels(totals[leaves(parents)], levels)
    return Decomposition(totals, tuple(roll_up(parents, cells) for cells in along))


WIDTHS = (2, 4, 8)
"""Bytes of one number, the fewest that hold all numbers of a vector."""


def pack(values: npt.ArrayLike) -> bytes:
    """Return whole numbers as little-endian bytes: one day vector per person and year in one column.

    The first byte says how many bytes a number has: a seller's days fit four, so a year is 1.4 kB.
    """
    numbers = np.asarray(values, np.int64)
    low, high = int(numbers.min(initial=0)), int(numbers.max(initial=0))
    width = next(each for each in WIDTHS if -(2 ** (8 * each - 1)) <= low and high < 2 ** (8 * each - 1))
    return bytes((width,)) + numbers.astype(f"<i{width}").tobytes()


def unpack(stored: bytes) -> Integers:
    """Return the whole numbers of :func:`pack`."""
    return np.frombuffer(stored, f"<i{stored[0]}", offset=1).astype(np.int64)
