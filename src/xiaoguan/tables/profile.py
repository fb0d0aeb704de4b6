"""What the values of a column look like: examples, kinds, the order of its dates, the styles of its figures."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xiaoguan.tables.sheet import Cell, Row, cell_text, is_blank

DISTINCT = 5000
EXAMPLES = 4
TRIPLE = re.compile(r"^\s*(\d{1,4})\s*[-/.\\]\s*(\d{1,2})\s*[-/.\\]\s*(\d{1,4})(?:[ T].*)?\s*$")
PHONE = re.compile(r"^\+?(?:86[- ]?)?(?:1[3-9]\d{9}|0\d{2,3}[- ]?\d{7,8}(?:\D\d{1,5})?|\(\d{2,4}\)[ \d-]{6,})$")
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$")
FIGURE = re.compile(
    r"^[(\uff08]?[-+\u2212]?\s*(?:[\u00a5\uffe5$\u20ac]|RMB|CNY)?\s*[-+\u2212]?\d[\d,\uff0c.]*\s*(?:[%\uff05]|\S{1,3})?[)\uff09]?$",
    re.IGNORECASE,
)
DATE_WORD = re.compile(
    r"^(?:\d{4}\D{1,2}\d{1,2}\D{1,2}\d{1,2}\D?$|\d{8}$|\d{1,2}[ -][A-Za-z]{3,9}[ -,]+\d{2,4}"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4})"
)


@dataclass
class Profile:
    """One column: `filled` of `rows` cells, the first distinct examples, and counts of what the values look like.

    `distinct` maps each text to its look, up to DISTINCT texts.
    """

    rows: int = 0
    filled: int = 0
    examples: list[str] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)
    distinct: dict[str, str] = field(default_factory=dict)
    overflow: bool = False

    @property
    def unique(self) -> bool:
        """Whether no value repeats, as the values of a key do."""
        return not self.overflow and self.filled > 0 and len(self.distinct) == self.filled

    def mostly(self, look: str, share: float = 0.8) -> bool:
        """Whether at least `share` of the filled cells look like this."""
        return self.filled > 0 and self.looks[look] >= share * self.filled

    def add(self, cell: Cell) -> None:
        """Take one cell into account."""
        self.rows += 1
        if cell == "" or is_blank(cell):
            return
        self.filled += 1
        text = cell.strip() if isinstance(cell, str) else cell_text(cell)
        look = self.distinct.get(text)
        if look is None:
            look = look_of(cell, text)
            self._meet(text, look)
        self.looks[look] += 1

    def _meet(self, text: str, look: str) -> None:
        if len(self.distinct) >= DISTINCT:
            self.overflow = True
            return
        self.distinct[text] = look
        if len(self.examples) < EXAMPLES:
            self.examples.append(text[:60])


def look_of(cell: Cell, text: str) -> str:
    """date, number, phone, email, figure (number as text), bool or text."""
    if isinstance(cell, bool):
        return "bool"
    if isinstance(cell, dt.date):
        return "date"
    if isinstance(cell, float | int):
        return "number"
    if TRIPLE.match(text) or DATE_WORD.match(text):
        return "date"
    if PHONE.match(text):
        return "phone"
    if EMAIL.match(text):
        return "email"
    if FIGURE.match(text):
        return "figure"
    return "text"


def profile_columns(rows: Iterable[Row], width: int) -> list[Profile]:
    """Profile every column over the given rows."""
    columns = [Profile() for _ in range(width)]
    for row in rows:
        for column, cell in zip(columns, row.cells, strict=False):
            column.add(cell)
    return columns


@dataclass(frozen=True)
class DateOrder:
    """How to read 03/04/17 in one column: `order` is ymd, dmy or mdy; `sure` is False when both would do."""

    order: str
    sure: bool
    styles: int


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """The order of a column's numeric dates, from all its values; None when it holds no ambiguous form.

    An order must make every value a date. Among the orders left, the one whose years lie closest
    together wins: 20-10-16 beside 01-03-17 is day first, not the years 2020 and 2001. Where that
    leaves two, slashes mean month first, hyphens and dots day first, and the answer is not sure.
    """
    triples: list[tuple[int, int, int]] = []
    styles, prefer = set(), "dmy"
    for text in texts:
        found = TRIPLE.match(text)
        styles.add(re.sub(r"\d+", "9", text)[:12])
        if found and len(found[1]) < 3:
            triples.append((int(found[1]), int(found[2]), int(found[3])))
            prefer = "mdy" if "/" in text else prefer
    if not triples:
        return None
    spans = {order: span for order in ("dmy", "mdy", "ymd") if (span := _years_apart(triples, order)) is not None}
    if not spans:
        shares = {order: sum(_as_date(t, order) is not None for t in triples) for order in ("dmy", "mdy")}
        return DateOrder(max(shares, key=lambda order: (shares[order], order == prefer)), False, len(styles))
    least = min(spans.values())
    left = [order for order, span in spans.items() if span == least]
    order = left[0] if len(left) == 1 else prefer if prefer in left else left[0]
    return DateOrder(order, len(left) == 1, len(styles))


def settle_orders(found: Sequence[DateOrder | None]) -> list[DateOrder | None]:
    """Let an ambiguous date column follow the sure ones of the same sheet."""
    sure = Counter(each.order for each in found if each and each.sure)
    if not sure:
        return list(found)
    order = sure.most_common(1)[0][0]
    return [DateOrder(order, True, each.styles) if each and not each.sure else each for each in found]


def _years_apart(triples: Sequence[tuple[int, int, int]], order: str) -> int | None:
    years = []
    for triple in triples:
        date = _as_date(triple, order)
        if date is None:
            return None
        years.append(date.year)
    return max(years) - min(years)


def _as_date(triple: tuple[int, int, int], order: str) -> dt.date | None:
    parts = dict(zip(order, triple, strict=True))
    year = parts["y"]
    if year < 100:
        year += 2000 if year < 70 else 1900
    try:
        return dt.date(year, parts["m"], parts["d"])
    except ValueError:
        return None
