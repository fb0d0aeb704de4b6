"""Choosing records that are one, comparing them side by side, and looking back at a merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.apps.merging import actions, declaring, large, undoing
from xiaoguan.apps.merging.choosing import ALL, Choice, choices
from xiaoguan.apps.merging.links import links
from xiaoguan.apps.merging.models import Merged
from xiaoguan.kit import access, clock, facts, titles, toasts, undo
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.models import Change
from xiaoguan.kit.pages import answers, options

TAKE = "take:"


def _check(entity: Entity, actor: Any) -> None:
    """Let in who sees such records, and may change and delete some."""
    if not access.may(actor, "view", entity.model):
        raise Http404
    for verb in ("change", "delete"):
        if not access.may(actor, verb, entity.model):
            raise Denied(verb, entity.model)


def numbers(given: Sequence[str]) -> list[int]:
    """The ids in some texts with commas, each once."""
    found = [part for text in given for part in text.split(",")]
    return list(dict.fromkeys(int(pk) for pk in found if pk.isascii() and pk.isdigit() and len(pk) < 19))


def address(entity: Entity) -> str:
    """Where records of a kind stand side by side; `?ids=` names them."""
    return reverse(f"merging:compare_{entity.slug}")


def side_by_side(entity: Entity, ids: Sequence[int]) -> str:
    """The address where these records are compared."""
    query = urlencode({"ids": ",".join(map(str, ids))})
    return f"{address(entity)}?{query}"


def chosen(request: HttpRequest, entity: Entity) -> HttpResponse:
    """What the bulk bar of a list sends: the ticked rows go side by side."""
    _check(entity, request.user)
    ids = numbers(request.POST.getlist("ids"))
    if request.POST.get("all") == "1" or not 2 <= len(ids) <= actions.MOST:
        text = _("Choose two to ten %(records)s to merge.")
        raise Invalid({"": [text % {"records": entity.plural.lower()}]})
    return answers.go(request, side_by_side(entity, ids))


def pick(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """With which others a record is to be merged: what is likely the same, and what somebody looks for."""
    row = answers.get(entity, request.user, pk)
    for verb in ("change", "delete"):
        if not access.may(request.user, verb, row):
            raise Denied(verb, row)
    if request.method == "POST":
        return answers.go(request, side_by_side(entity, [pk, *numbers(request.POST.getlist("ids"))]))
    known = declaring.known[entity.name]
    context = {
        "entity": entity,
        "row": row,
        "page_title": _("Merge with …"),
        "page_fact": entity.title_of(row),
        "url": entity.url("do", row, actions.NAME),
        "options_url": entity.url("options"),
        "likely": [
            {"row": other, "note": options.note(entity, other, request.user), "why": why}
            for other, why in known.suggest(row, request.user)
        ],
        "back": entity.url("detail", row),
    }
    return TemplateResponse(request, "merging/pick.html", context)


def compare(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Two to ten records side by side; what is sent says which one is kept and whose values it gets."""
    actor: Any = request.user
    _check(entity, actor)
    data = request.POST if request.method == "POST" else request.GET
    ids = numbers(data.getlist("ids"))
    if not 2 <= len(ids) <= actions.MOST:
        text = _("Choose two to ten %(records)s to merge.")
        raise Invalid({"": [text % {"records": entity.plural.lower()}]})
    found = access.visible(entity.model, actor).select_related(*_linked(entity)).in_bulk(ids)
    if len(found) < len(ids):
        raise Http404
    keep = next((pk for pk in numbers(data.getlist("keep")) if pk in found), ids[0])
    kept, rest = found[keep], [found[pk] for pk in ids if pk != keep]
    actions.check(kept, rest, actor)
    if request.method != "POST":
        return _show(request, entity, kept, [found[pk] for pk in ids])
    take = {name.removeprefix(TAKE): value for name, value in data.items() if name.startswith(TAKE)}
    values = {
        "others": ",".join(str(row.pk) for row in rest),
        "take": ",".join(f"{name}={value}" for name, value in take.items()),
        "share": "share" in data or "_asked" not in data,
    }
    total = large.size(kept, rest)
    if total > large.MANY:
        return answers.go(request, reverse("job", args=[large.start(kept, rest, values, total, actor=actor).pk]))
    done = entity.actions[actions.NAME](kept, actor=actor, **values)
    toasts.tell(request, _("%(names)s merged into %(name)s") % {
        "names": _(", ").join(str(row) for row in rest), "name": done.result}, done.change)  # fmt: skip
    return answers.go(request, entity.url("detail", kept))


def _linked(entity: Entity) -> list[str]:
    return sorted({each.path for each in entity.columns("form") if each.field.is_relation and not each.own} | {"owner"})


def _show(request: HttpRequest, entity: Entity, kept: Any, rows: Sequence[Any]) -> HttpResponse:
    actor: Any = request.user
    others = [row for row in rows if row.pk != kept.pk]
    reading = Reading(actor, titles.tokens([entity.model]))
    fields = choices(kept, others, actor)
    counts = _belonging(entity, rows, actor)
    owners = {row.owner_id for row in rows} if entity.scope == "owner" else set()
    context = {
        "entity": entity,
        "page_title": _("Merge %(records)s") % {"records": entity.plural.lower()},
        "rows": [
            {
                "row": row,
                "kept": row.pk == kept.pk,
                "url": entity.url("detail", row),
                "note": options.note(entity, row, actor),
                "counts": [(label, found[row.pk]) for label, found in counts if found[row.pk]],
            }
            for row in rows
        ],
        "fields": [_field(each, rows, actor, reading) for each in fields if each.differs],
        "same": [_field(each, rows, actor, reading) for each in fields if not each.differs and each.groups],
        "asks_share": len(owners - {None}) > 1,
        "n": len(rows),
        "url": address(entity),
        "ids": ",".join(str(row.pk) for row in rows),
        "back": entity.url("list"),
        "days": undoing.KEPT.days,
    }
    return TemplateResponse(request, "merging/compare.html", context)


def _field(each: Choice, rows: Sequence[Any], actor: Any, reading: Reading) -> dict[str, Any]:
    """One field with a cell per record: what it says, and whether that is taken."""
    cells = []
    for row in rows:
        value = each.column.value(row)
        cells.append(
            {
                "row": row,
                "html": facts.value_html(each.column, value, actor, reading),
                "empty": value in (None, "", []),
                "taken": each.taken == str(row.pk),
            }
        )
    return {"path": each.path, "label": each.label, "cells": cells, "together": each.together, "all": each.taken == ALL}


def _belonging(entity: Entity, rows: Sequence[Any], actor: Any) -> list[tuple[str, Mapping[int, int]]]:
    """How many records of each kind the actor sees at each row: what will be together."""
    found = []
    for link in links(entity.model):
        other = entities.get(link.model._meta.label_lower)
        if other is None or link.own or link.kind or not access.may(actor, "view", other.model):
            continue
        seen = access.visible(other.model, actor).filter(**{f"{link.column}__in": [row.pk for row in rows]})
        counts = dict.fromkeys((row.pk for row in rows), 0)
        for pk in seen.values_list(link.column, flat=True):
            counts[pk] += 1
        found.append((other.plural, counts))
    return found


def done(request: HttpRequest, pk: int) -> HttpResponse:
    """A merge afterwards: who did it, until when it can be undone, what goes back and what stays."""
    change = get_object_or_404(Change.objects.select_related("actor"), pk=pk)
    entity = entities.get(change.entity)
    found = (
        change.rows.filter(entity=change.entity, after__has_key=actions.NOTED).first() if entity is not None else None
    )
    kept = access.visible(entity.model, request.user).filter(pk=found.object_id).first() if entity and found else None
    if entity is None or found is None or kept is None:
        raise Http404
    undone = undo.is_reversed(change)
    refused: Refusal | None = None
    try:
        undoing.check(change, list(Merged.objects.filter(change=change)))
    except Refusal as problem:
        refused = problem
    context = {
        "entity": entity,
        "page_title": _("A merge"),
        "page_fact": entity.title_of(kept),
        "kept": kept,
        "kept_url": entity.url("detail", kept),
        "names": list(found.after[actions.NOTED]["names"].values()),
        "change": change,
        "until": clock.local(change.at + undoing.KEPT).date(),
        "stays": "" if undone else undoing.said(kept, undoing.since(kept, change), 0),
        "refused": refused,
        "undone": undone,
        "may": access.may(request.user, "delete", kept),
    }
    return TemplateResponse(request, "merging/done.html", context)
