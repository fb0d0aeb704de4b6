"""Whether somebody has proved shortly ago that it is him: asked for before rights are changed."""

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
def note(request: HttpRequest | None, **_kwargs: Any) -> None:
    """Signing in is a proof; by whatever page it happens."""
    if request is not None and hasattr(request, "session"):
        request.session[KEY] = time.time()


def proved_at(request: HttpRequest) -> float:
    """When somebody last proved who he is in this session, as a timestamp; 0 for never."""
    proofs = [one.get("at", 0) for one in request.session.get(PROOFS, []) if isinstance(one, dict)]
    return max([float(request.session.get(KEY, 0)), *map(float, proofs)])


def is_recent(request: HttpRequest) -> bool:
    """Whether that is short enough ago."""
    return time.time() - proved_at(request) <= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def require(request: HttpRequest) -> None:
    """Raise NotRecent when it is too long ago."""
    if not is_recent(request):
        raise NotRecent
