"""Answers where there is no page: problem+json below /api/, a page of its own elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views import defaults

from xiaoguan.api.problems import Problem
from xiaoguan.apps.operation import trace

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    if request.path.startswith(API):
        return Problem(400, "bad_request", _("This request was not understood")).answer()
    return defaults.bad_request(request, exception)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if request.path.startswith(API):
        return Problem(403, "denied", _("You have no right to do this.")).answer()
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if request.path.startswith(API):
        return Problem(404, "not_found", _("There is nothing at this address.")).answer()
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """500, in both languages; needs no database, session or static file, as one of them may be what failed."""
    if request.path.startswith(API):
        return Problem(500, "internal", _("Something went wrong here")).answer()
    context = {"request_id": trace.request_id(), "languages": ("zh-hans", "en")}
    return HttpResponse(loader.get_template("500.html").render(context), status=500)
