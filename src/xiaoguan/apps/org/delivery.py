"""New versions bring new kinds of records and verbs: the built-in roles learn of them, and what was changed stays.

A role remembers what was delivered to it. Where its line for a kind of record still says that, the line follows the
new version; where somebody has changed it, it is his. A role of before this memory is asked what it said before its
first change in the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from xiaoguan.apps.org import seeding
from xiaoguan.apps.org.models import Person, Role
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.apps.org.seeds import ROLES
from xiaoguan.kit.action import Work
from xiaoguan.kit.models import ChangeRow

PARTS = ("grants", "masks")


def deliver() -> dict[str, list[str]]:
    """Bring the built-in roles to this version; returns by role code the kinds of records whose line changed."""
    told: dict[str, list[str]] = {}
    with transaction.atomic():
        seeding.ensure(Role, Person.anybody)
        work = Work(system_actor(), "deliver", Role._meta.label_lower, "upgrade", undoable=False)
        for role in Role.objects.filter(code__in=ROLES).order_by("pk"):
            fresh = {part: dict(ROLES[str(role.code)].get(part, {})) for part in PARTS}
            if role.delivered == fresh:
                continue
            before = role.delivered or _first_said(role)
            merged = {part: follow(getattr(role, part), before.get(part, {}), fresh[part]) for part in PARTS}
            touched = {name for part in PARTS for name in _unlike(getattr(role, part), merged[part])}
            role.grants, role.masks = merged["grants"], merged["masks"]
            if touched:
                work.save(role)
                told[str(role.code)] = sorted(touched)
            Role.objects.filter(pk=role.pk).update(delivered=fresh)
        work.finish()
    return told


def follow(own: Mapping[str, Any], before: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """The lines of a role: those as they were delivered follow the new version, changed ones stay."""
    found = dict(own)
    for name in before.keys() | fresh.keys():
        if own.get(name) != before.get(name):
            continue
        if name in fresh:
            found[name] = fresh[name]
        else:
            found.pop(name, None)
    return found


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def _first_said(role: Role) -> dict[str, Any]:
    """What a role said when it was made: before its first change in the history, or today where there was none."""
    found = {part: getattr(role, part) for part in PARTS}
    rows = ChangeRow.objects.filter(entity=Role._meta.label_lower, object_id=role.pk, before__isnull=False)
    for row in rows.order_by("-pk"):
        found |= {part: row.before[part] for part in PARTS if part in row.before}
    return found
