"""Old .xls workbooks, read in a process of their own: a few bytes of a broken one can ask for all the memory there is.

Run as `python -m xiaoguan.tables.old_book` it reads a workbook from its input and writes the sheets to its output.
"""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import BinaryIO

import python_calamine as calamine

from xiaoguan.tables.sheet import Cell, Merge, Row
from xiaoguan.tables.unreadable import Unreadable

resource: ModuleType | None
try:
    import resource
except ImportError:  # POSIX alone has it
    resource = None
MEMORY = 2 << 30
SECONDS = 120
LOCKED = b"locked"
GLOBALS = b"\x09\x08\x10\x00\x00\x06\x05\x00"
WRITE_PROTECTED, FILE_PASS = 0x86, 0x2F
"""Records of a workbook: its beginning, and what may stand right behind it."""


@dataclass
class OldSheet:
    """One worksheet, held in memory: it has at most 65,536 rows of 256 cells."""

    name: str
    hidden: bool
    cells: list[list[Cell]]
    left: int
    width: int
    merges: list[Merge]

    @property
    def total_rows(self) -> frozenset[int]:
        """The reader gives values, no formulas."""
        return frozenset()

    @property
    def cell_faults(self) -> Mapping[tuple[int, int], tuple[str, str]]:
        """The reader gives values, no formulas."""
        return {}

    def rows(self) -> Iterator[Row]:
        """Every row from 1 to the last used one, padded on the left to column A."""
        indent: list[Cell] = [""] * self.left
        for number, cells in enumerate(self.cells, 1):
            yield Row(number, indent + cells)


def read(file: BinaryIO) -> list[OldSheet]:
    """The worksheets of an old workbook; raises Unreadable, whatever the file does to its reader."""
    file.seek(0)
    content = file.read()
    if is_locked(content):
        raise Unreadable("encrypted")
    program = [sys.executable, "-m", "xiaoguan.tables.old_book"]
    try:
        done = subprocess.run(program, input=content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unreadable("legacy_xls") from error
    if done.stdout == LOCKED:
        raise Unreadable("encrypted")
    if done.returncode or not done.stdout:
        raise Unreadable("legacy_xls")
    return [OldSheet(*each) for each in pickle.loads(done.stdout)]


def is_locked(content: bytes) -> bool:
    """Whether a workbook says, right behind the beginning of its globals, that a password protects it."""
    at = content.find(GLOBALS)
    for _record in range(3):
        at += 4 + int.from_bytes(content[at + 2 : at + 4], "little") if at >= 0 else 0
        code = int.from_bytes(content[at : at + 2], "little")
        if code != WRITE_PROTECTED:
            return at > 0 and code == FILE_PASS
    return False


def main() -> None:
    """Read from the input within a bounded memory; a broken file ends the process, and nothing else."""
    if resource is not None:
        with contextlib.suppress(ValueError, OSError):  # a lower bound is set already
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = calamine.CalamineWorkbook.from_filelike(sys.stdin.buffer)
    except calamine.PasswordError:
        sys.stdout.buffer.write(LOCKED)
        return
    found = []
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        hidden = meta.visible != calamine.SheetVisibleEnum.Visible
        left = int(sheet.start[1]) if sheet.start else 0
        width = int(sheet.end[1]) + 1 if sheet.end else 0
        merges = [Merge(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in sheet.merged_cell_ranges or []]
        cells = [list(row) for row in sheet.iter_rows()] if sheet.end else []
        found.append((meta.name, hidden, cells, left, width, merges))
    pickle.dump(found, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
