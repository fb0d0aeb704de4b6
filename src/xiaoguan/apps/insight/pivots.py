"""Seller × month of a metric: sums, heat, a way into every cell, and the same as a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import figures, readable_people
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.org.models import Person
from xiaoguan.calc.period import Period
from xiaoguan.kit import clock, render

SHADES = 5


@dataclass(frozen=True)
class Cell:
    """One figure with its share of the largest in fifths, and the records behind it."""

    value: int | None
    shade: int
    url: str


@dataclass(frozen=True)
class Row:
    """One person's year."""

    name: str
    team: str
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Table:
    """The whole pivot: rows from the largest total on, and the sums of every month."""

    metric: Metric
    months: list[Period]
    rows: list[Row]
    sums: list[int | None]
    total: int | None


def shown(metric: Metric, value: int | None) -> Any:
    """A figure as its cell shows it."""
    if metric.unit == "money":
        return render.amount(value) if value else "0" if value == 0 else "—"
    if metric.unit == "rate":
        return render.percent(value)
    return render.number(value)


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


def pivot(actor: Person, metric: Metric, year: Period, sort: str = "") -> Table:
    """A metric by seller and month, two queries; people whose figure the actor may not read are left out."""
    months, today = year.split("month"), clock.today()
    columns = [Column.of(metric, month, today) for month in months]
    found = figures(
        [metric], Slice(year.start, year.end, people=readable_people(actor, metric)), by=["person", "month"]
    )
    ids = {key[0] for key in found.rows if key[0] is not None}
    people = Person.objects.filter(pk__in=ids).values_list("pk", "name", "unit__name")
    values = {key: found.value(metric, key) for key in found.rows}
    own: dict[int, list[Any]] = defaultdict(list)
    of_month: dict[str, list[Any]] = defaultdict(list)
    for key in found.rows:
        own[key[0]].append(key)
        of_month[key[1]].append(key)
    largest = max((value for value in values.values() if value), default=0)
    whole = records_url(metric.code, year.start, year.end)
    rows = [
        Row(
            name,
            team or "",
            _cells(metric, pk, columns, values, largest),
            Cell(found.total(metric, own[pk]), 0, f"{whole}&person={pk}"),
        )
        for pk, name, team in people
    ]
    place = next((at for at, month in enumerate(months) if month.code == sort), None)
    rows.sort(key=lambda row: (-_weight(row.total if place is None else row.cells[place]), row.name))
    totals = [found.total(metric, of_month[column.key]) for column in columns]
    sums = [total if total or column.begun else None for total, column in zip(totals, columns, strict=True)]
    return Table(metric, months, rows, sums, found.total(metric))


def _weight(cell: Cell) -> int:
    return cell.value or 0


def _cells(metric: Metric, person: int, columns: Sequence[Column], values: Any, largest: int) -> list[Cell]:
    """One person's months; nothing is known of one that is still to come."""
    cells = []
    for column in columns:
        value = values.get((person, column.key), 0 if metric.additive and column.begun else None)
        shade = 0 if not largest or not value or value < 0 else 1 + (SHADES - 1) * value // largest
        cells.append(Cell(value, shade, f"{column.url}&person={person}"))
    return cells
