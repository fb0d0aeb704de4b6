"""Building the row a candidate stands for and asking the model what it thinks, without touching the database."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from django.db import models

from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.own.values import settle
from xiaoguan.kit.validation import check_rows
from xiaoguan.transfer.links import instance_values


def built(model: type[models.Model], values: Mapping[str, Any]) -> Any:
    """An unsaved row with its derived fields."""
    row = model(**instance_values(values))
    settle(row)
    return row


def changed(row: Any, changes: Mapping[str, Any]) -> Any:
    """A copy of a row with changes set and derived fields renewed; the original stays as it is."""
    copied = object.__new__(type(row))
    copied.__dict__.update(row.__dict__)
    copied._state = copy.copy(row._state)
    copied._state.fields_cache = dict(row._state.fields_cache)
    for name, value in instance_values(changes).items():
        setattr(copied, name, value)
    settle(copied)
    return copied


def complaints(row: Any) -> dict[str, list[str]]:
    """Messages per field that a write of this row would be refused with; unique keys are matched elsewhere."""
    try:
        check_rows([row], unique=False)
    except Invalid as problem:
        return {name: [str(text) for text in texts] for name, texts in problem.errors.items()}
    return {}
