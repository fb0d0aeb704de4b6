"""What an import came to: the object the command line ends with, and the bad rows as a workbook to correct."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from xiaoguan.transfer.models import Import
from xiaoguan.transfer.problems import ERROR, STORED, WARNING, Problem
from xiaoguan.transfer.session import Session

PORTION = 2000


def stored_problem(row: int, data: Mapping[str, Any]) -> Problem:
    """A finding as it was kept on a row."""
    return Problem(row=row, **{name: data[name] for name in STORED})


def problems_of(batch: Import) -> Iterator[Problem]:
    """Every finding of an import in file order."""
    rows = batch.rows.filter(messages__isnull=False).order_by("number").values_list("number", "messages")
    for number, messages in rows.iterator(chunk_size=PORTION):
        for message in messages:
            yield stored_problem(number, message)


def as_json(counts: Mapping[str, Any], problems: Iterable[Problem], left_out: Sequence[str]) -> dict[str, Any]:
    """{rows, created, updated, unchanged, skipped, errors: [...], warnings: [...]}; the counts add up to `rows`.

    Records beside the main ones are counted in `parts`, by kind. A column that is left out is a warning
    without a row.
    """
    found = {name: counts[name] for name in ("rows", "created", "updated", "unchanged", "skipped")}
    errors, warnings = [], [_left_out(header) for header in left_out]
    for problem in problems:
        if problem.level == ERROR:
            errors.append(_entry(problem))
        elif problem.level == WARNING:
            warnings.append(_entry(problem))
    beside = {"parts": counts["parts"]} if counts.get("parts") else {}
    return {**found, **beside, "errors": errors, "warnings": warnings}


def _entry(problem: Problem) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in ("row", "column", "code", "message", "text")}


def _left_out(header: str) -> dict[str, Any]:
    message = _("The column “%(column)s” is not imported.") % {"column": header}
    return {"row": None, "column": header, "code": "column_left_out", "message": message, "text": ""}


def write_bad_rows(session: Session, problems: Iterable[Problem], out: IO[bytes]) -> int:
    """Write the rows that were not imported with their original columns and the reason; returns how many.

    The file can be corrected and imported again as it is: the columns keep their names, the two
    added ones are left out by the next import.
    """
    reasons: dict[int, list[str]] = {}
    for problem in problems:
        if problem.level == ERROR:
            lead = f"{problem.column}: " if problem.column else ""
            reasons.setdefault(problem.row, []).append(lead + problem.message)
    book = xlsxwriter.Workbook(
        out,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    sheet = book.add_worksheet()
    bold, wrong = book.add_format({"bold": True}), book.add_format({"font_color": "#B3312B", "text_wrap": True})
    headers = [column.name for column in session.layout.columns]
    sheet.freeze_panes(1, 0)
    sheet.set_column(len(headers), len(headers), 8)
    sheet.set_column(len(headers) + 1, len(headers) + 1, 60)
    for index, header in enumerate([*headers, _("Row in the file"), _("Reason")]):
        sheet.write_string(0, index, header, bold)
    line = 0
    for row in session.layout.data(twins=True):
        if row.number not in reasons:
            continue
        line += 1
        for index, cell in enumerate(row.cells[: len(headers)]):
            _write(sheet, line, index, cell)
        sheet.write_number(line, len(headers), row.number)
        sheet.write_string(line, len(headers) + 1, "\n".join(reasons[row.number]), wrong)
    book.close()
    return line


def _write(sheet: Any, line: int, index: int, cell: Any) -> None:
    """A cell as it was; text stays text, so that nothing in it can run as a formula."""
    if cell == "" or cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(line, index, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(line, index, cell)
    elif isinstance(cell, str):
        sheet.write_string(line, index, cell[:32767])
    else:
        sheet.write_string(line, index, str(cell))
