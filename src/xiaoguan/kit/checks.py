"""Start-up checks: a misspelt name in a declaration is reported before the first request."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist

from xiaoguan.kit.entity import Entity, entities

PARTS = ("list", "form", "filter", "find", "key", "sums", "title", "subtitle")


@register()
def check_entities(**_kwargs: Any) -> list[CheckMessage]:
    """Every name of every declaration is a stored field; slugs are unique."""
    found: list[CheckMessage] = []
    slugs: dict[str, Entity] = {}
    for entity in entities.values():
        for part in PARTS:
            for name in entity.declared(part):
                try:
                    entity.column(name)
                except (FieldDoesNotExist, AttributeError) as problem:
                    found.append(Error(f"{entity.name}: {part} names {name}: {problem}", id="kit.E001"))
        if entity.slug in slugs:
            found.append(Error(f"{entity.name} and {slugs[entity.slug].name} share a slug", id="kit.E002"))
        slugs[entity.slug] = entity
    return found
