"""Issuing access tokens."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.api.models import SHOWN, Token
from xiaoguan.kit import clock
from xiaoguan.kit.action import working
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Invalid

SCOPE = re.compile(r"^(\*|[a-z_]+(\.[a-z_]+)?):(read|write)$")


def issue(name: str, scopes: str, expires_on: date | None, *, actor: Any, owner: Any = None) -> tuple[Token, str]:
    """Make a token and return it with its secret, which is nowhere else; raises Denied or Invalid.

    It belongs to the actor; an administrator may make one for another `owner`, such as a person that stands
    for a program.
    """
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
