"""Paging that loses and doubles nothing while others write: the next page begins behind the last row's own values."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from xiaoguan.api.problems import Problem
from xiaoguan.kit.entity import Column
from xiaoguan.kit.listing import Listing, sort_fields


@dataclass(frozen=True)
class Step:
    """One thing a list is sorted by."""

    path: str
    field: Any
    falling: bool


def steps(listing: Listing) -> list[Step]:
    """What a list is sorted by, the id last."""
    falling = listing.sort.startswith("-")
    name = listing.sort.removeprefix("-")
    key = Step("pk", listing.entity.model._meta.pk, falling)
    if name in ("id", "pk"):
        return [key]
    column = listing.entity.column(name)
    if not column.field.is_relation:
        return [Step(column.path, column.field, falling), key]
    found = [Step(path, _leaf(column, path), falling) for path, _nullable in sort_fields(column)]
    return [*found, key]


def _leaf(column: Column, path: str) -> Any:
    """The field at the end of a path that begins with a link."""
    field: Any = column.field
    model: Any = field.related_model
    for part in path.removeprefix(f"{column.path}__").split("__") if path != column.path else []:
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        model = field.related_model
    return field


def encode(sort: str, values: Sequence[Any]) -> str:
    """The cursor behind a row with these values of the sort's steps."""
    text = json.dumps([sort, *values], default=_plain, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> str:
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value))


def after(listing: Listing, text: str) -> Q:
    """The condition of rows behind a cursor; raises Problem 400 for one that is none of this list."""
    order = steps(listing)
    try:
        sort, *values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if sort != listing.sort or len(values) != len(order):
            raise ValueError(sort)
        known = [None if v is None else step.field.to_python(v) for step, v in zip(order, values, strict=True)]
    except (ValueError, TypeError, ValidationError, binascii.Error, OverflowError):
        raise Problem(400, "bad_cursor", _("This cursor does not belong to this list.")) from None
    found, equal = Q(pk__in=[]), Q()
    for step, value in zip(order, known, strict=True):
        beyond = _beyond(step, value)
        if beyond is not None:
            found |= equal & beyond
        equal &= Q(**{f"{step.path}__isnull": True}) if value is None else Q(**{step.path: value})
    return found


def _beyond(step: Step, value: Any) -> Q | None:
    """Rows behind a value; empty ones come last in both directions, and behind them there is nothing."""
    if value is None:
        return None
    condition = Q(**{f"{step.path}__{'lt' if step.falling else 'gt'}": value})
    return condition if step.path == "pk" else condition | Q(**{f"{step.path}__isnull": True})
