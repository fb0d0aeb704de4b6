"""How likely two company names mean one company.

Names are prepared together (:class:`Names`): the core without legal form and places, the places, the characters and
their syllables as arrays. Their grams go into an index (:mod:`xiaoguan.calc.grams`): pairs of characters that stand next
to each other or have one between them, so that a wrong, missing, additional or swapped character spoils few of them;
and the pair where place and core join.

The likeness is 1 / (1 + exp(-z)), where z sums :data:`WEIGHTS` times the features that :func:`features` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.edits import distances
from xiaoguan.calc.grams import Grams, build
from xiaoguan.lexicon import companies, pinyin, places

Codes: TypeAlias = npt.NDArray[np.uint32]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

WIDTH = 20
"""So many characters of a core are compared one by one."""
_LONGEST_PLACE = 5
_MANDARIN = 2_000_000
"""Syllables are numbered from here, above every character."""


@dataclass(frozen=True)
class Names:
    """Prepared names, one row each."""

    cores: Codes
    """Characters of the cores, filled up with zeros (n, WIDTH)."""
    sizes: Ints
    syllables: Codes
    """The cores as they are spoken (n, WIDTH)."""
    wholes: Codes
    """Characters of the last place and the core (n, WIDTH + 5)."""
    whole_sizes: Ints
    provinces: Ints
    """The number of the province, zero if unknown (n,)."""
    cities: Ints
    """The number of the city, the smallest that is named, zero if unknown (n,)."""
    prefectures: Ints
    """The number of the city which that one belongs to (n,)."""
    grams: npt.NDArray[np.uint32]
    """The grams of one name after the other, ascending within a name (m,)."""
    firsts: Ints
    """Where the grams of each name begin (n + 1,)."""

    def __len__(self) -> int:
        return len(self.sizes)

    def of(self, row: int) -> npt.NDArray[np.uint32]:
        """The grams of one name."""
        return self.grams[self.firsts[row] : self.firsts[row + 1]]

    def gathered(self, rows: Ints) -> tuple[Ints, npt.NDArray[np.uint32]]:
        """The grams of some names, one after the other: whose (a place in `rows`), and the grams."""
        begins = self.firsts[rows]
        counts = self.firsts[rows + 1] - begins
        whose = np.repeat(np.arange(len(rows)), counts)
        return whose, self.grams[np.arange(len(whose)) + np.repeat(begins - (np.cumsum(counts) - counts), counts)]


def prepare(names: Sequence[str], places: Sequence[Sequence[str]] | None = None) -> Names:
    """Prepare names; `places` are what else is known of where each company is (short names such as 昆山)."""
    parts = companies.parts(names)
    cores = [loose(each.core) for each in parts]
    known = [each.places for each in parts]
    if places is not None:  # what the name says itself is the more exact
        known = [(*more, *own) for own, more in zip(known, places, strict=True)]
    located = np.array([_located(each) for each in known], np.int64).reshape(-1, 3)
    inner = [each.places[-1] if each.places else "" for each in parts]
    matrix, sizes = _matrix(cores, WIDTH)
    wholes, whole_sizes = _matrix(
        [place + core for place, core in zip(inner, cores, strict=True)], WIDTH + _LONGEST_PLACE
    )
    grams, firsts = _grams(cores, inner)
    return Names(
        matrix, sizes, _spoken(matrix), wholes, whole_sizes,
        located[:, 0],
        located[:, 1],
        located[:, 2],
        grams, firsts,
    )  # fmt: skip


def index(names: Names) -> Grams:
    """The index of prepared names; pairs within the words of trades count as common however few names there are."""
    owners = np.repeat(np.arange(len(names)), np.diff(names.firsts))
    return build(names.grams, owners, len(names), _common())


WEIGHTS = {
    "one": -13.43, "alike": 23.45, "edits": -4.13, "edits_by_length": 9.01, "sound_edits": -4.73, "one_slip": 1.4,
    "other_place": -15.12, "same_city": 2.31, "one_without_place": -3.54, "more": 17.25, "homophone": 0.41, "among": -0.48,
}  # fmt: skip
"""Logistic regression over what the index finds among 1,000, 40,000 and 200,000 names for names that are spoilt copies
of one of them and for names of other companies; ``python bench/dedupe.py --fit --names 200000`` finds them anew."""
SURE = 0.9
"""Surely the same: nearly one in a hundred of those so much alike are not (1,000,000 names)."""
MAYBE = 0.3
"""Perhaps the same: of those so much alike some 96 in a hundred are, and one in a hundred that is the same stays below."""


def likeness(grams: Grams, left: Names, these: Ints, right: Names, those: Ints) -> Floats:
    """Return how likely the names ``left[these[i]]`` and ``right[those[i]]`` mean one company, 0 … 1 (n,).

    `grams` says how rare what they share is.
    """
    score = features(grams, left, these, right, those) @ np.array(list(WEIGHTS.values()))
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def features(grams: Grams, left: Names, these: Ints, right: Names, those: Ints) -> Floats:
    """Return what the likeness of pairs is made of (n, len(WEIGHTS)).

    - alike: Dice's coefficient of the grams, weighted by rarity; more: the weight of the grams of the one that has
      more, less what they share, in hundreds; among: the logarithm of how many names there are;
    - edits: of the cores or of place and core, whichever takes fewer; edits_by_length: of the cores, by the longer
      one's length; sound_edits: replaced syllables of the cores; one_slip: one edit between place and core;
    - homophone: whether the cores differ but sound the same;
    - other_place, same_city, one_without_place: whether the places differ, agree in the city, or only one is known.
    """
    shared, weight, other = _weighed(grams, left, these, right, those)
    size, other_size = left.sizes[these], right.sizes[those]
    of_cores = distances(left.cores[these], size, right.cores[those], other_size)
    of_wholes = distances(left.wholes[these], left.whole_sizes[these], right.wholes[those], right.whole_sizes[those])
    of_sounds = distances(left.syllables[these], size, right.syllables[those], other_size)
    apart = elsewhere(left, these, right, those)
    columns = [
        np.ones(len(these)),
        2 * shared / (weight + other),
        np.minimum(of_cores, of_wholes),
        of_cores / np.maximum(np.maximum(size, other_size), 1),
        np.maximum(of_sounds - np.abs(size - other_size), 0),
        of_wholes == 1,
        apart,
        (left.prefectures[these] == right.prefectures[those]) & (left.cities[these] > 0) & ~apart,
        (left.provinces[these] > 0) != (right.provinces[those] > 0),
        (np.maximum(weight, other) - shared) / 100,
        (of_sounds == 0) & (of_cores > 0),
        np.full(len(these), np.log10(grams.size + 1)),
    ]
    return np.stack(columns, axis=1).astype(np.float64)


def elsewhere(left: Names, these: Ints, right: Names, those: Ints) -> npt.NDArray[np.bool_]:
    """Tell which pairs name different places; :data:`WEIGHTS` make none of them likely the same (n,)."""
    city, other_city = left.cities[these], right.cities[those]
    province, other_province = left.provinces[these], right.provinces[those]
    cities = (city != other_city) & (city > 0) & (other_city > 0)
    cities &= (city != right.prefectures[those]) & (left.prefectures[these] != other_city)
    return cities | ((province != other_province) & (province > 0) & (other_province > 0))


def equal_cores(names: Names, crowd: int) -> tuple[Ints, Ints]:
    """Return the pairs of names with the same core, where no more than `crowd` have it: (lower, higher)."""
    odd = np.random.default_rng(1).integers(0, 2**63, names.cores.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(
        1
    )
    hashes = (names.cores.astype(np.uint64) * odd).sum(axis=1, dtype=np.uint64)
    order = np.argsort(hashes, kind="stable")
    begins = np.flatnonzero(np.diff(hashes[order], prepend=~hashes[order[:1]]) != 0)
    sizes = np.diff(np.append(begins, len(order)))
    left, right = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in range(2, crowd + 1):
        members = order[begins[sizes == size][:, None] + np.arange(size)]
        first, second = np.triu_indices(size, 1)
        left.append(members[:, first].ravel())
        right.append(members[:, second].ravel())
    lower, higher = np.concatenate(left), np.concatenate(right)
    same = (names.cores[lower] == names.cores[higher]).all(axis=1)
    return lower[same], higher[same]


def _weighed(grams: Grams, left: Names, these: Ints, right: Names, those: Ints) -> tuple[Floats, Floats, Floats]:
    """The weight that pairs of names share, and the weights of both (n,) each."""
    whose, mine = left.gathered(these)
    others, their = right.gathered(those)
    weights, their_weights = grams.weights_of(mine), grams.weights_of(their)
    keys = np.concatenate(((whose << 32) | mine, (others << 32) | their))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    twice = np.flatnonzero(keys[1:] == keys[:-1])
    count = len(these)
    shared = np.bincount(keys[twice] >> 32, weights[order[twice]], count).astype(np.float64)
    mine_weigh, their_weigh = np.bincount(whose, weights, count), np.bincount(others, their_weights, count)
    return shared, mine_weigh.astype(np.float64), their_weigh.astype(np.float64)


# --- Preparing ----------------------------------------------------------------------------------------------------


def loose(core: str) -> str:
    """Return a core without a mistyped legal form at its end: 合晟照明有公司 → 合晟照明."""
    known = _mistyped()
    for size in range(7, 2, -1):
        tail = core[-size:]
        if len(core) - size >= 2 and (
            tail in known or any(f"{tail[:at]}?{tail[at + 1 :]}" in known for at in range(size) if size > 3)
        ):
            return core[:-size]
    return core


@cache
def _mistyped() -> frozenset[str]:
    """What comes of the usual legal forms by one slip; `?` stands for any one character."""
    found = set()
    for form in ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "股份公司", "集团公司"):
        places = range(len(form))
        found |= {form[:at] + form[at + 1 :] for at in places}
        found |= {f"{form[:at]}?{form[at + 1 :]}" for at in places if len(form) > 3}
        found |= {form[:at] + form[at + 1] + form[at] + form[at + 2 :] for at in places[:-1]}
        found |= {f"{form[:at]}?{form[at:]}" for at in places[1:]}
    return frozenset(found)


@cache
def _place_numbers() -> dict[str, tuple[int, int, int]]:
    """Number of the province, of the city and of the city above it, by short place name."""
    names = places.short_names()
    numbers = {name: at for at, name in enumerate(names, 1)}
    found = {}
    for name in names:
        province, city = places.located(name)
        found[name] = numbers.get(province, 0), numbers.get(city, 0), numbers.get(places.city_above(city), 0)
    return found


def _located(places: Sequence[str]) -> tuple[int, int, int]:
    """Province, city and city above it of what is named: the last city counts, its county before the city itself."""
    province = city = above = 0
    for place in places:
        one, other, over = _place_numbers().get(place, (0, 0, 0))
        province = one or province
        if other and other != above:
            city, above = other, over
    return province, city, above


def _matrix(texts: Sequence[str], width: int) -> tuple[Codes, Ints]:
    """Code points of texts, one row each, filled up with zeros; and how many stand in each row."""
    array = np.array(texts, dtype=f"<U{width}")
    codes = array.view(np.uint32).reshape(len(texts), width) if len(texts) else np.zeros((0, width), np.uint32)
    return codes, (codes != 0).sum(axis=1)


@cache
def _syllables() -> Codes:
    """What a character sounds like, by code point; those without a reading stand for themselves."""
    found = np.arange(0x20000, dtype=np.uint32)
    numbers: dict[str, int] = {}
    for char, syllable in pinyin.usual().items():
        if ord(char) < len(found):
            found[ord(char)] = _MANDARIN + numbers.setdefault(pinyin.fold(syllable), len(numbers))
    return found


def _spoken(codes: Codes) -> Codes:
    table = _syllables()
    return np.where(codes < len(table), table[np.minimum(codes, len(table) - 1)], codes)


def _hashed(first: Codes, second: Codes, salt: int) -> npt.NDArray[np.uint32]:
    """One gram of two elements in their order."""
    mixed = (first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + second + np.uint64(salt << 40)) * np.uint64(
        0xD6E8FEB86659FD93
    )
    return (mixed >> np.uint64(32)).astype(np.uint32)


def _flat(texts: Sequence[str]) -> tuple[Codes, Ints]:
    """All texts as one row of code points, a zero in front of and behind each; and where the zeros stand."""
    codes = np.frombuffer(("\0" + "\0".join(texts) + "\0").encode("utf-32-le"), np.uint32)
    return codes, np.cumsum(codes == 0) - 1


def _grams(cores: Sequence[str], places: Sequence[str]) -> tuple[npt.NDArray[np.uint32], Ints]:
    """The grams of all names, one after the other, and where each name's begin."""
    if not cores:
        return np.zeros(0, np.uint32), np.zeros(1, np.int64)
    codes, whose = _flat(cores)
    near = _hashed(codes[:-1], codes[1:], 1)
    apart = codes[1:-1] != 0
    far = _hashed(codes[:-2], codes[2:], 1)[apart]
    joints = np.array([(place[-1:] or "\0") + core[:1] for place, core in zip(places, cores, strict=True)], "<U2")
    joined = joints.view(np.uint32).reshape(-1, 2)
    has_place = joined[:, 0] != 0
    joint = _hashed(joined[has_place, 0], joined[has_place, 1], 1)
    grams = np.concatenate((near, far, joint))
    owners = np.concatenate((whose[:-1], whose[:-2][apart], np.flatnonzero(has_place)))
    packed = np.sort((owners.astype(np.int64) << 32) | grams)
    packed = packed[np.diff(packed, prepend=-1) > 0]
    firsts = np.searchsorted(packed, np.arange(len(cores) + 1, dtype=np.int64) << 32)
    return (packed & 0xFFFFFFFF).astype(np.uint32), firsts


@cache
def _common() -> npt.NDArray[np.uint32]:
    """The grams within words of trades and at their ends."""
    return np.unique(_grams(sorted(companies.GENERIC), [""] * len(companies.GENERIC))[0])
