"""Puts the routes a kind of approval starts with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone


def ensure(route_model: Any, kind: str, seeds: Sequence[Any]) -> None:
    """Add the delivered routes that are missing and leave alone what has been edited; for migrations of apps above.

    `seeds` are `kinds.Seed`s in the order of the routes, the mildest first.
    """
    known = set(route_model._base_manager.filter(kind=kind).values_list("code", flat=True))
    now = timezone.now()
    route_model._base_manager.bulk_create(
        route_model(
            kind=kind, code=seed.code, name="", measure=seed.measure, limit=seed.limit,
            steps=[dict(step) for step in seed.steps], position=position, created_at=now, updated_at=now,
        )
        for position, seed in enumerate(seeds, 1)
        if seed.code not in known
    )  # fmt: skip
