"""Keeping views of lists: saving, changing and removing one's own, and arranging the tabs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.utils.translation import gettext as _

from xiaoguan.kit import access, views
from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.models.view import SavedView, ViewTabs

LONGEST = 4000


@contextmanager
def _working(name: str, model: type[SavedView | ViewTabs], actor: Any) -> Iterator[Work]:
    """One change of what a person keeps for himself: it needs no grant, as it is always his own."""
    with transaction.atomic():
        work = Work(actor, name, model._meta.label_lower)
        yield work
        work.finish()


def sharings(entity: Entity, actor: Any) -> list[str]:
    """With whom the actor may share a view: his team always, everybody where he looks after all records."""
    found = ["", "team"]
    rights = access.grants(actor)
    if "all" in (rights.scope(entity.name, "change"), rights.scope("kit.savedview", "change")):
        found.append("all")
    return found


def text_of(state: Mapping[str, str]) -> str:
    """A list's state as a view keeps it."""
    return urlencode(dict(state), safe=",.:!()")


def save(
    entity: Entity, name: str, state: Mapping[str, str], *, actor: Any, shared: str = ""
) -> tuple[SavedView, Change]:
    """A new view of the actor's own. Raises Denied or Invalid."""
    if not access.may(actor, "view", entity.model):
        raise Denied("view", entity.model)
    values = _checked(entity, {"name": name, "query": text_of(state), "shared": shared}, actor)
    if SavedView.objects.filter(owner=actor.pk, listed=entity.name, deleted_at__isnull=True).count() >= views.MOST:
        raise Invalid({"name": [_("You have kept as many views of this list as there may be. Delete one first.")]})
    with _working("save_view", SavedView, actor) as work:
        made = work.create(SavedView, {**values, "listed": entity.name, "owner": actor, "unit_id": actor.unit_id})
    return made, work.change


def change(entity: Entity, view: SavedView, values: Mapping[str, str], *, actor: Any) -> Change:
    """Rename, share or update a view of one's own; `values` holds name, query or shared. Raises Denied or Invalid."""
    if view.owner_id != actor.pk:
        raise Denied("change", view)
    for key, value in _checked(entity, values, actor, view).items():
        setattr(view, key, value)
    with _working("change_view", SavedView, actor) as work:
        work.save(view)
    return work.change


def _checked(entity: Entity, values: Mapping[str, str], actor: Any, view: SavedView | None = None) -> dict[str, str]:
    found = {key: value.replace("\x00", "").strip() for key, value in values.items()}
    if "name" in found:
        if not found["name"]:
            raise Invalid({"name": [_("Give the view a name.")]})
        if len(found["name"]) > 40:
            raise Invalid({"name": [_("At most 40 characters.")]})
        same = SavedView.objects.filter(owner=actor.pk, listed=entity.name, name=found["name"], deleted_at__isnull=True)
        if same.exclude(pk=view.pk if view else None).exists():
            raise Invalid({"name": [_("You have a view of this name already.")]})
    if len(found.get("query", "")) > LONGEST:
        raise Invalid({"name": [_("These filters are too long to keep.")]})
    if "shared" in found and found["shared"] not in sharings(entity, actor):
        raise Invalid({"shared": [_("You may not share views that far.")]})
    return found


def remove(view: SavedView, *, actor: Any) -> Change:
    """Delete a view of one's own; whoever had it as a tab has it no more. Raises Denied."""
    if view.owner_id != actor.pk:
        raise Denied("delete", view)
    with _working("delete_view", SavedView, actor) as work:
        work.remove(view)
    return work.change


def arrange(
    entity: Entity,
    *,
    actor: Any,
    order: list[str] | None = None,
    hidden: set[str] | None = None,
    start: str | None = None,
) -> Change:
    """Change the tabs of one person: their order, those put away, the one the list opens with."""
    tabs = ViewTabs.objects.filter(owner=actor.pk, listed=entity.name).first()
    wanted = {"order": order, "hidden": None if hidden is None else sorted(hidden), "start": start, "deleted_at": None}
    values = {key: value for key, value in wanted.items() if value is not None or key == "deleted_at"}
    with _working("arrange_views", ViewTabs, actor) as work:
        if tabs is None:
            work.create(ViewTabs, {**values, "listed": entity.name, "owner": actor})
        else:
            for key, value in values.items():
                setattr(tabs, key, value)
            work.save(tabs)
    return work.change
