"""How a formula stands in a row: columns of codes that are read as words; `in_words` says them."""

from __future__ import annotations

from typing import Any

from django.db import models


class _Written(models.CharField):
    """A text of codes; to the database it is any text."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """A migration knows it as what it is stored as."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options


class FactsField(_Written):
    """Facts by their codes, with spaces between them."""


class NarrowedField(_Written):
    """Conditions like `tier=A,B; kind=3`."""
