"""The grid as a workbook, and what somebody changed in it: cell by cell, before anything is set."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.period import Period
from xiaoguan.kit.errors import Invalid
from xiaoguan.tables.limits import Limits
from xiaoguan.tables.sheet import Sheet, cell_text, is_blank
from xiaoguan.tables.source import open_source
from xiaoguan.tables.unreadable import Unreadable

SCALES = {"money": 100, "count": 1, "rate": 1000, "minutes": 60, "days": 1}
"""Stored units in one of the file: fen of a yuan, thousandths of a per cent, minutes of an hour."""
FIRST_ROW = 1
NAMES = 2
"""Columns before the months: the key, which is hidden, and the name."""
MEMORY = "xiaoguan"
"""The hidden sheet that remembers what the file was made from."""
LARGEST = 5 << 20


@dataclass(frozen=True)
class Difference:
    """One cell that reads otherwise than when the file was made: what is stored now, what it would be, why not."""

    subject: Subject
    name: str
    month: Period
    now: int | None
    then: int | None
    refused: str = ""


def write(metric: Metric, year: Period, tops: Sequence[Node], title: str, unit: str) -> bytes:
    """Every line with its twelve months in plain numbers (yuan, per cent, hours), and hidden what is stored."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(title[:31])
    bold, fixed = book.add_format({"bold": True}), book.add_format({"bg_color": "#E6E9ED", "locked": True})
    months = year.split("month")
    page.write_row(0, 0, [_("Key"), f"{_('Whose')} ({unit})" if unit else _("Whose")], bold)
    page.write_row(0, NAMES, [month.code for month in months], bold)
    page.set_column(0, 0, 12, None, {"hidden": True})
    page.set_column(1, 1, 24)
    page.set_column(NAMES, NAMES + 11, 14)
    page.freeze_panes(1, NAMES)
    memory = book.add_worksheet(MEMORY)
    memory.very_hidden()
    memory.write_string(0, 0, json.dumps({"metric": metric.code, "year": year.code, "start": year.start.isoformat()}))
    lines = [node for top in tops for node in top.walk()]
    for number, node in enumerate(lines, FIRST_ROW):
        page.write_string(number, 0, node.subject.key)
        page.write_string(number, 1, "  " * node.depth + node.name)
        memory.write_string(number, 0, node.subject.key)
        memory.write_string(number, 1, json.dumps(node.months))
        for at, value in enumerate(node.months):
            form = fixed if node.locked[at] or not node.may_set else None
            if value is not None:
                page.write_number(number, NAMES + at, Decimal(value) / SCALES[metric.unit], form)
            elif form is not None:
                page.write_blank(number, NAMES + at, None, form)
    book.close()
    return out.getvalue()


def read(upload: Any, metric: Metric, year: Period, tops: Sequence[Node]) -> list[Difference]:
    """What differs from when the file was made. Raises Invalid for another file, or one of another metric or year."""
    if upload.size > LARGEST:
        raise Invalid({"file": [_("This file is too large for a target grid.")]})
    raw = upload.read()
    try:
        source = open_source(lambda: io.BytesIO(raw), upload.name, limits=Limits(max_bytes=LARGEST))
        memory = next((sheet for sheet in source.sheets if sheet.name == MEMORY), None)
        if memory is None:
            raise Invalid({"file": [_("Take the file out here first: this one wasn't made from the grid.")]})
        was = _memory(memory, metric, year)
        page = next(sheet for sheet in source.sheets if sheet.name != MEMORY)
        return list(
            _differences(page, was, metric, year, {node.subject.key: node for top in tops for node in top.walk()})
        )
    except (Unreadable, StopIteration) as error:
        raise Invalid({"file": [_("This file can't be read as a workbook.")]}) from error


def _memory(sheet: Sheet, metric: Metric, year: Period) -> dict[str, list[int | None]]:
    rows = [row.cells for row in sheet.rows() if row.cells]
    try:
        made = json.loads(cell_text(rows[0][0]))
        if (made["metric"], made["start"]) != (metric.code, year.start.isoformat()):
            text = _("This file holds the targets of %(year)s for another metric or year than the page.")
            raise Invalid({"file": [text % {"year": made["year"]}]})
        return {cell_text(row[0]): json.loads(cell_text(row[1])) for row in rows[1:]}
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Invalid({"file": [_("Take the file out here first: this one wasn't made from the grid.")]}) from error


def _differences(
    page: Sheet, was: Mapping[str, Sequence[int | None]], metric: Metric, year: Period, nodes: Mapping[str, Node]
) -> Iterator[Difference]:
    months = year.split("month")
    places: dict[int, int] = {}
    for row in page.rows():
        if not places:
            codes = {month.code: at for at, month in enumerate(months)}
            places = {
                column: codes[text] for column, cell in enumerate(row.cells) if (text := cell_text(cell)) in codes
            }
            continue
        key = cell_text(row.cells[0]) if row.cells else ""
        node = nodes.get(key)
        if node is None or key not in was:
            continue
        for column, at in places.items():
            cell = row.cells[column] if column < len(row.cells) else ""
            value, wrong = _stored(metric, cell)
            if not wrong and value == was[key][at]:
                continue
            if not wrong and value == node.months[at]:
                continue
            refused = wrong or _objection(node, at, was[key][at])
            yield Difference(node.subject, node.name, months[at], node.months[at], value, refused)


def _stored(metric: Metric, cell: Any) -> tuple[int | None, str]:
    """A cell as it would be stored, or why it can't be; an empty cell clears the target."""
    if is_blank(cell):
        return None, ""
    text = cell_text(cell).replace(",", "").replace("\uff0c", "")
    try:
        value = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(text)
    except InvalidOperation:
        return None, _("“%(text)s” is no number") % {"text": text}
    scaled = value * SCALES[metric.unit] if value.is_finite() and abs(value) < 10**15 else Decimal(-1)
    if scaled < 0:
        return None, _("a target is 0 or more")
    whole = scaled.quantize(Decimal(1), ROUND_HALF_UP)
    if metric.unit in ("count", "days") and whole != scaled:
        return None, _("only whole numbers count here")
    return int(whole), ""


def _objection(node: Node, at: int, was: int | None) -> str:
    """Why a cell stays as it is: no right, locked, or somebody changed it since the file was made."""
    if not node.may_set:
        return _("you may not set this target")
    if node.locked[at]:
        return _("locked")
    if node.months[at] != was:
        return _("changed here since the file was made")
    return ""
