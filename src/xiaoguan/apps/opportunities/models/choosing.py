"""Fields whose choices are what the company has at the moment: roles, and fields of deals with its own ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import models

from xiaoguan.apps.org.models import Role
from xiaoguan.kit import entity as declarations, feed, kinds, memo
from xiaoguan.kit.access import everything
from xiaoguan.kit.own.kinds import CHOICES

DEAL = "opportunities.deal"


def roles() -> list[tuple[str, str]]:
    """The company's roles: id as text, and name."""
    because = "what roles are called is no secret"
    token = feed.version(Role._meta.label_lower)
    found: list[Role] = memo.remember(
        ("roles to choose",), token, lambda: list(everything(Role, because=because).order_by("pk"))
    )
    return [(str(role.pk), str(role)) for role in found]


class RolesField(models.CharField):
    """Several roles, as a list of their ids as texts; None for none. The database keeps JSON text."""

    @property
    def flatchoices(self) -> list[tuple[str, str]]:  # type: ignore[override]
        """Every role there is."""
        return roles()

    def to_python(self, value: Any) -> list[str] | None:
        """The list of ids."""
        return json.loads(value) if isinstance(value, str) and value else value or None

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> list[str] | None:
        """The same of what the database keeps."""
        return self.to_python(value)

    def get_prep_value(self, value: Any) -> str | None:
        """JSON text; conditions compare with the text."""
        return json.dumps(list(value)) if isinstance(value, list | tuple) and value else value or None

    def value_to_string(self, obj: models.Model) -> str:
        """The text that `to_python` reads, for files that hold records."""
        return self.get_prep_value(self.value_from_object(obj)) or ""


class DealFieldField(models.CharField):
    """A field of deals that may be asked for; those the company has added come behind."""

    def own(self) -> Sequence[tuple[str, str]]:
        """The own fields of deals in use that people fill in: path and label."""
        deal = declarations.entities[DEAL]
        return [(column.path, str(column.label)) for column in deal.own_columns() if column.field.editable]

    @property
    def flatchoices(self) -> list[tuple[str, str]]:  # type: ignore[override]
        """Those of the product, then the company's own."""
        return [*super().flatchoices, *self.own()]

    def validate(self, value: Any, model_instance: Any) -> None:
        """An own field is as good as one of the product."""
        if value not in dict(self.own()):
            super().validate(value, model_instance)


kinds.register(RolesField, CHOICES)
kinds.register(DealFieldField, kinds.CHOICE)
