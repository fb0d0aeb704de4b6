"""Which territory a customer lies in: rules over region, industry and kind, the most specific one wins.

A rule holds where each of its conditions holds; an empty condition always does. Of the rules that hold for one place
the one with the smallest region wins, then the one with more conditions, then the first in order. Regions are digits:
``3205`` lies in ``32``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rule:
    """The claim of one territory: prefixes of regions, industries, kinds of customers; `order` breaks ties."""

    territory: int
    order: int = 0
    regions: tuple[str, ...] = ()
    industries: frozenset[str] = frozenset()
    kinds: frozenset[int] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether it says nothing: such a territory has only what it was given by name."""
        return not (self.regions or self.industries or self.kinds)


@dataclass(frozen=True)
class Place:
    """What rules ask about a customer: the digits of its region, its industry and kind."""

    region: str = ""
    industry: str = ""
    kind: int | None = None


@dataclass(frozen=True)
class Claims:
    """Who has a place: `winner` (None: nobody), and everybody who claims it, the winner first."""

    winner: int | None
    rivals: tuple[int, ...] = ()


def strength(rule: Rule, place: Place) -> tuple[int, int] | None:
    """How specific a rule is for a place: digits of the region that holds, conditions met; None where it does not."""
    if rule.empty:
        return None
    digits = 0
    if rule.regions:
        held = [len(each) for each in rule.regions if place.region and place.region.startswith(each)]
        if not held:
            return None
        digits = max(held)
    if rule.industries and place.industry not in rule.industries:
        return None
    if rule.kinds and place.kind not in rule.kinds:
        return None
    return digits, bool(rule.regions) + bool(rule.industries) + bool(rule.kinds)


def claims(rules: Iterable[Rule], place: Place) -> Claims:
    """Who claims a place and who wins it."""
    found = [(strength(rule, place), rule) for rule in rules]
    held = [(value, rule) for value, rule in found if value is not None]
    held.sort(key=lambda pair: (-pair[0][0], -pair[0][1], pair[1].order, pair[1].territory))
    names = tuple(dict.fromkeys(rule.territory for _value, rule in held))
    return Claims(names[0] if names else None, names)


@dataclass
class Map:
    """All rules of one cut, with what is given or kept out by name; answers are remembered by place."""

    rules: Sequence[Rule]
    given: Mapping[int, int] = field(default_factory=dict)
    """Customer → the territory it is in whatever the rules say."""
    kept_out: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Customer → the territories it is not in."""
    _known: dict[Hashable, Claims] = field(default_factory=dict, repr=False)

    def claims(self, place: Place) -> Claims:
        """Who claims a place by the rules."""
        found = self._known.get(place)
        if found is None:
            found = self._known[place] = claims(self.rules, place)
        return found

    def of(self, customer: int, place: Place) -> int | None:
        """The territory of one customer."""
        if customer in self.given:
            return self.given[customer]
        out = self.kept_out.get(customer)
        found = self.claims(place)
        if not out:
            return found.winner
        return next((each for each in found.rivals if each not in out), None)


@dataclass(frozen=True)
class Shift:
    """What moves from one territory to another: how many customers, and the sums of their values."""

    customers: int
    values: tuple[int, ...]


def shifts(
    moves: Iterable[tuple[int | None, int | None, Sequence[int]]],
) -> dict[tuple[int | None, int | None], Shift]:
    """Add up moves (from, to, values of the customer) by the pair of territories; what stays is left out."""
    found: dict[tuple[int | None, int | None], Shift] = {}
    for before, after, values in moves:
        if before == after:
            continue
        known = found.get((before, after))
        if known is None:
            found[before, after] = Shift(1, tuple(values))
        else:
            summed = tuple(a + b for a, b in zip(known.values, values, strict=True))
            found[before, after] = Shift(known.customers + 1, summed)
    return found
