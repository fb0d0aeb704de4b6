"""Reads about the company, its teams and people, and its working days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import Case, QuerySet, When

from xiaoguan.apps.org import seeding
from xiaoguan.apps.org.chart import Chart
from xiaoguan.apps.org.models import CalendarDay, Company, Membership, Person, Role, Team, UnitReach
from xiaoguan.apps.org.models.membership import LEADING, Post, on
from xiaoguan.apps.org.models.person import SYSTEM
from xiaoguan.calc.period import WorkCalendar
from xiaoguan.kit import clock, feed, memo
from xiaoguan.lexicon import workdays

RANK = Case(When(post=Post.MANAGER, then=0), When(post=Post.DEPUTY, then=1), default=2)
FIRST_YEAR, LAST_YEAR = 2004, 2040
"""The years whose published holidays are looked up; earlier and later days follow the working week."""


def company() -> Company:
    """The company; an unsaved one with the defaults before `init`."""
    return Company.objects.filter(deleted_at__isnull=True).first() or Company(name="")


def system_actor() -> Person:
    """The actor of jobs and repairs; nobody signs in as him and no list shows him."""
    found = Person.anybody.filter(username=SYSTEM, system=True).first()
    if found is None:
        seeding.ensure(Role, Person.anybody)
        found = Person.anybody.get(username=SYSTEM, system=True)
    return found


def role(code: str) -> Role:
    """A built-in role by its code."""
    return Role.objects.get(code=code, deleted_at__isnull=True)


# Teams --------------------------------------------------------------------------------------------------------------


def teams() -> QuerySet[Team]:
    """All living teams in the order of the chart."""
    return Team.objects.filter(deleted_at__isnull=True).order_by("position", "name", "pk")


def tree() -> list[tuple[Team, int]]:
    """Every team with its depth, parents before children."""
    children: dict[int | None, list[Team]] = {}
    found = list(teams())
    known = {team.pk for team in found}
    for team in found:
        children.setdefault(team.parent_id if team.parent_id in known else None, []).append(team)
    ordered: list[tuple[Team, int]] = []
    waiting = [(team, 0) for team in reversed(children.get(None, []))]
    while waiting:
        team, depth = waiting.pop()
        ordered.append((team, depth))
        waiting += [(child, depth + 1) for child in reversed(children.get(team.pk, []))]
    return ordered


def subtree_ids(*roots: Team | int) -> set[int]:
    """Ids of teams and all teams below them."""
    return set().union(*subtrees(*roots).values())


def subtrees(*roots: Team | int) -> dict[int, set[int]]:
    """The same team by team, in one query: each id with itself and all below it."""
    parents = dict(Team.objects.filter(deleted_at__isnull=True).values_list("pk", "parent_id"))
    chart = Chart(parents, {}, {})
    return {pk: chart.subtree({pk}) for pk in (getattr(root, "pk", root) for root in roots)}


def led_teams(person: Person) -> QuerySet[Team]:
    """The teams whose people a person reaches by post or as a stand-in, the whole subtree included."""
    led = UnitReach.objects.filter(viewer_id=person.pk, leads=True).values("unit_id")
    return teams().filter(pk__in=led)


def leads_anybody(person: Person) -> bool:
    """Whether a person has the home of a manager; asked once for a page, which loads its reader anew."""
    known: bool | None = person.__dict__.get("_leads") if feed.is_asked_once() else None
    if known is None:
        known = person.__dict__["_leads"] = UnitReach.objects.filter(viewer_id=person.pk, leads=True).exists()
    return known


def managed_teams(person: Person, day: dt.date | None = None) -> QuerySet[Team]:
    """The teams in which the person himself holds a leading post, without those below."""
    held = _held(day).filter(person_id=person.pk, post__in=LEADING)
    return teams().filter(pk__in=held.values("team_id"))


# People -------------------------------------------------------------------------------------------------------------


def _held(day: dt.date | None) -> QuerySet[Membership]:
    rows = Membership.objects.filter(on(day or clock.today()), deleted_at__isnull=True)
    return rows.filter(team__deleted_at__isnull=True, person__deleted_at__isnull=True)


def memberships_on(day: dt.date | None = None, teams: Iterable[Team | int] | None = None) -> QuerySet[Membership]:
    """The memberships in force on a day, managers and deputies first, with their people; of some teams or of all."""
    rows = _held(day).select_related("person", "team")
    if teams is not None:
        rows = rows.filter(team_id__in={getattr(team, "pk", team) for team in teams})
    return rows.order_by(RANK, "person__name", "person_id")


def members_on(day: dt.date | None, *teams: Team | int, below: bool = False) -> QuerySet[Person]:
    """The people in teams on a day (and, with `below`, in all teams under them), by name."""
    wanted = subtree_ids(*teams) if below else {getattr(team, "pk", team) for team in teams}
    inside = _held(day).filter(team_id__in=wanted).values("person_id")
    return Person.objects.filter(pk__in=inside, deleted_at__isnull=True).order_by("name", "pk")


def managers_of(*teams: Team | int, day: dt.date | None = None) -> dict[int, list[Person]]:
    """The managers of each team on a day, managers before deputies; teams without one are left out."""
    found: dict[int, list[Person]] = {}
    for held in memberships_on(day, teams).filter(post__in=LEADING):
        found.setdefault(held.team_id, []).append(held.person)
    return found


def manager_of(person: Person, day: dt.date | None = None) -> Person | None:
    """The nearest manager above a person on the way from his main team to the top."""
    return managers_of_people([person.pk], day).get(person.pk)


def managers_of_people(people: Collection[int], day: dt.date | None = None) -> dict[int, Person]:
    """The nearest manager of each person, himself never; a few queries for any number of people."""
    day = day or clock.today()
    homes = dict(Person.objects.filter(pk__in=people, unit__isnull=False).values_list("pk", "unit_id"))
    chart = Chart(dict(Team.objects.filter(deleted_at__isnull=True).values_list("pk", "parent_id")), {}, {})
    leading: dict[int, list[Person]] = {}
    for held in _held(day).filter(post=Post.MANAGER, person__is_active=True).select_related("person").order_by("pk"):
        leading.setdefault(held.team_id, []).append(held.person)
    found = {}
    for person, home in homes.items():
        above = (leader for team in chart.upwards(home) for leader in leading.get(team, ()) if leader.pk != person)
        if (nearest := next(above, None)) is not None:
            found[person] = nearest
    return found


# Days ---------------------------------------------------------------------------------------------------------------


def working_calendar() -> WorkCalendar:
    """Which days are worked: the company's week, published holidays, and days it decided itself."""
    token = tuple(feed.versions("org.company", "org.calendarday").values())
    return memo.remember("org.calendar", token, _calendar)


def _calendar() -> WorkCalendar:
    week = frozenset(number - 1 for number in company().workday_set())
    exceptions: dict[dt.date, bool] = {}
    for year in range(FIRST_YEAR, LAST_YEAR):
        exceptions.update(workdays.exceptions(year))
    own = CalendarDay.objects.filter(deleted_at__isnull=True)
    return WorkCalendar({**exceptions, **dict(own.values_list("day", "working"))}, week)


def working_hours() -> tuple[dt.time, dt.time]:
    """When a working day begins and ends."""
    return memo.remember("org.hours", tuple(feed.versions("org.company").values()), _hours)


def _hours() -> tuple[dt.time, dt.time]:
    found = company()
    return found.opens_at, found.closes_at


def holidays_published(year: int) -> bool:
    """Whether the holidays of a year are known; pages say so where they are not."""
    return workdays.covers(year)
