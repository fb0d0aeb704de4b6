"""Running a verb on one record: a button where it needs nothing, a small form where it does."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.kit import access, conflict, draft, history, recent, toasts
from xiaoguan.kit.action import Action, Done
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.fields import uuid7
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.pages import answers
from xiaoguan.kit.pages.list import flat, template
from xiaoguan.kit.verbs import VerbForm

REMEMBERED = 86_400
"""Seconds for which the same form of a verb is known to be the same."""


def act(request: HttpRequest, entity: Entity, pk: int, name: str) -> HttpResponse:
    """Show the verb's form, or run it."""
    action = entity.actions.get(name)
    if action is None:
        raise Http404
    row = answers.get(entity, request.user, pk)
    if not access.may(request.user, action.verb, row):
        raise Denied(action.verb, row)
    if action.recent:
        recent.require(request)
    if request.method != "POST":
        waiting = draft.take(request)
        data, start = flat(waiting) if waiting else None, flat(request.GET)
        form = VerbForm(action, request.user, row=row, data=data, start=start)
        return show(request, entity, row, form)
    data = flat(request.POST)
    if entity.board:
        again = f"{request.path}?{urlencode({key: data[key] for key in data if not key.startswith('_')})}"
        conflict.refuse_unseen(entity, row, entity.board, data.get(conflict.WAS), request.user, again)
    form = VerbForm(action, request.user, row=row, data=data)
    if form.missing() and ("_form" not in data or form.unasked()):
        asked = VerbForm(action, request.user, row=row, data=data)
        return show(request, entity, row, asked)
    values = form.values()
    if values is None:
        return show(request, entity, row, form, status=422)
    key = f"verb:{request.user.pk}:{data['_key']}" if data.get("_key") else ""
    if key and not cache.add(key, 1, REMEMBERED):  # the same form sent again: it is done already
        return finished(request, entity, row, action, Done(None, row))
    version = data.get("_version", "")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    try:
        done = action(row, actor=request.user, expect_version=seen, **values)
    except Exception as problem:
        cache.delete(key)
        if not isinstance(problem, Invalid):
            raise
        form.take(problem)
        return show(request, entity, row, form, status=422)
    return finished(request, entity, row, action, done)


def show(request: HttpRequest, entity: Entity, row: Any, form: VerbForm, *, status: int = 200) -> HttpResponse:
    """The verb's form, as a dialog over the page or as a page."""
    context = {
        "entity": entity,
        "row": row,
        "form": form,
        "label": form.action.label,
        "icon": form.action.icon,
        "page_title": str(form.action.label),
        "back": entity.url("detail", row),
        "url": entity.url("do", row, form.action.name),
        "key": (form.data or {}).get("_key") or uuid7(),
    }
    name = template(entity, "action")
    if request.htmx:
        return answers.dialog(request, name, context, status)
    return TemplateResponse(request, name, {**context, "dialog": False}, status=status)


def finished(request: HttpRequest, entity: Entity, row: Any, action: Action, done: Done) -> HttpResponse:
    """A toast that says what is true now and offers to undo; the lists on the page reload."""
    text = words(entity, row, action.label, done.change, request.user)
    if not access.visible(entity.model, request.user).filter(pk=row.pk).exists():
        toasts.tell(request, text, done.change)
        return answers.go(request, entity.url("list"))  # handed over or given back: its page is not his any more
    if request.htmx:
        # From a dialog an empty answer closes it; a dragged card stays where it was dropped.
        asked = "_form" in request.POST
        answer = answers.in_dialog(HttpResponse()) if asked else HttpResponse(status=204)
        return toasts.attach(answer, text, done.change)
    toasts.tell(request, text, done.change)
    return answers.go(request, entity.url("detail", row))


def words(entity: Entity, row: Any, label: Any, change: Change | None, actor: Any) -> str:
    """`Roof lighting: Prospecting → Needs analysis`, or the verb where no single field tells it."""
    title = entity.title_of(row)
    if change is None:
        return _("%(name)s: nothing to change") % {"name": title}
    rows = [each for each in change.written if each.entity == entity.name and each.object_id == row.pk]
    differences = history.Reader(entity, actor, rows).differences(rows[0]) if rows and rows[0].before else []
    told = next((each for each in differences if each.name == entity.board), None)
    told = told or (differences[0] if len(differences) == 1 else None)
    if told is None:
        return _("%(name)s: %(what)s") % {"name": title, "what": label}
    plain = history.plain
    return _("%(name)s: %(before)s → %(after)s") % {
        "name": title, "before": plain(told.before), "after": plain(told.after),
    }  # fmt: skip
