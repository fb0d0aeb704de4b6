"""Two tables that are edited as a whole: the team of a deal with its splits, and who takes part in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.opportunities.models import Deal, DealMember, DealParty
from xiaoguan.kit import access, clock, lines, toasts
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.lines import Kind, LineForms
from xiaoguan.kit.pages import answers
from xiaoguan.kit.pages.list import flat

EMPTY = 2
"""So many empty lines stand below those that are filled in."""


def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Who works on a deal, in which part, with which split; what is left is the owner's."""
    return _edit(request, pk, Kind("members", Entity.of(DealMember), "deal"), "opportunities/team.html", _("Team"))


def parties(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of a deal with their roles in it, and the companies on every side."""
    kind = Kind("parties", Entity.of(DealParty), "deal")
    return _edit(request, pk, kind, "opportunities/parties.html", _("Contacts and companies"))


def _edit(request: HttpRequest, pk: int, kind: Kind, template: str, title: str) -> HttpResponse:
    entity, actor = Entity.of(Deal), request.user
    deal = answers.get(entity, actor, pk, rows=access.visible(Deal, actor).select_related("owner"))
    if not access.may(actor, "change", deal) or not access.may(actor, "change", kind.entity.model):
        raise Denied("change", deal)
    data = flat(request.POST) if request.method == "POST" else None
    forms = LineForms(kind, actor, parent=deal, data=data, empty=EMPTY)
    context: dict[str, Any] = {
        "entity": entity, "deal": deal, "set": forms, "page_title": title, "page_fact": str(deal),
        "back": entity.url("detail", deal), "errors": [], "today": clock.today().isoformat(),
    }  # fmt: skip
    if data is None or "_more_lines" in data:
        return TemplateResponse(request, template, context)
    if not forms.valid():
        return TemplateResponse(request, template, context, status=422)
    # What grows is written last, so that a split that passes from one to another never adds up to more than there is.
    forms.forms.sort(key=_growth)
    try:
        done = lines.write(entity, deal, {}, [forms], actor=actor)
    except Invalid as problem:
        context["errors"] = [str(text) for texts in problem.errors.values() for text in texts]
        return TemplateResponse(request, template, context, status=422)
    toasts.tell(request, _("%(name)s is saved") % {"name": title}, done.change)
    return answers.go(request, entity.url("detail", deal))


def _growth(line: lines.LineForm) -> int:
    """By how much a line adds to the splits."""
    if line.blank or line.removed:
        return 0
    return int(line.form.values.get("split") or 0) - int(getattr(line.row, "split", 0) or 0)
