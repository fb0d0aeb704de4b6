"""Who sells: the people and teams that are ranked against each other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.org.models.membership import LEADING
from xiaoguan.apps.org.queries import memberships_on


@dataclass(frozen=True)
class Subject:
    """A person or a team that has a place on the board; `team` is the person's."""

    pk: int
    name: str
    team: str = ""


def people(units: Collection[int] | None = None, readable: Collection[int] | None = None) -> list[Person]:
    """Active people of sales teams who lead none of them, of some units or of all, by name; one query.

    Whoever stands in for his manager goes on selling and keeps his place.
    """
    leading = memberships_on().filter(post__in=LEADING).order_by().values("person_id")
    rows = Person.objects.filter(unit__kind="sales", is_active=True, deleted_at__isnull=True).exclude(pk__in=leading)
    if units is not None:
        rows = rows.filter(unit__in=list(units))
    if readable is not None:
        rows = rows.filter(pk__in=list(readable))
    return list(rows.select_related("unit").order_by("name", "pk"))


def teams(units: Collection[int] | None = None) -> list[Team]:
    """Sales teams that hold such people themselves, in their order; one query."""
    leading = memberships_on().filter(post__in=LEADING).order_by().values("person_id")
    selling = Person.objects.filter(is_active=True, deleted_at__isnull=True).exclude(pk__in=leading)
    rows = Team.objects.filter(kind="sales", deleted_at__isnull=True, pk__in=selling.values("unit_id"))
    if units is not None:
        rows = rows.filter(pk__in=list(units))
    return list(rows.order_by("position", "name", "pk"))
