"""What a saved membership, team, stand-in or person means for the closure, and what must not be saved at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.org import reach, zone
from xiaoguan.apps.org.models import Company, Deputy, Membership, Person, Role, Team
from xiaoguan.apps.org.models.membership import LEADING
from xiaoguan.apps.org.queries import memberships_on, subtree_ids, teams
from xiaoguan.kit import fact, guard
from xiaoguan.kit.access import Grants
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.errors import Invalid, Refusal, WayOut
from xiaoguan.kit.record import Record


def _was_and_is(row: Record, name: str) -> Iterable[int]:
    """The ids a reference had before the save and has now."""
    return {getattr(row, name), row._loaded.get(name) if hasattr(row, "_loaded") else None} - {None}


@consequence(Company)
def follow_company(work: Work, rows: Sequence[Company], fresh: bool) -> None:
    """Days are counted in the company's time zone."""
    zone.forget()


@consequence(Membership)
def follow_membership(work: Work, rows: Sequence[Membership], fresh: bool) -> None:
    """Members change who sees them, leaders also what they see; what they earned goes to the team of its day."""
    people = {person for row in rows for person in _was_and_is(row, "person_id")}
    leading = {
        person
        for row in rows
        if row.post in LEADING or (not fresh and row._loaded["post"] in LEADING)
        for person in _was_and_is(row, "person_id")
    }
    reach.refresh(people=people, viewers=leading)
    for entity, ids in fact.resettle(people).items():
        work.stir(entity, ids)


@consequence(Team)
def follow_team(work: Work, rows: Sequence[Team], fresh: bool) -> None:
    """A moved team takes its people along; a removed or restored one changes all ways through it.

    Raises Invalid for a team below itself.
    """
    if fresh:
        reach.refresh(teams={row.pk for row in rows})
        return
    changed = [set(row.changed_fields()) for row in rows]
    moved = {row.pk for row, names in zip(rows, changed, strict=True) if "parent_id" in names}
    for row in rows:
        if row.pk in moved and row.parent_id in subtree_ids(row.pk):
            raise Invalid({"parent": [gettext("A team can't be part of itself or of a team below it.")]})
    if any("deleted_at" in names for names in changed):
        reach.rebuild()
    elif moved:
        reach.refresh(teams=moved)


@consequence(Deputy)
def follow_deputy(work: Work, rows: Sequence[Deputy], fresh: bool) -> None:
    """A stand-in sees more, or less again."""
    reach.refresh(viewers={person for row in rows for person in _was_and_is(row, "deputy_id")})


@consequence(Person)
def follow_person(work: Work, rows: Sequence[Person], fresh: bool) -> None:
    """New people reach themselves; who leaves, returns, is removed or restored changes both sides."""
    if fresh:
        reach.admit([row.pk for row in rows])
        return
    for row in rows:
        if "deleted_at" in row.changed_fields():
            row.is_active = row.deleted_at is None and row.left_on is None
            Person.objects.filter(pk=row.pk).update(is_active=row.is_active)
    watched = {"is_active", "left_on", "deleted_at"}
    if touched := {row.pk for row in rows if watched & set(row.changed_fields())}:
        reach.refresh(people=touched, viewers=touched)


def _is_key(grants: Mapping[str, Any]) -> bool:
    """Whether a role's grants let its holders change roles."""
    return Grants.of_roles([(grants, {})]).scope("org.role", "change") == "all"


@consequence(Role)
def keep_the_key(work: Work, rows: Sequence[Role], fresh: bool) -> None:
    """Whatever changes a role, undo included: somebody who may sign in can still change roles.

    Raises Refusal otherwise.
    """
    watched = {"grants", "deleted_at"}
    if fresh or not any(watched & set(row.changed_fields()) for row in rows):
        return
    able = Person.objects.filter(is_active=True, deleted_at__isnull=True)
    roles = Role.objects.filter(deleted_at__isnull=True, people__in=able).distinct()
    if any(_is_key(role.grants) for role in roles):
        return
    # Where nobody could before, a role that keeps its right takes nothing away: an upgrade must be able to add to it.
    if any(_is_key(row._loaded["grants"]) and (row.deleted_at or not _is_key(row.grants)) for row in rows):
        raise Refusal(
            gettext("Somebody must be able to change roles"),
            gettext("After this nobody who may sign in could, and nobody could ever give that right back."),
            code="last_key",
            ways_out=[
                WayOut(gettext("Give somebody else the role “administrator” first"), "/roles/", icon="shield-lock")
            ],
        )


@guard.register("org.team.delete", code="team_in_use", label=_("A team with people or teams in it stays"))
def keep_used_teams(attempt: guard.Attempt) -> None:
    """Refuse to remove what others still stand in."""
    for team in attempt.rows:
        if teams().filter(parent=team).exists() or memberships_on(None, [team]).exists():
            raise Refusal(
                gettext("%(team)s can't be removed yet") % {"team": team},
                gettext("There are people in it, or teams below it."),
                code="team_in_use",
                ways_out=[WayOut(gettext("Open the organisation chart and move them"), url="/org/", icon="hierarchy")],
            )


@guard.register("org.person.delete", code="person_in_use", label=_("Who has worked here stays on the books"))
def keep_people(attempt: guard.Attempt) -> None:
    """Refuse to remove somebody who has been in a team or could sign in: his work refers to him."""
    for person in attempt.rows:
        if person.has_usable_password() or person.memberships.filter(deleted_at__isnull=True).exists():
            raise Refusal(
                gettext("%(name)s stays on the books") % {"name": person},
                gettext("Records and results refer to people who have worked here."),
                code="person_in_use",
                ways_out=[WayOut(gettext("Record the last working day instead"), icon="door-exit")],
            )
