"""A target handed down to everybody below a line: to teams, then to people, each day to whoever is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xiaoguan.apps.goals import weights
from xiaoguan.apps.goals.actions import Cell, parts_down
from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.queries import Node, targets
from xiaoguan.apps.goals.stays import Stays, stays_within
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc.period import Period
from xiaoguan.calc.share import split_rows


@dataclass(frozen=True)
class Handed:
    """One line that gets something: below which other it stands (empty for the one handed down), and its weight."""

    node: Node
    above: str
    weight: int


@dataclass(frozen=True)
class Team:
    """What a team hands to the people in it: the months it has, with what is given on top, and their weights."""

    node: Node
    totals: Mapping[Period, int]
    people: Sequence[Subject]
    shares: Mapping[Subject, Sequence[int]]


class Handing:
    """Hands the months of a line down to the people below it; `cells` is what would be set, `lines` who gets it.

    Somebody who changes teams within a month bears a part in each of them by the days he is there, where his results
    count, too: his month is what they make together, and the others of each team bear what his days there leave.
    """

    def __init__(self, metric: Metric, year: Period, method: str, top: Node, totals: Mapping[Period, int]) -> None:
        self.metric, self.year, self.method = metric, year, method
        self.months = year.split("month")
        self.working = working_calendar().weights(year.start, year.end)
        scope = {node.subject.pk for node in top.walk() if node.subject.level == Level.TEAM}
        stays = stays_within(year.start, year.end)
        self.days = {pk: [self._days(held, month, scope) for month in self.months] for pk, held in stays.items()}
        self.stays = stays
        cut = [any(len(months[at]) > 1 for months in self.days.values()) for at in range(len(self.months))]
        self.whole = [self._worked(month) if split else 1 for month, split in zip(self.months, cut, strict=True)]
        """What a whole month weighs: days where somebody changes teams in it."""
        people = [node for node in top.walk() if node.subject.level == Level.PERSON and node.may_set]
        self.movers = [node for node in people if node.subject.pk in self.days]
        self.cells: dict[Cell, int | None] = {}
        self.lines: list[Handed] = []
        self.teams: dict[int, Team] = {}
        self.parts: dict[Cell, dict[int, int]] = {}
        """What of somebody's month each of his teams gives him."""
        self._down(top, totals, "")
        self._settle()

    def _worked(self, month: Period) -> int:
        first = (month.start - self.year.start).days
        return int(self.working[first : first + month.days].sum()) or 1

    def _days(self, held: Stays, month: Period, scope: Collection[int | None]) -> dict[int, int]:
        """His working days in each team of a month; the one of most days alone where not all of them hand down here."""
        first = (month.start - self.year.start).days
        found: dict[int, int] = {}
        length: dict[int, int] = {}
        for team, begin, end in held.parts:
            begin, end = max(begin, first), min(end, first + month.days - 1)
            if begin <= end:
                found[team] = found.get(team, 0) + int(self.working[begin : end + 1].sum())
                length[team] = length.get(team, 0) + end - begin + 1
        worked = {team: days for team, days in found.items() if days}
        if len(worked) > 1 and worked.keys() <= {*scope}:
            return worked
        return {max(length, key=lambda team: length[team]): 1} if length else {}

    def _present(self, subject: Subject, team: Subject) -> list[int]:
        """How much of each month somebody is in a team."""
        months = self.days.get(subject.pk or 0) if subject.level == Level.PERSON else None
        if months is None:
            return self.whole
        return [
            (held[team.pk] if len(held) > 1 else whole) if team.pk in held else 0
            for held, whole in zip(months, self.whole, strict=True)
        ]

    def _guests(self, team: Node) -> list[Node]:
        """Who is in a team for some days and listed in another one."""
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
        self._keep(above, totals, [each.subject for each in everybody], shares, found)
        for child in children:
            weight = sum(part // whole for part, whole in zip(shares[child.subject], self.whole, strict=True))
            self.lines.append(Handed(child, name, weight))
            self._down(child, {month: found[child.subject, month] or 0 for month in totals}, child.name)

    def _keep(
        self,
        above: Node,
        totals: Mapping[Period, int],
        everybody: Sequence[Subject],
        shares: Mapping[Subject, Sequence[int]],
        found: Mapping[Cell, int | None],
    ) -> None:
        """Note who gets what; who is in the team for a part of a month gets it with that of his other teams."""
        people = [who for who in everybody if who.level == Level.PERSON]
        for (who, month), part in found.items():
            if not self._present(who, above.subject)[month.index - 1]:
                continue
            if self._is_cut(who, month):
                self.parts.setdefault((who, month), {})[above.subject.pk or 0] = part or 0
            else:
                self.cells[who, month] = part
        if any(self._is_cut(who, month) for who in people for month in totals):
            left = {
                month: sum(found[who, month] or 0 for who in people) for month in totals
            }  # what teams below it get stays
            self.teams[above.subject.pk or 0] = Team(above, left, people, shares)

    def _is_cut(self, who: Subject, month: Period) -> bool:
        """Whether somebody's month lies in several teams that hand down here."""
        months = self.days.get(who.pk or 0) if who.level == Level.PERSON else None
        return months is not None and len(months[month.index - 1]) > 1

    def _settle(self) -> None:
        """Make months of the parts of whoever changes teams, and let the others of each team bear the rest."""
        borne: dict[tuple[int, Period], int] = {}
        locked = self._locked()
        for (who, month), parts in self.parts.items():
            whole = locked.get((who, month), sum(parts.values()))
            self.cells[who, month] = whole
            for team, part in self._by_team(who, month, whole).items():
                borne[team, month] = borne.get((team, month), 0) + part
        for (pk, month), part in borne.items():
            team = self.teams[pk]
            others = [who for who in team.people if not self._is_cut(who, month) and (who, month) in self.cells]
            rest = team.totals[month] - part
            if others and rest >= 0:
                self.cells |= parts_down(self.metric, {month: rest}, others, team.shares)

    def _locked(self) -> dict[Cell, int]:
        """The months of those who change teams in them that are locked."""
        known = {(who.key, month.start): (who, month) for who, month in self.parts}
        if not known:
            return {}
        found = targets(self.metric, self.year.start, self.year.end, [key for key, _start in known])
        return {
            cell: found.values[key, "month", start]
            for (key, start), cell in known.items()
            if (key, start) in found.locked
        }

    def _by_team(self, who: Subject, month: Period, whole: int) -> dict[int, int]:
        """What of somebody's month lies on his days in each team, as days are made of months."""
        first = (month.start - self.year.start).days
        basis = self.working[first : first + month.days]
        days = split_rows([whole], basis if basis.any() else np.ones_like(basis))[0]
        found: dict[int, int] = {}
        for team, begin, end in self.stays[who.pk or 0].parts:
            begin, end = max(begin - first, 0), min(end - first, month.days - 1)
            if begin <= end:
                found[team] = found.get(team, 0) + int(days[begin : end + 1].sum())
        return {team: part for team, part in found.items() if team in self.teams}

    def _shares(self, above: Node, everybody: Sequence[Node]) -> dict[Subject, list[int]]:
        """The weights of a line's parts month by month; evenly is among people, not among teams of three and thirty."""
        shares = weights.of_children(self.metric, replace(above, children=list(everybody)), self.year, self.method)
        for each in everybody:
            times = self._present(each.subject, above.subject)
            if self.method == "even" and each.subject.level == Level.TEAM:
                times = self._heads(each)
            shares[each.subject] = [part * n for part, n in zip(shares[each.subject], times, strict=True)]
        return shares
