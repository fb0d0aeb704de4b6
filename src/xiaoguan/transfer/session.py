"""One file prepared for one entity: opened, laid out, mapped, with its planner; the wizard and the CLI start here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from xiaoguan.kit.entity import Entity
from xiaoguan.tables.layout import SKIPPED, Layout, RowKind, choose_sheet, read_layout
from xiaoguan.tables.limits import Limits
from xiaoguan.tables.source import Source, open_source
from xiaoguan.transfer import recipe
from xiaoguan.transfer.importer import Draft, Importer, importer_of
from xiaoguan.transfer.mapping import ColumnMap, known_word, map_columns
from xiaoguan.transfer.options import Options
from xiaoguan.transfer.planner import Planner
from xiaoguan.transfer.tally import Tally


@dataclass
class Session:
    """Everything that is known about a file before its first row is decided."""

    source: Source
    layout: Layout
    importer: Importer
    maps: list[ColumnMap]
    planner: Planner

    @property
    def rows(self) -> int:
        """How many rows an import accounts for: all with content below the header."""
        counts = self.layout.counts
        above = sum(1 for kind in self.layout.kinds[: self.layout.header.first_row - self.layout.first_number]
                    if RowKind(kind) in SKIPPED)  # fmt: skip
        return counts.get(RowKind.DATA, 0) + sum(counts.get(kind, 0) for kind in SKIPPED) - above

    @property
    def left_out(self) -> list[str]:
        """Headers of columns that go nowhere."""
        return [each.header for each in self.maps if not each.slot and each.reason != "period"]

    def plan(self, *, beat: Callable[[int], None] | None = None, every: bool = False) -> Tally:
        """Decide every row without writing; `beat` hears how many rows are done."""
        tally = Tally(self.importer, every=every)
        kept: list[Draft] = []
        for drafts in self.planner.chunks():
            self.planner.decide(drafts)
            tally.add(drafts)
            if self.importer.finishes:
                kept += drafts
            if beat:
                beat(tally.counts["rows"])
        tally.more = self.importer.foresee(kept) if self.importer.finishes else {}
        if tally.counts["rows"] != self.rows:
            raise AssertionError(f"{self.rows} rows to account for, {tally.counts} accounted for")
        return tally


def prepare(
    opener: Callable[[], BinaryIO],
    name: str,
    entity: Entity,
    actor: Any,
    options: Options,
    *,
    limits: Limits | None = None,
    use_recipe: bool = True,
) -> Session:
    """Open a file and make it ready; raises Unreadable, BadOptions or Denied."""
    source = open_source(opener, name, encoding=options.encoding, limits=limits)
    known = known_word(entity.slug)
    sheet = source.sheet(options.sheet) if options.sheet else choose_sheet(source.sheets, known)
    layout = read_layout(sheet, known, options.header)
    importer = importer_of(entity)(entity, actor, options, layout)
    importer.check_allowed()
    remembered = recipe.columns_for(entity, layout) if use_recipe and not options.columns else {}
    maps = map_columns(
        layout,
        importer.slots,
        options,
        entity.slug,
        remembered=remembered,
        period_columns=importer.period_columns(),
        parts=importer.parts,
    )
    return Session(source, layout, importer, maps, Planner(importer, maps))
