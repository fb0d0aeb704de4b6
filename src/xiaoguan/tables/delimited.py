"""Reading delimited text: any encoding and delimiter, and a broken row never takes its neighbours with it."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from xiaoguan.tables.encoding import Encoding, Line, decoded_lines
from xiaoguan.tables.sheet import Cell, Merge, Row

DELIMITERS = (",", "\t", ";", "|", "\uff0c")
MAX_SPAN = 200
"""No honest cell runs over more lines than this: a longer one is a quotation mark that was never closed."""
SAMPLE_RECORDS = 200
MARKED = ("=", "+", "-", "@", "\t", "\r", "\n")
MAX_CELL = 1 << 20


class Runaway(Exception):
    """A record swallowed too many lines or the rest of the file."""


class LineFeed:
    """Hands lines to the CSV parser one record at a time and can take back what a broken record swallowed."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._back: deque[Line] = deque()
        self.taken: list[Line] = []

    def __iter__(self) -> LineFeed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_SPAN:
            raise Runaway
        line = self._next_line()
        if line is None:
            if self.taken:
                raise Runaway
            raise StopIteration
        self.taken.append(line)
        return line.text

    def _next_line(self) -> Line | None:
        if self._back:
            return self._back.popleft()
        return next(self._lines, None)

    def begin(self) -> None:
        """A new record starts."""
        self.taken = []

    def push_back(self) -> None:
        """Give back every line but the record's first."""
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def parse_records(lines: Iterator[Line], delimiter: str) -> Iterator[tuple[list[Cell], str]]:
    """Yield (cells, fault) per record; fault is a code of ROW_MESSAGES or empty."""
    csv.field_size_limit(MAX_CELL)
    feed = LineFeed(lines)
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        feed.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (Runaway, csv.Error) as error:
            feed.push_back()
            reader = csv.reader(feed, delimiter=delimiter)
            fault = "open_quote" if isinstance(error, Runaway) else "cell_too_long"
            yield _plain_split(feed.taken[0].text, delimiter), fault
            continue
        fault = ""
        if any("'" in line.text for line in feed.taken):
            cells = [_unmarked(cell) for cell in cells]
        for line in feed.taken:
            if line.foreign:
                fault = "bad_encoding"
            if "\0" in line.text:
                fault = "nul_bytes"
        yield cells, fault  # type: ignore[misc]


def _unmarked(cell: str) -> str:
    """A text without the apostrophe that kept a spreadsheet from taking it for a formula, as our exports write it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in MARKED else cell


def _plain_split(text: str, delimiter: str) -> list[Cell]:
    """The cells of a line whose quotation marks make no sense: split as if there were none."""
    return list(text.rstrip("\r\n").split(delimiter))


def find_delimiter(lines: list[str]) -> tuple[str, int]:
    """Return (delimiter, lines to skip): the one that gives the most rows of one width of at least two columns."""
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        return lines[0][4], 1
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(
            len(cells) for cells, _ in parse_records((Line(text) for text in lines), delimiter) if any(cells)
        )
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            continue
        width, count = max(wide.items(), key=lambda pair: (pair[1], pair[0]))
        score = (round(count / sum(widths.values()), 1), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best, 0


class DelimitedSheet:
    """One CSV or other delimited text file as a sheet; rows are numbered as a spreadsheet would show them."""

    hidden = False

    def __init__(self, opener: Callable[[], BinaryIO], name: str, encoding: Encoding, delimiter: str = "") -> None:
        self.name = name
        self.encoding = encoding
        self._open = opener
        head = [line.text for line, _ in zip(self._lines(), range(SAMPLE_RECORDS), strict=False)]
        found, self._skip = find_delimiter(head)
        self.delimiter = delimiter or found
        records = [cells for cells, _ in parse_records((Line(text) for text in head), self.delimiter)]
        usual = Counter(len(cells) for cells in records[self._skip :] if any(cells))
        self._width = max(usual, key=lambda width: (usual[width], width), default=0)

    def _lines(self) -> Iterator[Line]:
        with self._open() as file:
            yield from decoded_lines(file, self.encoding)

    @property
    def width(self) -> int:
        """The number of cells most rows of the beginning have."""
        return self._width

    @property
    def merges(self) -> list[Merge]:
        """Text has no merged cells."""
        return []

    @property
    def total_rows(self) -> frozenset[int]:
        """Text has no formulas."""
        return frozenset()

    @property
    def cell_faults(self) -> Mapping[tuple[int, int], tuple[str, str]]:
        """Text has no formulas."""
        return {}

    def rows(self) -> Iterator[Row]:
        """Every record; one with more or fewer cells than the table is marked, never cut."""
        width = self._width
        for number, (cells, fault) in enumerate(parse_records(self._lines(), self.delimiter), 1):
            if number <= self._skip:
                continue
            found = len(cells)
            if found > width and any(cells[width:]):
                fault = fault or "too_many_cells_in_row"
            elif 0 < found < width and not fault:
                fault = "too_few_cells"
            yield Row(number, cells, fault, width if fault else 0)
