"""A metric by month and any dimension: sums, heat, a way into every cell, and the same as a file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext

from xiaoguan.apps.goals.lines import of_lines
from xiaoguan.apps.metrics import dimensions
from xiaoguan.apps.metrics.dimensions import Part
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import Figures, figures, readable_people
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.territories.models import Territory
from xiaoguan.apps.territories.queries import territories, with_parts
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock

SHADES = 5


@dataclass(frozen=True)
class Cell:
    """One figure with its share of the largest in fifths, and the records behind it."""

    value: int | None
    shade: int
    url: str


@dataclass(frozen=True)
class Row:
    """The year of one part of the whole; `target` is the year's, `depth` how far it is indented."""

    name: str
    team: str
    cells: list[Cell]
    total: Cell
    target: int | None = None
    depth: int = 0


@dataclass(frozen=True)
class Table:
    """The whole pivot: rows from the largest total on, and the sums of every month."""

    metric: Metric
    months: list[Period]
    rows: list[Row]
    sums: list[int | None]
    total: int | None
    by: str = "person"

    @property
    def label(self) -> str:
        """What its rows are."""
        return str(dimensions.dimensions[self.by].label)

    @property
    def aimed(self) -> bool:
        """Whether any row has a target."""
        return any(row.target is not None for row in self.rows)


@dataclass(frozen=True)
class Column:
    """One month of the year: its key among the figures, whether it has begun, the address of its records."""

    key: str
    begun: bool
    url: str

    @classmethod
    def of(cls, metric: Metric, month: Period, today: date) -> Column:
        """The column of a month."""
        return cls(month.start.isoformat(), month.start <= today, records_url(metric.code, month.start, month.end))


class Grid:
    """The figures of a year by one dimension and month, and how a row is made of some of its keys."""

    def __init__(self, actor: Person, metric: Metric, year: Period, by: str) -> None:
        today = clock.today()
        self.metric, self.by = metric, by
        self.months = year.split("month")
        self.columns = [Column.of(metric, month, today) for month in self.months]
        self.whole = records_url(metric.code, year.start, year.end)
        where = Slice(year.start, year.end, people=readable_people(actor, metric))
        self.found: Figures = figures([metric], where, by=[by, "month"])
        self.held: dict[Any, list[Any]] = defaultdict(list)
        """The groups of each key, month by month."""
        for key in self.found.rows:
            self.held[key[0]].append(key)
        self.ids = {key for key in self.held if key is not None}

    def weight(self, place: int | None) -> Callable[[Any], int]:
        """How large a key is: in the whole year, or in one month."""
        month = None if place is None else self.columns[place].key
        if self.metric.additive and not self.metric.past:  # of very many keys: their sums as they stand
            slot, sums = self.found.slots[self.metric.measure], Counter[Any]()
            for key, row in self.found.rows.items():
                if month in (None, key[1]):
                    sums[key[0]] += row[slot]
            return lambda key: sums[key]
        return lambda key: (
            self.found.total(self.metric, [row for row in self.held[key] if month in (None, row[1])]) or 0
        )

    def row(self, part: Part, **more: Any) -> Row:
        """One line: what its keys count together; no link where no address says them."""
        query, of_month = urlencode(part.query), defaultdict(list)
        mine = [row for key in part.keys for row in self.held.get(key, ())]
        for row in mine:
            of_month[row[1]].append(row)
        cells = [self._cell(query, of_month.get(column.key, ()), column) for column in self.columns]
        empty = 0 if self.metric.additive else None
        total = self.found.total(self.metric, mine) if mine else None
        last = Cell(total if total is not None else empty, 0, f"{self.whole}&{query}" if query else "")
        return Row(part.name, part.note, cells, last, depth=part.depth, **more)

    def _cell(self, query: str, held: Collection[Any], column: Column) -> Cell:
        """One month out of the groups that lie in it; nothing is known of one that is still to come."""
        nothing = 0 if self.metric.additive and column.begun else None
        value = self.found.total(self.metric, held) if held else nothing
        return Cell(value, 0, f"{column.url}&{query}" if query else "")

    def sums(self) -> list[int | None]:
        """The figure of everybody by month."""
        of_month: dict[str, list[Any]] = defaultdict(list)
        for key in self.found.rows:
            of_month[key[1]].append(key)
        totals = [self.found.total(self.metric, of_month[column.key]) for column in self.columns]
        return [total if total or column.begun else None for total, column in zip(totals, self.columns, strict=True)]


def pivot(actor: Person, metric: Metric, year: Period, sort: str = "", by: str = "person") -> Table:
    """A metric by month and a dimension, a fixed number of queries; what the actor may not read is left out."""
    grid = Grid(actor, metric, year, by)
    place = next((at for at, month in enumerate(grid.months) if month.code == sort), None)

    def weight(row: Row) -> Any:
        return -((row.total if place is None else row.cells[place]).value or 0), row.name

    if by == "territory":
        rows = _markets(grid, actor, year, weight)
    else:
        parts = dimensions.ranked(actor, by, grid.ids, grid.weight(place))
        aims = _aims(actor, metric, year, by, parts)
        rows = [grid.row(part, target=aim) for part, aim in zip(parts, aims, strict=True)]
        if by not in ("unit", "customer"):  # teams stand below each other, customers have the rest of them last
            rows.sort(key=weight)
    largest = max((cell.value for row in rows for cell in row.cells if cell.value and cell.url), default=0)
    shaded = [_shaded(row, largest) for row in rows]
    return Table(metric, grid.months, shaded, grid.sums(), grid.found.total(metric), by)


def _aims(actor: Person, metric: Metric, year: Period, by: str, parts: Sequence[Part]) -> list[int | None]:
    """The year's target of each line, as far as the actor may see them."""
    ids = [part.query.get(dimensions.dimensions[by].param) for part in parts]
    where = Slice(year.start, year.end, people=readable_people(actor, metric))
    found = of_lines(actor, metric, year, by, ids, where)
    return [found.get(pk) for pk in ids]


def _shaded(row: Row, largest: int) -> Row:
    def shade(cell: Cell) -> int:
        value = cell.value
        return 0 if not largest or not value or value < 0 or not cell.url else 1 + (SHADES - 1) * value // largest

    cells = [Cell(cell.value, shade(cell), cell.url) for cell in row.cells]
    return Row(row.name, row.team, cells, row.total, row.target, row.depth)


def _markets(grid: Grid, actor: Person, year: Period, weight: Any) -> list[Row]:
    """Territories with what is part of them below, each with all of its parts; those there were before and what
    lay in none come last."""
    every = territories()
    rows = access.covered(actor, *every)
    parts = with_parts(every)
    aims = of_lines(actor, grid.metric, year, "territory", [row.pk for row in rows], Slice(year.start, year.end))
    below: dict[int | None, list[Territory]] = defaultdict(list)
    for row in rows:
        below[row.parent_id if row.parent_id in parts else None].append(row)

    def lines(found: Sequence[Territory], depth: int) -> list[Row]:
        made = [(row.pk, grid.row(_place(row, parts[row.pk], depth), target=aims.get(row.pk))) for row in found]
        made.sort(key=lambda pair: weight(pair[1]))
        return [each for pk, line in made for each in (line, *lines(below.get(pk, ()), depth + 1))]

    gone = Territory._base_manager.filter(pk__in=grid.ids - parts.keys() - {0}).order_by("name")
    past = [grid.row(_place(row, [row.pk])) for row in access.covered(actor, *gone)]
    nowhere = [grid.row(Part(gettext("no territory"), (0,), {"territory": 0}))] if 0 in grid.ids else []
    return [*lines(below[None], 0), *past, *nowhere]


def _place(row: Territory, keys: Sequence[int], depth: int = 0) -> Part:
    return Part(row.name, tuple(keys), {"territory": row.pk}, depth)
