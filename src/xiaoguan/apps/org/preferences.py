"""Lets every page look the way its reader chose: amounts here, language in the locale middleware, look by cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from xiaoguan.apps.org.models.person import Person
from xiaoguan.apps.org.queries import company
from xiaoguan.kit import render

YEAR = 365 * 86_400


class AmountsMiddleware:
    """Shows amounts in the unit the signed-in person prefers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the page with the person's unit."""
        # Decided here for the whole page: asking for the language at each of a thousand amounts takes its time.
        with render.money_in(getattr(request.user, "unit_display", "") or render.money_unit_code()):
            return self.get_response(request)


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the company, read only where a template asks for it."""
    return {"company": SimpleLazyObject(company)}


def remember_look(response: HttpResponse, person: Person, *, secure: bool) -> HttpResponse:
    """Let the browser's cookies say what the person chose, as the menu in the frame does."""
    for name, value in (("xiaoguan_theme", person.theme or "auto"), ("xiaoguan_density", person.density)):
        response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=secure)
    return response
