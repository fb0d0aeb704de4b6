"""Opening Excel and OpenDocument workbooks without trusting them: sizes are checked before anything is unpacked."""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

import python_calamine as calamine

from xiaoguan.tables.limits import Limits
from xiaoguan.tables.sheet import Merge, Row, column_index, column_letter
from xiaoguan.tables.unreadable import Unreadable

MEGABYTE = 1 << 20
INNER_CHUNK = 4 * MEGABYTE

CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*?\br="([A-Z]{1,3})(\d{1,7})")[^>]*?(/?)>')
ERROR_MARK = b't="e"'
FORMULA = re.compile(rb"\s*<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*(<(?:\w+:)?v\s*/>|<(?:\w+:)?v>([^<]*)<)?")
ERROR_VALUE = re.compile(rb"[^<]*(?:<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v>([^<]*)<")
SUM_RANGE = re.compile(
    r"^\s*\+?(?:SUM|SUBTOTAL|AGGREGATE)\((?:\d+,\s*){0,2}\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)", re.I
)


@dataclass
class SheetFacts:
    """What the sheet's XML tells and the reading library does not: extent, sums, cells whose value is lost."""

    rows: int = 0
    columns: int = 0
    total_rows: set[int] = field(default_factory=set)
    faults: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)


def check_zip(file: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """Open the zip directory and refuse what would unpack to an unreasonable size."""
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable("damaged") from error
    total = sum(entry.file_size for entry in entries)
    for entry in entries:
        ratio = entry.file_size / max(1, entry.compress_size)
        if entry.file_size > limits.ratio_from and ratio > limits.max_ratio:
            raise Unreadable("zip_bomb", size=entry.file_size // MEGABYTE)
        if entry.flag_bits & 1:
            raise Unreadable("encrypted")
    if total > limits.max_unpacked or len(entries) > limits.max_parts:
        raise Unreadable("zip_bomb", size=total // MEGABYTE)
    return archive


def kind_of_zip(archive: zipfile.ZipFile) -> str:
    """`workbook`, or what else the zip file is."""
    names = set(archive.namelist())
    if any(name.startswith("xl/") for name in names):
        return "workbook"
    if "content.xml" in names and "mimetype" in names:
        kind = archive.read("mimetype")[:80]
        return "workbook" if b"spreadsheet" in kind else "document"
    if any(name.startswith("word/") for name in names):
        return "document"
    if any(name.startswith("ppt/") for name in names):
        return "slides"
    return "zip"


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack one part chunk by chunk; a directory that lied about the size is a bomb."""
    produced = 0
    try:
        with archive.open(entry) as part:
            while chunk := part.read(INNER_CHUNK):
                produced += len(chunk)
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Unreadable("damaged") from error
    if produced != entry.file_size:
        raise Unreadable("damaged")


def _verify_other_parts(archive: zipfile.ZipFile, seen: set[str]) -> None:
    """Unpack every part the reader will touch once, so that a lying directory is found before it does harm."""
    for entry in archive.infolist():
        if entry.filename not in seen and entry.filename.endswith((".xml", ".rels", ".bin")):
            for _ in _inflate(archive, entry):
                pass


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Map each worksheet's name to its part inside the zip."""
    names = set(archive.namelist())
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return {}
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", links):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        target = html.unescape(found.get("Target", ""))
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        targets[found.get("Id", "")] = path
    parts = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
        found = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        link = next((value for key, value in found.items() if key.endswith(":id")), "")
        if targets.get(link) in names:
            parts[html.unescape(found.get("name", ""))] = targets[link]
    return parts


def scan_part(archive: zipfile.ZipFile, path: str) -> SheetFacts:
    """Walk a worksheet's XML once, in pieces, for its extent, sum formulas and lost values."""
    facts = SheetFacts()
    rest = b""
    for chunk in _inflate(archive, archive.getinfo(path)):
        block = rest + chunk
        cut = max(block.rfind(b"</row>"), block.rfind(b":row>"))
        cut = len(block) if cut < 0 and len(block) > 16 * INNER_CHUNK else cut
        block, rest = block[: max(cut, 0)], block[max(cut, 0) :]
        _scan_block(block, facts)
    _scan_block(rest, facts)
    return facts


def _scan_block(block: bytes, facts: SheetFacts) -> None:
    """Note the extent of the cells, and look closer at those with a formula or an error."""
    rows, columns = facts.rows, set()
    special = b"<f" in block or b":f" in block or ERROR_MARK in block
    for found in CELL.finditer(block):
        letters, digits, closed = found.groups()
        if closed:
            continue
        columns.add(letters)
        number = int(digits)
        if number > rows:
            rows = number
        if special:
            _look_closer(block, found, number, letters.decode(), facts)
    facts.rows = rows
    facts.columns = max([facts.columns, *(column_index(letters.decode()) + 1 for letters in columns)])


def _look_closer(block: bytes, cell: re.Match[bytes], row: int, letters: str, facts: SheetFacts) -> None:
    """Record a sum over the rows above, an error value, or a formula without a stored result."""
    where, at, tag = (row, column_index(letters) + 1), cell.end(), cell[0]
    if ERROR_MARK in tag:
        value = ERROR_VALUE.match(block, at)
        facts.faults[where] = ("formula_error", html.unescape(value[1].decode("utf-8", "replace")) if value else "")
    formula = FORMULA.match(block, at)
    if not formula:
        return
    text = html.unescape((formula[1] or b"").decode("utf-8", "replace"))
    span = SUM_RANGE.match(text)
    if span and span[1].upper() == span[3].upper() and span[2] != span[4]:
        facts.total_rows.add(row)
    elif not formula[3] and b't="str"' not in tag and where not in facts.faults:
        facts.faults[where] = ("formula_without_result", f"={text}")


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever the reading library does about a broken file into Unreadable; a panic of it is no Exception."""
    try:
        yield
    except calamine.PasswordError as error:
        raise Unreadable("encrypted") from error
    except (calamine.CalamineError, OSError) as error:
        raise Unreadable("damaged") from error
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise Unreadable("damaged") from error


class WorkbookSheet:
    """One worksheet; its cells are unpacked on first use."""

    def __init__(self, book: calamine.CalamineWorkbook, name: str, hidden: bool, facts: SheetFacts, cap: int) -> None:
        self.name = name
        self.hidden = hidden
        self._book = book
        self._facts = facts
        self._cap = cap
        self._loaded: calamine.CalamineSheet | None = None

    @property
    def _sheet(self) -> calamine.CalamineSheet:
        if self._loaded is None:
            if self._facts.rows * self._facts.columns > self._cap:
                raise Unreadable(
                    "too_many_cells",
                    sheet=self.name,
                    rows=self._facts.rows,
                    column=column_letter(self._facts.columns - 1),
                )
            with reading():
                self._loaded = self._book.get_sheet_by_name(self.name)
        return self._loaded

    @property
    def width(self) -> int:
        """Columns from A to the last used one."""
        return int(self._sheet.end[1]) + 1 if self._sheet.end else 0

    @property
    def merges(self) -> list[Merge]:
        """Merged ranges, from 1."""
        ranges = self._sheet.merged_cell_ranges or []
        return [Merge(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges]

    @property
    def total_rows(self) -> frozenset[int]:
        """Rows that sum the rows above by a formula."""
        return frozenset(self._facts.total_rows)

    @property
    def cell_faults(self) -> Mapping[tuple[int, int], tuple[str, str]]:
        """Cells whose value is lost to a formula error or a formula that was never calculated."""
        return self._facts.faults

    def rows(self) -> Iterator[Row]:
        """Every row from 1 to the last used one, padded on the left to column A."""
        sheet = self._sheet
        if not sheet.end:
            return
        indent = [""] * int(sheet.start[1]) if sheet.start else []
        for number, cells in enumerate(sheet.iter_rows(), 1):
            yield Row(number, indent + cells if indent else cells)


def open_workbook(file: BinaryIO, limits: Limits, archive: zipfile.ZipFile) -> list[WorkbookSheet]:
    """The worksheets of a checked workbook."""
    parts = sheet_parts(archive)
    facts = {name: scan_part(archive, path) for name, path in parts.items()}
    _verify_other_parts(archive, set(parts.values()))
    file.seek(0)
    with reading():
        book = calamine.CalamineWorkbook.from_filelike(file)
        metadata = list(book.sheets_metadata)
    sheets = []
    for meta in metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        hidden = meta.visible != calamine.SheetVisibleEnum.Visible
        sheets.append(WorkbookSheet(book, meta.name, hidden, facts.get(meta.name, SheetFacts()), limits.max_cells))
    return sheets
