"""Second factors of people, and taking lost ones away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from xiaoguan.apps.org import sessions
from xiaoguan.apps.org.actions import may_give
from xiaoguan.apps.org.models import Person, Role
from xiaoguan.kit import access
from xiaoguan.kit.action import Work
from xiaoguan.kit.errors import Denied, Refusal, WayOut

Type = Authenticator.Type


@dataclass(frozen=True)
class Held:
    """What somebody can show besides a password."""

    app: Authenticator | None
    passkeys: list[Authenticator]
    codes_left: int | None

    @property
    def any(self) -> bool:
        """Whether there is a second factor at all."""
        return bool(self.app or self.passkeys)


def of(person: Person) -> Held:
    """The factors of one person in one query."""
    rows = list(Authenticator.objects.filter(user_id=person.pk).order_by("pk"))
    codes = next((row for row in rows if row.type == Type.RECOVERY_CODES), None)
    return Held(
        app=next((row for row in rows if row.type == Type.TOTP), None),
        passkeys=[row for row in rows if row.type == Type.WEBAUTHN],
        codes_left=None if codes is None else len(codes.wrap().get_unused_codes()),
    )


def may_reset(actor: Person, person: Person) -> bool:
    """Administrators, for anybody but themselves."""
    return access.may(actor, "change", Role) and access.may(actor, "set_roles", person) and actor.pk != person.pk


def reset(person: Person, *, actor: Person) -> int:
    """Take all second factors of somebody away who has lost them; ends the person's sessions, is never undone."""
    if actor.pk == person.pk:
        raise Refusal(
            _("Your own second factors stay"),
            _("Who sits at your desk must not be able to take them away."),
            code="own_factors",
            ways_out=[WayOut(_("Remove them one by one on your account page"), url="/me/#sign-in", icon="user-circle")],
        )
    if not may_reset(actor, person):
        raise Denied("set_roles", person)
    may_give(actor, person.roles.filter(deleted_at__isnull=True))
    with transaction.atomic():
        rows = Authenticator.objects.filter(user_id=person.pk)
        before: dict[str, Any] = {"second_factors": sorted(rows.values_list("type", flat=True))}
        count = rows.delete()[0]
        if count:
            work = Work(actor, "reset_factors", Person._meta.label_lower, undoable=False)
            work.note(person, before, {"second_factors": []})
            work.finish()
        sessions.end(person)
    return count
