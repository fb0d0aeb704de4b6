"""The own fields of every kind of record, remembered until somebody changes a definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from xiaoguan.kit import entity as declarations, feed, memo
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.extra import OwnProperty
from xiaoguan.kit.models.own import OwnField
from xiaoguan.kit.own import formulas
from xiaoguan.kit.own.fields import column_of
from xiaoguan.kit.record import Record

NAME = OwnField._meta.label_lower


@dataclass
class Added:
    """What people added to one kind of record: columns by path in their order, formulas in the order of working out."""

    columns: dict[str, Column] = field(default_factory=dict)
    worked_out: list[Column] = field(default_factory=list)
    known: Mapping[str, formulas.Source] = field(default_factory=dict)
    """What formulas may read."""


NONE = Added()


def may_have(entity: Entity) -> bool:
    """Whether people may add fields to an entity: one they fill in by a form and that is no part of the machine."""
    filled_in = issubclass(entity.model, Record) and bool(entity.declared("form")) and entity.grows
    return filled_in and entity.model is not OwnField


def of(entity: Entity) -> Mapping[str, Column]:
    """Own columns by path in their order, retired ones too."""
    return added(entity).columns


def added(entity: Entity) -> Added:
    """Columns and formulas of an entity."""
    return _all().get(entity.name, NONE) if may_have(entity) else NONE


def _all() -> Mapping[str, Added]:
    found: Mapping[str, Added] = memo.remember(("own fields",), feed.recent(NAME), _load)
    return found


def _load() -> Mapping[str, Added]:
    found: dict[str, Added] = defaultdict(Added)
    for each in OwnField._default_manager.filter(deleted_at__isnull=True):
        entity = entities.get(each.record)
        column = column_of(each, entity.model) if entity is not None else None
        if entity is not None and column is not None:
            _give_attribute(entity.model, column.path)
            found[each.record].columns[column.path] = column
    for name, each_added in found.items():
        each_added.known = formulas.sources(entities[name], each_added.columns)
        each_added.worked_out = formulas.understood(each_added.known, each_added.columns)
    return found


def _give_attribute(model: type[models.Model], path: str) -> None:
    """Let records of this process be read, set and made by an own field's path like by a field's name."""
    if path not in model.__dict__:
        setattr(model, path, OwnProperty(path))
        options: Any = model._meta
        options.__dict__.pop("_property_names", None)  # Django remembers what a constructor may set


declarations.own_source[:] = [of]
feed.ALWAYS.add(NAME)
