"""Puts the rows every installation needs: the built-in roles and the system's own actor."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from xiaoguan.apps.org.seeds import ROLES

SYSTEM = "system"


def ensure(role_model: Any, person_manager: Any) -> None:
    """Add what is missing and leave alone what an administrator has edited; may run any number of times.

    Takes the models as arguments, so that a migration can pass historical ones.
    """
    known = set(role_model._base_manager.values_list("code", flat=True))
    now = timezone.now()
    role_model._base_manager.bulk_create(
        [
            role_model(
                code=code,
                name="",
                grants=role["grants"],
                masks=role.get("masks", {}),
                created_at=now,
                updated_at=now,
            )
            for code, role in ROLES.items()
            if code not in known
        ]
    )
    person_manager.get_or_create(
        username=SYSTEM,
        defaults={"name": "System", "system": True, "password": "!", "created_at": now, "updated_at": now},
    )
