"""The page of records of one kind that may be one: compare and merge them, or say that they are different."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.merging import alike, declaring, pages
from xiaoguan.kit import access, nav, toasts
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.pages import answers, options

PER_PAGE = 20


def _check(entity: Entity, actor: Any) -> None:
    if not access.may(actor, "view", entity.model):
        raise Http404
    for verb in ("change", "delete"):
        if not access.may(actor, verb, entity.model):
            raise Denied(verb, entity.model)


def page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Groups of records that agree in what tells them apart, the largest first."""
    actor: Any = request.user
    _check(entity, actor)
    found = alike.groups(entity.model, declaring.known[entity.name].rules, actor)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    known = alike.rows_of(entity.model, list(shown), actor)
    fact = ngettext("%(n)s group", "%(n)s groups", len(found)) % {"n": f"{len(found):,}"} if found else ""
    kinds = declaring.pages_of_duplicates(actor)
    context = {
        "page_title": _("Duplicates: %(records)s") % {"records": entity.plural.lower()},
        "page_fact": fact,
        "groups": [
            {
                "group": group,
                "rows": [
                    {"row": known[pk], "title": entity.title_of(known[pk]), "url": entity.url("detail", pk),
                     "note": options.note(entity, known[pk], actor)}
                    for pk in group.ids[: alike.LARGEST] if pk in known
                ],
                "more": max(0, len(group.ids) - alike.LARGEST),
            }
            for group in shown
        ],
        "page": shown,
        "entity": entity,
        "decide": reverse(f"merging:decide_{entity.slug}"),
        "kinds": kinds,
        "siblings": nav.siblings(entity, actor, kinds[0][1] if kinds else ""),
        "chapters": nav.others(entity, actor),
    }  # fmt: skip
    return TemplateResponse(request, "merging/duplicates.html", context)


def decide(request: HttpRequest, entity: Entity) -> HttpResponse:
    """What somebody says of the ticked ones of a group: one record, or different ones."""
    actor: Any = request.user
    _check(entity, actor)
    ids = pages.numbers(request.POST.getlist("ids"))[: alike.LARGEST]
    if len(ids) < 2:
        raise Invalid({"": [_("Choose at least two records that you may change.")]})
    if request.POST.get("act") == "merge":
        return answers.go(request, pages.side_by_side(entity, ids))
    done = alike.differ(entity.model, ids, actor=actor)
    toasts.tell(request, _("Noted: these are different ones"), done.change)
    return answers.go(request, reverse(f"merging:duplicates_{entity.slug}"))
