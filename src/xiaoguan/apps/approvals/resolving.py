"""Who decides in a step: from a rule of the route to people of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.approvals.models import Route
from xiaoguan.apps.org.models import Person, Role, Team
from xiaoguan.apps.org.queries import managers_of, managers_of_people
from xiaoguan.kit import access
from xiaoguan.kit.errors import Refusal, WayOut


def plan(route: Route, asker: Any, owner_id: int | None) -> list[dict[str, Any]]:
    """The steps of a route with the ids of the people who decide.

    `owner_id` is whose record it is: his manager is «the manager», unless who asks stands above the owner: then it
    is the asker's own. A step that would ask the very people of the step before again is left out. Raises Refusal
    where nobody can be found.
    """
    found: list[dict[str, Any]] = []
    base = owner_id or asker.pk
    if access.policy().reaches(asker, base, None, leading=False):
        base = asker.pk
    for step in route.steps:
        people = people_of(step["who"], base, asker.pk, oneself=route.oneself)
        if not people:
            raise nobody(route)
        if not found or set(people) != set(found[-1]["people"]):
            found.append({**step, "people": people})
        if step["who"] in ("manager", "above"):
            base = people[0]
    return found


def people_of(who: str, base: int, asker: int, *, oneself: bool) -> list[int]:
    """Ids of the people a rule names today; who asks is left out, and then who stands above him is asked."""
    found = [pk for pk in _named(who, base) if pk != asker or oneself]
    if found:
        return found
    seen = {asker, base}
    nearest = managers_of_people([asker]).get(asker)
    while nearest is not None and nearest.pk in seen:
        seen.add(nearest.pk)
        nearest = managers_of_people([nearest.pk]).get(nearest.pk)
    return [nearest.pk] if nearest is not None else []


def _named(who: str, base: int) -> list[int]:
    rule, _colon, key = who.partition(":")
    if rule in ("manager", "above"):
        manager = managers_of_people([base]).get(base)
        return [manager.pk] if manager is not None else []
    active = Person.objects.filter(is_active=True, deleted_at__isnull=True).order_by("pk")
    if rule == "role":
        chosen = {"roles__pk": int(key)} if key.isdigit() else {"roles__code": key}  # roles of one's own have no code
        return list(active.filter(**chosen, roles__deleted_at__isnull=True).values_list("pk", flat=True))
    if rule == "head":
        leading = managers_of(int(key)).get(int(key), [])
        return [person.pk for person in leading if person.is_active]
    return list(active.filter(pk=int(key)).values_list("pk", flat=True))


def nobody(route: Route) -> Refusal:
    """Nobody can decide: the route needs somebody else."""
    return Refusal(
        _("This can't be sent for approval yet"),
        _("In the route “%(route)s” nobody can be found who decides: nobody stands above who asks.")
        % {"route": route},
        code="approval_nobody",
        rule=_("Nobody approves his own request."),
        ways_out=[
            WayOut(_("Look at the routes"), url=reverse("approvals:routes"), icon="route",
                   hint=_("An administrator names somebody in them.")),
        ],
    )  # fmt: skip


def describe(steps: Iterable[Mapping[str, Any]]) -> list[str]:
    """The rules of steps in words; names of people, roles and teams in three queries at most."""
    rows = list(steps)
    names = _names(rows)
    return [str(RULES.get(step["who"]) or names.get(step["who"], "—")) for step in rows]


RULES = {"manager": gettext_lazy("manager"), "above": gettext_lazy("manager above")}
"""Rules without a name in them; «above» is the manager of whoever decided in the step before."""


def _names(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    keys: dict[str, set[str]] = {"role": set(), "person": set(), "head": set()}
    for step in rows:
        rule, colon, key = step["who"].partition(":")
        if colon:
            keys[rule].add(key)
    found: dict[str, str] = {}
    if keys["role"]:
        ids = [int(key) for key in keys["role"] if key.isdigit()]
        for role in Role.objects.filter(Q(code__in=keys["role"]) | Q(pk__in=ids)):
            found |= {f"role:{role.code}": str(role), f"role:{role.pk}": str(role)}
    if keys["person"]:
        found |= {f"person:{one.pk}": one.name for one in Person.objects.filter(pk__in=keys["person"])}
    if keys["head"]:
        teams = Team.objects.filter(pk__in=keys["head"])
        found |= {f"head:{team.pk}": _("head of %(team)s") % {"team": team} for team in teams}
    return found
