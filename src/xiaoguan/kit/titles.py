"""Names of linked records without loading them: small reference tables from memory, large ones by a join."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import get_language

from xiaoguan.kit import feed, memo
from xiaoguan.kit.access import may, visible
from xiaoguan.kit.entity import Entity, entities

SMALL = 1000


def is_reference(model: type[models.Model]) -> bool:
    """Whether rows of a model are data that everybody may read (stages, kinds, products)."""
    entity = entities.get(model._meta.label_lower)
    return entity is not None and entity.scope == "all"


def paths(model: type[models.Model], prefix: str = "") -> list[str]:
    """The stored fields that make up the title of a linked record, as paths behind `prefix`."""
    entity = entities.get(model._meta.label_lower)
    lead = f"{prefix}__" if prefix else ""
    found = []
    for column in map(entity.column, entity.declared("title")) if entity else ():  # a title has no own fields
        if column.field.is_relation:
            found += paths(column.field.related_model, lead + column.path)
        else:
            found.append(lead + column.path)
    return found or [f"{lead}pk"]


def join(parts: Iterable[Any]) -> str:
    """A title from its parts; empty ones are left out."""
    return " ".join(str(part) for part in parts if part not in (None, ""))


def tokens(models_: Iterable[type[models.Model]]) -> dict[str, int]:
    """Feed tokens of some models in one query."""
    return feed.versions(*sorted({model._meta.label_lower for model in models_}))


def of_reference(model: type[models.Model], token: int) -> dict[int, str] | None:
    """Titles of a whole reference table in the reader's language; None when it is too large to keep."""

    def load() -> dict[int, str] | None:
        rows = list(model._default_manager.all()[: SMALL + 1])  # deleted ones still name old links
        return None if len(rows) > SMALL else {row.pk: str(row) for row in rows}

    return memo.remember(("titles", model._meta.label_lower, get_language()), token, load)


def of_ids(model: type[models.Model], ids: Iterable[int], actor: Any) -> dict[int, str]:
    """Titles of chosen rows the actor may see: reference data from memory, others in one query."""
    wanted = set(ids)
    if not wanted:
        return {}
    if not hasattr(model, "entity"):
        return {row.pk: str(row) for row in model._default_manager.filter(pk__in=wanted)}
    if is_reference(model) and may(actor, "view", model):
        known = of_reference(model, feed.version(model._meta.label_lower))
        if known is not None:
            return {pk: known[pk] for pk in wanted if pk in known}
    return {row.pk: Entity.of(model).title_of(row) for row in visible(model, actor).filter(pk__in=wanted)}
