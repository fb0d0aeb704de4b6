"""The JSON column of every record: own fields as typed columns of queries, and what an import could not place."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Transform

from xiaoguan.kit.errors import Invalid

PREFIX = "extra__"
"""What the path of an own column begins with."""
OWN = "c_"
"""What the key of an own value begins with; other keys are an import's (`import_…`)."""


class ExtraField(models.JSONField):
    """A JSON column whose own fields compare, sort and sum as what they are, not as JSON."""

    def get_transform(self, name: str) -> Any:
        """A typed value for the key of an own field, else the JSON below a key."""
        entity = getattr(self.model, "entity", None) if name.startswith(OWN) else None
        column = entity.own.get(PREFIX + name) if entity is not None else None
        return super().get_transform(name) if column is None else partial(OwnValue, own=column.field)

    def deconstruct(self) -> Any:
        """To the database it is plain JSON."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


class OwnValue(Transform):
    """One own value as an expression of its own type; its SQL is the one of the field's index, to the letter."""

    def __init__(self, lhs: Any, own: Any) -> None:
        super().__init__(lhs, output_field=own)

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        """The value out of the JSON."""
        lhs, params = compiler.compile(self.source_expressions[0])
        return self.output_field.sql(lhs, connection.vendor), params


class OwnProperty(property):
    """An own value as an attribute of a record, `record.extra__c_colour`; links give and take the id, or the record."""

    def __init__(self, path: str) -> None:
        super().__init__(partial(_read, path=path), partial(_write, path=path))


def _read(row: Any, path: str) -> Any:
    field = row.entity.column(path).field
    return field.to_python(row.extra.get(field.key))


def _write(row: Any, value: Any, path: str) -> None:
    field = row.entity.column(path).field
    try:
        put(row, path, field.stored(value))
    except ValidationError as problem:
        raise Invalid({path: problem.messages}) from problem


def put(row: Any, path: str, stored: Any) -> None:
    """Set what is stored under the path of an own value; nothing is stored for nothing.

    The dictionary is made anew: the loaded one is what the row is compared with.
    """
    kept = {key: value for key, value in row.extra.items() if key != path.removeprefix(PREFIX)}
    row.extra = kept if stored is None else {**kept, path.removeprefix(PREFIX): stored}


def differences(before: Any, after: Any) -> dict[str, tuple[Any, Any]]:
    """What changed between two states of the column, by path."""
    before, after = before or {}, after or {}
    keys = [*before, *(key for key in after if key not in before)]
    return {PREFIX + key: (old, new) for key in keys if (old := before.get(key)) != (new := after.get(key))}
