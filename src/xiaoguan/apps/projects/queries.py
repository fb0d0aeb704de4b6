"""Reads about projects and registrations that join or compare."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Q

from xiaoguan.apps.org.chart import Chart
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.projects.models import (
    ACTIVE,
    Conflict,
    Part,
    Participant,
    Project,
    ProjectGram,
    Protection,
    Registration,
    Standing,
)
from xiaoguan.kit import access, clock, feed, memo
from xiaoguan.kit.access import everything
from xiaoguan.lexicon import companies, projects, regions
from xiaoguan.lexicon.projects import Site

WHY = "a site is one and the same whoever entered it; whoever may not see the other entry learns only that it is there"
CANDIDATES = 60
_READ = ("pk", "name", "core", "province", "city", "owner__name")


def periods(day: dt.date) -> dict[str, Protection]:
    """The protection period of each phase in force on a day; the rules are remembered until one is changed."""
    rows = everything(Protection, because="the rule is the same for everybody").order_by("since", "pk")
    every = memo.remember("projects.periods", feed.version("projects.protection"), lambda: list(rows))
    return {row.phase: row for row in every if row.since <= day}


# Likeness -----------------------------------------------------------------------------------------------------------


def site(province: str, city: str, owners: Iterable[str] = ()) -> Site:
    """Where a project is, by the digits of province and city, and whose it is, as it is compared."""
    code = regions.find(province, city)
    known = code[:4] if code and regions.level(code) > regions.PROVINCE else ""
    return Site(code[:2], known, frozenset(companies.core(name) for name in owners if name))


def owners_of(ids: Collection[int]) -> dict[int, set[str]]:
    """The names of the project owners by project."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = everything(Participant, because=WHY).filter(project__in=ids, part=Part.OWNER)
    for pk, name in rows.values_list("project", "name"):
        found[pk].add(name)
    return found


def alike(name: str, where: Site, *, without: int | None = None) -> list[tuple[float, dict[str, Any]]]:
    """Projects that may be the one described, the likeliest first, past all rights: likeness and stored values."""
    said = projects.read(name)
    shared = ProjectGram.objects.filter(gram__in=projects.telling(said.core)).values("project")
    ids = list(shared.annotate(n=Count("pk")).order_by("-n", "-project").values_list("project", flat=True)[:CANDIDATES])
    rows = list(everything(Project, because=WHY).filter(pk__in=ids).exclude(pk=without).order_by("pk").values(*_READ))
    owners = owners_of([row["pk"] for row in rows])
    found = []
    for row in rows:
        there = site(row["province"], row["city"], owners.get(row["pk"], ()))
        value = projects.together(projects.likeness(said, projects.read(row["name"])), where, there)
        if value >= projects.MAYBE:
            found.append((value, row))
    return sorted(found, key=lambda pair: (-pair[0], pair[1]["pk"]))


def same_site(project: Project) -> dict[int, float]:
    """The projects that surely are the same site, itself included, with the likeness of each."""
    where = site(project.province, project.city, owners_of([project.pk]).get(project.pk, ()))
    found = alike(project.name, where, without=project.pk)
    return {project.pk: 1.0} | {row["pk"]: value for value, row in found if value >= projects.SURE}


# Registrations ------------------------------------------------------------------------------------------------------


def _holding(day: dt.date) -> Q:
    """Registrations that protect on a day; a disputed one holds until it is ruled on."""
    return Q(status=Standing.CONFLICT) | Q(status__in=ACTIVE, protected_until__gte=day)


def standing(ids: Collection[int]) -> dict[int, Registration]:
    """The earliest registration that protects each of some projects today."""
    rows = everything(Registration, because=WHY).filter(_holding(clock.today()), project__in=ids)
    found: dict[int, Registration] = {}
    for row in rows.select_related("owner").order_by("registered_at", "pk"):
        found.setdefault(row.project_id, row)
    return found


def rivals(registration: Registration) -> list[tuple[float, Registration]]:
    """Other people's registrations that protect the same site, the earliest first, with the likeness of the sites."""
    sites = same_site(registration.project)
    rows = everything(Registration, because=WHY).filter(_holding(registration.registered_on), project__in=sites)
    others = rows.exclude(owner=registration.owner_id).exclude(pk=registration.pk).select_related("project")
    return [(sites[row.project_id], row) for row in others.order_by("registered_at", "pk")]


def conflicts_of(ids: Collection[int]) -> Any:
    """The conflicts in which some registrations are a side."""
    rows = everything(Conflict, because=WHY)
    return (rows.filter(first__in=ids) | rows.filter(second__in=ids)).select_related("first", "second")


def common_team(one: int | None, other: int | None) -> int | None:
    """The smallest team that both people are in, themselves or through a team below; None where there is none."""
    homes = dict(Person.objects.filter(pk__in=[one, other], unit__isnull=False).values_list("pk", "unit_id"))
    if one not in homes or other not in homes:
        return None
    chart = Chart(dict(Team.objects.filter(deleted_at__isnull=True).values_list("pk", "parent_id")), {}, {})
    above = list(chart.upwards(homes[one]))
    return next((team for team in chart.upwards(homes[other]) if team in above), None)


def seen_sides(conflict: Conflict, actor: Any) -> set[str]:
    """The sides of a conflict whose registration, name and evidence this actor may see."""
    return {
        side for side, row in (("first", conflict.first), ("second", conflict.second)) if access.may(actor, "view", row)
    }
