"""By which way somebody reaches a person or a team: his own post, a post of somebody he stands in for, or being there.

The closure says whether; this says why, from memberships, teams and stand-ins as they are today. That both agree is
tested for everybody and everything of the sample company.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from xiaoguan.apps.org.chart import Chart
from xiaoguan.apps.org.models import Deputy, Membership, Person, Team
from xiaoguan.apps.org.models.membership import LEADING, on
from xiaoguan.apps.org.reach import places_on, working
from xiaoguan.kit import clock


@dataclass(frozen=True)
class Way:
    """One way: `post` is the leading or plain membership that opens it, `deputy` the days of standing in.

    `place` is where the reached person is. Neither post nor deputy: it is himself.
    """

    post: Membership | None = None
    deputy: Deputy | None = None
    place: Team | None = None

    @property
    def leads(self) -> bool:
        """Whether it reaches what belongs to a team as its leader does."""
        return self.post is not None and self.post.leads

    @property
    def start(self) -> dt.date | None:
        """Since when it holds."""
        starts = [one.start for one in (self.post, self.deputy) if one is not None and one.start is not None]
        return max(starts, default=None)

    @property
    def end(self) -> dt.date | None:
        """Until when it holds."""
        ends = [one.end for one in (self.post, self.deputy) if one is not None and one.end is not None]
        return min(ends, default=None)


def _stand_ins(viewer: Person, day: dt.date) -> list[Deputy]:
    rows = Deputy.objects.filter(on(day), working(day, "deputy__"), deputy_id=viewer.pk, deleted_at__isnull=True)
    return list(rows.filter(person__deleted_at__isnull=True).select_related("person"))


def _posts(people: list[int], day: dt.date) -> list[Membership]:
    rows = Membership.objects.filter(on(day), working(day, "person__"), person_id__in=people, deleted_at__isnull=True)
    return list(rows.filter(post__in=LEADING, team__deleted_at__isnull=True).select_related("team", "person"))


def to_person(viewer: Person, person_id: int) -> list[Way]:
    """Every way by which somebody reaches a person today, his own before those of others."""
    day = clock.today()
    serving = _stand_ins(viewer, day)
    found = [Way()] if person_id == viewer.pk else []
    teams = {team.pk: team for team in Team.objects.filter(deleted_at__isnull=True)}
    for place in places_on(day, people=[person_id]):
        found += _over(viewer, serving, teams, place.team, day)
    return [*found, *(Way(deputy=one) for one in serving if one.person_id == person_id)]


def to_unit(viewer: Person, unit_id: int) -> list[Way]:
    """Every way by which somebody reaches what belongs to a team as such; plain members only see it."""
    day = clock.today()
    teams = {team.pk: team for team in Team.objects.filter(deleted_at__isnull=True)}
    found = list(_over(viewer, _stand_ins(viewer, day), teams, unit_id, day))
    mine = Membership.objects.filter(on(day), working(day, "person__"), person_id=viewer.pk, team_id=unit_id)
    return [*found, *(Way(post=one) for one in mine.filter(deleted_at__isnull=True, team__deleted_at__isnull=True))]


def _over(viewer: Person, serving: list[Deputy], teams: dict[int, Team], unit_id: int, day: dt.date) -> Iterator[Way]:
    """The ways through a leading post in a team or above it, the viewer's own first."""
    above = list(Chart({pk: team.parent_id for pk, team in teams.items()}, {}, {}).upwards(unit_id))
    posts = [one for one in _posts([viewer.pk, *(one.person_id for one in serving)], day) if one.team_id in above]
    place = teams.get(unit_id)
    for post in posts:
        if post.person_id == viewer.pk:
            yield Way(post=post, place=place)
    for post in posts:
        for one in serving:
            if one.person_id == post.person_id:
                yield Way(post=post, deputy=one, place=place)


def acting_for(viewer: Person, person_id: int | None, unit_id: int | None) -> int | None:
    """Through whom alone somebody reaches a person or, without one, a team; None where he does by himself or not."""
    if person_id is not None:
        ways = to_person(viewer, person_id)
    else:
        ways = [] if unit_id is None else to_unit(viewer, unit_id)
    if any(way.deputy is None for way in ways):
        return None
    return next((way.deputy.person_id for way in ways if way.deputy is not None), None)
