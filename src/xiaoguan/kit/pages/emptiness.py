"""Why a list is empty, and the one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.kit import access, blocks, filters, wheres
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing


@dataclass(frozen=True)
class Teaching:
    """What an empty list of an entity says; `preview` gives safe HTML of what it will look like."""

    text: Any
    title: Any = ""
    preview: Callable[[], str] = str


_teachings: dict[str, Teaching] = {}


def teach(model: type[models.Model], text: Any, *, title: Any = "", preview: Callable[[], str] = str) -> None:
    """Say what belongs in a model's list while there is nothing in it; without a title it says that much itself."""
    _teachings[model._meta.label_lower] = Teaching(text, title, preview)


def is_taught(entity: Entity) -> bool:
    """Whether the empty list of an entity says what belongs there."""
    return entity.name in _teachings


def of(listing: Listing, *, may_create: bool) -> SafeString:
    """The inside of an empty list."""
    if _own_filters(listing):
        return _no_match(listing)
    return _nothing_yet(listing, may_create)


def _own_filters(listing: Listing) -> bool:
    """Whether the person narrowed the list beyond what its view says."""
    of_view = set(listing.view.params) if listing.view else set()
    return bool(listing.q) or any(each.name not in of_view for each in listing.filters)


def drop_url(listing: Listing, each: filters.Filter) -> str:
    """The address without one condition."""
    return listing.address(**{each.name: each.rest if isinstance(each, wheres.Where) else None})


def _no_match(listing: Listing) -> SafeString:
    """Which condition to drop."""
    drops = [(listing.address(q=None), _("the search words"))] if listing.q else []
    drops += [(drop_url(listing, each), each.label) for each in listing.filters]
    links = format_html_join(
        " ", '<a class="btn" href="{}">{}</a>', ((url, _("Drop %(filter)s") % {"filter": name}) for url, name in drops)
    )
    title = _("No %(records)s match these filters.") % {"records": listing.entity.plural.lower()}
    return format_html(
        '<div class="empty empty-solo"><div><h2>{}</h2><p class="empty-acts">{}</p></div></div>', title, links
    )


def _nothing_yet(listing: Listing, may_create: bool) -> SafeString:
    """What belongs here, and how it gets here."""
    entity, view = listing.entity, listing.view
    taught = _teachings.get(entity.name)
    nothing_at_all = view is None or view.code in ("mine", "team", "all")
    if not nothing_at_all:
        return blocks.empty(_("Nothing in “%(view)s” right now.") % {"view": view.label if view else ""})
    title = (
        str(taught.title) if taught and taught.title else _("No %(records)s yet.") % {"records": entity.plural.lower()}
    )
    text = str(taught.text) if taught else ""
    acts = []
    if may_create:
        acts.append(blocks.Act(_("New %(record)s") % {"record": entity.label}, entity.url("new"), "plus"))
    if upload := _import_url(listing):
        acts.insert(0, blocks.Act(_("Import a table"), upload, "upload"))
    return blocks.empty(
        title,
        text,
        action=acts[0] if acts else None,
        other=acts[1] if len(acts) > 1 else None,
        preview=taught.preview() if taught else "",
    )


def _import_url(listing: Listing) -> str:
    """Where a file with such records is brought in; empty where the actor may not or there is no such page."""
    if not access.may(listing.actor, "import", listing.entity.model):
        return ""
    try:
        return reverse("import:start") + f"?as={listing.entity.slug}"
    except NoReverseMatch:
        return ""
