"""What can be done with people and teams: joining, moving, leading, standing in, leaving."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.org import sessions, usernames
from xiaoguan.apps.org.models import Deputy, Membership, Person, Role, Team
from xiaoguan.apps.org.models.membership import LEADING, Post, on
from xiaoguan.apps.org.models.person import Density, Language, Position, Theme, UnitDisplay
from xiaoguan.kit import access, clock, event
from xiaoguan.kit.access import Grants
from xiaoguan.kit.action import Done, Work, action
from xiaoguan.kit.errors import Denied, Invalid, Refusal, WayOut

JOINED = event.declare("person.joined", _("Somebody joined"))
MOVED = event.declare("person.moved", _("Somebody moved to another team"))
LEFT = event.declare("person.left", _("Somebody left"))
DAY = dt.timedelta(days=1)

POSITION_ROLES = {
    Position.SALES_ENGINEER: "salesperson",
    Position.SALES_ASSISTANT: "salesperson",
    Position.SALES_MANAGER: "manager",
    Position.SALES_DIRECTOR: "director",
    Position.GENERAL_MANAGER: "director",
    Position.HR: "hr",
    Position.FINANCE: "finance",
    Position.SERVICE: "service",
    Position.ADMINISTRATOR: "administrator",
    Position.AUDITOR: "auditor",
}
"""The role that usually goes with a position, where nobody says otherwise."""


EVERYDAY_ROLES = frozenset({"salesperson", "manager", "service", "finance", "hr"})
"""What personnel may hand out; every other role, the company's own ones included, takes an administrator."""


@dataclass(frozen=True)
class Joiner:
    """Somebody about to join: `roles` are codes (None: what the position brings), `start` None is since always."""

    name: str
    username: str = ""
    position: str = ""
    team: Team | None = None
    post: str = Post.MEMBER
    start: dt.date | None = None
    roles: Sequence[str] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def role_codes(self) -> list[str]:
        """The codes of the roles he gets."""
        if self.roles is not None:
            return list(self.roles)
        code = POSITION_ROLES.get(self.position, "")
        if self.team and self.post in LEADING and code in ("", "salesperson"):
            code = "manager"
        return [code] if code else []


def join(joiner: Joiner, *, actor: Person, source: str = "page") -> Person:
    """Put one person on the books; see `join_many`."""
    return join_many([joiner], actor=actor, source=source)[0]


def join_many(joiners: Sequence[Joiner], *, actor: Person, source: str = "page") -> list[Person]:
    """Create people with memberships and roles as one change, in a fixed number of queries.

    User names left empty are made from the names. Raises Denied, or Invalid for a user name taken or twice.
    """
    if not access.may(actor, "create", Person):
        raise Denied("create", Person)
    with transaction.atomic():
        work = Work(actor, "join", Person._meta.label_lower, source)
        people = work.create(Person, _new_people(joiners))
        placed = [(person, each) for person, each in zip(people, joiners, strict=True) if each.team]
        if placed:
            work.create(
                Membership,
                [{"person": one, "team": each.team, "post": each.post, "start": each.start} for one, each in placed],
            )
        _give_roles(work, {person.pk: each.role_codes() for person, each in zip(people, joiners, strict=True)})
        for person, each in placed:
            if each.start is None or each.start <= clock.today():
                person.unit = each.team
                person._loaded["unit_id"] = person.unit_id
        work.emit("person.joined", *people)
        work.finish()
    return people


def _new_people(joiners: Sequence[Joiner]) -> list[dict[str, Any]]:
    """The values of the new rows, every user name filled and unique."""
    wanted = [each.username.strip() for each in joiners]
    taken = {name.casefold() for name in Person.anybody.values_list("username", flat=True)}
    given = [name.casefold() for name in wanted if name]
    if len(set(given)) < len(given) or taken.intersection(given):
        raise Invalid({"username": [gettext("Somebody else has this user name.")]})
    numbers = [number for each in joiners if (number := each.values.get("employee_no"))]
    known = Person.objects.filter(employee_no__in=numbers, deleted_at__isnull=True)
    if len(set(numbers)) < len(numbers) or known.exists():
        raise Invalid({"employee_no": [gettext("Somebody else has this employee number.")]})
    made = iter(
        usernames.suggest(
            (each.name for each, name in zip(joiners, wanted, strict=True) if not name), taken | set(given)
        )
    )
    return [
        {
            "name": each.name,
            "username": name or next(made),
            "position": each.position,
            "joined_on": each.start,
            **each.values,
        }
        for each, name in zip(joiners, wanted, strict=True)
    ]


def _give_roles(work: Work, codes: Mapping[int, Iterable[str]]) -> None:
    """Attach roles to new people, set-wise."""
    roles = {role.code: role for role in Role.objects.filter(deleted_at__isnull=True, code__isnull=False)}
    unknown = sorted({code for wanted in codes.values() for code in wanted} - set(roles))
    if unknown:
        raise Invalid(
            {"roles": [gettext("There is no role with the code %(code)s.") % {"code": code} for code in unknown]}
        )
    may_give(work.actor, [roles[code] for wanted in codes.values() for code in wanted])
    through = Person.roles.through
    through.objects.bulk_create(
        [through(person_id=person, role_id=roles[code].pk) for person, wanted in codes.items() for code in wanted],
        batch_size=1000,
    )


def may_give(actor: Person, roles: Iterable[Role]) -> None:
    """Raise Denied when a role is one that only an administrator hands out: it opens more than a team's work."""
    entrusting = access.may(actor, "change", Role)
    if not entrusting and any(role.code not in EVERYDAY_ROLES for role in roles):
        raise Denied("set_roles", Person)


@action(
    Person,
    _("Set roles"),
    name="set_roles",
    verb="set_roles",
    icon="shield-lock",
    undoable=False,
    recent=True,
    shown=lambda row: False,  # ticked on the tab of roles, which knows what may be handed out
)
def set_roles(work: Work, person: Person, *, roles: Annotated[list[Role], _("Roles")]) -> Person:
    """Give a person exactly these roles; the last administrator stays one, and who loses one signs in anew."""
    before, after = set(person.roles.all()), set(roles)
    if before == after:
        return person
    may_give(work.actor, before ^ after)
    _keep_an_administrator(person, losing=before - after)
    person.roles.set(after)
    work.note(person, {"roles": sorted(role.pk for role in before)}, {"roles": sorted(role.pk for role in after)})
    access.forget(person)
    if before - after and person.pk != work.actor.pk:
        sessions.end(person)
    return person


def _keep_an_administrator(person: Person, losing: Iterable[Role]) -> None:
    """Refuse what would leave nobody able to manage roles and people."""
    if not any(role.code == "administrator" for role in losing):
        return
    others = Person.objects.filter(roles__code="administrator", is_active=True, deleted_at__isnull=True)
    if not others.exclude(pk=person.pk).exists():
        raise Refusal(
            gettext("There must be an administrator"),
            gettext("%(name)s is the only administrator who may sign in.") % {"name": person},
            code="last_administrator",
            ways_out=[WayOut(gettext("Make somebody else administrator first"), icon="shield-lock")],
        )


@action(Role, _("Set what it allows"), name="set_grants", icon="shield-check", shown=lambda row: False, recent=True)
def set_grants(
    work: Work,
    role: Role,
    *,
    grants: Annotated[dict[str, dict[str, str]], _("Grants")],
    masks: Annotated[dict[str, list[str]] | None, _("Hidden fields")] = None,
) -> Role:
    """Change what the holders of a role may do, at once; the administrators' role keeps the key to roles itself."""
    if role.code == "administrator" and Grants.of_roles([(grants, {})]).scope("org.role", "change") != "all":
        raise Refusal(
            gettext("Administrators must be able to change roles"),
            gettext("Otherwise nobody could ever give that right back."),
            code="last_key",
            ways_out=[WayOut(gettext("Leave roles: change at all"), icon="shield-lock")],
        )
    role.grants = grants
    if masks is not None:
        role.masks = masks
    work.save(role)
    return role


# Teams and posts ----------------------------------------------------------------------------------------------------


@action(Person, _("Move to another team"), name="transfer", verb="place", icon="arrows-exchange")
def transfer(
    work: Work,
    person: Person,
    *,
    team: Annotated[Team, _("Team")],
    day: Annotated[dt.date, _("From")],
    post: Annotated[Post, _("Post")] = Post.MEMBER,
) -> Membership:
    """Move somebody to a team from a day on: the main membership ends the day before, the new one begins.

    Results up to the day before stay with the old team; a date in the past moves what came after it.
    """
    _needs_day(person, day)
    _end_main(work, person, day)
    made = _place(work, person, team, post, day)
    _bring_role(work, person, post)
    work.emit("person.moved", person, team=team.pk, day=day)
    return made


@action(Person, _("Appoint"), name="appoint", verb="place", icon="crown")
def appoint(
    work: Work,
    person: Person,
    *,
    team: Annotated[Team, _("Team")],
    post: Annotated[Post, _("Post")] = Post.MANAGER,
    day: Annotated[dt.date, _("From")],
    besides: Annotated[bool, _("Keep the main team and lead this one besides")] = False,
) -> Membership:
    """Give somebody a post in a team from a day on; in his own team only the post changes.

    Somebody of another team moves, unless he leads this team besides his own: then his results stay there.
    """
    _needs_day(person, day)
    held = _held(person, day).filter(team=team)
    main = all(row.main for row in held)
    if besides and not held:
        main = not _held(person, day).filter(main=True).exists()
    if not besides and not held:
        _end_main(work, person, day)
    _end(work, list(held), day)
    made = _place(work, person, team, post, day, main=main)
    _bring_role(work, person, post)
    return made


@action(Team, _("Put under another team"), name="move_team", icon="hierarchy")
def move_team(work: Work, team: Team, *, parent: Annotated[Team | None, _("Part of")] = None) -> Team:
    """Hang a team with everything below it elsewhere; never below itself."""
    team.parent = parent
    work.save(team)
    return team


def _held(person: Person, day: dt.date) -> Any:
    return Membership.objects.filter(on(day), person=person, deleted_at__isnull=True)


def _end_main(work: Work, person: Person, day: dt.date) -> None:
    """End every main membership that runs on this day or begins later."""
    later = Membership.objects.filter(Q(end__isnull=True) | Q(end__gte=day), person=person, main=True)
    _end(work, list(later.filter(deleted_at__isnull=True)), day)


def _end(work: Work, rows: list[Membership], day: dt.date) -> None:
    """Let memberships end before a day; what would not have begun by then is removed."""
    never = [row for row in rows if row.start is not None and row.start >= day]
    for row in rows:
        if row not in never:
            row.end = day - DAY
    if kept := [row for row in rows if row not in never]:
        work.save(*kept)
    if never:
        work.remove(*never)


def _place(work: Work, person: Person, team: Team, post: str, day: dt.date, main: bool = True) -> Membership:
    return work.create(Membership, {"person": person, "team": team, "post": post, "start": day, "main": main})


def _bring_role(work: Work, person: Person, post: str) -> None:
    """A new leader without a role that leads gets the manager's; nobody loses one silently."""
    held = set(person.roles.values_list("code", flat=True))
    if post not in LEADING or held & {"manager", "director", "administrator"}:
        return
    before = sorted(person.roles.values_list("pk", flat=True))
    person.roles.add(Role.objects.get(code="manager"))
    work.note(person, {"roles": before}, {"roles": sorted(person.roles.values_list("pk", flat=True))})
    access.forget(person)


def _needs_day(person: Person, day: dt.date) -> None:
    if person.left_on is not None and day > person.left_on:
        raise Refusal(
            gettext("%(name)s has left") % {"name": person},
            gettext("The last working day was %(day)s.") % {"day": person.left_on},
            code="has_left",
            ways_out=[WayOut(gettext("Take back into a team"), icon="user-plus")],
        )


# Standing in, leaving, coming back ----------------------------------------------------------------------------------


@action(Person, _("Name a stand-in"), name="set_deputy", verb="deputise", icon="user-share", recent=True)
def set_deputy(
    work: Work,
    person: Person,
    *,
    deputy: Annotated[Person, _("Stand-in")],
    start: Annotated[dt.date, _("From")],
    end: Annotated[dt.date, _("To")],
    note: Annotated[str, _("Note")] = "",
) -> Deputy:
    """Let a colleague see and do on some days what this person may see and do.

    Named by somebody else, it takes the right to hand out the roles that come with it.
    """
    if person.pk != work.actor.pk:
        may_give(work.actor, person.roles.filter(deleted_at__isnull=True))
    if not deputy.is_active:
        raise Invalid({"deputy": [gettext("%(name)s can't sign in.") % {"name": deputy}]})
    values = {"person": person, "deputy": deputy, "start": start, "end": end, "note": note}
    return work.create(Deputy, values)


@action(
    Deputy,
    _("End"),
    name="end_deputy",
    verb="delete",
    icon="user-off",
    recent=True,
    shown=lambda row: row.end is None or row.end >= clock.today(),
)
def end_deputy(work: Work, row: Deputy) -> Deputy:
    """Let a standing-in end with yesterday; one that has not begun goes to the recycle bin."""
    today = clock.today()
    if row.start is not None and row.start >= today:
        work.remove(row)
    else:
        row.end = today - DAY
        work.save(row)
    return row


@action(
    Person, _("Record the last day"), name="leave", verb="leave", icon="door-exit", shown=lambda row: not row.left_on
)
def leave(work: Work, person: Person, *, day: Annotated[dt.date, _("Last working day")]) -> Person:
    """End all memberships with the last working day; sign-in ends when that day has come.

    The manager of the last team still sees the records, until they are handed over.
    """
    _keep_an_administrator(person, losing=person.roles.all())
    lasting = Membership.objects.filter(Q(end__isnull=True) | Q(end__gt=day), person=person, deleted_at__isnull=True)
    person.left_on = day
    person.is_active = day > clock.today()
    work.save(person)
    if not person.is_active:
        sessions.end(person)
    _end(work, list(lasting), day + DAY)
    _end_stand_ins(work, person, day)
    work.emit("person.left", person, day=day)
    return person


def _end_stand_ins(work: Work, person: Person, day: dt.date) -> None:
    """Nobody stands in by somebody who is gone."""
    rows = list(Deputy.objects.filter(deputy=person, deleted_at__isnull=True).exclude(end__lte=day))
    never = [row for row in rows if row.start is not None and row.start > day]
    for row in rows:
        row.end = day
    if kept := [row for row in rows if row not in never]:
        work.save(*kept)
    if never:
        work.remove(*never)


@action(
    Person,
    _("Take back into a team"),
    name="rejoin",
    verb="leave",
    icon="user-plus",
    shown=lambda row: bool(row.left_on),
)
def rejoin(
    work: Work, person: Person, *, team: Annotated[Team, _("Team")], day: Annotated[dt.date, _("From")]
) -> Person:
    """Let somebody who had left work again; the gap stays in the record."""
    person.left_on = None
    person.is_active = True
    work.save(person)
    _place(work, person, team, Post.MEMBER, day)
    work.emit("person.joined", person)
    return person


# One's own ----------------------------------------------------------------------------------------------------------


@action(Person, _("Preferences"), name="prefer", verb="profile", icon="adjustments", shown=lambda row: False)
def prefer(
    work: Work,
    person: Person,
    *,
    language: Annotated[Language | None, _("Language")] = None,
    theme: Annotated[Theme | None, _("Appearance")] = None,
    density: Annotated[Density | None, _("Row height")] = None,
    unit_display: Annotated[UnitDisplay | None, _("Amounts")] = None,
) -> Person:
    """How the pages look to this person; what is left out stays."""
    given = {"language": language, "theme": theme, "density": density, "unit_display": unit_display}
    for name, value in given.items():
        if value is not None:
            setattr(person, name, str(value))
    work.save(person)
    return person


@action(Person, _("Ways to reach me"), name="introduce", verb="profile", icon="phone", shown=lambda row: False)
def introduce(
    work: Work,
    person: Person,
    *,
    english_name: Annotated[str, _("English name")] = "",
    phone: Annotated[str, _("Phone")] = "",
    email: Annotated[str, _("E-mail")] = "",
) -> Person:
    """What everybody keeps up to date about himself."""
    person.english_name, person.phone, person.email = english_name, phone, email
    work.save(person)
    return person


def deactivate_leavers(actor: Person) -> Done:
    """End the sign-in of everybody whose last day is over; the daily job's part of leaving."""
    gone = list(Person.objects.filter(left_on__lt=clock.today(), is_active=True))
    with transaction.atomic():
        work = Work(actor, "deactivate", Person._meta.label_lower, "job", undoable=False)
        for person in gone:
            person.is_active = False
            sessions.end(person)
        work.save(*gone)
        return Done(work.finish(), gone)
