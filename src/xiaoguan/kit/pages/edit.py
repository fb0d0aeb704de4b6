"""Creating and changing a record by its form; nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.kit import access, conflict, draft, toasts
from xiaoguan.kit.action import Done, perform, update
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid, Stale
from xiaoguan.kit.form import RecordForm
from xiaoguan.kit.lines import LineForms, kinds_of, write as write_lines
from xiaoguan.kit.pages import answers, detail
from xiaoguan.kit.pages.list import flat, template


def new(request: HttpRequest, entity: Entity) -> HttpResponse:
    """An empty form, or the record it makes; `?customer=5` and the like fill fields in."""
    if not access.may(request.user, "create", entity.model) or not entity.names("form"):
        raise Denied("create", entity.model)
    if request.method != "POST":
        kept = draft.take(request)
        data = flat(kept) if kept is not None else None
        form = RecordForm(entity, request.user, data=data, initial=flat(request.GET))
        return show(request, form, _line_sets(entity, request.user, None, data), kept=kept is not None)
    data = flat(request.POST)
    form = RecordForm(entity, request.user, data=data)
    sets = _line_sets(entity, request.user, None, data)
    if "_more_lines" in data:
        return show(request, form, sets)
    if not all([form.valid(), *[each.valid() for each in sets]]):
        return show(request, form, sets, status=422)
    made = entity.model._default_manager.filter(uid=form.uid, created_by=request.user).first()
    if made is not None:  # the same form sent again: the record is there already
        return redirect(entity.url("detail", made))
    try:
        with transaction.atomic():
            done = _create(entity, form, sets, request.user)
    except Invalid as problem:
        form.take(problem)
        return show(request, form, sets, status=422)
    except IntegrityError:
        made = entity.model._default_manager.filter(uid=form.uid, created_by=request.user).first()
        if made is None:
            raise
        return redirect(entity.url("detail", made))
    return finished(request, entity, done.result, done, _("%(name)s is created"))


def again(request: HttpRequest, entity: Entity, pk: int | None = None) -> HttpResponse:
    """The form with what was posted, unsaved: for a page that had been open too long to be trusted."""
    actor, data = request.user, flat(request.POST)
    row = detail.load(entity, actor, pk) if pk is not None else None
    if not access.may(actor, "create" if row is None else "change", entity.model if row is None else row):
        raise Denied("change", entity.model if row is None else row)
    form = RecordForm(entity, actor, row=row, data=data)
    return show(request, form, _line_sets(entity, actor, row, data), status=403, late=True)


def _create(entity: Entity, form: RecordForm, sets: list[LineForms], actor: Any) -> Done:
    values = {**form.values, "uid": form.uid}
    if sets:
        return write_lines(entity, None, values, sets, actor=actor)
    return perform("create", entity.model, values, actor=actor)


def edit(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """The form of a record; a version that somebody else moved on leads to the comparison."""
    actor = request.user
    row = detail.load(entity, actor, pk)
    if not access.may(actor, "change", row) or not entity.names("form"):
        raise Denied("change", row)
    if request.method != "POST":
        kept = draft.take(request)
        data = flat(kept) if kept is not None else None
        form = RecordForm(entity, actor, row=row, data=data)
        seen = _version(data or {})
        if data is not None and seen is not None and seen != row.version:
            return _compare(request, entity, row, form, data, seen)
        return show(request, form, _line_sets(entity, actor, row, data), kept=kept is not None)
    data = flat(request.POST)
    seen = _version(data)
    if seen is not None and seen != row.version and "_more_lines" not in data:
        return _compare(request, entity, row, RecordForm(entity, actor, row=row, data=data), data, seen)
    form = RecordForm(entity, actor, row=row, data=conflict.settled(entity, row, data))
    sets = _line_sets(entity, actor, row, data)
    if "_more_lines" in data:
        return show(request, form, sets)
    if not all([form.valid(), *[each.valid() for each in sets]]):
        return show(request, form, sets, status=422)
    try:
        done = _save(entity, row, form, sets, actor, seen)
    except Invalid as problem:
        form.take(problem)
        return show(request, form, sets, status=422)
    except Stale:
        now = detail.load(entity, actor, pk)
        return _compare(request, entity, now, RecordForm(entity, actor, row=now, data=data), data, seen or 0)
    return finished(request, entity, row, done, _("%(name)s is saved"))


def _save(entity: Entity, row: Any, form: RecordForm, sets: list[LineForms], actor: Any, seen: int | None) -> Done:
    if sets:
        return write_lines(entity, row, form.changed, sets, actor=actor, expect_version=seen)
    return update(row, form.changed, actor=actor, expect_version=seen)


def _version(data: Mapping[str, str]) -> int | None:
    raw = data.get("_version", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


def _line_sets(entity: Entity, actor: Any, row: Any, data: Mapping[str, str] | None) -> list[LineForms]:
    return [
        LineForms(kind, actor, parent=row, data=data)
        for kind in kinds_of(entity)
        if access.may(actor, "change" if row is not None else "create", kind.entity.model)
    ]


def _compare(
    request: HttpRequest, entity: Entity, row: Any, form: RecordForm, data: Mapping[str, str], seen: int
) -> HttpResponse:
    """The same form with what was typed, and beside each field what somebody else made of it meanwhile."""
    found = conflict.compare(entity, row, data, seen, request.user)
    merged = RecordForm(entity, request.user, row=row, data=found.merged)
    sets = _line_sets(entity, request.user, row, dict(data))
    return show(request, merged, sets, status=409, conflict_with=found)


def show(
    request: HttpRequest,
    form: RecordForm,
    sets: list[LineForms],
    *,
    status: int = 200,
    kept: bool = False,
    late: bool = False,
    conflict_with: conflict.Conflict | None = None,
) -> HttpResponse:
    """The form as a page."""
    entity, row = form.entity, form.row
    if row is None:
        title = _("New %(record)s") % {"record": entity.label}
        back = entity.url("list")
    else:
        title = _("Edit %(name)s") % {"name": entity.title_of(row)}
        back = entity.url("detail", row)
    context = {
        "entity": entity,
        "form": form,
        "sets": sets,
        "row": row,
        "page_title": title,
        "back": answers.wanted(request) or back,
        "kept": kept,
        "late": late,
        "conflict": conflict_with,
    }
    return TemplateResponse(request, template(entity, "form"), context, status=status)


def finished(request: HttpRequest, entity: Entity, row: Any, done: Done, words: str) -> HttpResponse:
    """To the record, or back to where one came from, with a toast that offers to undo."""
    toasts.tell(request, words % {"name": entity.title_of(row)}, done.change)
    return answers.go(request, answers.wanted(request) or entity.url("detail", row))


def line_row(request: HttpRequest, entity: Entity, accessor: str) -> HttpResponse:
    """One more empty line for a form that is open."""
    kind = next((each for each in kinds_of(entity) if each.accessor == accessor), None)
    raw = request.GET.get("index", "0")
    if kind is None or not access.may(request.user, "create", kind.entity.model):
        raise Denied("create", entity.model)
    index = min(int(raw), 199) if raw.isascii() and raw.isdigit() and len(raw) < 5 else 0
    forms = LineForms(kind, request.user, empty=index + 1)
    return TemplateResponse(request, "kit/line.html", {"entity": entity, "set": forms, "form": forms.forms[-1]})
