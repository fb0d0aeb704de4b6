"""What every physical row of a sheet is, so that nothing is imported by accident and nothing gets lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import islice

from xiaoguan.lexicon import sheets as words
from xiaoguan.tables.header import HEAD, Header, HeaderColumn, find_header, is_label, normal
from xiaoguan.tables.sheet import Cell, Merge, Row, Sheet, cell_text, is_blank
from xiaoguan.tables.unreadable import Unreadable

SHORT_ROWS_USUAL = 0.1
"""Above this share, rows that end early are the way the file was written, not damage."""


class RowKind(IntEnum):
    """What one physical row is."""

    DATA = 0
    BLANK = 1
    TITLE = 2
    UNIT = 3
    HEADER = 4
    REPEAT = 5
    SUBTOTAL = 6
    NOTE = 7
    DUPLICATE = 8


#: Rows of these kinds below the header hold text that the import leaves out; the user sees each of them.
SKIPPED = (RowKind.REPEAT, RowKind.SUBTOTAL, RowKind.NOTE, RowKind.TITLE, RowKind.UNIT, RowKind.DUPLICATE)


@dataclass
class Layout:
    """A classified sheet: `kinds` has one entry per physical row in order, so its counts add up to all rows."""

    sheet: Sheet
    header: Header
    kinds: bytearray = field(default_factory=bytearray)
    first_number: int = 1
    twins: dict[int, int] = field(default_factory=dict)
    unit: str = ""
    title: str = ""
    short_rows_usual: bool = False
    filled_down: int = 0

    @property
    def columns(self) -> tuple[HeaderColumn, ...]:
        """The table's columns."""
        return self.header.columns

    @property
    def counts(self) -> dict[RowKind, int]:
        """How many physical rows are of each kind; the sum is `total`."""
        found = Counter(self.kinds)
        return {kind: found[kind] for kind in RowKind if found[kind]}

    @property
    def total(self) -> int:
        """Number of physical rows."""
        return len(self.kinds)

    def kind_of(self, number: int) -> RowKind:
        """What the row with this number is."""
        return RowKind(self.kinds[number - self.first_number])

    def rows(self) -> Iterator[tuple[Row, RowKind]]:
        """Every physical row with its kind, merged cells filled down."""
        for row, kind in zip(filled_rows(self.sheet, self.header.first_row), self.kinds, strict=True):
            if row.fault == "too_few_cells" and self.short_rows_usual:
                row = row._replace(fault="", expected=0)
            yield row, RowKind(kind)

    def body(self) -> Iterator[tuple[Row, RowKind]]:
        """The rows an import accounts for: everything with content below the header."""
        for row, kind in self.rows():
            if row.number >= self.header.first_row and kind not in (RowKind.BLANK, RowKind.HEADER):
                yield row, kind

    def data(self, *, twins: bool = False) -> Iterator[Row]:
        """The rows that are records; `twins` adds exact repetitions of earlier rows."""
        wanted = (RowKind.DATA, RowKind.DUPLICATE) if twins else (RowKind.DATA,)
        return (row for row, kind in self.rows() if kind in wanted)


def filled_rows(sheet: Sheet, first_row: int) -> Iterator[Row]:
    """The sheet's rows with the value of each vertically merged cell of the body repeated in all its rows."""
    downward = {
        (merge.top, merge.left - 1): merge
        for merge in sheet.merges
        if merge.bottom > merge.top and merge.top >= first_row and merge.left == merge.right
    }
    if not downward:
        yield from sheet.rows()
        return
    starts = {top for top, _ in downward}
    open_cells: dict[int, tuple[int, Cell]] = {}
    for row in sheet.rows():
        for index, (bottom, value) in list(open_cells.items()):
            if row.number > bottom:
                del open_cells[index]
            elif index < len(row.cells):
                row.cells[index] = value
        if row.number in starts:
            for (top, index), merge in downward.items():
                if top == row.number and index < len(row.cells):
                    open_cells[index] = (merge.bottom, row.cells[index])
        yield row


def read_layout(sheet: Sheet, known: Callable[[str], bool], header_rows: Sequence[int] | None = None) -> Layout:
    """Classify every row of `sheet`; `known` tells header words, `header_rows` is the user's own choice."""
    width = sheet.width
    head = list(islice(sheet.rows(), HEAD))
    if header_rows:
        beyond = [number for number in header_rows if not any(row.number == number for row in head)]
        if beyond:
            raise Unreadable("no_header", row=beyond[0], rows=len(head))
    header = find_header(head, width, sheet.merges, known, header_rows)
    layout = Layout(sheet, header, first_number=head[0].number if head else 1)
    _Classifier(layout).run()
    if not layout.counts.get(RowKind.DATA) and layout.total == layout.counts.get(RowKind.BLANK, 0):
        raise Unreadable("no_rows")
    return layout


class _Classifier:
    """One pass over the rows; keeps what the decisions need to remember."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.header = layout.header
        self.width = max(1, layout.sheet.width)
        self.banners = {
            merge.top: merge
            for merge in layout.sheet.merges
            if merge.right - merge.left + 1 >= max(2, self.width / 2) and merge.top >= self.header.first_row
        }
        self.sums = layout.sheet.total_rows
        self.seen: dict[int, int] = {}
        self.repeats = {self._signature(texts) for texts in self.header.texts}
        self.openings = {signature[0] for signature in self.repeats if signature}

    def run(self) -> None:
        """Fill the layout."""
        layout, short = self.layout, 0
        for row in filled_rows(layout.sheet, self.header.first_row):
            kind = self._kind(row)
            layout.kinds.append(kind)
            short += kind in (RowKind.DATA, RowKind.DUPLICATE) and row.fault == "too_few_cells"
        records = layout.counts.get(RowKind.DATA, 0)
        layout.short_rows_usual = short > max(2, records * SHORT_ROWS_USUAL)
        layout.filled_down = sum(self._fills_down(merge) for merge in layout.sheet.merges)

    def _fills_down(self, merge: Merge) -> bool:
        return merge.top >= self.header.first_row and merge.bottom > merge.top and merge.left == merge.right

    def _kind(self, row: Row) -> RowKind:
        cells = [cell for cell in row.cells if cell != "" and not is_blank(cell)]
        if not cells:
            return RowKind.BLANK
        if row.number in self.header.rows:
            return RowKind.HEADER
        if row.number < self.header.first_row:
            return self._above(cells)
        if self._is_repeat(row, cells):
            return RowKind.REPEAT
        if self._is_total(row, cells):
            return RowKind.SUBTOTAL
        if aside := self._aside(row, cells):
            return aside
        return self._is_twin(row, cells)

    def _above(self, cells: list[Cell]) -> RowKind:
        texts = [cell_text(cell) for cell in cells]
        unit = next((unit for text in texts if (unit := words.unit_note(text) or words.unit_of_header(text))), "")
        self.layout.unit = self.layout.unit or unit
        if any(words.is_unit_note(text) for text in texts):
            return RowKind.UNIT
        self.layout.title = self.layout.title or " ".join(texts)
        return RowKind.TITLE

    def _signature(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(text for text in texts if text)

    def _is_repeat(self, row: Row, cells: list[Cell]) -> bool:
        """The header again, as page breaks of printed tables leave it."""
        if normal(cell_text(cells[0])) not in self.openings or not all(is_label(cell) for cell in cells):
            return False
        return self._signature([normal(cell_text(cell)) for cell in row.cells[: self.width]]) in self.repeats

    def _is_total(self, row: Row, cells: list[Cell]) -> bool:
        """A row that sums others: by its word with nothing but figures beside it, or by its formulas."""
        summing = row.number in self.sums
        if not summing and len(cells) >= max(3, self.width):
            return False
        texts = [text for cell in cells if isinstance(cell, str) and (text := cell.strip()) and is_label(text)]
        if summing and len(texts) <= 2:
            return True
        return bool(texts) and len(texts) <= 2 and words.is_total(texts[0])

    def _aside(self, row: Row, cells: list[Cell]) -> RowKind | None:
        """A banner across the table, a unit note or a footer between or below the records."""
        if row.fault == "too_few_cells" and not self.layout.sheet.merges and not words.is_note(cell_text(cells[0])):
            return None
        if len(cells) > 2 or self.width < 3:
            return None
        texts = [cell_text(cell) for cell in cells]
        if any(words.is_unit_note(text) for text in texts):
            return RowKind.UNIT
        if words.is_note(texts[0]):
            return RowKind.NOTE
        if len(cells) == 1 and row.number in self.banners:
            return RowKind.TITLE
        return None

    def _is_twin(self, row: Row, cells: list[Cell]) -> RowKind:
        if len(cells) < 3 or row.fault:
            return RowKind.DATA
        mark = hash(tuple(row.cells))
        first = self.seen.setdefault(mark, row.number)
        if first != row.number:
            self.layout.twins[row.number] = first
            return RowKind.DUPLICATE
        return RowKind.DATA


def choose_sheet(sheets: Sequence[Sheet], known: Callable[[str], bool]) -> Sheet:
    """The sheet most likely meant: the most header words known, then the most columns; notes and hidden ones last."""
    if not sheets:
        raise Unreadable("no_rows")
    return max(sheets, key=lambda sheet: (rate_sheet(sheet, known), -sheets.index(sheet)))


def rate_sheet(sheet: Sheet, known: Callable[[str], bool]) -> tuple[int, int, int]:
    """(fit of the sheet, header words known, columns): a noise sheet rates 0 in the first place."""
    head = list(islice(sheet.rows(), HEAD))
    header = find_header(head, sheet.width, sheet.merges, known)
    below = sum(1 for row in head if row.number >= header.first_row and any(not is_blank(cell) for cell in row.cells))
    hits = sum(known(column.leaf) for column in header.columns if column.leaf)
    noise = below == 0 or not header.rows or words.is_note_sheet(sheet.name)
    return (0 if noise else 1 if sheet.hidden else 2, hits, len(header.columns))
