"""A dense cross table of (row, column, value) facts with exact sums on every side."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from xiaoguan.calc.rounding import checked

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)


@dataclass(frozen=True)
class Pivot(Generic[Row, Column]):
    """A cross table: ``cells[r][c]`` is a sum, or None where there was no fact (not the same as a sum of 0)."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    total: int


def pivot(
    facts: Iterable[tuple[Row, Column, int]],
    *,
    rows: Sequence[Row] | None = None,
    columns: Sequence[Column] | None = None,
) -> Pivot[Row, Column]:
    """Sum facts into a table. Given ``rows`` or ``columns`` fix order and presence (empty ones stay, others are left
    out of table and totals); without them the keys stand in order of first appearance. Raises MoneyError ``too_large``.
    """
    down: dict[Row, int] = dict.fromkeys(rows or (), 0)
    across: dict[Column, int] = dict.fromkeys(columns or (), 0)
    sums: dict[tuple[Row, Column], int] = {}
    for row, column, value in facts:
        if (rows is None or row in down) and (columns is None or column in across):
            sums[row, column] = sums.get((row, column), 0) + value
            down[row] = down.get(row, 0) + value
            across[column] = across.get(column, 0) + value
    for value in (*sums.values(), *down.values(), *across.values()):
        checked(value)
    cells = tuple(tuple(sums.get((row, column)) for column in across) for row in down)
    total = checked(sum(down.values()))
    return Pivot(tuple(down), tuple(across), cells, tuple(down.values()), tuple(across.values()), total)
