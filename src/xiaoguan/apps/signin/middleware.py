"""On every page of somebody signed in: that he is here, and what he has to do first."""

from __future__ import annotations

import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from xiaoguan.apps.org import sessions
from xiaoguan.apps.signin import watch
from xiaoguan.kit import clock
from xiaoguan.kit.pages import answers

FREE = ("/accounts/", "/i18n/", "/static/", "/healthz", "/readyz")


class VisitMiddleware:
    """Reads nothing but the session; every few minutes it writes down that somebody is here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the page, unless something comes first."""
        visit = request.session.get(sessions.VISIT)
        if not visit or not request.user.is_authenticated:
            return self.get_response(request)
        if sessions.due(request.session):
            sessions.touch(request, **watch.duties(request.user, watch.factor_due(request.user)))
            visit = request.session[sessions.VISIT]
        if request.path.startswith(FREE):
            return self.get_response(request)
        if visit.get("password_due"):
            return answers.go(request, reverse("account_change_password"))
        due = visit.get("factor_due")
        if due and due <= clock.today().isoformat():
            return answers.go(request, reverse("factor_needed"))
        return self.get_response(request)


class LockedMiddleware:
    """Whatever page says that somebody has to wait says so to programs as well: 429, and after how many seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the page; `throttle.begin` leaves a mark on the request when it refuses a try."""
        response = self.get_response(request)
        until = getattr(request, "locked_until", None)
        if until is not None:
            if response.status_code in (200, 400, 422):
                response.status_code = 429
            response["Retry-After"] = str(max(1, math.ceil((until - clock.machine_now()).total_seconds())))
        return response
