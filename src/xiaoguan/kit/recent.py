"""Whether somebody has proved shortly ago that it is him: asked before rights, pay or ways of signing in change."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from xiaoguan.kit.errors import NotRecent

KEY = "kit_proved_at"
PROOFS = "account_authentication_methods"
"""Where allauth keeps how and when somebody proved who he is, each with its time."""


@receiver(user_logged_in)
def _signed_in(request: HttpRequest | None, **_kwargs: Any) -> None:
    """Signing in is a proof; by whatever page it happens."""
    if request is not None and hasattr(request, "session"):
        mark(request)


def mark(request: HttpRequest) -> None:
    """Somebody has just shown who he is."""
    request.session[KEY] = time.time()


def proved_at(request: HttpRequest) -> float:
    """When somebody last proved who he is in this session, as a timestamp; 0 for never."""
    proofs = [one.get("at", 0) for one in request.session.get(PROOFS, []) if isinstance(one, dict)]
    return max([float(request.session.get(KEY, 0)), *map(float, proofs)])


def is_recent(request: HttpRequest, seconds: int | None = None) -> bool:
    """Whether that is at most so many seconds ago; without a figure, as long as the settings let a proof last."""
    lasts = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT if seconds is None else seconds
    return time.time() - proved_at(request) <= lasts


def require(request: HttpRequest) -> None:
    """Raise NotRecent when it is too long ago."""
    if not is_recent(request):
        raise NotRecent
