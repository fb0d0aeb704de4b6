"""The overview of a crowded word of the navigation: everything it holds, chapter by chapter."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.kit import nav

WORD = "settings"


def settings_page(request: HttpRequest) -> HttpResponse:
    """What there is to set up, as far as this person may open it."""
    found = nav.chapters(WORD, request.user)
    if not found:
        raise Http404
    return TemplateResponse(request, "kit/chapters.html", {"page_title": gettext("Settings"), "chapters": found})


def _holds_anything(actor: object) -> bool:
    """Whether there is a page or a kind of records this person may open; every page of the product asks."""
    return bool(nav.first_address(WORD, actor, without=WORD))


nav.page(WORD, _("Settings"), WORD, icon="settings", position=0, shown=_holds_anything)
