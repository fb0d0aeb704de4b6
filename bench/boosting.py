"""Plain gradient boosting of small trees, to measure others by: J. H. Friedman, *Greedy Function Approximation*, 2001.
2001.

A hundred trees of depth three, each a tenth of its step (what libraries have as defaults), Newton leaves. A number is
split at one of 63 quantiles, a word column «this word or another» (one-hot).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

TREES, DEPTH, RATE = 100, 3, 0.1
LEAF = 20
RIDGE = 1.0
BINS = 64

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass
class Split:
    """One knot of a tree: which column, where, and whether it asks «this word» or «beyond this band»."""

    column: int
    at: int
    word: bool


@dataclass
class Boosted:
    """Learns from columns (words or numbers, None where missing) and outcomes of 0 or 1."""

    readers: list[Any] = field(default_factory=list)
    trees: list[tuple[list[Split | None], Floats]] = field(default_factory=list)
    start: float = 0.0

    def learn(self, columns: Sequence[Sequence[Any]], won: Floats) -> Boosted:
        """Fit all trees; returns itself."""
        self.readers = [_reader(values) for values in columns]
        codes = self._codes(columns)
        share = float(np.clip(won.mean(), 0.001, 0.999))
        self.start = float(np.log(share / (1 - share)))
        logits = np.full(len(won), self.start)
        for _tree in range(TREES):
            p = 1 / (1 + np.exp(-logits))
            tree = self._grow(codes, p - won, p * (1 - p))
            self.trees.append(tree)
            logits += _walk(tree, codes)
        return self

    def chances(self, columns: Sequence[Sequence[Any]]) -> Floats:
        """Probabilities → (n,)."""
        codes = self._codes(columns)
        logits = np.full(len(codes[0]), self.start)
        for tree in self.trees:
            logits += _walk(tree, codes)
        return np.asarray(1 / (1 + np.exp(-logits)), np.float64)

    def _codes(self, columns: Sequence[Sequence[Any]]) -> list[Integers]:
        return [_read(reader, values) for reader, values in zip(self.readers, columns, strict=True)]

    def _grow(self, codes: list[Integers], slope: Floats, bend: Floats) -> tuple[list[Split | None], Floats]:
        """One tree as a heap: knots first, then what its 2^DEPTH leaves add."""
        knots: list[Split | None] = []
        at = np.zeros(len(slope), np.int64)
        for level in range(DEPTH):
            for knot in range(2**level):
                inside = np.flatnonzero(at == knot)
                knots.append(self._best(codes, inside, slope, bend))
            first = 2**level - 1
            right = np.zeros(len(at), np.int64)
            for knot in range(2**level):
                split = knots[first + knot]
                if split is not None:
                    inside = at == knot
                    right[inside] = _beyond(split, codes[split.column][inside])
            at = at * 2 + right
        sums = np.bincount(at, slope, 2**DEPTH)
        leaves = -RATE * sums / (np.bincount(at, bend, 2**DEPTH) + RIDGE)
        return knots, leaves

    def _best(self, codes: list[Integers], inside: Integers, slope: Floats, bend: Floats) -> Split | None:
        if len(inside) < 2 * LEAF:
            return None
        g, h = slope[inside], bend[inside]
        whole = (float(g.sum()), float(h.sum()))
        best, found = 1e-9, None
        for column, (reader, values) in enumerate(zip(self.readers, codes, strict=True)):
            word = isinstance(reader, dict)
            size = (len(reader) if word else len(reader) + 1) + 1
            mine = values[inside]
            gs, hs, ns = (np.bincount(mine, what, size) for what in (g, h, np.ones(len(mine))))
            if not word:
                gs, hs, ns = gs[::-1].cumsum()[::-1], hs[::-1].cumsum()[::-1], ns[::-1].cumsum()[::-1]
            able = (ns >= LEAF) & (len(inside) - ns >= LEAF)
            gain = gs**2 / (hs + RIDGE) + (whole[0] - gs) ** 2 / (whole[1] - hs + RIDGE)
            gain = np.where(able, gain - whole[0] ** 2 / (whole[1] + RIDGE), 0.0)
            place = int(gain.argmax())
            if gain[place] > best:
                best, found = float(gain[place]), Split(column, place, word)
        return found


def _reader(values: Sequence[Any]) -> Any:
    """A table of words, or the cuts of a number."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int | float) for value in known):
        return np.unique(np.quantile(np.array(known, float), np.arange(1, BINS) / BINS))
    return {word: place for place, word in enumerate(sorted({"" if value is None else str(value) for value in values}))}


def _read(reader: Any, values: Sequence[Any]) -> Integers:
    if isinstance(reader, dict):
        return np.array([reader.get("" if value is None else str(value), len(reader)) for value in values], np.int64)
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    return np.where(np.isnan(numbers), len(reader) + 1, np.searchsorted(reader, numbers, side="right"))


def _beyond(split: Split, codes: Integers) -> Integers:
    return np.asarray((codes == split.at) if split.word else (codes >= split.at), np.int64)


def _walk(tree: tuple[list[Split | None], Floats], codes: list[Integers]) -> Floats:
    knots, leaves = tree
    at = np.zeros(len(codes[0]), np.int64)
    for level in range(DEPTH):
        right = np.zeros(len(at), np.int64)
        for knot in range(2**level):
            split = knots[2**level - 1 + knot]
            if split is not None:
                inside = at == knot
                right[inside] = _beyond(split, codes[split.column][inside])
        at = at * 2 + right
    return leaves[at]
