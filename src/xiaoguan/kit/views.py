"""Views of a list: named sets of filters that stand above it as tabs; declared by apps or saved by people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import access, feed, filters, memo, wheres
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.models.view import SavedView, ViewTabs

KEPT = ("sort", "cols", "widths", "group")
"""What a view keeps beside its filters; `mode` says whether it opens as list, board or calendar."""


@dataclass(frozen=True)
class View:
    """One tab: `query` is what its address would say (`owner=me&status=open&sort=next_due`)."""

    code: str
    label: Any
    query: str
    position: int = 50
    shown: Callable[[Any], bool] = lambda actor: True
    saved: SavedView | None = field(default=None, compare=False)

    @property
    def params(self) -> dict[str, str]:
        """The filters and the look of this view."""
        return {name: value for name, value in _parsed(self.query) if name != "mode"}

    @property
    def mode(self) -> str:
        """The page it opens on: list, board or calendar."""
        return dict(_parsed(self.query)).get("mode", "list")


@cache
def _parsed(query: str) -> tuple[tuple[str, str], ...]:
    """Views are few and asked for on every page."""
    return tuple(parse_qsl(query))


EVERYTHING = View("all", _("All"), "", 90)
"""No filter at all: every list knows it, though not everybody sees it as a tab."""

_views: dict[str, dict[str, View]] = {}


def view(
    model: type[models.Model],
    code: str,
    label: Any,
    query: str,
    *,
    position: int = 50,
    shown: Callable[[Any], bool] = lambda actor: True,
) -> View:
    """Declare a built-in view of a model's list; `mine`, `team` and `all` replace what the kit offers."""
    made = View(code, label, query, position, shown)
    _views.setdefault(model._meta.label_lower, {})[code] = made
    return made


def _reaches_others(entity: Entity) -> Callable[[Any], bool]:
    return lambda actor: access.grants(actor).scope(entity.name, "view") in ("team", "all")


def _sees_all(entity: Entity) -> Callable[[Any], bool]:
    return lambda actor: access.grants(actor).scope(entity.name, "view") == "all"


def _offered(entity: Entity) -> dict[str, View]:
    """What every list has: mine and my team's where rows have an owner, and all."""
    if entity.scope != "owner":
        return {"all": EVERYTHING}
    return {
        "mine": View("mine", _("Mine"), "owner=me", 10),
        "team": View("team", _("My team"), "owner=team", 20, _reaches_others(entity)),
        "all": View("all", _("All"), "", 90, _sees_all(entity)),
    }


@dataclass(frozen=True)
class Own:
    """What is kept for one person about one list: the views he may use, and how he arranged his tabs."""

    saved: tuple[SavedView, ...] = ()
    tabs: ViewTabs | None = None


def own(entity: Entity, actor: Any) -> Own:
    """Saved views and tabs of one person, from memory until somebody changes any, or people or teams."""
    kept = feed.versions("kit.savedview", "kit.viewtabs")
    if not any(kept.values()):
        return Own()  # nobody has ever kept a view: nothing to ask for
    people = [model._meta.label_lower for model in apps.get_app_config(actor._meta.app_label).get_models()]
    tokens = kept | feed.versions(*people)
    return memo.remember(
        ("views", entity.name, actor.pk, access.grants(actor).scope(entity.name, "view")),
        tuple(tokens.values()),
        lambda: Own(
            tuple(usable(entity, actor).order_by("pk").select_related("owner")[:MOST]),
            ViewTabs.objects.filter(owner=actor.pk, listed=entity.name, deleted_at__isnull=True).first(),
        ),
    )


MOST = 100
"""So many saved views of one list anybody gets at most."""


def usable(entity: Entity, actor: Any) -> models.QuerySet[SavedView]:
    """The saved views of a list that are the actor's own or shared with him."""
    team = Q(unit__isnull=False, unit=getattr(actor, "unit_id", None)) | Q(owner__in=access.policy().above(actor))
    theirs = Q(shared=SavedView.Shared.EVERYBODY) | (Q(shared=SavedView.Shared.TEAM) & team)
    living = SavedView.objects.filter(listed=entity.name, deleted_at__isnull=True)
    return living.filter(Q(owner=actor.pk) | theirs)


def everyone(entity: Entity, actor: Any) -> list[View]:
    """Every view this actor may use, those put away too, in the order of his tabs."""
    found = {**_offered(entity), **_views.get(entity.name, {})}
    usable_ = [each for each in found.values() if each.shown(actor) and _readable(entity, each, actor)]
    usable_.sort(key=lambda each: each.position)
    kept = own(entity, actor)
    usable_ += [View(f"s{each.pk}", each.name, each.query, 80, saved=each) for each in kept.saved]
    if kept.tabs:
        place = {code: index for index, code in enumerate(kept.tabs.order)}
        usable_.sort(key=lambda each: place.get(each.code, len(place)))
    return usable_ or [EVERYTHING]


def hidden(entity: Entity, actor: Any) -> set[str]:
    """The codes of the views this person has put away."""
    tabs = own(entity, actor).tabs
    return set(tabs.hidden) if tabs else set()


def of(entity: Entity, actor: Any) -> list[View]:
    """The tabs this actor gets, in their order; never empty."""
    away, found = hidden(entity, actor), everyone(entity, actor)
    return [each for each in found if each.code not in away] or found[:1]


def default(entity: Entity, actor: Any) -> View:
    """The tab a list opens with: the one the person chose, else the first; undeclared, all he looks after."""
    found = of(entity, actor)
    tabs = own(entity, actor).tabs
    if tabs and (chosen := next((each for each in found if each.code == tabs.start), None)):
        return chosen
    if entity.name in _views:
        return found[0]
    wanted = {"team": "team", "all": "all"}.get(access.grants(actor).scope(entity.name, "view"), "")
    return next((each for each in found if each.code == wanted), found[0])


def _readable(entity: Entity, view: View, actor: Any) -> bool:
    """A view over a field that is masked for the actor would tell what it hides."""
    names = [name for name in view.params if name not in (*KEPT, "q", filters.NAMED, wheres.PARAM)]
    named = [code for code in view.params.get(filters.NAMED, "").split(",") if code]
    known = filters.conditions(entity, actor)
    return all(access.readable(actor, entity, name) for name in names) and all(code in known for code in named)
