"""A table of a page as a file: CSV that Excel reads, or a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from xiaoguan.kit.export import harmless, text_of
from xiaoguan.kit.pages.exporting import XLSX


def answer(kind: str, name: str, head: Sequence[str], lines: Sequence[Sequence[Any]]) -> HttpResponse:
    """`kind` is csv or xlsx; text is never taken for a formula, numbers stay numbers."""
    if kind == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow([harmless(text) for text in head])
        writer.writerows([[text_of(value) for value in line] for line in lines])
        response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    else:
        kind = "xlsx"
        response = HttpResponse(_workbook(head, lines), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.{kind}")
    return response


def _workbook(head: Sequence[str], lines: Sequence[Sequence[Any]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    _fill(book, book.add_worksheet(), head, lines)
    book.close()
    return out.getvalue()


def _fill(book: Any, page: Any, head: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
    """A table with a bold head that stays in sight."""
    page.write_row(0, 0, head, book.add_format({"bold": True}))
    page.freeze_panes(1, 1)
    for number, line in enumerate(lines, 1):
        for column, value in enumerate(line):
            if isinstance(value, int | Decimal):
                page.write_number(number, column, value)
            elif value is not None:
                page.write_string(number, column, str(value))


Sheets = Sequence[tuple[str, Sequence[str], Sequence[Sequence[Any]]]]


def answer_sheets(name: str, sheets: Sheets) -> HttpResponse:
    """Several tables (title, head, lines) as the sheets of one workbook, each under a name that Excel takes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    used: set[str] = set()
    for title, head, lines in sheets:
        _fill(book, book.add_worksheet(_sheet_name(title, used)), head, lines)
    book.close()
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.xlsx")
    return response


def _sheet_name(title: str, used: set[str]) -> str:
    """At most 31 signs, none of those Excel keeps for itself, each name once however it is written."""
    plain = " ".join("".join(" " if sign in "[]:*?/\\'" else sign for sign in title).split())[:31] or "1"
    found, number = plain, 1
    while found.casefold() in used:
        number += 1
        found = f"{plain[: 31 - len(str(number)) - 1]} {number}"
    used.add(found.casefold())
    return found
