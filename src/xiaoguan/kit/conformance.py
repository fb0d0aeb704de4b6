"""Sample records of any entity: valid values made from its fields, for the tests every entity must pass."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import NOT_PROVIDED

from xiaoguan.kit import action, clock, kinds
from xiaoguan.kit.controls import raw_of
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.fields import MoneyField, PercentField
from xiaoguan.kit.form import is_required

Recipe = Callable[["Samples", int], Mapping[str, Any]]
"""Values an entity needs beyond what its fields say; gets the samples and a running number."""


class Samples:
    """Makes records through the product's own actions as one actor; `recipes` help where fields don't say enough."""

    def __init__(self, actor: Any, recipes: Mapping[str, Recipe] | None = None) -> None:
        self.actor = actor
        self.recipes = dict(recipes or {})
        self._numbers = itertools.count(1)
        self._rows: dict[str, Any] = {}

    def make(self, entity: Entity, **given: Any) -> Any:
        """One new record."""
        return action.create(entity.model, self.values(entity, **given), actor=self.actor)

    def many(self, entity: Entity, count: int, **given: Any) -> list[Any]:
        """Several new records, one action each, as consequences may look at single ones."""
        return [self.make(entity, **given) for _index in range(count)]

    def values(self, entity: Entity, **given: Any) -> dict[str, Any]:
        """Valid values: what is needed, what recognises and names a record, and the link that scopes it."""
        number = next(self._numbers)
        found: dict[str, Any] = dict(given)
        if recipe := self.recipes.get(entity.name):
            found = {**recipe(self, number), **given}
        for field in self._wanted(entity):
            if field.name not in found:
                found[field.name] = self.value(field, number)
        return found

    def _wanted(self, entity: Entity) -> list[models.Field[Any, Any]]:
        names = {*entity.names("title"), *entity.names("key")}
        if entity.scope not in ("owner", "all", "self"):
            names.add(entity.scope)
        editable = set(entity.names("form"))
        found = []
        for field in entity.model._meta.concrete_fields:
            needed = is_required(field) and not field.null and not field.primary_key and field.name != "uid"
            if field.name in names & editable or (needed and (field.editable or field.name in editable)):
                found.append(field)
        return found

    def value(self, field: models.Field[Any, Any], number: int) -> Any:
        """A valid value of a field, different for each number where the field has room for that."""
        if field.is_relation:
            return self.linked(field)
        if field.flatchoices:
            return next(code for code, _label in field.flatchoices if code not in ("", None))
        if isinstance(field, models.EmailField):
            return f"sample{number}@example.com"
        if isinstance(field, models.SlugField):
            return f"sample-{number}"
        if isinstance(field, models.BooleanField):
            return field.default if field.default is not NOT_PROVIDED else True
        if isinstance(field, models.CharField | models.TextField):
            return f"Sample {number}"[: field.max_length]
        return self._measure(field, number)

    def _measure(self, field: models.Field[Any, Any], number: int) -> Any:
        if isinstance(field, models.DateTimeField):
            return clock.now()
        if isinstance(field, models.DateField):
            return clock.today() + dt.timedelta(days=number % 300)
        if isinstance(field, models.TimeField):
            return dt.time(9, 30)
        if isinstance(field, MoneyField):
            return 1_000_000 + number * 100
        if isinstance(field, PercentField):
            return 50_000
        if isinstance(field, models.DecimalField):
            return Decimal(number % 50)
        if isinstance(field, models.JSONField):
            return {}
        return number

    def linked(self, field: models.Field[Any, Any]) -> Any:
        """A record to point at: one that is there, else a new one."""
        model: Any = field.related_model
        name = model._meta.label_lower
        if name not in self._rows:
            there = model._default_manager.all()
            if any(each.name == "deleted_at" for each in model._meta.concrete_fields):
                there = there.filter(deleted_at__isnull=True)
            self._rows[name] = there.order_by("pk").first() or self.make(entities[name])
        return self._rows[name]

    def posted(self, entity: Entity, **given: Any) -> dict[str, str]:
        """The same as a form would send it."""
        values = self.values(entity, **given)
        found = {}
        for name in entity.names("form"):
            if name in values:
                column = entity.column(name)
                found[name] = raw_of(column.kind, values[name])
        return found


def another(column: Any, row: Any, samples: Samples) -> str | None:
    """Another valid text for a plain field of a record, as somebody would type it; None where that is not simple."""
    kind, now = column.kind, getattr(row, column.field.attname)
    if kind is kinds.TEXT and not column.field.validators[1:]:
        return f"{now or 'Sample'} b"[: column.field.max_length or 60]
    if kind in (kinds.MONEY, kinds.NUMBER) and not isinstance(column.field, models.DecimalField):
        return raw_of(kind, (now or 0) + 100)
    return None
