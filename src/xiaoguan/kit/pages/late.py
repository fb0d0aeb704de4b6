"""A form that came without a valid token: nothing is saved, and nothing of what was typed is lost."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve

from xiaoguan.kit.pages import edit
from xiaoguan.kit.pages.answers import page

forms: set[Callable[..., HttpResponse]] = {edit.new, edit.edit}
"""Pages with the form of a record; an app that puts its own in front of the kit's adds it."""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show a record's form again, filled in, to be sent with a fresh token; for other requests say what to do.

    The person has to look at the values and press the button: a foreign page can fill a form in, as a
    link could, but can't send it.
    """
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return _words(request)
    view, fixed = getattr(match.func, "view", None), getattr(match.func, "fixed", ())
    if view in forms and not request.htmx:
        return page(edit.again, *fixed, methods=("POST",))(request, **match.kwargs)
    return _words(request)


def _words(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "kit/late.html", {}, status=403)
