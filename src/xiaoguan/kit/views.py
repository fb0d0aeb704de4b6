"""Views of a list: named sets of filters that stand above it as tabs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import access, filters
from xiaoguan.kit.entity import Entity


@dataclass(frozen=True)
class View:
    """One tab: `query` is what its address would say (`owner=me&status=open&sort=next_due`)."""

    code: str
    label: Any
    query: str
    position: int = 50
    shown: Callable[[Any], bool] = lambda actor: True

    @property
    def params(self) -> dict[str, str]:
        """The filters and the order of this view."""
        return dict(_parsed(self.query))


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


def of(entity: Entity, actor: Any) -> list[View]:
    """The tabs this actor gets, in their order; never empty."""
    found = {**_offered(entity), **_views.get(entity.name, {})}
    usable = [each for each in found.values() if each.shown(actor) and _readable(entity, each, actor)]
    return sorted(usable, key=lambda each: each.position) or [EVERYTHING]


def default(entity: Entity, actor: Any) -> View:
    """The tab a list opens with: the first one; where no app declares any, all that the actor looks after."""
    found = of(entity, actor)
    if entity.name in _views:
        return found[0]
    wanted = {"team": "team", "all": "all"}.get(access.grants(actor).scope(entity.name, "view"), "")
    return next((each for each in found if each.code == wanted), found[0])


def _readable(entity: Entity, view: View, actor: Any) -> bool:
    """A view over a field that is masked for the actor would tell what it hides."""
    names = [name for name in view.params if name not in ("sort", "q", "cols", filters.NAMED)]
    named = [code for code in view.params.get(filters.NAMED, "").split(",") if code]
    known = filters.conditions(entity, actor)
    return all(access.readable(actor, entity, name) for name in names) and all(code in known for code in named)
