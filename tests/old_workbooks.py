"""Writes workbooks as Excel 97 to 2003 kept them (BIFF8 in a compound file), enough of them to test reading.

A cell is a text, a number, a yes or no, a day, or a moment.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Mapping, Sequence

Cell = str | int | float | bool | dt.date | None
SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
PLAIN, DAY, MOMENT = 0, 1, 2
FORMATS = (0, 14, 22)
"""Built-in number formats of the three cell styles: general, a day, a day with time."""
EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001


def record(code: int, data: bytes = b"") -> bytes:
    """One BIFF record."""
    return struct.pack("<HH", code, len(data)) + data


def begin(kind: int) -> bytes:
    """The beginning of the globals (5) or of a sheet (16)."""
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def text(value: str, size: str = "<H") -> bytes:
    """A string in UTF-16 behind its length."""
    return struct.pack(size, len(value)) + b"\x01" + value.encode("utf-16-le")


def cell(row: int, column: int, value: Cell) -> bytes:
    """The record of one cell."""
    at = struct.pack("<HH", row, column)
    if isinstance(value, str):
        return record(0x0204, at + struct.pack("<H", PLAIN) + text(value))
    if isinstance(value, bool):
        return record(0x0205, at + struct.pack("<HBB", PLAIN, value, 0))
    if isinstance(value, dt.datetime):
        return record(0x0203, at + struct.pack("<Hd", MOMENT, (value - EPOCH) / dt.timedelta(days=1)))
    if isinstance(value, dt.date):
        days = (dt.datetime.combine(value, dt.time()) - EPOCH).days
        return record(0x0203, at + struct.pack("<Hd", DAY, days))
    return record(0x0203, at + struct.pack("<Hd", PLAIN, value))


def sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    """One worksheet."""
    width = max((len(row) for row in rows), default=0)
    found = begin(0x10) + record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for number, row in enumerate(rows):
        found += b"".join(cell(number, at, value) for at, value in enumerate(row) if value is not None)
    return found + record(0x0A)


def stream(sheets: Mapping[str, Sequence[Sequence[Cell]]], *, locked: bool) -> bytes:
    """The stream of a workbook: globals that say where each sheet begins, then the sheets."""
    styles = b"".join(record(0xE0, struct.pack("<HHHBBBBIIH", 0, each, 1, 0x20, 0, 0, 0, 0, 0, 0)) for each in FORMATS)
    lead = begin(5) + (record(0x2F, struct.pack("<HH", 0, 0x1234)) if locked else b"")
    lead += record(0x42, struct.pack("<H", 1200)) + styles
    names = {name: struct.pack("<BB", 0, 0) + text(name, "<B") for name in sheets}
    size = len(lead) + sum(4 + 4 + len(each) for each in names.values()) + len(record(0x0A))
    index, bodies = b"", b""
    for name, rows in sheets.items():
        index += record(0x85, struct.pack("<I", size + len(bodies)) + names[name])
        bodies += sheet(rows)
    return lead + index + record(0x0A) + bodies


def entry(name: str, kind: int, *, child: int = FREE, start: int = END, size: int = 0) -> bytes:
    """One entry of the directory."""
    written = name.encode("utf-16-le")
    found = written.ljust(64, b"\0") + struct.pack("<HBB", len(written) + 2, kind, 1)
    return found + struct.pack("<III", FREE, FREE, child) + bytes(36) + struct.pack("<IQ", start, size)


def compound(content: bytes, name: str = "Workbook") -> bytes:
    """A compound file with one stream; it is made large enough to need no small sectors."""
    content = content.ljust(max(4096, -(-len(content) // SECTOR) * SECTOR), b"\0")
    count = len(content) // SECTOR
    tables = 1
    while tables * 128 < count + 1 + tables:
        tables += 1
    chain = [FAT] * tables + [END] + [tables + 2 + at for at in range(count - 1)] + [END]
    fat = struct.pack(f"<{tables * 128}I", *chain, *[FREE] * (tables * 128 - len(chain)))
    directory = entry("Root Entry", 5, child=1) + entry(name, 2, start=tables + 1, size=len(content))
    directory = directory.ljust(SECTOR, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, END, 0, END, 0)
    head += struct.pack(f"<{tables}I", *range(tables)).ljust(109 * 4, b"\xff")
    return head + fat + directory + content


def old_workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]], *, locked: bool = False) -> bytes:
    """An .xls file with these sheets; `locked` ones say that a password protects them."""
    return compound(stream(sheets, locked=locked))
