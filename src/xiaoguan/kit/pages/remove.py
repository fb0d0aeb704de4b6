"""Deleting, the recycle bin, restoring, undoing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.kit import access, action, clock, history, toasts, undo
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.pages import answers, detail
from xiaoguan.kit.pages.list import template

KEPT = dt.timedelta(days=30)
SHOWN = 200


def delete(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """Move a record to the recycle bin; without script a page asks first, as there is no toast in between."""
    row = detail.load(entity, request.user, pk)
    if not access.may(request.user, "delete", row):
        raise Denied("delete", row)
    if request.method != "POST":
        context = {
            "entity": entity,
            "row": row,
            "page_title": _("Delete %(name)s") % {"name": entity.title_of(row)},
            "back": entity.url("detail", row),
            "url": entity.url("delete", row),
            "days": KEPT.days,
        }
        return TemplateResponse(request, template(entity, "confirm"), context)
    done = action.remove(row, actor=request.user)
    toasts.tell(request, _("%(name)s is in the recycle bin") % {"name": entity.title_of(row)}, done.change)
    return answers.go(request, entity.url("list"))


def bin_(request: HttpRequest, entity: Entity) -> HttpResponse:
    """What was deleted in the last thirty days and the actor may bring back."""
    if not access.may(request.user, "delete", entity.model):
        raise Denied("delete", entity.model)
    rows = access.deleted(entity.model, request.user, since=clock.now() - KEPT).order_by("-deleted_at", "-pk")
    context = {
        "entity": entity,
        "rows": [(row, entity.title_of(row)) for row in rows[:SHOWN]],
        "page_title": _("Recycle bin: %(records)s") % {"records": entity.plural},
        "back": entity.url("list"),
        "days": KEPT.days,
    }
    return TemplateResponse(request, template(entity, "bin"), context)


def restore(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """Take a record out of the recycle bin."""
    row = get_object_or_404(access.deleted(entity.model, request.user, since=clock.now() - KEPT), pk=pk)
    done = action.restore(row, actor=request.user)
    toasts.tell(request, _("%(name)s is back") % {"name": entity.title_of(row)}, done.change)
    return answers.go(request, entity.url("detail", row))


def undo_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a change back, or show what has changed since."""
    change = get_object_or_404(Change.objects.select_related("actor"), pk=pk)
    try:
        done = undo.undo(change, actor=request.user)
    except undo.Moved as problem:
        return _moved(request, problem)
    text = (done.change.note if done.change is not None else "") or _("Undone")
    if request.htmx:
        return toasts.attach(HttpResponse(status=204), text, done.change)
    toasts.tell(request, text, done.change)
    return answers.go(request, _after_undo(done.result))


def _after_undo(records: dict[tuple[str, int], Any]) -> str:
    """The page of the first record that is still there, else its list."""
    for record in records.values():
        if hasattr(record, "entity"):
            page = "list" if record.deleted_at else "detail"
            return record.entity.url(page, *([] if record.deleted_at else [record]))
    return "/"


def _moved(request: HttpRequest, problem: undo.Moved) -> HttpResponse:
    """What was changed since, record by record."""
    context = {
        "since": [_since(request.user, each) for each in problem.since],
        "page_title": _("This can't be undone any more"),
    }
    if request.htmx:
        return answers.dialog(request, "kit/moved.html", context, 409)
    return TemplateResponse(request, "kit/moved.html", {**context, "dialog": False}, status=409)


def _since(actor: Any, since: undo.Since) -> dict[str, Any]:
    """One record with its later changes; what is no entity (a kept view) has neither page nor fields to show."""
    entity = getattr(since.record, "entity", None)
    reader = history.Reader(entity, actor, since.rows) if entity else None
    changes = [
        {
            "by": row.change.actor,
            "at": row.change.at,
            "html": history.changes_html(reader.differences(row)) if reader else "",
        }
        for row in since.rows
    ]
    return {"record": since.record, "url": entity.url("detail", since.record) if entity else "", "changes": changes}
