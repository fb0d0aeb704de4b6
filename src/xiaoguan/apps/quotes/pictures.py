"""Logo and seal are stored files: needed while the settings name them, seen by who sets them or reads quotes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from xiaoguan.apps.quotes.models import House, Quote
from xiaoguan.files import uses
from xiaoguan.kit import access


def _named() -> set[UUID]:
    rows = House.objects.values_list("logo", "seal")
    return {pk for row in rows for pk in row if pk is not None}


def used(ids: Collection[UUID]) -> set[UUID]:
    """Those of some files that the settings name."""
    return _named() & set(ids)


def seen(actor: Any, pk: UUID) -> bool | None:
    """Whether somebody may look at a picture of the settings; None for other files."""
    return access.may(actor, "view", Quote) if pk in _named() else None


uses.use("quote settings", used=used, seen=seen)
