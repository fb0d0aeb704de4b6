"""Puts a row for every shipped metric, so that the dictionary can be read, searched and changed like any list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from xiaoguan.apps.metrics import formula
from xiaoguan.apps.metrics.spec import Metric


def ensure(model: Any, shipped: Mapping[str, Metric]) -> None:
    """Add what is missing, leave alone what has been edited; takes the model, so that a migration can pass its own."""
    now = timezone.now()
    known = {row.code: row for row in model._base_manager.filter(shipped=True)}
    model._base_manager.bulk_create(
        model(
            code=code,
            shipped=True,
            category=metric.category,
            unit_code=metric.unit,
            higher_is_better=metric.higher_is_better,
            seen_by=metric.seen_by,
            created_at=now,
            updated_at=now,
            **texts(metric),
        )
        for code, metric in shipped.items()
        if code not in known
    )


def texts(metric: Metric) -> dict[str, str]:
    """A formula as the columns of a row."""
    return {**formula.texts(metric.measure), **formula.texts(metric.over, "over_")}
