"""Puts the kinds of expenses that every installation starts with."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

KINDS = ("travel", "meal", "gift", "exhibition", "sample", "other")


def ensure(model: Any) -> None:
    """Add what is missing and leave alone what has been edited."""
    now = timezone.now()
    known = set(model._base_manager.values_list("code", flat=True))
    model._base_manager.bulk_create(
        model(code=code, position=position, created_at=now, updated_at=now)
        for position, code in enumerate(KINDS, 1)
        if code not in known
    )
