"""Who looks after the installation once the demonstration is gone, for whoever holds the server."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext

from xiaoguan.apps.operation import queries
from xiaoguan.apps.org import invites
from xiaoguan.apps.org.actions import Joiner, join
from xiaoguan.apps.org.founding import SOURCE
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.models.invite import Purpose
from xiaoguan.apps.org.models.person import Position
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit.errors import Refusal


@dataclass(frozen=True)
class Appointed:
    """The administrator, with a one-time link where he has no password of his own."""

    person: Person
    link: invites.Link | None

    def url(self, server: str) -> str:
        """Where he sets a password; empty where he has one."""
        return self.link.url(server) if self.link else ""


def appoint(username: str, name: str = "") -> Appointed:
    """The administrator of this user name, made where nobody has it; Refusal where somebody else has it."""
    with transaction.atomic():
        person = Person.objects.filter(username__iexact=username, deleted_at__isnull=True).first()
        actor = system_actor()
        if person is None:
            joiner = Joiner(name or username, username, Position.ADMINISTRATOR, queries.root_team())
            person = join(joiner, actor=actor, source=SOURCE)
            return Appointed(person, invites.invite(person, actor=actor, purpose=Purpose.FIRST, source=SOURCE))
        if not person.is_active or not person.roles.filter(code="administrator").exists():
            raise Refusal(
                gettext("There is no administrator %(username)s.") % {"username": username},
                gettext("Name one who is, or a user name that is free."),
                code="no_administrator",
            )
        if person.has_usable_password() and not queries.shows_its_password(person):
            return Appointed(person, None)
        Person.objects.filter(pk=person.pk).update(password="!")
        return Appointed(person, invites.invite(person, actor=actor, purpose=Purpose.RESET, source=SOURCE))
