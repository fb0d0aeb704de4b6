"""Finding: the palette's answers as a partial, and the page of all results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.kit import access, nav, render, search, shelf
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.pages.detail import runnable
from xiaoguan.kit.pages.options import note
from xiaoguan.kit.search import Hit, commands

IN_PALETTE = 5
ON_PAGE = 20
ACTS, VERBS = 5, 3
AT_HAND = 6
Spans = tuple[tuple[int, int], ...]
BUCKET = 4
"""Groups whose best hits differ by less stay in the order of the navigation."""


@dataclass(frozen=True)
class Group:
    """Hits of one kind under a heading; `more` leads to the list with all of them."""

    label: str
    items: list[SafeString]
    more: str = ""


def asked(request: HttpRequest) -> str:
    """What was typed, without what no text contains."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:100]


def find_part(request: HttpRequest) -> HttpResponse:
    """`?q=` → groups of the palette: records by kind, acts on the best, commands; without it what is at hand."""
    text = asked(request)
    context: dict[str, Any] = {"groups": _palette_groups(text, request.user), "query": text}
    return TemplateResponse(request, "kit/find.html", context)


def search_page(request: HttpRequest) -> HttpResponse:
    """All results of a text, group by group; HTMX gets the palette's groups."""
    if request.htmx and not request.htmx.boosted:
        return find_part(request)
    text = asked(request)
    hits = search.find(text, request.user, limit=ON_PAGE + 1) if text else []
    groups = [_page_group(entity, found, text, request.user) for entity, found in _grouped(hits)]
    if text and (able := commands.find(text, request.user)):
        groups.append(Group(_("Commands"), [_row(each.url, each.icon, _marked(each.label, m), "") for each, m in able]))
    context = {
        "page_title": _("Search"),
        "query": text,
        "groups": groups,
        "close": bool(hits) and all(hit.close for hit in hits),
        "catching_up": search.catching_up(),
    }
    return TemplateResponse(request, "kit/search.html", context)


def _grouped(hits: Iterable[Hit]) -> list[tuple[Entity, list[Hit]]]:
    """Hits by entity: clearly better kinds first, others in the order of the navigation."""
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.entity.name, []).append(hit)
    words = {word.code: number for number, word in enumerate(nav.WORDS)}

    def place(name: str) -> tuple[int, int, bool]:
        """How good the best is, then the word, and under a word first what it is named after."""
        entity = entities[name]
        return found[name][0].cost // BUCKET, words.get(entity.nav, len(words)), entity.slug != entity.nav

    names = sorted(found, key=place)
    return [(entities[name], found[name]) for name in names]


def _palette_groups(text: str, actor: Any) -> list[Group]:
    only_commands = text.startswith(commands.MARK)
    groups: list[Group] = []
    if not text:
        return _at_hand(actor)
    if not only_commands:
        grouped = _grouped(search.find(text, actor, limit=IN_PALETTE, known=shelf.known(actor)))
        for entity, hits in grouped:
            groups.append(Group(entity.plural, [_item_of(hit, actor) for hit in hits]))
        if grouped and (acts := _acts(grouped[0][1][0], actor)):
            name = grouped[0][1][0].title
            groups.append(Group(_("With %(name)s") % {"name": name}, acts))
    # The frame has these at hand and filters them itself.
    at_hand = {link.url for group in nav.of(actor, "") for link in group}
    at_hand |= {link.url for link in nav.quick_create(actor)}
    able = [pair for pair in commands.find(text, actor, limit=40) if pair[0].url not in at_hand]
    if able:
        items = [_item(each.url, "", each.icon, _marked(each.label, marks), "") for each, marks in able[:6]]
        groups.append(Group(_("Commands"), items))
    return groups


def _at_hand(actor: Any) -> list[Group]:
    """Before anything is typed: favourites, then what the person looked at last."""
    headed = zip((_("Favourites"), _("Recent")), shelf.at_hand(actor, most=AT_HAND), strict=True)
    return [Group(label, [_known(entity, row, actor) for entity, row in rows]) for label, rows in headed if rows]


def _known(entity: Entity, row: Any, actor: Any) -> SafeString:
    url = entity.url("detail", row)
    return _item(url, url, entity.icon, entity.title_of(row), note(entity, row, actor))


def _acts(hit: Hit, actor: Any) -> list[SafeString]:
    """What to do with the best hit: its own verbs, then new records that hang on it."""
    entity, row = hit.entity, hit.row
    found = [
        _item(entity.url("do", row, verb["name"]), "", verb["icon"], str(verb["label"]), "")
        for verb in runnable(entity, row, actor)[:VERBS]
    ]
    for other in entities.values():
        link = _link_to(other, entity.model)
        # Activities are logged by the verbs above, where a record has them.
        offered = other.nav and other is not entity and not (found and other.nav == "activities")
        if offered and link and access.may(actor, "create", other.model):
            label = _("New %(record)s") % {"record": other.label}
            found.append(_item(f"{other.url('new')}?{urlencode({link: row.pk})}", "", other.icon, label, ""))
    return found[:ACTS]


def _link_to(entity: Entity, model: type[models.Model]) -> str:
    """The name of the field by which an entity's form points at a model."""
    for column in entity.columns("form"):
        if column.field.related_model is model:
            return column.path
    return ""


def _item_of(hit: Hit, actor: Any) -> SafeString:
    return _item(hit.url, hit.url, hit.entity.icon, _marked(hit.title, hit.marks), _second_line(hit, actor))


def _item(url: str, record: str, icon: str, label: SafeString | str, small: SafeString | str) -> SafeString:
    """A line of the palette; Ctrl Enter opens `record` in the side panel."""
    opens = format_html(' data-open="{}"', record) if record else ""
    second = format_html("<small>{}</small>", small) if small else ""
    shape = '<a class="palette-item" role="option" href="{}"{}>{}<span>{}</span>{}<kbd>Enter</kbd></a>'
    return format_html(shape, url, opens, render.icon(icon), label, second)


def _page_group(entity: Entity, hits: list[Hit], text: str, actor: Any) -> Group:
    items = [
        _row(hit.url, entity.icon, _marked(hit.title, hit.marks), _second_line(hit, actor)) for hit in hits[:ON_PAGE]
    ]
    more = f"{entity.url('list')}?{urlencode({'q': text})}" if len(hits) > ON_PAGE else ""
    return Group(entity.plural, items, more)


def _row(url: str, icon: str, label: SafeString | str, small: SafeString | str) -> SafeString:
    second = format_html("<small>{}</small>", small) if small else ""
    shape = '<a class="row-item" href="{}">{}<span class="row-main"><b>{}</b>{}</span></a>'
    return format_html(shape, url, render.icon(icon), label, second)


def _second_line(hit: Hit, actor: Any) -> SafeString:
    """The field that matched, if it wasn't the title, and the entity's subtitle."""
    parts = []
    if hit.through:
        column, value, marks = hit.through
        parts.append(format_html("{} {}", capfirst(str(column.label)), _marked(*_excerpt(value, marks))))
    if words := note(hit.entity, hit.row, actor):
        parts.append(escape(words))
    return SafeString(" · ".join(parts))


def _excerpt(text: str, marks: Spans, around: int = 24) -> tuple[str, Spans]:
    """A long text cut down to the neighbourhood of its first mark."""
    if len(text) <= 2 * around or not marks:
        return text, marks
    begin, end = max(0, marks[0][0] - around), min(len(text), marks[0][1] + around)
    lead = "…" if begin else ""
    moved = [(a - begin + len(lead), b - begin + len(lead)) for a, b in marks if begin <= a and b <= end]
    return f"{lead}{text[begin:end]}{'…' if end < len(text) else ''}".replace("\n", " "), tuple(moved)


def _marked(text: str, marks: Iterable[tuple[int, int]]) -> SafeString:
    """A text as HTML with its matched stretches marked."""
    parts, at = [], 0
    for start, end in marks:
        if start >= at:
            parts.append(f"{escape(text[at:start])}<mark>{escape(text[start:end])}</mark>")
            at = end
    return SafeString("".join(parts) + escape(text[at:]))
