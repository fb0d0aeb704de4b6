"""The star on a record's page, and the quiet note that somebody has looked at it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from xiaoguan.kit import access, shelf
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages import answers


def star(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """`on=1` makes a record a favourite, anything else undoes it; HTMX gets the button as it is now."""
    row = answers.get(entity, request.user, pk)
    on = request.POST.get("on") == "1"
    shelf.star(entity, row.pk, actor=request.user, on=on)
    if request.htmx:
        return TemplateResponse(request, "kit/star.html", {"entity": entity, "row": row, "starred": on})
    return answers.go(request, entity.url("detail", row))


def seen(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """The page of a record stood open for a moment; a page itself writes nothing when it is read."""
    if not access.visible(entity.model, request.user).filter(pk=pk).exists():
        return HttpResponse(status=404)
    shelf.see(entity, pk, actor=request.user)
    return HttpResponse(status=204)
