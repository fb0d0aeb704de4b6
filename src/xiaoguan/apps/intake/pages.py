"""What is done on a scheduled import's page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from xiaoguan.apps.intake.actions import read_by, set_secret, usable_recipes
from xiaoguan.apps.intake.models import Source
from xiaoguan.kit import access, toasts
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.pages import answers


def _source(request: HttpRequest, pk: int) -> Source:
    """A source this person may change; 404 for strangers."""
    source: Source = answers.get(Entity.of(Source), request.user, pk)
    if not access.may(request.user, "change", source):
        raise Denied("change", source)
    return source


def _back(source: Source) -> HttpResponse:
    return redirect(f"{source.entity.url('detail', source)}?tab=setup")


def recipe(request: HttpRequest, pk: int) -> HttpResponse:
    """Store by which recipe its files are read."""
    source = _source(request, pk)
    chosen = request.POST.get("recipe", "")
    found = next((each for each in usable_recipes(source, request.user) if str(each.pk) == chosen), None)
    read_by(source, found, actor=request.user)
    toasts.tell(request, _("The recipe is kept"))
    return _back(source)


def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Store what the address asks for, or forget it."""
    source = _source(request, pk)
    value = "" if "forget" in request.POST else request.POST.get("value", "")
    set_secret(source, request.POST.get("user", ""), value, actor=request.user)
    toasts.tell(request, _("The secret is kept") if value else _("The secret is forgotten"))
    return _back(source)
