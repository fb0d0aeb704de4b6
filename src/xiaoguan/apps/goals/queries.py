"""Reading targets: of one subject and period, or of many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Q

from xiaoguan.apps.goals import daily
from xiaoguan.apps.goals.models import Level, Target
from xiaoguan.apps.goals.models.target import subject_key, value_field
from xiaoguan.apps.goals.singles import MOST, Reader, singles, targets_within
from xiaoguan.apps.goals.stays import stays_within
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.models import Person, Team, UnitReach
from xiaoguan.apps.org.queries import company
from xiaoguan.apps.territories.models import Territory
from xiaoguan.apps.territories.queries import looking_after, territories
from xiaoguan.calc.aim import assigned
from xiaoguan.calc.period import FiscalCalendar, Period
from xiaoguan.calc.tree import group_sums
from xiaoguan.kit import access, feed, memo

SUMMED = {"year": ("quarter", "month"), "quarter": ("month",), "month": ()}


def calendar() -> FiscalCalendar:
    """The company's fiscal calendar."""
    return FiscalCalendar(company().fiscal_year_start)


def person_key(person_id: int) -> str:
    """The subject of a person's target."""
    return subject_key(Level.PERSON, person_id)


def team_key(team_id: int) -> str:
    """The subject of a team's target."""
    return subject_key(Level.TEAM, team_id)


COMPANY = subject_key(Level.COMPANY, None)


@dataclass(frozen=True)
class Targets:
    """The targets of one metric in a stretch of time: (subject, kind, first day) → fen, count or rate."""

    metric: Metric
    values: Mapping[tuple[str, str, date], int]
    locked: Collection[tuple[str, date]] = frozenset()
    overs: Mapping[str, int] = field(default_factory=dict)
    """What is given on top to the parts of a subject, 1/100,000."""

    def of(self, subject: str, period: Period) -> int | None:
        """A period's target: its own row, else the sum of the parts that have one, else None.

        A rate is never summed. A year without a row of its own adds its quarters, each of which
        may in turn be the sum of its months.
        """
        own = self.values.get((subject, str(period.kind), period.start))
        if own is not None or not self.metric.additive:
            return own
        for kind in SUMMED.get(str(period.kind), ()):
            parts = [self.of(subject, part) for part in period.calendar.tile(kind, period.start, period.end)]
            known = [part for part in parts if part is not None]
            if known:
                return sum(known)
        return None


def is_hidden(actor: Any, metric: Metric) -> bool:
    """Whether the number of a metric's targets is masked for the actor."""
    return value_field(metric) in access.masked(actor, Target)


def targets(metric: Metric, first: date, last: date, subjects: Collection[str] | None = None) -> Targets:
    """All targets of a metric for periods starting within a stretch, in one query."""
    because = "numbers follow the number rule, which the caller applies by choosing subjects"
    rows = access.everything(Target, because=because).filter(metric=metric.code, start__range=(first, last))
    if subjects is not None:
        rows = rows.filter(subject__in=list(subjects))
    found = list(rows.values_list("subject", "kind", "start", value_field(metric), "locked", "over"))
    return Targets(
        metric,
        {(subject, kind, start): value for subject, kind, start, value, _locked, _over in found},
        {(subject, start) for subject, kind, start, _value, locked, _over in found if locked and kind == "month"},
        {subject: over for subject, _kind, _start, _value, _locked, over in found if over},
    )


def targets_of(metric: Metric, period: Period, subjects: Iterable[str]) -> dict[str, int | None]:
    """The target of each subject for one period, in one query."""
    wanted = list(subjects)
    if str(period.kind) in ("day", "week"):
        return daily.of(metric, period, wanted) if metric.additive else _rates_of(metric, period, wanted)
    # A month asks for itself only; a longer period may be made of its parts.
    found = targets(metric, period.start, period.end, wanted)
    return {subject: found.of(subject, period) for subject in wanted}


def _rates_of(metric: Metric, period: Period, subjects: Sequence[str]) -> dict[str, int | None]:
    """A rate of a day or week is that of its month, else of its quarter, else of its year."""
    year = period.calendar.year(period.end)
    found = targets(metric, year.start, year.end, subjects)
    around = [period.calendar.of(kind, period.end) for kind in ("month", "quarter", "year")]
    return {
        subject: next((value for each in around if (value := found.of(subject, each)) is not None), None)
        for subject in subjects
    }


def all_targets_of(subject: str, first: date, last: date) -> dict[str, Targets]:
    """Every metric's targets of one subject by metric, in one query."""
    because = "numbers follow the number rule, which the caller applies by choosing the subject"
    rows = access.everything(Target, because=because).filter(subject=subject, start__range=(first, last))
    values: dict[str, dict[tuple[str, str, date], int]] = {}
    for row in rows:
        if row.metric in metrics and row.value is not None:
            values.setdefault(row.metric, {})[subject, row.kind, row.start] = row.value
    return {code: Targets(metrics[code], found) for code, found in values.items()}


@dataclass
class Node:
    """One line of the target grid: a subject with its months, and how its children compare."""

    subject: Subject
    name: str
    depth: int
    badge: str = ""
    children: list[Node] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    months: list[int | None] = field(default_factory=list)
    locked: list[bool] = field(default_factory=list)
    quarters: list[int | None] = field(default_factory=list)
    year: int | None = None
    may_set: bool = False
    partial: bool = False
    """Some of its parts are out of the reader's sight: what he sees need not add up."""
    over: int = 0
    """What is given on top to its parts, 1/100,000."""
    serves: str = ""
    """The key of a line whose target this one helps to reach without being a part of it."""
    rest: int = 0
    """So many more lines of its kind are not drawn below it."""
    moved: list[int] = field(default_factory=lambda: [0] * 12)
    """Month by month what people who came or went in the course of the year bear here, more (or less) than the lines
    below say."""

    @property
    def below(self) -> int | None:
        """What the children add up to over the year; None without children or while none has a target."""
        known = [child.year for child in self.children if child.year is not None]
        return sum(known) + sum(self.moved) if known else None

    def handed_out(self, value: int | None) -> int | None:
        """What the parts are to make of a target of this line: the target and what is given on top."""
        return None if value is None else assigned(value, self.over)

    @property
    def whole(self) -> int | None:
        """What the parts are to make over the year; month by month where the months make the year."""
        if self.year is not None and None not in self.months and sum(v or 0 for v in self.months) == self.year:
            return sum(self.handed_out(value) or 0 for value in self.months)
        return self.handed_out(self.year)

    @property
    def open(self) -> list[int | None]:
        """Month by month what nobody bears yet (a seat that is vacant, for one); None without a target or parts."""
        found: list[int | None] = []
        for place, value in enumerate(self.months):
            whole, parts = self.handed_out(value), [child.months[place] for child in self.children]
            found.append(None if whole is None else whole - self.moved[place] - sum(part or 0 for part in parts))
        return found

    @property
    def difference(self) -> int | None:
        """Children's sum less what is to be handed out; None with nothing to compare, or not all of it seen."""
        whole = self.whole
        if self.partial or self.below is None or whole is None:
            return None
        return self.below - whole

    def walk(self) -> Iterator[Node]:
        """This line and all below it, from top to bottom."""
        yield self
        for child in self.children:
            yield from child.walk()


def grid(
    actor: Any, metric: Metric, year: Period, also: Collection[Subject] = (), most: int | None = MOST
) -> list[Node]:
    """The lines an actor may see of one metric and year as a tree, in a fixed number of queries.

    Whoever sees all targets gets the company with every team; others their teams with the people
    in reach, or just themselves. Territories follow, then customers and products with a target, and those of
    `also`; of each at most `most`.
    """
    sees_all = access.grants(actor).scope(Target.entity.name, "view") == "all"
    sets_all = access.grants(actor).scope(Target.entity.name, "change") == "all"
    sets_team = access.grants(actor).scope(Target.entity.name, "change") == "team"
    reach = None if sees_all else set(actor.reach_ids())
    led = None if sees_all else set(UnitReach.objects.filter(viewer=actor).values_list("unit_id", flat=True))
    found, made = _remembered(metric, year)
    people = _sellers(made.people)
    teams = list(Team.objects.filter(deleted_at__isnull=True).order_by("position", "pk"))
    nodes: dict[int, Node] = {}
    for team in teams:
        if led is None or team.pk in led:
            nodes[team.pk] = Node(Subject("team", team.pk), team.name, 0, team.badge, may_set=sets_all)
    for person in people:
        if person.unit_id not in nodes:
            continue
        if reach is not None and person.pk not in reach:
            nodes[person.unit_id].partial = True
        else:
            may = sets_all or (sets_team and person.pk != actor.pk)
            nodes[person.unit_id].children.append(Node(Subject("person", person.pk), person.name, 0, may_set=may))
    tops = _nest(teams, nodes)
    if sees_all:
        roots = [team for team in teams if team.parent_id is None and team.pk in nodes]
        tops = _company(tops, [nodes[team.pk] for team in roots], sets_all)
    tops += _markets(actor, sees_all, sets_all, reach)
    sets = (set(actor.reach_ids()) if reach is None else reach) - {actor.pk} if sets_team else set()
    tops += _singles(Reader(actor, sees_all, sets_all, reach, sets), metric, year, made, also, most)
    for top in tops:
        _fill(top, found, made)
    _move(metric, year, nodes)
    kept = [top for top in (_pruned(top) for top in tops) if top is not None]
    for top in kept:
        _indent(top, 0)
    return kept


def _move(metric: Metric, year: Period, nodes: Mapping[int, Node]) -> None:
    """Let the days of who changed teams within the year count where he was on each of them."""
    if not metric.additive:
        return
    stays = stays_within(year.start, year.end)
    if not stays:
        return
    vectors = daily.vectors(metric, year, [person_key(pk) for pk in stays])
    sizes = [month.days for month in year.split("month")]
    for pk, held in stays.items():
        if (days := vectors.get(person_key(pk))) is None:
            continue
        whole = group_sums(days.values, sizes)
        shares: dict[int, Any] = {}
        for team, first, last in held.parts:
            part = np.zeros_like(days.values)
            part[first : last + 1] = days.values[first : last + 1]
            shares[team] = shares.get(team, 0) + group_sums(part, sizes)
        for team in {*shares, held.now}:
            if team in nodes:
                extra = shares.get(team, 0) - (whole if team == held.now else 0)
                nodes[team].moved = (np.asarray(nodes[team].moved) + extra).tolist()


def _remembered(metric: Metric, year: Period) -> tuple[Targets, _Year]:
    """All targets of a metric and year, kept until one changes: of a large company they are tens of thousands."""

    def make() -> tuple[Targets, _Year]:
        found = targets(metric, year.start, year.end)
        return found, _Year.of(found, year)

    token = feed.version(Target._meta.label_lower)
    answer: tuple[Targets, _Year] = memo.remember(("goals.year", metric.code, year), token, make)
    return answer


def _markets(actor: Any, sees_all: bool, sets_all: bool, reach: Collection[int] | None) -> list[Node]:
    """The territories with what is part of them: all of them, or those that somebody in reach looks after."""
    rows = access.covered(actor, *territories()) if access.may(actor, "view", Territory) else []
    if reach is not None:
        held = looking_after()
        rows = [row for row in rows if any(each.person_id in reach for each in held.get(row.pk, []))]
    nodes = {row.pk: Node(Subject("territory", row.pk), row.name, 0, may_set=sets_all) for row in rows}
    tops = []
    for row in rows:
        if row.parent_id in nodes and row.parent_id != row.pk:
            nodes[row.parent_id].children.append(nodes[row.pk])
        else:
            tops.append(nodes[row.pk])
    return tops


def _singles(
    reader: Reader, metric: Metric, year: Period, made: _Year, also: Collection[Subject], most: int | None
) -> list[Node]:
    """The lines of customers and products, which are no part of anything."""
    aimed = targets_within(metric.code, year.start, year.end)
    return [
        Node(line.subject, line.name, 0, may_set=line.may_set, serves=line.serves, rest=line.rest)
        for line in singles(reader, made.singles, aimed, also, most)
    ]


def _sellers(having: Collection[int]) -> list[Any]:
    """Active people of sales teams who lead none, and everybody who has a target of the year: pk, name, unit_id."""
    leading = UnitReach.objects.filter(leads=True).values("viewer_id")
    selling = Q(is_active=True, unit__kind="sales") & ~Q(pk__in=leading)
    rows = Person.objects.filter(selling | Q(pk__in=having), deleted_at__isnull=True).order_by("name")
    return list(rows.values_list("pk", "name", "unit_id", named=True))


def _nest(teams: list[Team], nodes: dict[int, Node]) -> list[Node]:
    """Hang teams under their parents, managers' teams first as ordered; returns those without a visible parent."""
    tops = []
    for team in teams:
        if team.pk not in nodes:
            if team.parent_id in nodes:
                nodes[team.parent_id].partial = True
            continue
        if team.parent_id in nodes:
            below = nodes[team.parent_id].children
            place = sum(child.subject.level == Level.TEAM for child in below)
            below.insert(place, nodes[team.pk])
        else:
            tops.append(nodes[team.pk])
    return tops


def _company(tops: list[Node], roots: list[Node], may_set: bool) -> list[Node]:
    """One line for the company above everything; a single root team stands for it."""
    whole = Node(Subject("company"), company().short_name or company().name, 0, may_set=may_set)
    if len(roots) == 1 and len(tops) == 1:
        whole.children = roots[0].children
    else:
        whole.children = tops
    return [whole]


def _indent(node: Node, depth: int) -> None:
    node.depth = depth
    for child in node.children:
        _indent(child, depth + 1)


@dataclass(frozen=True)
class _Cells:
    """What one line has in a fiscal year; shared by all who read it, so nobody changes it."""

    months: list[int | None]
    quarters: list[int | None]
    year: int | None
    locked: list[bool]


@dataclass(frozen=True)
class _Year:
    """The months of a fiscal year and everybody's cells in it, made once and kept until a target changes."""

    months: list[Period]
    cells: Mapping[str, _Cells]
    people: Collection[int]
    """Who has a target."""
    singles: Mapping[str, int]
    """The customers and products with a target, and what it is in the year (0: unknown)."""

    @classmethod
    def of(cls, found: Targets, year: Period) -> _Year:
        known: dict[str, dict[tuple[str, date], int]] = {}
        for (subject, kind, start), value in found.values.items():
            known.setdefault(subject, {})[kind, start] = value
        months, quarters = year.split("month"), year.split("quarter")
        cells = {key: _cells(key, own, found, months, quarters, year) for key, own in known.items()}
        people = {int(key.partition(":")[2]) for key in known if key.startswith("person:")}
        alone = {key: each.year or 0 for key, each in cells.items() if key.startswith(("customer:", "product:"))}
        return cls(months, cells, people, alone)


def _cells(
    key: str,
    own: Mapping[tuple[str, date], int],
    found: Targets,
    months: Sequence[Period],
    quarters: Sequence[Period],
    year: Period,
) -> _Cells:
    """One line's cells, by the same rule as `Targets.of`."""
    summed = found.metric.additive
    monthly = [own.get(("month", month.start)) for month in months]
    quarterly = []
    for place, quarter in enumerate(quarters):
        value = own.get(("quarter", quarter.start))
        quarterly.append(_sum(monthly[3 * place : 3 * place + 3]) if value is None and summed else value)
    whole = own.get(("year", year.start))
    locked = [(key, month.start) in found.locked for month in months] if found.locked else [False] * 12
    return _Cells(monthly, quarterly, _sum(quarterly) if whole is None and summed else whole, locked)


NO_CELLS = _Cells([None] * 12, [None] * 4, None, [False] * 12)


def _fill(node: Node, found: Targets, made: _Year) -> None:
    cells = made.cells.get(node.subject.key, NO_CELLS)
    node.periods, node.months, node.quarters = made.months, cells.months, cells.quarters
    node.year, node.locked = cells.year, cells.locked
    node.over = found.overs.get(node.subject.key, 0)
    for child in node.children:
        _fill(child, found, made)


def _sum(parts: Sequence[int | None]) -> int | None:
    """The sum of the parts that are known; None where none is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _pruned(node: Node) -> Node | None:
    """Leave out teams without people and targets, and a level that only repeats the one above."""
    node.children = [kept for kept in (_pruned(child) for child in node.children) if kept is not None]
    if len(node.children) == 1 and node.children[0].subject.level == Level.TEAM and node.children[0].year is None:
        only = node.children[0]
        node.children = only.children
        node.moved = [own + of_only for own, of_only in zip(node.moved, only.moved, strict=True)]
    empty = not node.children and node.year is None and not any(value is not None for value in node.months)
    return None if empty and node.subject.level == Level.TEAM else node
