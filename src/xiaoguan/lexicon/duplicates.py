"""Which of many companies are the same: likely pairs by name, address, telephone, web domain and credit code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from xiaoguan.calc.grams import CAP, Grams
from xiaoguan.lexicon import identity, likeness

FEW = 20_000
"""Up to so many companies pairs are looked for widely; among more, only where names are quite alike or a key is equal."""
_WIDELY, _NARROWLY = (0.3, CAP), (0.5, 50)
_NAMESAKES = 60
"""Companies with one core are compared unless there are more of them."""
_CROWD = 30
"""A number, domain or address of more companies than this says nothing."""


@dataclass(frozen=True, slots=True)
class Company:
    """What identifies a company, folded for comparison by :mod:`xiaoguan.lexicon.identity`."""

    name: str
    places: tuple[str, ...] = ()
    domain: str = ""
    phones: tuple[str, ...] = ()
    address: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two companies by their places in the given order, the lower first, and how likely they are one (0 … 1)."""

    first: int
    second: int
    likeness: float


def compare(one: Company, other: Company, names: float) -> float:
    """Return how likely two companies are one, whose names are that likely to mean one."""
    if one.code and other.code:
        return 1.0 if one.code == other.code else 0.0
    return identity.together(
        names,
        domains=(one.domain, other.domain),
        numbers=tuple(set(one.phones) & set(other.phones)),
        places=(one.address, other.address),
    )


def pairs(companies: Sequence[Company], least: float = likeness.MAYBE) -> list[Pair]:
    """Return the pairs that are at least so likely one company, the likeliest first."""
    names = likeness.prepare([each.name for each in companies], [each.places for each in companies])
    return joined(companies, names, likeness.index(names), least)


def joined(companies: Sequence[Company], names: likeness.Names, grams: Grams, least: float) -> list[Pair]:
    """Return the same pairs of companies whose names are prepared and indexed already."""
    threshold, cap = _WIDELY if len(companies) <= FEW else _NARROWLY
    first, second, _alike = grams.pairs(
        threshold, cap, lambda one, other: ~likeness.elsewhere(names, one, names, other)
    )
    lower, higher = likeness.equal_cores(names, _NAMESAKES)
    linked = np.array([a << 32 | b for a, b in _linked(companies)], np.int64)
    packed = np.unique(np.concatenate(((first << 32) | second, (lower << 32) | higher, linked)))
    first, second = packed >> 32, packed & 0xFFFFFFFF
    found = []
    likely = likeness.likeness(grams, names, first, names, second)
    for a, b, of_names in zip(first.tolist(), second.tolist(), likely.tolist(), strict=True):
        value = compare(companies[a], companies[b], of_names)
        if value >= least:
            found.append(Pair(a, b, value))
    return sorted(found, key=lambda pair: (-pair.likeness, pair.first, pair.second))


def _linked(companies: Sequence[Company]) -> Iterable[tuple[int, int]]:
    """Pairs with an equal domain, number, address or code."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, company in enumerate(companies):
        keys = [
            ("d", company.domain),
            ("a", company.address),
            ("c", company.code),
            *(("p", number) for number in company.phones),
        ]
        for kind, key in keys:
            if key:
                groups[kind, key].append(at)
    for members in groups.values():
        if len(members) <= _CROWD:
            yield from combinations(members, 2)


def groups(found: Iterable[Pair], sure: float = likeness.SURE) -> list[list[int]]:
    """Return the companies that are surely one by a chain of pairs, each group ascending, and every less sure pair.

    A less sure pair is a group of its own unless it lies within one.
    """
    found = list(found)
    home: dict[int, int] = {}

    def root(member: int) -> int:
        while home.setdefault(member, member) != member:
            home[member] = member = home[home[member]]
        return member

    for pair in found:
        if pair.likeness >= sure:
            one, other = sorted((root(pair.first), root(pair.second)))
            home[other] = one
    members: dict[int, list[int]] = defaultdict(list)
    for member in sorted(home):
        members[root(member)].append(member)
    loose = [
        [pair.first, pair.second] for pair in found if pair.likeness < sure and root(pair.first) != root(pair.second)
    ]
    return [group for group in members.values() if len(group) > 1] + loose
