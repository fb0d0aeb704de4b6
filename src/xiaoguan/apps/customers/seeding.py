"""Puts the customer kinds every installation starts with."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

KINDS = ("design_institute", "steel_company", "contractor", "project_owner", "distributor")


def ensure(kind_model: Any) -> None:
    """Add the kinds that are missing; takes the model, so that a migration can pass the historical one."""
    known = set(kind_model._base_manager.values_list("code", flat=True))
    now = timezone.now()
    kind_model._base_manager.bulk_create(
        kind_model(code=code, position=position, created_at=now, updated_at=now)
        for position, code in enumerate(KINDS, 1)
        if code not in known
    )
