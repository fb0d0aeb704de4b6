"""What an entity looks like in the API: its fields, which of them may be written, and by whom."""

from __future__ import annotations

from functools import cache
from typing import Any

from xiaoguan.kit import access
from xiaoguan.kit.entity import Column, Entity

PARTS = ("title", "key", "list", "form", "filter", "find", "sums", "subtitle")
FIXED = ("id", "uid", "version", "created_at", "updated_at")
"""Fields every record has, which nobody writes; `uid` may be given when a record is created."""
EXTRA = "extra"
"""The object that holds the fields people have added to a kind of record."""
PREFIX = "extra__"
"""What the path of such a field begins with."""


@cache
def declared(entity: Entity) -> tuple[Column, ...]:
    """The entity's declared fields in the order of its declaration."""
    names: dict[str, None] = {}
    for part in PARTS:
        names |= dict.fromkeys(name for name in entity.names(part) if "__" not in name)
    if entity.scope == "owner":
        names["owner"] = None
    return tuple(entity.column(name) for name in names if name not in FIXED)


def columns(entity: Entity) -> list[Column]:
    """Declared fields, then those people have added; the latter may change while a process lives."""
    return [*declared(entity), *entity.own_columns()]


def readable(entity: Entity, actor: Any) -> list[Column]:
    """The fields this actor may see."""
    return [column for column in columns(entity) if access.readable(actor, entity, column.path)]


def writable(entity: Entity) -> dict[str, Column]:
    """The fields that a form has, and so may a program write, by path; masks are checked by the action."""
    return {name: entity.column(name) for name in entity.names("form")}


def is_link(column: Column) -> bool:
    """Whether a field points at another record, and so can be expanded."""
    return bool(column.field.is_relation)


def is_own(path: str) -> bool:
    """Whether people have added this field."""
    return path.startswith(PREFIX)


def key(path: str) -> str:
    """The name of an added field inside `extra`."""
    return path.removeprefix(PREFIX)


def told(path: str) -> str:
    """A field as errors name it: `amount`, `extra.c_colour`."""
    return f"{EXTRA}.{key(path)}" if is_own(path) else path.removesuffix("_id")
