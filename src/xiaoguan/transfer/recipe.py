"""Mappings remembered by the headers of a sheet: the same export next month maps itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.tables.header import HeaderColumn, normal
from xiaoguan.tables.layout import Layout
from xiaoguan.transfer.mapping import ColumnMap
from xiaoguan.transfer.models import ImportRecipe
from xiaoguan.transfer.options import Options

LASTING = ("mode", "key", "empty", "units", "orders", "relations", "values", "twins", "more")


def signature(columns: Sequence[HeaderColumn]) -> str:
    """A hash of the header names, whatever their order."""
    names = sorted(normal(column.name) for column in columns)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def find(entity: Entity, layout: Layout) -> ImportRecipe | None:
    """The recipe of a sheet with these headers."""
    return ImportRecipe.objects.filter(entity=entity.name, signature=signature(layout.columns)).first()


def columns_for(entity: Entity, layout: Layout) -> dict[str, str]:
    """Folded header → slot of the last import of such a sheet; empty when there was none."""
    found = find(entity, layout)
    return {normal(header): slot for header, slot in found.options.get("columns", {}).items()} if found else {}


def remember(entity: Entity, layout: Layout, maps: Sequence[ColumnMap], options: Options, actor: Any) -> None:
    """Keep how this sheet was mapped and what was decided about its words."""
    kept = {name: value for name, value in options.to_json().items() if name in LASTING}
    kept["columns"] = {each.header: each.slot for each in maps if each.reason != "period"}
    ImportRecipe.objects.update_or_create(
        entity=entity.name,
        signature=signature(layout.columns),
        defaults={"options": kept, "used_at": clock.now(), "used_by": actor},
    )


def apply_lasting(options: Options, found: ImportRecipe | None) -> Options:
    """Start from the decisions of last time; for the first visit of the mapping page."""
    if found is None:
        return options
    lasting = {name: value for name, value in found.options.items() if name in LASTING}
    return Options.from_json({**options.to_json(), **lasting})
