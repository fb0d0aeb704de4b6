"""Where tags are seen: at the head of a record, on cards, on the page of a tag; and how they are chosen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.collaboration import tagging
from xiaoguan.apps.collaboration.models import Tag
from xiaoguan.apps.collaboration.queries import record_of, taking_part
from xiaoguan.apps.collaboration.tagged import PATH, all_tags, chip, chips
from xiaoguan.kit import access, boards, columns, figures, render, toasts
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.pages import answers


def may_tag(actor: Any, record: Any) -> bool:
    """Whether somebody may change a record's tags."""
    return access.may(actor, "change", record) and access.readable(actor, record.entity, PATH)


def head(record: Any, actor: Any) -> SafeString:
    """The tags of a record with the way to change them."""
    if not access.readable(actor, record.entity, PATH):
        return SafeString("")
    shown = SafeString(chips(getattr(record, PATH)))
    change = SafeString("")
    if may_tag(actor, record):
        url = reverse("collaboration:tags", args=[record.entity.slug, record.pk])
        label = _("Change tags") if shown else _("Add tags")
        change = format_html(
            '<a class="btn btn-small btn-quiet" href="{0}" hx-get="{0}" hx-target="#dialogs" hx-swap="innerHTML"'
            ' aria-label="{1}" title="{1}">{2}{3}</a>',
            url,
            label,
            render.icon("tag"),
            "" if shown else _("Tag"),
        )
    return format_html('<div class="tag-line">{}{}</div>', shown, change) if shown or change else SafeString("")


def tags(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Choose a record's tags; who may makes new ones on the way."""
    actor: Any = request.user
    record = record_of(slug, pk, actor)
    if not may_tag(actor, record):
        raise Denied("change", record)
    chosen, typed, problem = set(getattr(record, PATH) or ()), "", ""
    if request.method == "POST":
        chosen, typed = set(request.POST.getlist("tags")) & all_tags().keys(), request.POST.get("new", "")
        try:
            done = tagging.set_tags(record, chosen, tagging.names_in(typed), actor=actor)
        except Invalid as refused:
            problem = " ".join(str(text) for texts in refused.errors.values() for text in texts)
        else:
            said = _("Tags of %(name)s changed") % {"name": record}
            if not request.htmx:
                toasts.tell(request, said, done.change)
                return answers.go(request, record.entity.url("detail", record))
            return toasts.attach(HttpResponse(""), said, done.change)
    counts = tagging.uses()
    context = {
        "record": record,
        "page_title": _("Tags"),
        "offered": [(code, tag, code in chosen, counts.get(code, 0)) for code, tag in all_tags().items()],
        "may_make": access.may(actor, "create", Tag),
        "may_manage": access.may(actor, "change", Tag),
        "typed": typed,
        "problem": problem,
        "url": reverse("collaboration:tags", args=[slug, pk]),
        "back": record.entity.url("detail", record),
        "manage": Entity.of(Tag).url("list"),
    }
    status = 422 if problem else 200
    if request.htmx:
        return answers.dialog(request, "collaboration/tags.html", context, status)
    return TemplateResponse(request, "collaboration/tags.html", {**context, "dialog": False}, status=status)


@columns.cell(Tag, "name", needs="id name colour")
def name_cell(row: Any, reading: Reading) -> str:
    """A tag as it looks on records, with how many have it."""
    count = reading.once("tag uses", tagging.uses).get(str(row.id), 0)
    return f"{chip(row)} {render.count(count)}"


@figures.figure(Tag, position=10)
def used_by(tag: Tag, actor: Any) -> figures.Figure:
    """How many records have a tag, whoever sees them."""
    return figures.Figure(_("Records"), render.count(tagging.uses().get(str(tag.pk), 0)))


@figures.part(Tag, "left", position=10)
def where(tag: Tag, actor: Any) -> SafeString:
    """The lists of records with this tag, as far as the reader sees them."""
    found = []
    for entity in taking_part():
        if access.readable(actor, entity, PATH) and access.may(actor, "view", entity.model):
            count = access.visible(entity.model, actor).filter(**{f"{PATH}__contains": f'"{tag.pk}"'}).count()
            if count:
                url = f"{entity.url('list')}?{PATH}={tag.pk}"
                html = '<li class="row-item"><a class="row-main" href="{}">{}</a><span class="row-end">{}</span></li>'
                found.append(format_html(html, url, entity.plural, count))
    rows = SafeString("".join(found)) or format_html('<li class="row-item muted">{}</li>', _("Nothing has this tag."))
    html = '<section class="card"><header class="card-head"><h2>{}</h2></header><ul class="rows">{}</ul></section>'
    return format_html(html, _("Where it is used"), rows)


def register_all() -> None:
    """Show tags on every record and card; called when all models are known."""
    for entity in taking_part():
        figures.part(entity.model, "head", position=90)(head)
        boards.foot(entity.model, needs=PATH)(lambda row, reading: chips(getattr(row, PATH)))
