"""The table behind a tile: the same figures as its drawing, as HTML to read and copy and as lines of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.spec import Metric


@dataclass(frozen=True)
class Cell:
    """One figure and the address of its records; empty where none can say it."""

    metric: Metric
    value: int | None
    url: str = ""


@dataclass(frozen=True)
class Sheet:
    """Lines of a name and figures below a head; `corner` names what the lines are."""

    corner: str
    heads: Sequence[str]
    lines: Sequence[tuple[str, Sequence[Cell]]]
    sums: Sequence[Cell] = field(default=())

    def html(self, total: str = "", *, seen: bool = False) -> SafeString:
        """As a table; a tile that is a table itself is `seen` and drawn like a list."""
        metrics = [cell.metric for cell in (self.lines[0][1] if self.lines else self.sums)]
        units = [wording.unit(metric) for metric in metrics] or [""] * len(self.heads)
        heads = "".join(
            f'<th class="num" scope="col">{escape(head)}{_unit(unit)}</th>'
            for head, unit in zip(self.heads, units, strict=False)
        )
        body = "".join(
            f'<tr><th scope="row">{escape(name)}</th>{"".join(map(_cell, cells))}</tr>' for name, cells in self.lines
        )
        foot = (
            f'<tfoot><tr class="sums"><th scope="row">{escape(total)}</th>{"".join(map(_cell, self.sums))}</tr></tfoot>'
        )
        classes = "table table-plain table-rows" if seen else "table table-plain"
        return SafeString(
            f'<table class="{classes}"><thead><tr><th scope="col">{escape(self.corner)}</th>{heads}</tr></thead>'
            f"<tbody>{body}</tbody>{foot if self.sums and total else ''}</table>"
        )

    def file(self, total: str = "") -> tuple[list[str], list[list[Any]]]:
        """Head and lines for a file: yuan, fractions and hours as plain numbers."""
        lines = [[name, *(wording.plain(cell.metric, cell.value) for cell in cells)] for name, cells in self.lines]
        if self.sums and total:
            lines.append([total, *(wording.plain(cell.metric, cell.value) for cell in self.sums)])
        return [self.corner, *self.heads], lines


def _unit(word: str) -> str:
    return f' <span class="unit">{escape(word)}</span>' if word else ""


def _cell(cell: Cell) -> str:
    shown = wording.shown(cell.metric, cell.value)
    linked = f'<a href="{escape(cell.url)}">{shown}</a>' if cell.url and cell.value is not None else shown
    return f'<td class="num">{linked}</td>'


def labels(metrics: Sequence[Metric]) -> list[str]:
    """The heads of some metrics."""
    return [capfirst(str(metric.label)) for metric in metrics]
