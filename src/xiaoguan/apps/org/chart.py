"""The organisation of one day, as far as reaching goes: pure rules over teams, leaders and stand-ins.

Managers and deputy managers of a team reach everybody in it and in all teams below; a stand-in reaches
the one he stands in for and what that person reaches by post, but not what that person in turn stands
in for; everybody reaches himself. What a team owns as such is reached by its leaders on the way up,
and seen by its own members.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Pair = tuple[int, int]


class Place(NamedTuple):
    """Where somebody is: `key` is the membership, `working` false once he has left."""

    person: int
    team: int
    main: bool
    start: dt.date | None
    key: int
    working: bool

    def weight(self) -> tuple[bool, dt.date, int]:
        """Of several places the heaviest is home: a main team before others, then what began last."""
        return (self.main, self.start or dt.date.min, self.key)


@dataclass
class Chart:
    """Living teams with their parents, people with leading posts by team, and stand-ins by person."""

    parents: Mapping[int, int | None]
    leaders: Mapping[int, Sequence[int]]
    stand_ins: Mapping[int, Sequence[int]]
    _leading: dict[int, frozenset[int]] = field(default_factory=dict, repr=False)

    def upwards(self, team: int) -> Iterator[int]:
        """The team and all teams above it, nearest first; ends even where the data forms a ring."""
        seen: set[int] = set()
        at: int | None = team
        while at is not None and at in self.parents and at not in seen:
            seen.add(at)
            yield at
            at = self.parents[at]

    def subtree(self, teams: Collection[int]) -> set[int]:
        """The teams and all teams below them."""
        return {team for team in self.parents if any(above in teams for above in self.upwards(team))}

    def leading(self, team: int) -> frozenset[int]:
        """Who reaches a team: leaders on the way up and who stands in for them."""
        found = self._leading.get(team)
        if found is None:
            people: set[int] = set()
            for above in self.upwards(team):
                for leader in self.leaders.get(above, ()):
                    people.add(leader)
                    people.update(self.stand_ins.get(leader, ()))
            found = self._leading[team] = frozenset(people)
        return found

    def led_by(self, viewers: Collection[int]) -> set[int]:
        """The teams that any of the viewers reaches."""
        wanted = frozenset(viewers)
        return {team for team in self.parents if self.leading(team) & wanted}

    def with_stand_ins(self, people: Iterable[int]) -> set[int]:
        """The people and who stands in for them: all whose view changes with theirs."""
        found = set(people)
        return found.union(*(self.stand_ins.get(person, ()) for person in tuple(found)))

    def stood_in_by(self, viewers: Collection[int]) -> set[int]:
        """The people for whom any of the viewers stands in."""
        return {person for person, serving in self.stand_ins.items() if not set(serving).isdisjoint(viewers)}

    def pairs(self, people: Iterable[int], places: Iterable[Place]) -> Iterator[Pair]:
        """(viewer, person) for people and the places they hold; the same pair may come twice."""
        for person in people:
            yield person, person
            for serving in self.stand_ins.get(person, ()):
                yield serving, person
        for place in places:
            for viewer in self.leading(place.team):
                yield viewer, place.person

    def unit_pairs(self, teams: Iterable[int], places: Iterable[Place]) -> dict[Pair, bool]:
        """(viewer, team) → whether he leads it, for teams and the places held in any team."""
        found = {(place.person, place.team): False for place in places if place.working and place.team in self.parents}
        for team in teams:
            for viewer in self.leading(team):
                found[viewer, team] = True
        return found


def homes(places: Iterable[Place]) -> dict[int, int]:
    """The main team of each person."""
    best: dict[int, Place] = {}
    for place in places:
        held = best.get(place.person)
        if held is None or place.weight() > held.weight():
            best[place.person] = place
    return {person: place.team for person, place in best.items()}
