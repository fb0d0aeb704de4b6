"""A target handed down to everybody below a line: to teams, then to people, each month to whoever is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xiaoguan.apps.goals import weights
from xiaoguan.apps.goals.actions import Cell, parts_down
from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.stays import Stays, stays_within
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.period import Period


@dataclass(frozen=True)
class Handed:
    """One line that gets something: below which other it stands (empty for the one handed down), and its weight."""

    node: Node
    above: str
    weight: int


class Handing:
    """Hands the months of a line down to the people below it; `cells` is what would be set, `lines` who gets it.

    Somebody who changes teams within the year bears his part in the team of most days of each month, where his
    result counts, too.
    """

    def __init__(self, metric: Metric, year: Period, method: str, top: Node, totals: Mapping[Period, int]) -> None:
        self.metric, self.year, self.method = metric, year, method
        self.months = year.split("month")
        stays = stays_within(year.start, year.end)
        self.places = {pk: [self._team(held, month) for month in self.months] for pk, held in stays.items()}
        people = [node for node in top.walk() if node.subject.level == Level.PERSON and node.may_set]
        self.movers = [node for node in people if node.subject.pk in self.places]
        self.cells: dict[Cell, int | None] = {}
        self.lines: list[Handed] = []
        self._down(top, totals, "")

    def _team(self, held: Stays, month: Period) -> int | None:
        """The team of most days of a month."""
        first = (month.start - self.year.start).days
        days = {team: min(end, first + month.days - 1) - max(begin, first) for team, begin, end in held.parts}
        return max(days, key=lambda team: days[team])

    def _present(self, subject: Subject, team: Subject) -> list[bool]:
        """In which months somebody is in a team."""
        places = self.places.get(subject.pk or 0) if subject.level == Level.PERSON else None
        return [True] * len(self.months) if places is None else [place == team.pk for place in places]

    def _guests(self, team: Node) -> list[Node]:
        """Who is in a team for some months and listed in another one."""
        own = {child.subject for child in team.children}
        return [
            node for node in self.movers if node.subject not in own and any(self._present(node.subject, team.subject))
        ]

    def _heads(self, node: Node) -> list[int]:
        """How many people are below a team in each month."""
        found = [0] * len(self.months)
        for team in node.walk():
            people = [child for child in team.children if child.subject.level == Level.PERSON]
            for each in [*people, *self._guests(team)]:
                found = [n + there for n, there in zip(found, self._present(each.subject, team.subject), strict=True)]
        return found

    def _down(self, above: Node, totals: Mapping[Period, int], name: str) -> None:
        children = [child for child in above.children if child.may_set]
        if not children:
            return
        everybody = [*children, *(self._guests(above) if above.subject.level == Level.TEAM else [])]
        shares = self._shares(above, everybody)
        found = parts_down(self.metric, totals, [each.subject for each in everybody], shares, above.over)
        there = {each.subject: self._present(each.subject, above.subject) for each in everybody}
        self.cells |= {(who, month): part for (who, month), part in found.items() if there[who][month.index - 1]}
        for child in children:
            self.lines.append(Handed(child, name, sum(shares[child.subject])))
            self._down(child, {month: found[child.subject, month] or 0 for month in totals}, child.name)

    def _shares(self, above: Node, everybody: Sequence[Node]) -> dict[Subject, list[int]]:
        """The weights of a line's parts month by month; evenly is among people, not among teams of three and thirty."""
        shares = weights.of_children(self.metric, replace(above, children=list(everybody)), self.year, self.method)
        for each in everybody:
            times = [int(there) for there in self._present(each.subject, above.subject)]
            if self.method == "even" and each.subject.level == Level.TEAM:
                times = self._heads(each)
            shares[each.subject] = [part * n for part, n in zip(shares[each.subject], times, strict=True)]
        return shares
