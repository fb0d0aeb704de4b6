"""Which sets of grams are alike: an inverted index over integer sets, weighted by how rare each gram is.

A gram is an integer below 2^32 (the caller hashes what is larger). The weight of a gram that ``d`` of ``n`` items
have is log((n + B) / (d + B·p)): B pseudo-items (:data:`BACKGROUND`) keep the weights of a small collection sane, ``p``
is the share of them that carries the gram. Two items are as alike as Dice's coefficient of their weights says:
2·shared / (weight of one + weight of the other).

All arrays lie in one file that is mapped, not read: processes share the pages, and a lookup touches a few of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float32]
Keep: TypeAlias = Callable[[Ints, Ints], npt.NDArray[np.bool_]]

BACKGROUND = 20_000
RARE = 1e-5
"""The share of pseudo-items that carries a gram nothing else is known of."""
BUDGET = 10_000
"""So many entries of the index one lookup reads, the rarest grams first."""
CAP = 400
"""Grams of more items bring no pairs to the self-join."""
_SHORTLIST = 48
_WORDS = 2
_AT_ONCE = 400_000
_MAGIC = b"GRAMS001"
_ALIGNED = 64


@dataclass(frozen=True)
class Grams:
    """Items 0 … n-1 and their grams, in both directions."""

    grams: npt.NDArray[np.uint32]
    """The distinct grams, ascending (g,)."""
    starts: Ints
    """Where the items of each gram begin in ``items`` (g + 1,)."""
    items: npt.NDArray[np.int32]
    """The items of one gram after the other (m,)."""
    weights: Floats
    """The weight of each gram (g,)."""
    firsts: Ints
    """Where the grams of each item begin in ``places`` (n + 1,)."""
    places: npt.NDArray[np.int32]
    """The places in ``grams`` of one item after the other, the rarest gram of an item first (m,)."""
    norms: Floats
    """The weight of each item (n,)."""

    @property
    def size(self) -> int:
        """How many items there are."""
        return len(self.norms)

    @cached_property
    def unknown(self) -> float:
        """The weight of a gram that no item has."""
        return float(np.log((self.size + BACKGROUND) / (BACKGROUND * RARE)))

    def weights_of(self, wanted: npt.NDArray[np.uint32]) -> Floats:
        """Return the weight of each gram, known or not."""
        if not len(self.grams):
            return np.full(len(wanted), self.unknown, np.float32)
        at = np.minimum(np.searchsorted(self.grams, wanted), len(self.grams) - 1)
        return np.where(self.grams[at] == wanted, self.weights[at], np.float32(self.unknown))

    def _found(self, query: npt.NDArray[np.uint32]) -> tuple[Ints, float]:
        """Return the places of a query's known grams, ascending, and the weight of the whole query."""
        wanted = np.unique(query)
        at = np.searchsorted(self.grams, wanted)
        at = at[self.grams[np.minimum(at, len(self.grams) - 1)] == wanted] if len(self.grams) else at[:0]
        return at, float(self.weights[at].sum()) + (len(wanted) - len(at)) * self.unknown

    def top(self, query: npt.NDArray[np.uint32], most: int, budget: int = BUDGET) -> tuple[Ints, Floats]:
        """Return the items most like a set of grams and how alike they are, the likest first.

        Items are looked for by the query's rarest grams, as many as have ``budget`` items together (at least one).
        """
        at, norm = self._found(query)
        weights = self.weights[at]
        if not len(at):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        counts = self.starts[at + 1] - self.starts[at]
        order = np.argsort(counts, kind="stable")
        order = order[: max(1, int(np.searchsorted(np.cumsum(counts[order]), budget, "right")))]
        lists = [self.items[self.starts[place] : self.starts[place + 1]] for place in at[order]]
        entries = np.concatenate(lists)
        sorting = np.argsort(entries)
        entries = entries[sorting]
        begins = np.flatnonzero(np.diff(entries, prepend=-1))
        found = entries[begins]
        shared = np.add.reduceat(np.repeat(weights[order], counts[order])[sorting], begins)
        short = found
        if len(found) > max(_SHORTLIST, most):
            guess = shared / (norm + self.norms[found])
            short = found[np.argpartition(-guess, max(_SHORTLIST, most))[: max(_SHORTLIST, most)]]
        alike = 2 * self.shared_with(at, short) / (norm + self.norms[short])
        best = np.lexsort((short, -alike))[:most]
        return short[best].astype(np.int64), alike[best].astype(np.float32)

    def shared_with(self, at: Ints, items: npt.NDArray[np.integer]) -> Floats:
        """Return the weight that each item shares with the grams at some (ascending) places."""
        owners, places = self._of(items)
        near = np.minimum(np.searchsorted(at, places), len(at) - 1)
        hit = at[near] == places
        return np.bincount(owners[hit], self.weights[places[hit]], len(items)).astype(np.float32)

    def _of(self, items: npt.NDArray[np.integer]) -> tuple[Ints, npt.NDArray[np.int32]]:
        """Return the grams of some items, one after the other: whose, and the places."""
        begins = self.firsts[items]
        counts = self.firsts[items.astype(np.int64) + 1] - begins
        owners = np.repeat(np.arange(len(items)), counts)
        shift = np.repeat(begins - (np.cumsum(counts) - counts), counts)
        return owners, self.places[np.arange(len(owners)) + shift]

    def pairs(self, threshold: float, cap: int = CAP, keep: Keep | None = None) -> tuple[Ints, Ints, Floats]:
        """Return the pairs of items at least so much alike: (lower, higher, alike), in order.

        ``keep`` tells which of some pairs (n,), (n,) are wanted at all.
        Complete but for pairs all of whose deciding grams are carried by more than ``cap`` items. An item's deciding
        grams are its rarest ones: those without which what is left could not reach the threshold (prefix filter).
        """
        candidates = _distinct(np.concatenate([np.zeros(0, np.int64), *self._candidates(threshold, cap, keep)]))
        alike = self._alike(candidates)
        kept = alike >= threshold
        packed = candidates[kept]
        return packed >> 32, packed & 0xFFFFFFFF, alike[kept]

    def _candidates(self, threshold: float, cap: int, keep: Keep | None = None) -> Iterator[Ints]:
        """Yield packed pairs of items that share a deciding gram and may share enough; some come twice."""
        if not len(self.places):
            return
        owners, before = self._running()
        least = threshold / (2 - threshold) * self.norms  # what an item shares with any that is as much alike
        deciding = (self.norms[owners] - before) * (1 + 1e-6) >= least[owners]
        spread = np.diff(self.starts)[self.places]
        deciding &= (spread > 1) & (spread <= cap)
        marks = self._marks(owners)
        base, slope = self._needed(owners, before, least, marks)
        # The place above, the owner below: one sort groups the owners by gram.
        packed = np.sort((self.places[deciding].astype(np.int64) << 32) | owners[deciding])
        places, owners = packed >> 32, packed & 0xFFFFFFFF
        bounds = np.flatnonzero(np.diff(places, prepend=-1, append=-1))
        sizes, begins = np.diff(bounds), bounds[:-1]
        for size in np.unique(sizes[sizes > 1]).tolist():
            first, second = np.triu_indices(size, 1)
            groups = begins[sizes == size]
            for part in np.array_split(groups, -(-len(groups) * len(first) // _AT_ONCE)):
                rows = owners[part[:, None] + np.arange(size)]
                left, right = rows[:, first].ravel(), rows[:, second].ravel()
                if keep is not None:
                    wanted = keep(left, right)
                    left, right = left[wanted], right[wanted]
                common = np.bitwise_count(marks[left] & marks[right]).sum(axis=1, dtype=np.int16)
                share = threshold / 2 * (self.norms[left] + self.norms[right])
                enough = common >= base[left] + share * slope[left]
                enough &= common >= base[right] + share * slope[right]
                yield (left[enough] << 32) | right[enough]

    def _running(self) -> tuple[Ints, npt.NDArray[np.float64]]:
        """Return whose each place is, and the weight of the rarer grams before it (m,)."""
        counts = np.diff(self.firsts)
        owners = np.repeat(np.arange(self.size, dtype=np.int64), counts)
        weights = self.weights[self.places].astype(np.float64)
        before = np.cumsum(weights) - weights
        return owners, before - np.repeat(before[self.firsts[:-1][counts > 0]], counts[counts > 0])

    def _marks(self, owners: Ints) -> npt.NDArray[np.uint64]:
        """Return 64 bits in each of some words per item, of which each of its grams sets one (n, words)."""
        bits = (self.places.astype(np.uint32) * np.uint32(2654435761)) >> np.uint32(32 - 6 - _WORDS.bit_length() + 1)
        words = owners * _WORDS + (bits >> np.uint32(6))
        marks = np.zeros(self.size * _WORDS, np.uint64)
        np.bitwise_or.at(marks, words, np.uint64(1) << (bits & np.uint32(63)).astype(np.uint64))
        return marks.reshape(self.size, _WORDS)

    def _needed(
        self, owners: Ints, before: npt.NDArray[np.float64], least: Floats, marks: npt.NDArray[np.uint64]
    ) -> tuple[Floats, Floats]:
        """Return per item ``base`` and ``slope``: who shares a weight s has ``base + s·slope`` of its bits or more.

        The fewest grams that weigh s are the heaviest ones; once they weigh ``least`` no further one is heavier than
        the last of them. A bit is missing for each gram that met another on its bit.
        """
        heaviest = np.bincount(owners[before < least[owners]], minlength=self.size)
        last = np.minimum(self.firsts[:-1] + np.maximum(heaviest, 1) - 1, len(self.places) - 1)
        slope = 1 / self.weights[self.places[last]].astype(np.float64)
        missing = np.diff(self.firsts) - np.bitwise_count(marks).sum(axis=1, dtype=np.int64)
        base = heaviest - 1 - before[last] * slope - missing - 1e-3
        return base.astype(np.float32), slope.astype(np.float32)

    def _alike(self, packed: Ints) -> Floats:
        """Return how alike the items of packed pairs are."""
        result = np.zeros(len(packed), np.float32)
        for begin in range(0, len(packed), _AT_ONCE):
            block = packed[begin : begin + _AT_ONCE]
            left, right = block >> 32, block & 0xFFFFFFFF
            whose, places = self._of(left)
            others, their = self._of(right)
            # Both sides' grams in one sorted row: what stands twice is shared. 27 bits hold a place.
            keys = np.sort(np.concatenate(((whose << 32) | places, (others << 32) | their)))
            twice = keys[1:][keys[1:] == keys[:-1]]
            shared = np.bincount(twice >> 32, self.weights[twice & 0xFFFFFFFF], len(block))
            result[begin : begin + _AT_ONCE] = 2 * shared / (self.norms[left] + self.norms[right])
        return result

    def save(self, path: Path) -> None:
        """Write everything into one file, whole or not at all."""
        heading: dict[str, object] = {}
        at = 0
        for field in fields(self):
            array = getattr(self, field.name)
            heading[field.name] = [str(array.dtype), len(array), at]
            at += -(-array.nbytes // _ALIGNED) * _ALIGNED
        words = json.dumps(heading).encode()
        begin = -(-(len(_MAGIC) + 4 + len(words)) // _ALIGNED) * _ALIGNED
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with draft.open("wb") as file:
            file.write((_MAGIC + len(words).to_bytes(4, "little") + words).ljust(begin, b"\0"))
            for field in fields(self):
                array = np.ascontiguousarray(getattr(self, field.name))
                file.write(array.tobytes())
                file.write(b"\0" * (-array.nbytes % _ALIGNED))
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> Grams:
        """Map a file that :meth:`save` wrote. Raises ValueError for any other, OSError when there is none."""
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise ValueError(f"{path} is no index of grams")
            size = int.from_bytes(file.read(4), "little")
            heading = json.loads(file.read(size))
        begin = -(-(len(_MAGIC) + 4 + size) // _ALIGNED) * _ALIGNED
        whole = np.memmap(path, np.uint8, "r")
        found = {}
        for name, (kind, length, at) in heading.items():
            dtype = np.dtype(kind)
            stretch = whole[begin + at : begin + at + length * dtype.itemsize]
            if len(stretch) != length * dtype.itemsize:
                raise ValueError(f"{path} is cut off")
            found[name] = np.asarray(stretch).view(dtype)
        return cls(**found)


def _distinct(packed: Ints) -> Ints:
    """Return each number once, ascending; sorting beats the hash table of np.unique on millions."""
    packed.sort()
    return packed[np.diff(packed, prepend=-1) > 0]


def build(
    grams: npt.NDArray[np.uint32],
    owners: npt.NDArray[np.integer],
    size: int,
    common: npt.NDArray[np.uint32] | None = None,
    share: float = 0.005,
) -> Grams:
    """Index items by their grams: ``grams`` (m,) and whose each is, ``owners`` (m,) in 0 … size-1; repeats count once.

    Of the pseudo-items, ``share`` carries each of the ``common`` grams.
    """
    packed = np.sort((grams.astype(np.int64) << 31) | owners)
    packed = packed[np.diff(packed, prepend=-1) > 0]
    values, items = (packed >> 31).astype(np.uint32), (packed & 0x7FFFFFFF).astype(np.int32)
    del packed
    bounds = np.flatnonzero(np.diff(values, prepend=values[:1] + 1)) if len(values) else np.zeros(0, np.int64)
    distinct = values[bounds]
    starts = np.append(bounds, len(values)).astype(np.int64)
    counts = np.diff(starts)
    shares = np.full(len(distinct), RARE)
    if common is not None:
        shares[np.isin(distinct, common)] = share
    weights = np.log((size + BACKGROUND) / (counts + BACKGROUND * shares)).astype(np.float32)
    # The rank of a gram by rarity under its owner: one sort puts every item's rarest gram first.
    by_rarity = np.argsort(-weights, kind="stable").astype(np.int32)
    rank = np.empty(len(distinct), np.int64)
    rank[by_rarity] = np.arange(len(distinct))
    forward = np.sort((items.astype(np.int64) << 32) | np.repeat(rank, counts))
    places = by_rarity[forward & 0xFFFFFFFF]
    firsts = np.searchsorted(forward, np.arange(size + 1, dtype=np.int64) << 32).astype(np.int64)
    norms = np.bincount(items, np.repeat(weights, counts), size).astype(np.float32)
    return Grams(distinct, starts, items, weights, firsts, places, norms)
