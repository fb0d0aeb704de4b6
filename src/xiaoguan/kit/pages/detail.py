"""One record: its page, its side panel, its tabs, its timeline."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.kit import access, facts, figures, lines, panel, reads, related, render, shelf, timeline, titles
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.pages import answers
from xiaoguan.kit.pages.list import template

RECENT = 8
PER_PAGE = 30
TONES: tuple[render.Tone, ...] = ("accent", "")


def load(entity: Entity, actor: Any, pk: int) -> Any:
    """The visible row with everything its page shows, in one query."""
    links = {column.relations for column in _shown(entity) if column.relations}
    if entity.scope == "owner":
        links.add("owner")
    rows = access.visible(entity.model, actor)
    return answers.get(entity, actor, pk, rows=rows.select_related(*sorted(links)) if links else rows)


def _shown(entity: Entity) -> list[Any]:
    found = {
        column.path: column for part in ("title", "subtitle", "form", "list", "sums") for column in entity.columns(part)
    }
    return list(found.values())


def detail(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """The page of a record; with `?panel=1` or for the panel of HTMX its short form."""
    row = load(entity, request.user, pk)
    fields = [name for group in entity.groups() for name in group]
    reads.tell(reads.Reading(request.user, "open", entity, pk, fields=fields, where=reads.origin(request)))
    context = head(request, entity, row)
    if answers.targets(request, "panel-body") or request.GET.get("panel"):
        return TemplateResponse(request, template(entity, "panel"), {**context, **_panel(request, entity, row)})
    tab = request.GET.get("tab", "")
    chosen = panel.find(entity.model, tab)
    if tab and (chosen is None or chosen not in panel.shown(request, row)):
        raise Http404
    context["tab"] = tab
    if chosen is not None:
        context["tab_body"] = chosen.render(request, row)
    else:
        context |= _overview(request, entity, row)
    return TemplateResponse(request, template(entity, "detail"), context)


def head(request: HttpRequest, entity: Entity, row: Any) -> dict[str, Any]:
    """Identity, figures and what may be done: the same on page, panel and tabs."""
    actor = request.user
    reading = Reading(actor, titles.tokens([entity.model]))
    tags, words = _subtitle(entity, row, actor)
    return {
        "entity": entity,
        "row": row,
        "reading": reading,
        "page_title": entity.title_of(row),
        "url": entity.url("detail", row),
        "tags": tags,
        "words": words,
        "figures": figures.of(row, actor, reading),
        "head_parts": figures.parts(row, "head", actor),
        "warnings": figures.parts(row, "warning", actor),
        "menu_parts": figures.parts(row, "menu", actor),
        "actions": runnable(entity, row, actor),
        "starred": shelf.is_starred(entity, row.pk, actor=actor),
        "may_change": access.may(actor, "change", row) and bool(entity.names("form")),
        "may_delete": access.may(actor, "delete", row),
        "tabs": _tabs(request, row),
    }


def _tabs(request: HttpRequest, row: Any) -> list[dict[str, Any]]:
    """The tabs of a record with what they count."""
    shown = panel.shown(request, row)
    counts = related.counted([each.count(request, row) if each.count else None for each in shown])
    return [
        {"code": each.code, "title": each.title, "icon": each.icon, "count": count}
        for each, count in zip(shown, counts, strict=True)
    ]


def _subtitle(entity: Entity, row: Any, actor: Any) -> tuple[list[SafeString], list[SafeString]]:
    """Choices and words of the process as tags, everything else as words; the owner last."""
    tags: list[SafeString] = []
    words: list[SafeString] = []
    for column in entity.columns("subtitle"):
        value = column.value(row)
        if value in (None, "") or not access.readable(actor, entity, column.path):
            continue
        text = str(dict(column.field.flatchoices).get(value, value)) if column.field.flatchoices else str(value)
        if _is_state(column) and len(tags) < len(TONES):
            tags.append(render.tag(text, TONES[len(tags)]))
        else:
            words.append(facts.linked(value, actor) if column.field.is_relation else format_html("{}", text))
    if entity.scope == "owner" and access.readable(actor, entity, "owner"):
        owner = row.owner.name if row.owner_id else _("nobody")
        words.append(format_html("{}", _("owner %(name)s") % {"name": owner}))
    return tags, words


def _is_state(column: Column) -> bool:
    return bool(column.field.flatchoices) or (
        column.field.is_relation and titles.is_reference(column.field.related_model)
    )


def runnable(entity: Entity, row: Any, actor: Any) -> list[dict[str, Any]]:
    """The verbs this actor may run on this row now; `asks` tells those that need something first."""
    return [
        {"name": each.name, "label": each.label, "icon": each.icon, "asks": bool(each.params)}
        for each in sorted(entity.actions.values(), key=lambda each: each.position)
        if each.shown(row) and access.may(actor, each.verb, row)
    ]


def _overview(request: HttpRequest, entity: Entity, row: Any) -> dict[str, Any]:
    """Facts left, timeline in the middle, parts of other apps right.

    What moves over a board is read by its timeline and has its lines on the right; what consists of lines (a quote,
    an order) has them first, where their columns have room.
    """
    actor = request.user
    cards = lines.cards(row, actor)
    reading = Reading(actor, titles.tokens([entity.model]))
    groups = [facts.of(row, names, actor, reading) for names in entity.groups()]
    worked_out = [column.path for column in entity.own_columns() if "form" not in column.field.parts]
    if worked_out and groups:
        groups.append(facts.of(row, worked_out, actor, reading))
    if not groups:
        groups = [facts.of(row, entity.names("list"), actor, reading)]
    filled = [[fact for fact in group if not fact.empty] for group in groups]
    missing = [fact for group in groups[1:] for fact in group if fact.empty and fact.name not in worked_out]
    return {
        "fact_groups": [facts.listed(group) for group in filled if group],
        "missing": missing,
        "since": _since(row),
        "timeline": timeline_part(request, entity, row),
        "kinds": timeline_kinds(entity, request.GET.get("kind", "")),
        "left": [*figures.parts(row, "brief", actor), *figures.parts(row, "left", actor)],
        "middle": [] if entity.board else cards,
        "right": [*(cards if entity.board else ()), *figures.parts(row, "right", actor)],
    }


def _since(row: Any) -> SafeString:
    """Who created the record and who saved it last."""
    parts = []
    if row.created_at:
        parts.append(format_html("{} {}", _("Created"), render.moment(row.created_at)))
    if row.updated_at and row.updated_at != row.created_at:
        parts.append(format_html("{} {}", _("changed"), render.moment(row.updated_at)))
    return format_html_join(" · ", "{}", ((part,) for part in parts))


def _panel(request: HttpRequest, entity: Entity, row: Any) -> dict[str, Any]:
    actor = request.user
    reading = Reading(actor, titles.tokens([entity.model]))
    names = [name for group in list(entity.groups())[:2] for name in group]
    shown = facts.of(row, names or entity.names("list"), actor, reading)
    title = set(entity.names("title"))
    kept = [fact for fact in shown if not fact.empty and fact.name not in title][:8]
    recent = timeline.read(row, actor, limit=RECENT)
    brief = figures.parts(row, "brief", actor)
    return {"facts": facts.listed(kept), "brief": brief, "recent": recent_items(recent.items)}


def recent_items(items: list[timeline.Item]) -> SafeString:
    """A short timeline for the side panel."""
    return format_html_join(
        "",
        "<li>{}<span>{}{}</span>{}</li>",
        (
            (
                render.icon(item.icon),
                _titled(item),
                format_html(" · {}", item.person) if item.person else "",
                render.moment(item.when),
            )
            for item in items
        ),
    )


def _titled(item: timeline.Item) -> SafeString:
    if item.url:
        return format_html('<a href="{0}" data-open="{0}">{1}</a>', item.url, item.title)
    return format_html("{}", item.title)


def timeline_page(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """One more page of a record's timeline, or another kind of entries."""
    row = load(entity, request.user, pk)
    entries = timeline_part(request, entity, row)
    if answers.targets(request, "timeline"):
        kinds = timeline_kinds(entity, request.GET.get("kind", ""))
        context = {"entity": entity, "row": row, "timeline": entries, "kinds": kinds}
        return TemplateResponse(request, "kit/timeline.html", context)
    return HttpResponse(entries)


def timeline_part(request: HttpRequest, entity: Entity, row: models.Model) -> SafeString:
    """The timeline's entries under a filter, with a link to older ones."""
    known = {each.kind for each in timeline.of(entity.model)}
    kinds = [kind for kind in request.GET.get("kind", "").split(",") if kind in known]
    before = timeline.Cursor.parse(request.GET.get("before", ""))
    page = timeline.read(row, request.user, limit=PER_PAGE, before=before, kinds=kinds)
    older = SafeString("")
    if page.next is not None:
        query = urlencode({"before": str(page.next), "kind": ",".join(kinds)})
        older = format_html(
            '<li class="timeline-more"><a href="{}?{}" hx-get="{}?{}" hx-target="closest li" hx-swap="outerHTML">{}</a>'
            "</li>",
            entity.url("detail", row),
            query,
            entity.url("timeline", row),
            query,
            _("Older entries"),
        )
    return format_html("{}{}", format_html_join("", "{}", ((_event(item),) for item in page.items)), older)


def timeline_kinds(entity: Entity, chosen: str) -> list[dict[str, Any]]:
    """The filter above a timeline: everything, or some kinds of entries; empty where there is only one kind.

    Each one's `query` is what its click leads to: a kind is added to those chosen, or taken away.
    """
    kinds = {each.kind: each.label for each in timeline.of(entity.model)}
    if len(kinds) < 2:
        return []
    on = [kind for kind in chosen.split(",") if kind in kinds]
    found = [{"kind": "", "label": _("Everything"), "chosen": not on, "query": ""}]
    for kind, label in kinds.items():
        after = [each for each in kinds if (each in on) != (each == kind)]
        query = "" if len(after) == len(kinds) else ",".join(after)
        found.append({"kind": kind, "label": label, "chosen": kind in on, "query": query})
    return found


def _event(item: timeline.Item) -> SafeString:
    by = format_html('<p class="event-by">{}</p>', item.person) if item.person else ""
    return format_html(
        '<li class="event" data-kind="{}"><span class="event-icon">{}</span><div class="event-body">'
        '<p class="event-title">{}</p>{}{}</div><span class="event-when">{}</span></li>',
        item.kind,
        render.icon(item.icon),
        _titled(item),
        item.body,
        by,
        render.moment(item.when),
    )


def tab_page(request: HttpRequest, entity: Entity, pk: int, code: str) -> HttpResponse:
    """The body of one tab, loaded when it is opened."""
    row = load(entity, request.user, pk)
    chosen = panel.find(entity.model, code)
    if chosen is None or chosen not in panel.shown(request, row):
        raise Http404
    return HttpResponse(chosen.render(request, row))
