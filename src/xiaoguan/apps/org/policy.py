"""Tells the kit who may see and do what: grants from roles, records from the closure, credit from memberships."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from django.db.models import Exists, Q, QuerySet

from xiaoguan.apps.org import paths
from xiaoguan.apps.org.models import Deputy, Membership, Person, Reach, Role, UnitReach
from xiaoguan.apps.org.models.currency import also_abroad
from xiaoguan.apps.org.models.membership import on
from xiaoguan.apps.org.seeds import BASELINE
from xiaoguan.kit import clock
from xiaoguan.kit.access import Grants

EVERYTHING = {"*": {"*": "all"}}
PART = 900
RoleRules = tuple[Mapping[str, Mapping[str, str]], Mapping[str, Iterable[str]]]
"""Grants and masks of a role."""


class OrgPolicy:
    """The kit's questions, answered from this app's tables."""

    def grants(self, actor: Person, instead: Mapping[int, RoleRules] | None = None) -> Grants:
        """The merged grants of the actor's roles in one query; the system may do everything.

        With `instead` some roles count as if they said something else: what a preview shows.

        A stand-in has the roles of those he stands in for as well, and what they or he may do with
        their own records he may do with all records he reaches: his and theirs.
        """
        if actor.system:
            return Grants.of_roles([(EVERYTHING, {})])
        held = Person.roles.through.objects
        serving = stood_in(actor)
        theirs = held.filter(person__in=serving.values("person"))
        rows = Role.objects.filter(
            Q(pk__in=held.filter(person_id=actor.pk).values("role")) | Q(pk__in=theirs.values("role")),
            deleted_at__isnull=True,
        ).annotate(standing_in=Exists(serving))
        found = list(rows.values_list("pk", "grants", "masks", "standing_in"))
        roles = []
        for pk, grants, masks, standing_in in found:
            rules, hidden = (instead or {}).get(pk, (grants, masks))
            roles.append((widened(rules) if standing_in else rules, also_abroad(hidden)))
        merged = Grants.of_roles([*roles, (BASELINE, {})])
        merged.stands_in = any(standing_in for *_role, standing_in in found)
        return merged

    def stood_in(self, actor: Person) -> QuerySet[Any]:
        """Ids of those the actor stands in for today, as a subquery."""
        return stood_in(actor).values("person")

    def acting_for(self, actor: Person, person_id: int | None, unit_id: int | None) -> int | None:
        """Through whom alone a stand-in reaches a person or a team; None where he reaches by himself."""
        return paths.acting_for(actor, person_id, unit_id)

    def grants_of(self, people: Iterable[Person]) -> dict[int, Grants]:
        """The grants of many people by id in two queries; stand-ins are left out, theirs are asked one by one."""
        ids = {person.pk for person in people if not person.system}
        ids -= set(Deputy.objects.filter(on(clock.today()), deputy__in=ids).values_list("deputy", flat=True))
        held: dict[int, list[Any]] = {pk: [] for pk in ids}
        rows = Person.roles.through.objects.filter(person__in=ids, role__deleted_at__isnull=True)
        for pk, grants, masks in rows.values_list("person", "role__grants", "role__masks"):
            held[pk].append((grants, also_abroad(masks)))
        return {pk: Grants.of_roles([*roles, (BASELINE, {})]) for pk, roles in held.items()}

    def people(self, actor: Person) -> QuerySet[Any]:
        """Ids of the people in reach as a subquery, the actor included."""
        return actor.reach_ids()

    def above(self, actor: Person) -> QuerySet[Any]:
        """Ids of the people who reach this person, himself included, as a subquery."""
        return Reach.objects.filter(person_id=actor.pk).values_list("viewer_id", flat=True)

    def units(self, actor: Person, *, leading: bool) -> QuerySet[Any]:
        """Ids of the teams the actor leads, or also of those he belongs to, as a subquery."""
        return _units(actor, leading).values_list("unit_id", flat=True)

    def reaches(self, actor: Person, person_id: int | None, unit_id: int | None, *, leading: bool) -> bool:
        """Whether one person or, for rows without an owner, one team is in reach."""
        if person_id is not None:
            return person_id == actor.pk or Reach.objects.filter(viewer_id=actor.pk, person_id=person_id).exists()
        return unit_id is not None and _units(actor, leading).filter(unit_id=unit_id).exists()

    def home_unit(self, person_id: int) -> int | None:
        """The main team, kept on the person by the closure."""
        return self.home_units([person_id]).get(person_id)

    def home_units(self, people: Iterable[int]) -> dict[int, int | None]:
        """The main teams of many people, some hundreds per query."""
        rest, found = iter(sorted(people)), {}
        while part := list(islice(rest, PART)):
            found |= dict(Person.objects.filter(pk__in=part).values_list("pk", "unit_id"))
        return found


def stood_in(actor: Person) -> QuerySet[Deputy]:
    """The days in force on which the actor stands in for somebody."""
    rows = Deputy.objects.filter(on(clock.today()), deputy_id=actor.pk, deleted_at__isnull=True)
    return rows.filter(person__deleted_at__isnull=True)


def widened(grants: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Rules about one's own records as rules about everything in reach."""
    return {
        name: {verb: "team" if scope == "self" else scope for verb, scope in verbs.items()}
        for name, verbs in grants.items()
    }


def _units(actor: Person, leading: bool) -> QuerySet[UnitReach]:
    rows = UnitReach.objects.filter(viewer_id=actor.pk)
    return rows.filter(leads=True) if leading else rows


def teams_on(pairs: Iterable[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], int | None]:
    """The main team of each (person, day): one query per 900 people, however many days.

    On a day between memberships, or after the last one, the latest before it counts, so that what a
    leaver's deals bring in later stays with his team; before the first one there is no team.
    """
    wanted = list(pairs)
    people = sorted({person for person, _day in wanted})
    stays: dict[int, list[tuple[bool, dt.date, dt.date, int, int]]] = defaultdict(list)
    for at in range(0, len(people), PART):
        rows = Membership.objects.filter(person__in=people[at : at + PART], deleted_at__isnull=True)
        for person, main, start, end, key, team in rows.values_list("person", "main", "start", "end", "pk", "team"):
            stays[person].append((main, start or dt.date.min, end or dt.date.max, key, team))
    return {(person, day): _team(stays[person], day) for person, day in wanted}


def _team(stays: list[tuple[bool, dt.date, dt.date, int, int]], day: dt.date) -> int | None:
    begun = [stay for stay in stays if stay[1] <= day]
    if not begun:
        return None
    lasting = [stay for stay in begun if stay[2] >= day]
    if lasting:
        return max(lasting, key=lambda stay: (stay[0], stay[1], stay[3]))[4]
    return max(begun, key=lambda stay: (stay[2], stay[0], stay[3]))[4]
