"""What becomes of own values when a record is written."""

from __future__ import annotations

from typing import Any

from xiaoguan.kit.entity import entities
from xiaoguan.kit.extra import PREFIX, put
from xiaoguan.kit.own import definitions, formulas


def settle(row: Any, *, prepare: bool = True) -> None:
    """Derive what follows from a record's values: its stored fields, then its formulas."""
    if prepare:
        row.prepare()
    entity = entities.get(row._meta.label_lower)
    if entity is None:
        return
    added = definitions.added(entity)
    for column in added.worked_out:
        new = formulas.as_stored(formulas.result(column.field.node, added.known, row), column.field)
        if new != row.extra.get(column.path.removeprefix(PREFIX)):
            put(row, column.path, new)
