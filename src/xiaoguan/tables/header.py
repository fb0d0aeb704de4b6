"""Finding the header of a sheet: which rows, one level or two, and what each column is called."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xiaoguan.tables.sheet import Cell, Merge, Row, cell_text, column_letter, is_blank

HEAD = 60
"""How many rows from the top may hold the header."""
LONGEST_LABEL = 48
NUMBER_LIKE = re.compile(r"^[-+(¥￥$€]?\s*[\d,.]+\s*[)%％]?$|^\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?")

Known = Callable[[str], bool]


@dataclass(frozen=True)
class HeaderColumn:
    """One column of the table: position from 0, its unique name, the group above it, and the bare leaf text."""

    index: int
    name: str
    group: str = ""
    leaf: str = ""

    @property
    def letter(self) -> str:
        """Spreadsheet letters of the column."""
        return column_letter(self.index)


@dataclass(frozen=True)
class Header:
    """The header's row numbers (empty when the table has none), its columns, and the first row below it.

    `texts` is what a repetition of each header row further down looks like.
    """

    rows: tuple[int, ...]
    columns: tuple[HeaderColumn, ...]
    first_row: int
    texts: tuple[tuple[str, ...], ...] = ()


def is_label(cell: Cell) -> bool:
    """Whether a cell reads like the name of a column: short text that is no number and no date."""
    if not isinstance(cell, str):
        return False
    text = cell.strip()
    return bool(text) and len(text) <= LONGEST_LABEL and not NUMBER_LIKE.match(text)


def find_header(
    head: Sequence[Row], width: int, merges: Sequence[Merge], known: Known, chosen: Sequence[int] | None = None
) -> Header:
    """Decide the header among the first rows; `chosen` row numbers override, an empty choice means no header."""
    by_number = {row.number: row for row in head}
    if chosen is not None:
        rows = sorted(number for number in chosen if number in by_number)
        first = head[0].number if head else 1
        return _build(rows, by_number, width, merges) if rows else _headerless(width, first)
    best = _best_row(head, width, merges, known)
    if best is None:
        first = next((row.number for row in head if not _blank(row)), 1)
        return _headerless(width, first)
    return _build(_levels(best, by_number, width, merges), by_number, width, merges)


def _blank(row: Row) -> bool:
    return all(is_blank(cell) for cell in row.cells)


def _filled(row: Row) -> dict[int, Cell]:
    return {index: cell for index, cell in enumerate(row.cells) if not is_blank(cell)}


def _best_row(head: Sequence[Row], width: int, merges: Sequence[Merge], known: Known) -> Row | None:
    """The row that looks most like a header; earlier rows win ties."""
    full = [row for row in head if not _blank(row)]
    best, best_score = None, 0.0
    for position, row in enumerate(full[:HEAD]):
        score = _score(row, full[position + 1 : position + 9], width, known)
        if score > best_score + 0.05 * position * (best is not None):
            best, best_score = row, score
    return best if best_score >= 1.0 else None


def _score(row: Row, below: Sequence[Row], width: int, known: Known) -> float:
    """Labels that fill the width, words the lexicon knows, and other kinds of values below them."""
    cells = _filled(row)
    labels = [cell_text(cell) for cell in cells.values() if is_label(cell)]
    if not labels or (len(cells) == 1 and width > 2):
        return 0.0
    share = len(labels) / len(cells)
    hits = sum(known(text) for text in labels)
    if share < 0.6 and hits < 2:
        return 0.0
    distinct = len({text.lower() for text in labels}) / len(labels)
    contrast = sum(
        any(
            not is_label(other.cells[index]) for other in below if len(other.cells) > index and other.cells[index] != ""
        )
        for index, cell in cells.items()
        if is_label(cell)
    )
    return (
        1.5 * min(1.0, len(cells) / max(1, width)) * share * distinct
        + 2.5 * hits / len(cells)
        + 1.0 * contrast / len(cells)
    )


def _levels(best: Row, rows: dict[int, Row], width: int, merges: Sequence[Merge]) -> list[int]:
    """The header's rows: merged cells say how many, in text files the gaps that fill each other do."""
    numbers = {best.number}
    for merge in merges:
        spans_table = merge.right - merge.left + 1 >= max(2, 0.8 * width)
        if spans_table or merge.bottom - merge.top > 3:
            continue
        if merge.bottom > merge.top and merge.top <= best.number <= merge.bottom:
            numbers |= set(range(merge.top, merge.bottom + 1))
        elif merge.top == merge.bottom == best.number and merge.right > merge.left and _is_lower(best, rows, +1):
            numbers.add(best.number + 1)
        elif merge.top == merge.bottom == best.number - 1 and merge.right > merge.left:
            numbers.add(best.number - 1)
    if len(numbers) == 1 and not merges:
        numbers |= _levels_in_text(best, rows, width)
    return sorted(number for number in numbers if number in rows)


def _is_lower(row: Row, rows: dict[int, Row], step: int) -> bool:
    """Whether the neighbouring row consists of labels only."""
    other = rows.get(row.number + step)
    return other is not None and not _blank(other) and all(is_label(cell) for cell in _filled(other).values())


def _levels_in_text(best: Row, rows: dict[int, Row], width: int) -> set[int]:
    """A second level in a text file: two neighbouring label rows whose gaps are filled by the other."""
    found: set[int] = set()
    for step in (-1, 1):
        if not _is_lower(best, rows, step):
            continue
        other = rows[best.number + step]
        upper, lower = (other, best) if step < 0 else (best, other)
        top, leaf = set(_filled(upper)), set(_filled(lower))
        gaps = set(range(width)) - top
        if len(top) >= 2 and gaps and gaps <= leaf and len(top | leaf) == width and (top - leaf or len(gaps) >= 2):
            found.add(other.number)
    return found


def _build(numbers: list[int], rows: dict[int, Row], width: int, merges: Sequence[Merge]) -> Header:
    """Name every column: the lowest text wins, the text above becomes its group."""
    levels = [_spread(rows[number], width, merges, last=number == numbers[-1]) for number in numbers]
    columns: list[HeaderColumn] = []
    taken: dict[str, int] = {}
    leaves = [next((level[index] for level in reversed(levels) if level[index]), "") for index in range(width)]
    for index in range(width):
        leaf = leaves[index]
        group = levels[0][index] if len(levels) > 1 and levels[0][index] != leaf else ""
        name = leaf or column_letter(index)
        if group and leaves.count(leaf) > 1:
            name = f"{group} {leaf}"
        taken[name] = taken.get(name, 0) + 1
        if taken[name] > 1:
            name = f"{name} ({taken[name]})"
        columns.append(HeaderColumn(index, name, group, leaf))
    texts = tuple(
        tuple(normal(cell_text(cell)) for cell in [*rows[number].cells, *[""] * width][:width]) for number in numbers
    )
    return Header(tuple(numbers), tuple(columns), numbers[-1] + 1, texts)


def _spread(row: Row, width: int, merges: Sequence[Merge], *, last: bool) -> list[str]:
    """The texts of one header row, a group's text repeated over the columns it stands above."""
    texts = [_header_text(cell) for cell in [*row.cells, *[""] * width][:width]]
    for merge in merges:
        if merge.top <= row.number <= merge.bottom and merge.right > merge.left and merge.left <= width:
            for index in range(merge.left, min(merge.right, width)):
                texts[index] = texts[merge.left - 1]
    if not merges and not last:
        for index in range(1, width):
            texts[index] = texts[index] or texts[index - 1]
    return texts


def _header_text(cell: Cell) -> str:
    """A header cell as one line; a real date in a header is a month."""
    if isinstance(cell, dt.date):
        return f"{cell.year}-{cell.month:02}" if cell.day == 1 else cell_text(cell)
    return re.sub(r"\s+", " ", cell_text(cell)).strip("\ufeff* ")


def _headerless(width: int, first_row: int) -> Header:
    columns = tuple(HeaderColumn(index, column_letter(index)) for index in range(width))
    return Header((), columns, first_row)


def normal(text: str) -> str:
    """Header text for comparison: no white space, lower case."""
    return re.sub(r"\s+", "", text).lower()
