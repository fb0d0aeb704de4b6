"""Sheets with one column per period (a plan of twelve months): recognised, unpivoted, checked against their total."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xiaoguan.lexicon import sheets as words
from xiaoguan.lexicon.sheets import Period
from xiaoguan.tables.header import HeaderColumn
from xiaoguan.tables.sheet import Cell, is_blank

FINEST = ("month", "quarter", "half")
LEAST = {"month": 3, "quarter": 2, "half": 2}


@dataclass(frozen=True)
class WideColumn:
    """A column that holds the value of one period; `group` is the header above it (a metric, if several)."""

    index: int
    period: Period
    group: str = ""


@dataclass(frozen=True)
class Wide:
    """The period columns of a sheet, finest grain only; `totals` are columns their sum must equal, per group."""

    columns: tuple[WideColumn, ...]
    totals: tuple[WideColumn, ...]
    kind: str
    year: int

    @property
    def indexes(self) -> frozenset[int]:
        """Every column the unpivoting takes."""
        return frozenset(column.index for column in (*self.columns, *self.totals))

    def cells(self, row: Sequence[Cell]) -> Iterator[tuple[WideColumn, Cell]]:
        """The filled period cells of one row."""
        for column in self.columns:
            if column.index < len(row) and not is_blank(row[column.index]):
                yield column, row[column.index]

    def groups(self) -> list[str]:
        """The headers above the periods in order, one empty text when there are none."""
        return list(dict.fromkeys(column.group for column in self.columns))


def find_wide(columns: Sequence[HeaderColumn], *texts: str) -> Wide | None:
    """Recognise period columns; `texts` (title, sheet and file name) may name the year the headers leave out."""
    found = [
        WideColumn(column.index, period, column.group)
        for column in columns
        if column.leaf and (period := words.period_of(column.leaf))
    ]
    kinds = Counter(column.period.kind for column in found)
    kind = next((kind for kind in FINEST if kinds[kind] >= LEAST[kind]), "")
    if not kind:
        return None
    fine = tuple(column for column in found if column.period.kind == kind)
    groups = {column.group for column in fine}
    if len(groups) > 1 and any(words.period_of(group) for group in groups if group):
        fine = tuple(WideColumn(column.index, column.period) for column in fine)
    totals = [column for column in found if column.period.kind == "year"]
    totals += [
        WideColumn(column.index, Period("year", 1), column.group)
        for column in columns
        if column.leaf and column.index > fine[0].index and words.is_total(column.leaf)
    ]
    named = {column.group for column in fine}
    totals = [total if total.group in named else WideColumn(total.index, total.period) for total in totals]
    year = next((column.period.year for column in fine if column.period.year), 0)
    year = year or next((year for text in texts if (year := words.year_in(text))), 0)
    return Wide(fine, tuple(totals), kind, year)


def total_gap(wide: Wide, group: str, values: Sequence[tuple[WideColumn, Decimal]], total: Decimal) -> Decimal:
    """How far the periods of one group miss the row's own total (0 when they add up)."""
    return total - sum((value for column, value in values if column.group == group), Decimal(0))
