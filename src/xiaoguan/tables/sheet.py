"""The shape every readable table takes: numbered rows of typed cells, iterated as often as needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
"""One cell; the empty string is an empty cell."""


INVISIBLE = "\u200b\ufeff \t\r\n\u00a0\u3000"


class Row(NamedTuple):
    """One physical row: its number as a spreadsheet shows it (from 1), its cells, and what is wrong with the row."""

    number: int
    cells: list[Cell]
    fault: str = ""
    expected: int = 0


class Merge(NamedTuple):
    """One merged range, rows and columns from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


class Sheet(Protocol):
    """A table that can be walked again and again without holding more than it must."""

    name: str
    hidden: bool

    @property
    def width(self) -> int:
        """Number of columns."""

    @property
    def merges(self) -> list[Merge]:
        """Merged ranges, empty for delimited text."""

    @property
    def total_rows(self) -> frozenset[int]:
        """Numbers of rows that sum the rows above by a formula."""

    @property
    def cell_faults(self) -> Mapping[tuple[int, int], tuple[str, str]]:
        """(row, column) -> (code, text) of cells whose value is lost to a formula error."""

    def rows(self) -> Iterator[Row]:
        """Every physical row in order, blank ones included."""


def is_blank(cell: Cell | None) -> bool:
    """True for an empty cell or one of white space only (NBSP and full-width space included)."""
    if cell is None or cell == "":
        return True
    return isinstance(cell, str) and (cell.isspace() or (cell[0] in INVISIBLE and not cell.strip(INVISIBLE).strip()))


def cell_text(cell: Cell | None) -> str:
    """The cell as the user would read it: no trailing .0, ISO dates, trimmed text."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        whole_day = cell.time() == dt.time(0)
        return cell.date().isoformat() if whole_day else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell)


def column_letter(index: int) -> str:
    """Spreadsheet letters of the column at `index` (from 0): 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Index (from 0) of the column with these spreadsheet letters."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
