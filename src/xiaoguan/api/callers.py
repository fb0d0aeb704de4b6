"""Who calls: a bearer token, or for reading the person who is signed in; and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from xiaoguan.api.models import Token
from xiaoguan.api.problems import Problem
from xiaoguan.kit import allowance, clock

SAFE = ("GET", "HEAD")
USED_EVERY = timedelta(minutes=1)
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="xiaoguan"'}


@dataclass(frozen=True)
class Caller:
    """The person in whose name a request runs, and the token it came with (none for a signed-in reader)."""

    actor: Any
    token: Token | None

    def may(self, entity: str, write: bool) -> bool:
        """Whether the token's scopes reach an entity; rights are asked later."""
        return self.token is None or self.token.allows(entity, write)


def of(request: HttpRequest) -> Caller:
    """The caller of a request; raises Problem 401 or 429.

    A session opens nothing but reading: a form on another site could send its cookie, but never a bearer token.
    """
    scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret.strip():
        token = Token.of_secret(secret.strip())
        if token is None:
            raise Problem(401, "unknown_token", _("This token is unknown, expired or revoked."), headers=CHALLENGE)
        _count(token.pk)
        _mark_used(token)
        return Caller(token.owner, token)
    if not scheme and request.method in SAFE and request.user.is_authenticated:
        return Caller(request.user, None)
    raise Problem(401, "no_token", _("Send an access token: Authorization: Bearer …"), headers=CHALLENGE)


def _mark_used(token: Token) -> None:
    """Remember the last use, at most once a minute: reading should not mean writing."""
    now = clock.machine_now()
    if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
        Token._default_manager.filter(pk=token.pk).update(last_used_at=now)


def _count(token: int) -> None:
    """Refuse more than the allowed calls of one token in a minute."""
    most = settings.XIAOGUAN_API_CALLS_A_MINUTE
    if wait := allowance.take(f"api:{token}", most):
        title = _("Too many requests: this token may send %(most)s a minute.") % {"most": most}
        raise Problem(429, "too_many_requests", title, headers={"Retry-After": str(wait)})
