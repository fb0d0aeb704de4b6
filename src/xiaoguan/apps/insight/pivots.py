"""Seller × month of a metric: sums, heat, a way into every cell, and the same as a file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
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


def pivot(actor: Person, metric: Metric, year: Period, sort: str = "") -> Table:
    """A metric by seller and month, two queries; people whose figure the actor may not read are left out."""
    months = year.split("month")
    found = figures(
        [metric], Slice(year.start, year.end, people=readable_people(actor, metric)), by=["person", "month"]
    )
    ids = {key[0] for key in found.rows if key[0] is not None}
    people = {one.pk: one for one in Person.objects.filter(pk__in=ids).select_related("unit")}
    values = {key: found.value(metric, key) for key in found.rows}
    own: dict[int, list[Any]] = defaultdict(list)
    of_month: dict[str, list[Any]] = defaultdict(list)
    for key in found.rows:
        own[key[0]].append(key)
        of_month[key[1]].append(key)
    largest = max((value for value in values.values() if value), default=0)
    totals = {pk: found.total(metric, own[pk]) for pk in people}
    rows = [_row(metric, one, months, year, totals[pk], values, largest) for pk, one in people.items()]
    place = next((at for at, month in enumerate(months) if month.code == sort), None)
    rows.sort(key=lambda row: (-_weight(row.total if place is None else row.cells[place]), row.name))
    sums = [_sum_of(found.total(metric, of_month[month.start.isoformat()]), month) for month in months]
    return Table(metric, months, rows, sums, found.total(metric))


def _sum_of(value: int | None, month: Period) -> int | None:
    """The sum of a month; nothing is known of one that is still to come."""
    return value if value or month.start <= clock.today() else None


def _weight(cell: Cell) -> int:
    return cell.value or 0


def _row(
    metric: Metric, person: Person, months: list[Period], year: Period, total: int | None, values: Any, largest: int
) -> Row:
    cells = []
    for month in months:
        begun = month.start <= clock.today()
        value = values.get((person.pk, month.start.isoformat()), 0 if metric.additive and begun else None)
        shade = 0 if not largest or not value or value < 0 else 1 + (SHADES - 1) * value // largest
        cells.append(Cell(value, shade, records_url(metric.code, month.start, month.end, person=person.pk)))
    whole = Cell(total, 0, records_url(metric.code, year.start, year.end, person=person.pk))
    return Row(person.name, person.unit.name if person.unit else "", cells, whole)
