"""Carrying out a write that waited for approval, in the name of who asked."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Mapping
from typing import Any

from django.db import models

from xiaoguan.apps.approvals.asking import carrying
from xiaoguan.apps.approvals.models import Request
from xiaoguan.kit import access
from xiaoguan.kit.action import Action, Done, remove, update
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid

SOURCE = "approval"


def carry_out(request: Request, row: Any) -> Done:
    """Run the parked write as its asker would now; raises what the action raises, Invalid for what is gone."""
    write: Mapping[str, Any] = request.write or {}
    asker = request.owner
    access.forget(asker)
    with carrying(request):
        if write["action"] == "update":
            values = {
                field.attname: field.to_python(write["values"][field.attname])
                for field in row._meta.concrete_fields
                if field.attname in write["values"]
            }
            return update(row, values, actor=asker, source=SOURCE)
        if write["action"] == "delete":
            return remove(row, actor=asker, source=SOURCE)
        verb = Entity.of(row).actions[write["action"]]
        return verb([row], actor=asker, source=SOURCE, **_arguments(verb, write["values"], asker))


def _arguments(verb: Action, values: Mapping[str, Any], asker: Any) -> dict[str, Any]:
    """The arguments of a verb from JSON: records by id as the asker sees them, days and moments from their text."""
    kinds = {param.name: _plain(param.type) for param in verb.params}
    return {name: _value(kinds[name], name, value, asker) for name, value in values.items() if name in kinds}


def _plain(kind: Any) -> Any:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return next(one for one in typing.get_args(kind) if one is not type(None))
    return kind


def _value(kind: Any, name: str, value: Any, asker: Any) -> Any:
    if value is None or not isinstance(kind, type):
        return value
    if issubclass(kind, models.Model):
        found = access.visible(kind, asker).filter(pk=value).first()
        if found is None:
            raise Invalid({name: ["—"]})
        return found
    if issubclass(kind, dt.datetime):
        return dt.datetime.fromisoformat(value)
    return dt.date.fromisoformat(value) if issubclass(kind, dt.date) else value
