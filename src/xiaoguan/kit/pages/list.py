"""The list: tabs, chips, columns, rows, sums, pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import select_template
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.kit import access, boards, bulk, filters, nav, render, table, views, wheres
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.grouping import GroupedListing
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.pages import answers, emptiness


def template(entity: Entity, name: str) -> str:
    """The template of a page: the app's own for this entity where there is one, else the kit's."""
    app, model = entity.model._meta.app_label, entity.model._meta.model_name
    return select_template([f"{app}/{model}/{name}.html", f"kit/{name}.html"]).template.name


def read(request: HttpRequest, entity: Entity) -> GroupedListing:
    """The listing of an address; several values of one parameter count as one with commas."""
    if not access.may(request.user, "view", entity.model):
        raise Denied("view", entity.model)
    return GroupedListing(entity, request.user, flat(request.GET))


def flat(query: Any) -> dict[str, str]:
    """Parameters as one text each."""
    return {name: ",".join(values) for name, values in query.lists()}


def list_page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Rows under the address's filters; for HTMX only the part that changes."""
    listing = read(request, entity)
    if answer := moved(request, listing, "list"):
        return answer
    context = frame(request, listing)
    context["table"] = table.table(listing) if listing.totals.count else ""
    context["problems"] = listing.problems
    if listing.totals.count:
        context["on_page"] = len(listing.rows)
        context["previous_url"] = listing.address(page=listing.page - 1) if listing.page > 1 else ""
        context["next_url"] = listing.address(page=listing.page + 1) if listing.page < listing.pages else ""
    else:
        context["nothing"] = emptiness.of(listing, may_create=context["may_create"])
    if answers.targets(request, "list"):
        return TemplateResponse(request, "kit/rows.html", {**context, "part": True})
    return TemplateResponse(request, template(entity, "list"), context)


MODES = ("list", "board", "calendar")


def modes(listing: Listing) -> dict[str, str]:
    """The pages this list can be shown on, with their addresses."""
    entity, actor = listing.entity, listing.actor
    found = {"list": entity.url("list") + listing.address(span=None, at=None)}
    if boards.has(entity, actor):
        found["board"] = entity.url("board") + listing.address(span=None, at=None)
    if entity.calendar and access.readable(actor, entity, entity.calendar):
        found["calendar"] = entity.url("calendar") + listing.address()
    return found


def moved(request: HttpRequest, listing: Listing, page: str) -> HttpResponse | None:
    """A view that is kept as board or calendar opens there when it is named alone or is the one a list opens with."""
    if page != "list" or listing.view is None or set(listing.given) - {"view"} or listing.view.mode == "list":
        return None
    there = modes(listing).get(listing.view.mode)
    return redirect(there) if there and not request.htmx else None


def frame(request: HttpRequest, listing: Listing, *, page: str = "list") -> dict[str, Any]:
    """What list and board share: heading, tabs, chips, actions."""
    entity, actor = listing.entity, request.user
    return {
        "entity": entity,
        "listing": listing,
        "page": page,
        "list_url": entity.url(page) + listing.address(),
        "modes": modes(listing),
        "changed": listing.is_changed(page),
        "own_view": saved if (saved := listing.base and listing.base.saved) and saved.owner_id == actor.pk else None,
        "reset_url": f"{entity.url(mode_of(listing.base, page))}?view={listing.base.code}" if listing.base else "",
        "views_url": entity.url("views") + listing.address(),
        "save_url": f"{entity.url('view_save')}{listing.address()}&_page={page}",
        "where_url": f"{entity.url('where')}{listing.address()}&_page={page}",
        "page_title": entity.plural,
        "new_words": _("New %(record)s") % {"record": entity.label},
        "fact": table.fact(listing),
        "tabs": tabs(listing, page),
        "chips": chips(listing),
        "query": listing.address(),
        "may_create": access.may(actor, "create", entity.model) and bool(entity.names("form")),
        "may_edit": access.may(actor, "change", entity.model) and any(column.edit for column in listing.columns),
        "may_export": access.may(actor, "export", entity.model),
        "may_import": access.may(actor, "import", entity.model) and bool(entity.names("form")),
        "bulk": bulk.offered(entity, actor),
        "siblings": nav.siblings(entity, actor),
        "chapters": nav.others(entity, actor),
        "kept": [pair for pair in parse_qsl(listing.address()[1:]) if pair[0] != "q"],
        "menu_url": f"{entity.url('menu')}{listing.address()}&_page={page}",
    }


def mode_of(view: views.View, page: str) -> str:
    """The page a view opens on: a saved one on its own, a built-in one where the person is."""
    mode = view.mode if view.saved is not None else page
    return mode if mode in MODES else "list"


def tabs(listing: Listing, page: str = "list") -> SafeString:
    """The views as tabs; their counts are asked for after the page has come."""
    entity = listing.entity
    found = format_html_join(
        "",
        '<a class="tab" href="{}"{}>{} <span class="count" id="count-{}"></span></a>',
        (
            (
                f"{entity.url(mode_of(view, page))}?view={view.code}",
                SafeString(' aria-current="page"') if listing.base and view.code == listing.base.code else "",
                view.label,
                view.code,
            )
            for view in listing.views
        ),
    )
    url = entity.url("views") + listing.address()
    arrange = format_html(
        '<a class="tab tab-add" href="{}" hx-get="{}" hx-target="#dialogs" hx-swap="innerHTML" hx-push-url="false"'
        ' aria-label="{}" title="{}">{}</a>',
        url,
        url,
        _("Arrange views"),
        _("Arrange views"),
        render.icon("adjustments"),
    )
    return format_html(
        '<nav class="tabs" aria-label="{}" data-quiet hx-get="{}" hx-trigger="load, records-changed from:body"'
        ' hx-swap="none" hx-push-url="false">{}{}</nav>',
        _("Views"),
        entity.url("counts"),
        found,
        arrange,
    )


def chips(listing: Listing) -> SafeString:
    """The active filters, each with its words and a link that drops it."""
    made = [
        render.chip(
            f"{each.label} {filters.words(each, listing.actor)}".strip(),
            emptiness.drop_url(listing, each),
            edit_url(listing, each),
        )
        for each in listing.filters
    ]
    if listing.q:
        made.append(render.chip(_("contains “%(text)s”") % {"text": listing.q}, listing.address(q=None)))
    return table.joined(made)


def edit_url(listing: Listing, each: filters.Filter) -> str:
    """Where a chip's condition is edited: its field's control, or the builder of nested conditions."""
    if isinstance(each, wheres.Where):
        return f"{listing.entity.url('where')}{listing.address()}"
    return f"{listing.entity.url('filter', each.name)}{listing.address()}" if each.column else ""


def counts(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The figures of all tabs, to be put in their places out of band."""
    if not access.may(request.user, "view", entity.model):
        raise Denied("view", entity.model)
    first = Listing(entity, request.user, {})
    found = []
    for each in first.views:
        listing = Listing(entity, request.user, {"view": each.code})
        listing.tokens = first.tokens
        found.append((each.code, f"{listing.count_soon():,}"))
    return HttpResponse(format_html_join("", '<span class="count" id="count-{}" hx-swap-oob="true">{}</span>', found))
