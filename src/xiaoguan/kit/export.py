"""Files of what a list shows: the same rows and columns, with the same rights and masks."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from operator import attrgetter
from typing import IO, Any

import xlsxwriter

from xiaoguan.kit import clock, titles
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Column
from xiaoguan.kit.listing import Listing

CHUNK = 2000
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters that make a spreadsheet run a cell of a CSV file as a formula."""

Plain = Callable[[Any], Any]

later: list[Callable[[Any, Listing, str], Any]] = []
"""Takes over a file of more than EXPORT_AT_ONCE rows: from request, listing and form to the answer."""


class Sheet:
    """A listing as a table of plain values: text, numbers, dates, None."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.entity = listing.entity
        self.columns = [self.entity.column(column.name) for column in listing.columns]
        self.headers = [
            self._header(column, shown.label) for column, shown in zip(self.columns, listing.columns, strict=True)
        ]
        self._needs: dict[str, None] = {}
        self._plains = [self._plain(column, listing.reading) for column in self.columns]

    @staticmethod
    def _header(column: Column, label: str) -> str:
        """Amounts are written in yuan: the header says so, as the file has no other place for it."""
        return (
            f"{label} (CNY)"
            if column.kind.code == "money"
            else f"{label} (%)"
            if column.kind.code == "percent"
            else label
        )

    def _plain(self, column: Column, reading: Reading) -> Plain:
        if column.field.is_relation:
            return self._linked(column, reading)
        self._needs[column.path] = None
        get, kind = attrgetter(column.path), column.kind
        if column.path == "name" and issubclass(self.entity.model, Coded):
            self._needs["code"] = None
            names = {code: str(text) for code, text in self.entity.model.names.items()}
            return lambda row: row.name or names.get(row.code or "", row.code)
        if kind.code == "choice":
            labels = {code: str(text) for code, text in column.field.flatchoices}
            return lambda row: labels.get(get(row), get(row)) or None
        if kind.code == "money":
            return lambda row: None if (fen := get(row)) is None else fen / 100 if fen % 100 else fen // 100
        if kind.code == "percent":
            return lambda row: None if (rate := get(row)) is None else rate / 1000
        if kind.code == "choices":
            said = {code: str(text) for code, text in column.field.flatchoices}
            return lambda row: ", ".join(said.get(code, code) for code in get(row) or ()) or None
        if kind.code in ("moment", "time", "phone"):
            return lambda row: kind.plain(get(row))
        return get

    def _linked(self, column: Column, reading: Reading) -> Plain:
        remembered = reading.titles(column.field.related_model)
        if remembered is not None:
            self._needs[column.key] = None
            key = attrgetter(column.key)
            return lambda row: remembered.get(key(row))
        paths = titles.paths(column.field.related_model, column.path)
        self._needs |= dict.fromkeys(paths)
        gets = [attrgetter(path) for path in paths]
        return lambda row: titles.join(get(row) for get in gets) or None

    def rows(self) -> Iterator[list[Any]]:
        """The matching rows in the list's order, read in portions."""
        names = [name for name in self._needs if name != "pk"]
        found = self.listing.ordered(self.listing.matching).values_list("pk", *names, named=True)
        plains = self._plains
        for row in found.iterator(chunk_size=CHUNK):
            yield [plain(row) for plain in plains]


def csv_lines(sheet: Sheet) -> Iterator[str]:
    """The sheet as CSV with a byte order mark, so that Excel reads it as UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([harmless(text) for text in sheet.headers])
    yield "\ufeff" + buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    for index, row in enumerate(sheet.rows(), start=1):
        writer.writerow([text_of(value) for value in row])
        if index % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def text_of(value: Any) -> str:
    """A value in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float | Decimal):
        return f"{value}"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return harmless(str(value))


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def write_xlsx(sheet: Sheet, out: IO[bytes]) -> None:
    """The sheet as a workbook; text is always stored as text, so no cell can be a formula."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet()
    bold = book.add_format({"bold": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for index, (header, column) in enumerate(zip(sheet.headers, sheet.columns, strict=True)):
        page.set_column(index, index, _width(column))
        page.write_string(0, index, header, bold)
    page.freeze_panes(1, 1)
    for number, row in enumerate(sheet.rows(), start=1):
        for index, value in enumerate(row):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                page.write_string(number, index, value[:32767])
            elif isinstance(value, bool):
                page.write_boolean(number, index, value)
            elif isinstance(value, dt.datetime):
                page.write_datetime(number, index, value, moment)
            elif isinstance(value, dt.date):
                page.write_datetime(number, index, value, day)
            elif isinstance(value, int | float | Decimal):
                page.write_number(number, index, value)
            else:
                page.write_string(number, index, str(value)[:32767])
    book.close()


def _width(column: Column) -> int:
    return {"money": 14, "percent": 8, "date": 12, "moment": 17, "number": 10, "yesno": 8}.get(column.kind.code, 22)


def file_name(listing: Listing, ending: str) -> str:
    """`Deals 2026-11-18.xlsx`."""
    return f"{listing.entity.plural} {clock.today().isoformat()}.{ending}"
