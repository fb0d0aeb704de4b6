"""Issuing and revoking access tokens, and what about them never changes."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.api.models import SHOWN, Token
from xiaoguan.kit import clock, guard
from xiaoguan.kit.action import Work, action, working
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied, Invalid, Refusal

SCOPE = re.compile(r"^(\*|[a-z_]+(\.[a-z_]+)?):(read|write)$")


def issue(name: str, scopes: str, expires_on: date | None, *, actor: Any, owner: Any = None) -> tuple[Token, str]:
    """Make a token and return it with its secret, which is nowhere else; raises Denied or Invalid.

    It belongs to the actor. Only the system makes one for another `owner` (the command line): whoever knows the
    secret works in that person's name, which no role may hand out.
    """
    if owner is not None and owner.pk != actor.pk and not actor.system:
        raise Denied("create", Token)
    words = " ".join(dict.fromkeys(scopes.split()))
    _check(name, words, expires_on)
    secret = Token.secret()
    values = {
        "name": name.strip(),
        "prefix": secret[:SHOWN],
        "digest": Token.digest_of(secret),
        "scopes": words,
        "expires_on": expires_on,
        "owner": owner or actor,
    }
    with working(Token, "issue", actor=actor, verb="create", undoable=False) as work:
        token = work.create(Token, values)
    return token, secret


def _check(name: str, scopes: str, expires_on: date | None) -> None:
    errors: dict[str, list[str]] = {}
    if not name.strip():
        errors["name"] = [_("Say what the token is for.")]
    known = {"*", *(label for each in entities for label in (each, each.partition(".")[0]))}
    wrong = [word for word in scopes.split() if not SCOPE.match(word) or word.rpartition(":")[0] not in known]
    if not scopes:
        errors["scopes"] = [_("Say what the token may do.")]
    elif wrong:
        text = _("“%(word)s” is no scope; write for instance *:read or customers.customer:write.")
        errors["scopes"] = [text % {"word": wrong[0][:60]}]
    if expires_on is not None and expires_on < clock.today():
        errors["expires_on"] = [_("This day is over.")]
    if errors:
        raise Invalid(errors)


@action(
    Token, gettext_lazy("Revoke"), verb="revoke", icon="ban", undoable=False,
    shown=lambda token: token.revoked_at is None,
)  # fmt: skip
def revoke(work: Work, token: Token) -> Token:
    """The secret opens nothing from now on, for good."""
    if token.revoked_at is None:
        token.revoked_at = clock.machine_now()
        work.save(token)
    return token


FIXED = frozenset({"owner_id", "digest", "prefix", "scopes", "expires_on", "revoked_at"})


@guard.register("api.token.update", code="token.fixed", label=gettext_lazy("A token stays whose it is"))
def keep_as_issued(attempt: guard.Attempt) -> None:
    """Given to somebody else it would lend his rights to whoever knows the secret."""
    if any(FIXED & set(row.changed_fields()) for row in attempt.rows):
        raise Refusal(
            _("A token can't be changed or handed over"),
            _("Its secret would then work with the rights of somebody else."),
            code="token.fixed",
            rule=_("A token stays whose it is. Revoke it, and let the other person make his own."),
        )
