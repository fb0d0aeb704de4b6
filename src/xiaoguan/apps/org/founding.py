"""The first minutes of an installation: the company, its first team, and somebody who may let the others in."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext

from xiaoguan.apps.org import invites, seeding
from xiaoguan.apps.org.actions import Joiner, join
from xiaoguan.apps.org.models import Company, Person, Role, Team
from xiaoguan.apps.org.models.invite import Purpose
from xiaoguan.apps.org.models.person import Position
from xiaoguan.apps.org.models.team import TeamKind
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit.action import create
from xiaoguan.kit.errors import Refusal

SOURCE = "command"


def found(name: str, username: str, person_name: str = "") -> invites.Link:
    """Create company, top team and first administrator; returns his one-time link.

    Raises Refusal when there is a company already.
    """
    with transaction.atomic():
        seeding.ensure(Role, Person.anybody)
        if (known := Company.objects.first()) is not None:
            raise Refusal(
                gettext("This installation belongs to %(company)s.") % {"company": known.name},
                gettext("For a new link of an administrator leave out the company's name."),
                code="founded",
            )
        actor = system_actor()
        create(Company, {"name": name}, actor=actor, source=SOURCE)
        team = create(Team, {"name": name, "kind": TeamKind.COMPANY}, actor=actor, source=SOURCE)
        joiner = Joiner(name=person_name or username, username=username, position=Position.ADMINISTRATOR, team=team)
        person = join(joiner, actor=actor, source=SOURCE)
        return invites.invite(person, actor=actor, purpose=Purpose.FIRST, source=SOURCE)


def readmit(username: str) -> invites.Link:
    """A new link for an administrator who can't get in, for whoever holds the server; Refusal if he is none."""
    person = Person.objects.filter(username__iexact=username, deleted_at__isnull=True).first()
    if person is None or not person.roles.filter(code="administrator").exists():
        raise Refusal(
            gettext("There is no administrator %(username)s.") % {"username": username},
            gettext("Name one who is, or found the company first."),
            code="no_administrator",
        )
    return invites.invite(person, actor=system_actor(), purpose=Purpose.RESET, source=SOURCE)
