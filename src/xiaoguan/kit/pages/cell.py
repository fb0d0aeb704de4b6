"""Editing one cell in place: the field's own little form, then the cell as it is now."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.kit import access, action, columns, conflict, controls, form, history, kinds, problems, titles, toasts
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.errors import Denied, Invalid, Stale
from xiaoguan.kit.pages import detail


def cell(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """`?field=`: GET gives the input, POST saves and gives the cell's new content."""
    row = detail.load(entity, request.user, pk)
    name = request.GET.get("field", "")
    if name not in entity.names("form") or name in access.masked(request.user, entity.model):
        raise Http404
    if not access.may(request.user, "change", row):
        raise Denied("change", row)
    column = entity.column(name)
    if request.method != "POST":
        return HttpResponse(
            _form(entity, row, column, controls.raw_of(column.kind, getattr(row, column.field.attname)))
        )
    raw, version = request.POST.get("value", ""), request.POST.get("version", "")
    expected = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    try:
        value = form.read_value(column, raw, request.user, now=getattr(row, column.field.attname))
        done = action.update(row, {name: value}, actor=request.user, expect_version=expected)
    except Stale:
        fresh = detail.load(entity, request.user, pk)
        theirs = conflict.last_change(entity, fresh, column, expected or 0)
        if theirs is not None:
            words = {"who": theirs.change.actor, "value": columns_text(column, fresh, request.user)}
            text = _("%(who)s has set this to %(value)s meanwhile. Enter keeps yours, Esc theirs.")
            return _again(entity, fresh, column, raw, text % words)
        # Only other fields were changed: nothing of that is overwritten.
        done = action.update(fresh, {name: value}, actor=request.user, expect_version=fresh.version)
    except kinds.Unparsable as problem:
        return _again(entity, row, column, raw, problems.sentence(problem.code, column.kind.code))
    except ValidationError as problem:
        return _again(entity, row, column, raw, " ".join(problem.messages))
    except Invalid as problem:
        return _again(
            entity, row, column, raw, " ".join(str(text) for texts in problem.errors.values() for text in texts)
        )
    fresh = detail.load(entity, request.user, pk)
    response = HttpResponse(_content(column, fresh, request.user))
    words = _("%(name)s is saved") % {"name": entity.title_of(fresh)}
    return toasts.attach(response, words, done.change, refresh=False) if done.change else response


def _again(entity: Entity, row: Any, column: Column, raw: str, problem: str) -> HttpResponse:
    return HttpResponse(_form(entity, row, column, raw, problem), status=422)


def _form(entity: Entity, row: Any, column: Column, raw: str, problem: str = "") -> SafeString:
    """The input of a cell with what was typed and what is wrong with it."""
    label = columns.heading(column)
    if column.kind is kinds.CHOICE:
        item = controls.Input(
            name="value", label=label, kind="choice", raw=raw, required=form.is_required(column.field)
        )
        item.choices = [(str(code), str(text)) for code, text in column.field.flatchoices]
        field = controls.control(item)
    else:
        # Dates too are typed as text, in any style: a date control would show the browser's own order.
        field = format_html('<input name="value" value="{}" aria-label="{}" autocomplete="off">', raw, label)
    error = format_html('<span class="field-error" role="alert">{}</span>', problem) if problem else ""
    url = f"{entity.url('cell', row)}?field={column.path}"
    version = controls.hidden("version", row.version)
    return format_html('<form class="inline-edit" method="post" action="{}">{}{}{}</form>', url, field, version, error)


def columns_text(column: Column, row: Any, actor: Any) -> str:
    """A cell's content as words."""
    return history.plain(_content(column, row, actor))


def _content(column: Column, row: Any, actor: Any) -> SafeString:
    reading = Reading(actor, titles.tokens([type(row)]))
    return SafeString(columns.show(column, reading)(column.value(row)))
