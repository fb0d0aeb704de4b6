"""How people are imported: persons, teams from the team or manager column, memberships, posts and roles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.org import invites, usernames
from xiaoguan.apps.org.actions import Joiner, join_many
from xiaoguan.apps.org.models import Membership, Person, Team
from xiaoguan.apps.org.models.membership import LEADING, Post, on
from xiaoguan.apps.org.models.person import Position
from xiaoguan.apps.org.models.team import TeamKind
from xiaoguan.kit import clock
from xiaoguan.kit.access import everything, may
from xiaoguan.kit.errors import Denied
from xiaoguan.lexicon import positions
from xiaoguan.lexicon.companies import match_key
from xiaoguan.transfer.importer import Candidate, Draft, Importer, importer
from xiaoguan.transfer.slots import Slot, free_slot
from xiaoguan.transfer.values import choice_words

SOURCE = "import"
OFFICE_POSTS = {
    Position.HR.value, Position.FINANCE.value, Position.SERVICE.value, Position.ADMINISTRATOR.value,
    Position.AUDITOR.value,
}  # fmt: skip
"""Whoever has one of these sells nothing: a team of such people has no targets."""
choice_words[str(Person._meta.get_field("position"))] = positions.code_of


@dataclass(frozen=True)
class Place:
    """Where one row puts somebody: names of team, manager and the region above the team."""

    team: str
    manager: str
    office: str

    @property
    def team_name(self) -> str:
        """The team's own name, or one made from its manager's."""
        return self.team or (gettext("%(name)s's team") % {"name": self.manager} if self.manager else self.office)

    @property
    def parent_name(self) -> str:
        """The region or branch the team is part of."""
        return self.office if self.office != self.team_name else ""


class Lines:
    """Who leads which team, and which team is below which, as the column of managers has it; all by folded names."""

    def __init__(self, rows: Sequence[tuple[Place, str, str]]) -> None:
        self.home: dict[str, str] = {}
        self.boss: dict[str, str] = {}
        self.members: dict[str, list[str]] = {}
        posts: dict[str, set[str]] = {}
        for place, name, position in rows:
            team, person = match_key(place.team_name), match_key(name)
            self.boss[person] = match_key(place.manager)
            if team:
                self.home[person] = team
                self.members.setdefault(team, []).append(person)
                posts.setdefault(team, set()).add(position)
        self.offices = {team for team, held in posts.items() if held <= OFFICE_POSTS}
        self.heads = {team: head for team in self.members if (head := self._head(team))}
        self.above = {team: above for team in self.heads if (above := self._above(team))}

    def _head(self, team: str) -> str:
        """Whom its members name and who is one of them; else who of them is named elsewhere; else whom they name."""
        people = self.members[team]
        named = [self.boss[person] for person in people if self.boss[person]]
        cited = set(self.boss.values())
        inside = [person for person in people if person in cited]
        top = [person for person in inside if self.home.get(self.boss[person]) != team]
        return next(iter([*top, *inside, *named]), "")

    def _above(self, team: str) -> str:
        """The team of whom its head reports to; offices stay where they are, and nothing hangs below itself."""
        head = self.heads[team]
        above = self.home.get(self.boss.get(head, "") if self.home.get(head) == team else head, "")
        seen = {team}
        step = above
        while step:
            if step in seen:
                return ""
            seen.add(step)
            leads = self.heads.get(step, "")
            step = self.home.get(self.boss.get(leads, ""), "") if self.home.get(leads) == step else ""
        return "" if team in self.offices else above


@importer(Person._meta.label_lower)
class PersonImporter(Importer):
    """Rows become persons first; teams, managers and memberships follow once everybody is there."""

    def make_slots(self) -> dict[str, Slot]:
        """The person's fields, and team, manager and region as names."""
        slots = super().make_slots()
        slots["username"] = replace(slots["username"], required=False)
        name = Person._meta.get_field("name")
        slots["team"] = free_slot("team", _("Team"), Team._meta.get_field("name"))
        slots["manager"] = free_slot("manager", _("Manager"), name)
        slots["office"] = free_slot("office", _("Region or branch"), Team._meta.get_field("name"))
        return slots

    def usual_ways(self) -> list[tuple[str, ...]]:
        """People are recognised by user name, by employee number, else by their name."""
        return [("username",), ("employee_no",), ("name",)]

    def complete(self, draft: Draft) -> None:
        """A job title often says the position too, where no column does."""
        if "position" not in self.used and (code := positions.code_of(draft.values.get("job_title", ""))):
            draft.values["position"] = code

    def defaults(self, candidate: Candidate) -> dict[str, Any]:
        """A user name made from the name; and who sells needs no column that says so."""
        found: dict[str, Any] = {}
        if not candidate.values.get("position"):
            found["position"] = Position.SALES_ENGINEER.value
        if not candidate.values.get("username"):
            found["username"] = usernames.suggest([candidate.values["name"]], self._taken)[0]
            self._taken.add(found["username"])
        return found

    @cached_property
    def _taken(self) -> set[str]:
        """User names that are given away, those of rows above included."""
        return set(Person.anybody.values_list("username", flat=True))

    def create(self, work: Any, candidates: Sequence[Candidate]) -> Sequence[Person]:
        """People join with user names made from their names, without a password, with the role of their position."""
        joiners = []
        for candidate in candidates:
            values = dict(candidate.values)
            joiners.append(
                Joiner(
                    name=values.pop("name"),
                    username=values.pop("username"),
                    position=values.pop("position"),
                    start=values.pop("joined_on", None),
                    values=values,
                )
            )
        return join_many(joiners, actor=self.actor, source=SOURCE)

    # Teams, once all people are there ------------------------------------------------------------------------

    @property
    def finishes(self) -> bool:
        """Whether the file places people."""
        return bool(self.used & {"team", "manager", "office"})

    def hand_out(self, server: str = "") -> list[dict[str, str]]:
        """A one-time link for everybody who has never had one and can't sign in yet."""
        people = [person for person in newcomers() if may(self.actor, "invite", person)]
        links = invites.invite_many(people, actor=self.actor, source=SOURCE) if people else []
        return [
            {
                "name": person.name,
                "username": person.username,
                "team": str(person.unit or ""),
                "link": link.url(server),
            }
            for person, link in zip(people, links, strict=True)
        ]

    def foresee(self, drafts: Sequence[Draft]) -> dict[str, list[str]]:
        """Teams and managers that the file names and that don't exist."""
        places = [_place(draft) for draft in drafts if not draft.failed and draft.candidates]
        teams = {match_key(team.name) for team in _teams()}
        people = {match_key(name) for name in _people_names()}
        people |= {match_key(draft.values["name"]) for draft in drafts if draft.values.get("name")}
        wanted_teams = dict.fromkeys(name for place in places for name in (place.parent_name, place.team_name) if name)
        managers = dict.fromkeys(place.manager for place in places if place.manager)
        return {
            "team": [name for name in wanted_teams if match_key(name) not in teams],
            "manager": [name for name in managers if match_key(name) not in people],
        }

    def finish(self, work: Any, rows: Sequence[tuple[Draft, Person]]) -> None:
        """Make the missing teams and managers, then put everybody without a team into his."""
        places = [(_place(draft), person) for draft, person in rows]
        lines = Lines([(place, person.name, person.position) for place, person in places])
        teams = self._make_teams(work, [place for place, _person in places], lines)
        leaders = self._leaders([place for place, _person in places], [person for _draft, person in rows])
        placed = set(_held().values_list("person_id", flat=True))
        led = set(_held().filter(post__in=LEADING).values_list("team_id", flat=True))
        values: list[dict[str, Any]] = []
        for key, head in lines.heads.items():
            team, leader = teams.get(key), leaders.get(head)
            if team is None or leader is None or team.pk in led:
                continue
            main = leader.pk not in placed
            values.append({"person": leader, "team": team, "post": Post.MANAGER, "main": main})
            placed.add(leader.pk)
            led.add(team.pk)
        for place, person in places:
            team = teams.get(match_key(place.team_name))
            if team is not None and person.pk not in placed:
                values.append({"person": person, "team": team, "post": Post.MEMBER, "start": person.joined_on})
                placed.add(person.pk)
        if values:
            work.create(Membership, values)

    def _make_teams(self, work: Any, places: Iterable[Place], lines: Lines) -> dict[str, Team]:
        """Every team by its folded name; regions first, as teams hang under them; else by who reports to whom."""
        known = {match_key(team.name): team for team in _teams()}
        wanted = list(dict.fromkeys(places))
        regions = {match_key(place.parent_name): place.parent_name for place in wanted if place.parent_name}
        parents = {match_key(place.team_name): place.parent_name for place in wanted if place.team_name}
        names = {match_key(place.team_name): place.team_name for place in wanted if place.team_name}
        top = next((team for team in _teams() if team.kind == "company"), None)
        for level, members in enumerate((regions, names)):
            new = {key: name for key, name in members.items() if key not in known}
            if not new:
                continue
            if not may(self.actor, "create", Team):
                raise Denied("create", Team)
            while new:
                ready = {key: name for key, name in new.items() if lines.above.get(key) not in new} or dict(new)
                values = [
                    {
                        "name": name,
                        "parent": (known.get(match_key(parents.get(key, ""))) if level else None)
                        or known.get(lines.above.get(key, ""))
                        or top,
                        "kind": TeamKind.OFFICE if key in lines.offices else TeamKind.SALES,
                    }
                    for key, name in ready.items()
                ]
                known |= dict(zip(ready, work.create(Team, values), strict=True))
                new = {key: name for key, name in new.items() if key not in ready}
        return known

    def _leaders(self, places: Sequence[Place], people: Sequence[Person]) -> dict[str, Person]:
        """Every named manager by folded name; one who is nowhere yet joins as sales manager."""
        found = {match_key(person.name): person for person in everything(Person, because="managers by name")}
        found |= {match_key(person.name): person for person in people}
        missing = {match_key(place.manager): place.manager for place in places if place.manager}
        new = [name for key, name in missing.items() if key not in found]
        joiners = [Joiner(name=name, position=Position.SALES_MANAGER) for name in new]
        if joiners:
            made = join_many(joiners, actor=self.actor, source=SOURCE)
            found |= {match_key(person.name): person for person in made}
        return found


def newcomers() -> list[Person]:
    """Active people without a password who have never been given a link, team by team."""
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True, invites__isnull=True)
    found = rows.select_related("unit").order_by("unit__position", "unit__name", "name", "pk")
    return [person for person in found if not person.has_usable_password()]


def _place(draft: Draft) -> Place:
    values = draft.values
    return Place(values.get("team", ""), values.get("manager", ""), values.get("office", ""))


def _teams() -> list[Team]:
    return list(everything(Team, because="teams are matched by name, whoever imports"))


def _people_names() -> list[str]:
    return list(everything(Person, because="managers are matched by name").values_list("name", flat=True))


def _held() -> Any:
    """Memberships in force today."""
    return Membership.objects.filter(on(clock.today()), deleted_at__isnull=True)
