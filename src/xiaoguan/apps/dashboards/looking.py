"""What a reader looks at: of whom, of which time, and what his rights leave of it; the same for all tiles of a page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from xiaoguan.apps.dashboards import ranking
from xiaoguan.apps.dashboards.models import About, Dashboard
from xiaoguan.apps.dashboards.periods import Stretch, stretch
from xiaoguan.apps.goals import queries as goals
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.metrics.queries import is_hidden, readable_people
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.org.queries import led_teams, managed_teams, subtree_ids
from xiaoguan.kit import access

MOST_PEOPLE = 300


@dataclass(frozen=True)
class Whose:
    """A person, a team with all below it, or the company."""

    kind: str
    pk: int | None
    name: str
    units: frozenset[int] | None = None

    @property
    def code(self) -> str:
        """How addresses say it: company, team:3, person:9."""
        return self.kind if self.pk is None else f"{self.kind}:{self.pk}"

    @property
    def subject(self) -> str:
        """The subject of its targets."""
        if self.kind == "company":
            return goals.COMPANY
        return goals.team_key(self.pk or 0) if self.kind == "team" else goals.person_key(self.pk or 0)

    @property
    def query(self) -> dict[str, int]:
        """How the records behind its figures are asked for."""
        return {} if self.pk is None else {self.kind: self.pk}


class Looking:
    """One reader's look at a dashboard: whose figures, which time, and whom he may read by each metric's rule."""

    def __init__(self, actor: Any, whose: Whose, time: Stretch) -> None:
        self.actor = actor
        self.whose = whose
        self.time = time
        self.opens = True
        """Whether figures lead to their records: not on a wall that hangs where anybody walks by."""
        self._readable: dict[str, Collection[int] | None] = {}

    def readable(self, metric: Metric) -> Collection[int] | None:
        """Whose figures of this metric he may read; None is everybody's. Asked once for all metrics of one rule."""
        if metric.seen_by not in self._readable:
            found = readable_people(self.actor, metric)
            self._readable[metric.seen_by] = None if found is None else frozenset(found)
        return self._readable[metric.seen_by]

    def people(self, metric: Metric) -> Collection[int] | None:
        """The people whose credits count in this look; None is everybody."""
        readable = self.readable(metric)
        if self.whose.kind != "person":
            return readable
        own = frozenset({self.whose.pk or 0})
        return own if readable is None else own & frozenset(readable)

    def tells(self, metric: Metric) -> bool:
        """Whether he is told this figure at all: it is not masked, and not of somebody out of his sight."""
        return not is_hidden(self.actor, metric) and self.people(metric) != frozenset()

    def partial(self, metric: Metric) -> bool:
        """Whether others in this look have figures that he may not read."""
        return self.whose.kind != "person" and self.readable(metric) is not None

    @cached_property
    def sees_aim(self) -> bool:
        """Whether he may see the targets of whom he looks at."""
        scope = access.grants(self.actor).scope(Target.entity.name, "view")
        if scope in ("none", "all"):
            return scope == "all"
        if self.whose.kind == "company":
            return False
        if self.whose.kind == "team":
            return bool(led_teams(self.actor).filter(pk=self.whose.pk).exists())
        return self.whose.pk == self.actor.pk or self.whose.pk in set(self.actor.reach_ids())


def first_of(actor: Any, dashboard: Dashboard) -> Whose:
    """Whose figures a dashboard shows until its reader chooses; who leads nobody has himself for a team."""
    if dashboard.about == About.COMPANY:
        return company()
    if dashboard.about == About.TEAM:
        own = managed_teams(actor).first() or led_teams(actor).first()
        if own is not None:
            return _team(own)
        if access.grants(actor).scope("metrics.figures", "view") == "all":
            return company()
    return _person(actor)


def company() -> Whose:
    """Everybody's figures together."""
    return Whose("company", None, _("The whole company"))


def _team(row: Team) -> Whose:
    return Whose("team", row.pk, row.name, frozenset(subtree_ids(row)))


def _person(row: Person) -> Whose:
    return Whose("person", row.pk, row.name)


def people_to_choose(actor: Any) -> list[Person]:
    """The people whose figures an actor may look at one by one: himself, those in reach, or all who sell."""
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True)
    if access.grants(actor).scope("metrics.figures", "view") != "all":
        rows = rows.filter(pk__in=actor.reach_ids())
    else:
        rows = rows.filter(unit__kind="sales")
    return list(rows.order_by("unit__position", "name", "pk")[:MOST_PEOPLE])


def whose(actor: Any, raw: str, dashboard: Dashboard) -> Whose:
    """Whom an address means; not found where the actor may not look at them."""
    if not raw:
        return first_of(actor, dashboard)
    if raw == "company":
        return company()
    kind, _mark, number = raw.partition(":")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    if kind == "team":
        team = next((row for row in ranking.teams_to_choose(actor) if row.pk == pk), None)
        if team is not None:
            return _team(team)
    if kind == "person":
        if pk == actor.pk:
            return _person(actor)
        row = Person.objects.filter(pk=pk, deleted_at__isnull=True).first()
        everyone = access.grants(actor).scope("metrics.figures", "view") == "all"
        if row is not None and (everyone or pk in set(actor.reach_ids())):
            return _person(row)
    raise Http404


def look(actor: Any, dashboard: Dashboard, who: str, time: str) -> Looking:
    """The look of an address; without words of its own the dashboard's first one."""
    return Looking(actor, whose(actor, who, dashboard), stretch(time or dashboard.period))
