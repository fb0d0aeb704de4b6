"""Pages that want to know it is really you: who signed in long ago confirms it first, and loses nothing typed."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import resolve_url

from xiaoguan.kit import recent
from xiaoguan.kit.pages.answers import View, go

HELD = "confirming_held"
LARGEST = 500_000
PATIENCE = 900


def confirmed_within(seconds: int) -> Callable[[View], View]:
    """Decorate a page function, inside `page(...)`: ask again who it is unless that was shown lately.

    A form that was sent is held meanwhile and carried out once the person has confirmed.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs) if recent.is_recent(request, seconds) else ask(request)

        return run

    return decorate


def ask(request: HttpRequest) -> HttpResponse:
    """Send somebody to confirm who he is, and back."""
    back = request.get_full_path()
    if request.method == "POST":
        body = request.POST.urlencode()
        if len(body) <= LARGEST:
            request.session[HELD] = {"path": back, "body": body, "at": time.time(), "person": str(request.user.pk)}
    elif request.htmx:
        back = request.htmx.current_url_abs_path or back
    return go(request, f"{resolve_url('account_reauthenticate')}?{urlencode({'next': back})}")


def take(request: HttpRequest, path: str) -> QueryDict | None:
    """The form held for this path and person, once."""
    held = request.session.pop(HELD, None)
    if not held or held["path"] != path or held["person"] != str(request.user.pk):
        return None
    return QueryDict(held["body"]) if time.time() - held["at"] <= PATIENCE else None
