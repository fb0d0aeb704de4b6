"""One-time links: made for a person, printed or scanned, good for setting a password once."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from xiaoguan.apps.org import passwords
from xiaoguan.apps.org.actions import may_give
from xiaoguan.apps.org.models import Invite, Person
from xiaoguan.apps.org.models.invite import Purpose
from xiaoguan.kit import access, clock
from xiaoguan.kit.action import Work
from xiaoguan.kit.errors import Denied, Invalid, Refusal, Stale, WayOut

GOOD_FOR = {
    Purpose.FIRST: dt.timedelta(days=2),
    Purpose.JOIN: dt.timedelta(days=14),
    Purpose.RESET: dt.timedelta(days=2),
}
TOKEN_BYTES = 24


@dataclass(frozen=True)
class Link:
    """A fresh link; its token is known now and never again."""

    invite: Invite
    token: str

    @property
    def path(self) -> str:
        """The address without the server."""
        return reverse("welcome", args=[self.token])

    def url(self, server: str = "") -> str:
        """The whole address, on the public server of the settings or the given one."""
        public = settings.PUBLIC.geturl() if settings.PUBLIC else ""
        return f"{(server or public or 'http://127.0.0.1:8000').rstrip('/')}{self.path}"


def invite(person: Person, *, actor: Person, purpose: str = "", source: str = "page") -> Link:
    """Make a link for one person; see `invite_many`."""
    return invite_many([person], actor=actor, purpose=purpose, source=source)[0]


def invite_many(people: Sequence[Person], *, actor: Person, purpose: str = "", source: str = "page") -> list[Link]:
    """Make a link for each person and void the ones they had; a password already set makes it a new-password link.

    Raises Denied for who may not invite, or not these people; Refusal for somebody who can't sign in.
    """
    _check(people, actor)
    with transaction.atomic():
        work = Work(actor, "invite", Invite._meta.label_lower, source, undoable=False)
        _void(work, people)
        tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _person in people]
        rows = work.create(
            Invite, [_values(person, token, purpose) for person, token in zip(people, tokens, strict=True)]
        )
        work.finish()
    return [Link(row, token) for row, token in zip(rows, tokens, strict=True)]


def _values(person: Person, token: str, purpose: str) -> dict[str, object]:
    why = Purpose(purpose or (Purpose.RESET if person.has_usable_password() else Purpose.JOIN))
    return {"person": person, "token_hash": digest(token), "purpose": why, "expires_at": clock.now() + GOOD_FOR[why]}


def _check(people: Iterable[Person], actor: Person) -> None:
    """A link is as good as the account behind it: who hands it out must be entitled to its roles."""
    for person in people:
        if not access.may(actor, "invite", person):
            raise Denied("invite", person)
        if person.pk != actor.pk:
            may_give(actor, person.roles.filter(deleted_at__isnull=True))
        if not person.is_active or person.deleted_at:
            raise Refusal(
                gettext("%(name)s can't get a link") % {"name": person},
                gettext("Somebody who has left does not sign in."),
                code="has_left",
                ways_out=[WayOut(gettext("Take back into a team"), icon="user-plus")],
            )


def _void(work: Work, people: Iterable[Person]) -> None:
    """At most one link of a person works."""
    open_ones = Invite.objects.filter(person__in=list(people), used_at__isnull=True, deleted_at__isnull=True)
    if rows := list(open_ones):
        work.remove(*rows)


def digest(token: str) -> str:
    """What is kept of a token: it is random and long, so a plain hash can't be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(token: str) -> Invite | None:
    """The link of a token while it works."""
    found = Invite.objects.select_related("person").filter(token_hash=digest(token)).first()
    if found is None or not found.open_at(clock.machine_now()):
        return None
    return found if found.person.is_active and found.person.deleted_at is None else None


def accept(token: str, password: str) -> Person:
    """Set the password of the link's person and use the link up; raises Invalid for a weak password or a dead link.

    Two who open the same link at once can't both succeed: the link's version decides.
    """
    found = find(token)
    if found is None:
        raise Invalid({"": [gettext("This link has been used or has expired.")]})
    person = found.person
    try:
        validate_password(password, person)
    except ValidationError as problem:
        raise Invalid({"password": problem.messages}) from problem
    with transaction.atomic():
        work = Work(person, "set_password", Invite._meta.label_lower, undoable=False)
        found.used_at = work.now
        try:
            work.save(found)
        except Stale:
            raise Invalid({"": [gettext("This link has been used or has expired.")]}) from None
        _void(work, [person])
        passwords.store(person, password)
        work.finish()
    return person
