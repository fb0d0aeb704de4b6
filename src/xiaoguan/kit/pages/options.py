"""Type-ahead: the visible rows whose title, number or phone matches what is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse

from xiaoguan.kit import access, search, titles
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied

MOST = 12
Away = Callable[[Any, Any], Any]
_away: dict[type[models.Model], Away] = {}


def away(model: type[models.Model]) -> Callable[[Away], Away]:
    """Say in one word, of (row, actor), why a row is hardly meant any more, or nothing: such come last and grey."""

    def add(func: Away) -> Away:
        _away[model] = func
        return func

    return add


def away_of(row: Any, actor: Any) -> Any:
    """Why a row is hardly meant; empty where it is."""
    func = _away.get(type(row))
    return func(row, actor) if func else ""


def options(request: HttpRequest, entity: Entity) -> HttpResponse:
    """`?q=` → at most twelve `{value, text, note}`."""
    if not access.may(request.user, "view", entity.model):
        raise Denied("view", entity.model)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    rows = sorted(matching(entity, request.user, text), key=lambda row: bool(away_of(row, request.user)))
    return JsonResponse([_option(entity, row, request.user) for row in rows], safe=False)


def matching(entity: Entity, actor: Any, text: str) -> list[Any]:
    """Visible rows for a text, the best first; the newest first where nothing is typed."""
    if text and entity.names("find"):
        return [hit.row for hit in search.find(text, actor, entities=[entity.model], limit=MOST)]
    rows = access.visible(entity.model, actor)
    links = [c.path for c in entity.columns("subtitle") if c.field.is_relation]
    links += [c.path for c in entity.columns("title") if c.field.is_relation]
    rows = rows.select_related(*links) if links else rows
    if text:
        either = Q(pk__in=[])
        for column in entity.columns("title"):
            if access.readable(actor, entity, column.path):
                either |= Q(**{f"{column.path}__icontains": text})
        rows = rows.filter(either)
    return list(rows.order_by("-pk")[:MOST])


def _option(entity: Entity, row: Any, actor: Any) -> dict[str, Any]:
    gone = str(away_of(row, actor))
    words = " · ".join(part for part in (gone, note(entity, row, actor)) if part)
    return {"value": row.pk, "text": entity.title_of(row), "note": words, "away": bool(gone)}


def note(entity: Entity, row: Any, actor: Any) -> str:
    """The second line of an option: the readable words of the subtitle."""
    found = [c for c in entity.columns("subtitle") if access.readable(actor, entity, c.path)]
    return " · ".join(text for column in found if (text := plain(column, row)))


def plain(column: Any, row: Any) -> str:
    """A column of a loaded row as plain words."""
    value = column.value(row)
    if value in (None, ""):
        return ""
    if column.kind.code == "choice":
        return str(dict(column.field.flatchoices).get(value, value))
    return titles.join([value]) if column.field.is_relation else str(value)
