"""The control of one filter: a small form whose answer becomes part of the list's address."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.kit import access, columns, controls, filters, grouping, kinds, titles
from xiaoguan.kit.controls import Input
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.form import fill_options
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.pages.list import MODES
from xiaoguan.kit.spans import WORDS


def filter_page(request: HttpRequest, entity: Entity, name: str) -> HttpResponse:
    """Show the control; with `apply` send the person back to the list with the filter in its address."""
    if not access.may(request.user, "view", entity.model):
        raise Denied("view", entity.model)
    if name not in filters.names(entity, request.user):
        raise Http404
    back = _page(request)
    own = {key: request.GET.getlist(key) for key in request.GET if key.startswith("_")}
    rest = {key: ",".join(request.GET.getlist(key)) for key in request.GET if not key.startswith("_")}
    listing = Listing(entity, request.user, rest)
    if "_apply" in own:
        address = listing.address(**{name: _composed(own) or None})
        return redirect(entity.url(back) + address)
    column = entity.column(name)
    now = listing.params.get(name, "")
    context = {
        "entity": entity,
        "column": column,
        "label": filters.label(column),
        "now": now,
        "kept": parse_qsl(listing.address()[1:]),
        "back": back,
        "list_url": entity.url(back) + listing.address(),
        "drop_url": entity.url(back) + listing.address(**{name: None}) if now else "",
        **_control(column, now, request.user),
    }
    inside = bool(request.htmx)
    return TemplateResponse(request, "kit/filter.html", {**context, "dialog": inside})


def _page(request: HttpRequest) -> str:
    """The page to come back to."""
    wanted = request.GET.get("_page", "list")
    return wanted if wanted in MODES else "list"


def _composed(own: dict[str, list[str]]) -> str:
    """The filter's text from the control's parts: chosen values, a word, or the two ends of a range."""
    chosen = [part for part in own.get("_value", []) if part]
    word = next((part for part in own.get("_word", []) if part), "")
    if word == "none":
        return word
    low, high = (next((part.strip() for part in own.get(key, [])), "") for key in ("_from", "_to"))
    if low or high:
        return f"{low}..{high}" if low != high else low
    if chosen and not word and own.get("_mode") in (["all"], ["none"]):
        return kinds.ALL.join(chosen) if own["_mode"] == ["all"] else f"!{','.join(chosen)}"
    return word or ",".join(chosen)


def _control(column: Column, now: str, actor: Any) -> dict[str, Any]:
    """What the control of a kind shows, with what is set now."""
    kind = column.kind.code
    if kind in ("choice", "choices", "yesno"):
        pairs = controls.yes_no() if kind == "yesno" else column.field.flatchoices
        on = now.removeprefix("!").replace(kinds.ALL, ",").split(",")
        mode = "none" if now.startswith("!") else "all" if kinds.ALL in now else "any"
        modes = [("any", _("any of these")), ("all", _("all of these")), ("none", _("none of these"))]
        return {
            "form": "check",
            "options": [(str(code), str(text), str(code) in on) for code, text in pairs],
            "modes": [(code, text, code == mode) for code, text in modes] if kind == "choices" else [],
        }
    if kind in ("link", "person"):
        return _linked(column, now, actor)
    low, mark, high = now.partition("..")
    ends = (
        {"low": low, "high": high if mark else low} if now not in WORDS and now != "none" else {"low": "", "high": ""}
    )
    if kind in ("date", "moment"):
        words = [(code, str(text), code == now) for code, text in WORDS.items()]
        return {"form": "days", "options": words, **ends}
    if kind in ("number", "money", "percent", "time"):
        unit = {"money": _("yuan"), "percent": "%"}.get(kind, "")
        return {"form": "range", "unit": unit, **ends}
    return {"form": "text", "value": "" if now == "none" else now}


def _linked(column: Column, now: str, actor: Any) -> dict[str, Any]:
    """A list with several choices, or a type-ahead for large tables; for people also me and my team."""
    item = Input(name="_value", label=filters.label(column), kind="link")
    fill_options(item, column.field.related_model, actor)
    chosen = now.split(",")
    words = []
    if column.kind.code == "person":
        words = [("me", _("me")), ("team", _("everybody in my team"))]
    if not item.options_url:
        pairs = [*words, *item.choices]
        return {"form": "check", "options": [(code, text, code in chosen) for code, text in pairs if code]}
    from_ids = _chosen(column, chosen, actor)
    return {
        "form": "link",
        "words": [(code, text, code in chosen) for code, text in words],
        "options": from_ids,
        "options_url": item.options_url,
    }


def _chosen(column: Column, chosen: list[str], actor: Any) -> list[tuple[str, str]]:
    ids = [int(part) for part in chosen if part.isascii() and part.isdigit() and len(part) < 19]
    return [(str(pk), text) for pk, text in titles.of_ids(column.field.related_model, ids, actor).items()]


def menu_page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The fields one may filter by, or the columns one may choose; asked for when the menu is opened."""
    if not access.may(request.user, "view", entity.model):
        raise Denied("view", entity.model)
    rest = {key: ",".join(request.GET.getlist(key)) for key in request.GET if not key.startswith("_")}
    listing = Listing(entity, request.user, rest)
    back = _page(request)
    which = request.GET.get("_menu", "")
    choosing = which == "columns"
    context = {
        "entity": entity,
        "choosing": choosing,
        "items": menu(listing, back) if which not in ("columns", "group") else [],
        "columns": columns_menu(listing) if choosing else [],
        "groups": groups_menu(listing) if which == "group" else [],
        "kept": [pair for pair in parse_qsl(listing.address()[1:]) if pair[0] != "cols"],
        "list_url": entity.url(back),
        "page_title": {"columns": _("Columns"), "group": _("Group by")}.get(which, _("Filters")),
    }
    return TemplateResponse(request, "kit/menu_items.html" if request.htmx else "kit/menu.html", context)


def menu(listing: Listing, back: str) -> list[dict[str, str]]:
    """The entries of the add-a-filter menu: named conditions at once, fields by their control."""
    entity = listing.entity
    pairs = [*parse_qsl(listing.address()[1:]), ("_page", back)]
    query = urlencode(pairs, safe=",.:!")
    found = [
        {"label": str(each.label), "url": entity.url(back) + listing.address(**{filters.NAMED: code}), "asks": ""}
        for code, each in filters.conditions(entity, listing.actor).items()
    ]
    for column in filters.offered(entity, listing.actor):
        url = f"{entity.url('filter', column.path)}?{query}"
        found.append({"label": filters.label(column), "url": url, "asks": "yes"})
    url = f"{entity.url('where')}?{query}"
    found.append({"label": _("Nested filter …"), "url": url, "asks": "yes"})
    return found


def columns_menu(listing: Listing) -> list[dict[str, Any]]:
    """The columns one may choose: those shown now first, in their order."""
    shown = [column.name for column in listing.columns]
    rest = [name for name in columns.names(listing.entity, listing.actor) if name not in shown]
    return [
        {"name": name, "label": columns.label(listing.entity, name), "shown": name in shown, "index": index}
        for index, name in enumerate([*shown, *rest])
    ]


def groups_menu(listing: Listing) -> list[dict[str, Any]]:
    """The fields one may group by, the one in force marked, and no groups at all."""
    now = listing.params.get("group", "")
    pairs = [("", _("No groups")), *[(each.path, filters.label(each)) for each in grouping.offered(listing)]]
    base = listing.entity.url("list")
    return [
        {"label": label, "url": base + listing.address(group=name or None, closed=None), "on": name == now}
        for name, label in pairs
    ]
