"""Who stands where by one metric in one period: places, shares, the way since the period before, attainment.

Three rules decide what a reader gets. The company's setting: no leaderboard, everybody's own place, or all. The number
rule of the metric: whose figure he may not read has no place beside his. And nobody is shown up as the last: a reader
who measures nobody is told the upper half and himself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xiaoguan.apps.dashboards import sellers
from xiaoguan.apps.goals import queries as goals
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import Figures, figures, is_hidden, readable_people
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.org.models import Team
from xiaoguan.apps.org.models.company import Ranking
from xiaoguan.apps.org.queries import company, led_teams, subtree_ids, subtrees
from xiaoguan.calc import pace
from xiaoguan.calc.period import Period
from xiaoguan.calc.rank import leaderboard, moves, places
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import access, feed, memo
from xiaoguan.kit.fields import RATE_ONE

AT_LEAST = 3
"""So many places are told to everybody even where they are more than half."""
MOST = 200
"""So many rows are drawn; beyond stands only the reader himself."""


@dataclass(frozen=True)
class Row:
    """One line: values as the metric stores them, rates in 1/100,000; None is unknown or not told.

    `moved` is how many places it went up (positive) or down since the period before.
    """

    pk: int
    name: str
    team: str
    value: int | None
    place: int | None
    tied: bool
    moved: int | None
    before: int | None
    share: int | None
    target: int | None
    url: str
    mine: bool

    @property
    def attainment(self) -> int | None:
        """Value of target, where more is better."""
        return None if self.value is None else pace.attainment(self.value, self.target)


@dataclass(frozen=True)
class Board:
    """The whole board: rows in their order, how many have a place, how many rows are not told, the sum of all."""

    metric: Metric
    period: Period
    by: str
    rows: list[Row]
    ranked: int
    withheld: int
    total: int | None

    @property
    def aimed(self) -> bool:
        """Whether any row has a target."""
        return any(row.target is not None for row in self.rows)

    @property
    def largest(self) -> int:
        """What a full bar means."""
        return max((row.value or 0 for row in self.rows), default=0)


def setting() -> str:
    """How far the company shows places."""
    return str(memo.remember("dashboards.ranking", feed.version("org.company"), lambda: company().ranking))


def shown_at_all() -> bool:
    """Whether there is a leaderboard."""
    return setting() != Ranking.OFF


def leads(actor: Any) -> bool:
    """Whether somebody reads the figures of more people than himself."""
    return access.grants(actor).scope("metrics.figures", "view") in ("team", "all")


def offered(actor: Any, by: str = "person") -> list[Metric]:
    """The metrics an actor may rank: not masked; teams only where he reads all of a team's figures."""
    told = [metric for metric in metrics.values() if not is_hidden(actor, metric)]
    return [metric for metric in told if by == "person" or leads(actor) or readable_people(actor, metric) is None]


def teams_to_choose(actor: Any) -> list[Team]:
    """The teams whose board an actor may open: his own and those he leads; all of them where he reads everybody's."""
    everyone = access.grants(actor).scope("metrics.figures", "view") == "all"
    rows = Team.objects.filter(deleted_at__isnull=True, kind="sales") if everyone else led_teams(actor)
    return list(rows.order_by("position", "name", "pk"))


def board(actor: Any, metric: Metric, period: Period, by: str = "person", team: Team | None = None) -> Board:
    """Rank people or teams, of a team with all below it or of the company; a fixed number of queries."""
    readable = None if (found := readable_people(actor, metric)) is None else list(found)
    units = None if team is None else subtree_ids(team)
    made: _People | _Teams = (_People if by == "person" else _Teams)(actor, readable, units)
    now, before = (made.values(metric, each) for each in (period, period.previous()))
    largest = metric.higher_is_better
    standings = leaderboard(now, largest_first=largest)
    moved = moves(places(before, largest_first=largest), places(now, largest_first=largest))
    total = sum(value for value in now if value) if metric.additive else None
    behind = records_url(metric.code, period.start, period.end)
    aims = _aims(actor, metric, period, by, [one.pk for one in made.subjects])
    rows = [
        Row(
            one.pk, one.name, one.team,
            value if value is not None or not metric.additive else 0,
            each.place, each.tied, moved[each.index], before[each.index],
            _share(value, total), aims.get(one.pk),
            f"{behind}&{by}={one.pk}",
            one.pk == made.own,
        )
        for each in standings
        for one, value in [(made.subjects[each.index], each.value)]
    ]  # fmt: skip
    if readable is not None and not leads(actor):  # alone with himself he has no place
        rows = [replace(row, place=None, tied=False, moved=None, share=None) for row in rows]
    ranked = sum(row.place is not None for row in rows)
    told = _told(actor, rows, ranked, made.reached, alone=by == "person")
    return Board(metric, period, by, told, ranked, len(rows) - len(told), total)


def _told(actor: Any, rows: Sequence[Row], ranked: int, reached: Collection[int], *, alone: bool) -> list[Row]:
    """The rows a reader is told, at most so many as are drawn, his own always."""
    if setting() == Ranking.OWN:
        told = [row for row in rows if row.mine or row.pk in reached]
    elif leads(actor) or not alone:
        told = list(rows)
    else:
        told = [row for row in rows if row.mine or (row.place is not None and row.place <= upper(ranked))]
    return [*told[:MOST], *(row for row in told[MOST:] if row.mine)]


def upper(ranked: int) -> int:
    """The last place that is told to everybody: half of those ranked, but a few at least."""
    return max((ranked + 1) // 2, AT_LEAST)


def _share(value: int | None, total: int | None) -> int | None:
    return divide_half_up(value * RATE_ONE, total) if value is not None and total and value >= 0 < total else None


class _People:
    """The people who are ranked, and their figures of a period."""

    def __init__(self, actor: Any, readable: list[int] | None, units: Collection[int] | None) -> None:
        rows = sellers.people(units, readable)
        self.subjects = [sellers.Subject(row.pk, row.name, row.unit.name if row.unit else "") for row in rows]
        self.own = actor.pk
        self.reached = set(actor.reach_ids()) if setting() == Ranking.OWN and leads(actor) else set()

    def values(self, metric: Metric, period: Period) -> list[int | None]:
        """The figure of each; None where nothing was counted, which has no place."""
        where = Slice(period.start, period.end, people=[one.pk for one in self.subjects])
        found = figures([metric], where, by=["person"])
        return [found.value(metric, (one.pk,)) if (one.pk,) in found.rows else None for one in self.subjects]


class _Teams:
    """The teams that are ranked, each with all below it, and their figures as far as the reader may read them."""

    def __init__(self, actor: Any, readable: list[int] | None, units: Collection[int] | None) -> None:
        led = set(led_teams(actor).values_list("pk", flat=True)) if readable is not None or leads(actor) else set()
        inside = units if readable is None else (led if units is None else led & set(units))
        rows = sellers.teams(inside)
        self.subjects = [sellers.Subject(row.pk, row.name) for row in rows]
        self.below: Mapping[int, set[int]] = subtrees(*rows)
        self.readable, self.own, self.reached = readable, actor.unit_id, led

    def values(self, metric: Metric, period: Period) -> list[int | None]:
        """The figure of each by the team of the day; None where nothing was counted."""
        units = set().union(*self.below.values())
        found = figures([metric], Slice(period.start, period.end, people=self.readable, units=units), by=["unit"])
        return [self._of(found, metric, self.below[one.pk]) for one in self.subjects]

    @staticmethod
    def _of(found: Figures, metric: Metric, units: Collection[int]) -> int | None:
        keys = [(unit,) for unit in units if (unit,) in found.rows]
        return found.total(metric, keys) if keys else None


def _aims(actor: Any, metric: Metric, period: Period, by: str, ids: Sequence[int]) -> dict[int, int]:
    """The targets of a period as far as the reader may see them."""
    scope = access.grants(actor).scope(Target.entity.name, "view")
    if scope == "none" or goals.is_hidden(actor, metric):
        return {}
    if scope != "all":
        rows = actor.reach_ids() if by == "person" else led_teams(actor).values_list("pk", flat=True)
        seen = set(rows)
        ids = [pk for pk in ids if pk in seen]
    key = goals.person_key if by == "person" else goals.team_key
    found = goals.targets_of(metric, period, [key(pk) for pk in ids])
    return {pk: value for pk in ids if (value := found[key(pk)]) is not None}
