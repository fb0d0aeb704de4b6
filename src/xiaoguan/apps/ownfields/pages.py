"""Own fields in the settings: by kind of record a list, a form per kind, order, retiring."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.ownfields.editor import ICONS, Editor, tiles
from xiaoguan.kit import access, action, blocks, nav, render, toasts
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.models import OwnField
from xiaoguan.kit.models.own import FieldKind
from xiaoguan.kit.own import definitions, rules
from xiaoguan.kit.pages.list import flat


def index(request: HttpRequest) -> HttpResponse:
    """Every kind of record that may have own fields, with how many there are."""
    _check(request, "view")
    rows = access.visible(OwnField, request.user).values_list("record", "active")
    found = list(rows)
    lines = [
        {
            "entity": each,
            "url": reverse("ownfields:fields", args=[each.slug]),
            "used": found.count((each.name, True)),
            "retired": found.count((each.name, False)),
        }
        for each in sorted(entities.values(), key=_place)
        if definitions.may_have(each)
    ]
    context = {"page_title": _("Own fields"), "lines": lines, "teach": not found}
    return TemplateResponse(request, "ownfields/index.html", context)


def _place(entity: Entity) -> int:
    """In the order of the navigation: what people work on first, parts of records and settings last."""
    order = [word.code for word in nav.WORDS if word.code != "settings"]
    return order.index(entity.nav) if entity.nav in order else len(order)


def fields(request: HttpRequest, slug: str) -> HttpResponse:
    """The own fields of one kind of record: those in use in their order, then the retired ones."""
    _check(request, "view")
    entity = _entity(slug)
    rows = list(access.visible(OwnField, request.user).filter(record=entity.name).order_by("position", "id"))
    filled = _filled(entity, rows)
    context = {
        "page_title": _("Own fields: %(records)s") % {"records": entity.plural},
        "entity": entity,
        "used": [_line(row, filled) for row in rows if row.active],
        "retired": [_line(row, filled) for row in rows if not row.active],
        "may_change": access.may(request.user, "change", OwnField),
        "empty": _teach(entity) if not rows else "",
    }
    return TemplateResponse(request, "ownfields/fields.html", context)


def _line(row: OwnField, filled: dict[int, int]) -> dict[str, Any]:
    return {
        "row": row,
        "icon": ICONS[FieldKind(row.kind)],
        "values": filled.get(row.pk, 0),
        "may_delete": not filled.get(row.pk),
        "history": OwnField.entity.url("detail", row),
    }


def _filled(entity: Entity, rows: list[OwnField]) -> dict[int, int]:
    """How many records hold a value, for all fields in one query."""
    counted = {f"n_{row.pk}": Count(f"extra__{row.key}") for row in rows if f"extra__{row.key}" in entity.own}
    if not counted:
        return {}
    found = access.everything(entity.model, because=rules.WHY).aggregate(**counted)
    return {int(name.removeprefix("n_")): n for name, n in found.items()}


def _teach(entity: Entity) -> str:
    new = reverse("ownfields:new", args=[entity.slug])
    return blocks.empty(
        _("What does your company note that isn't here?"),
        _(
            "Add it as a field: it then stands in the form, the list, filters, search, files, history and rights,"
            " at once and without a restart."
        ),
        action=blocks.Act(_("Add the first field"), new, "plus"),
        other=blocks.Act(_("All kinds of records"), reverse("ownfields:index")),
    )


def new(request: HttpRequest, slug: str) -> HttpResponse:
    """First the kind, then what this kind needs."""
    _check(request, "create")
    entity, kind = _entity(slug), request.GET.get("kind", "")
    if kind not in FieldKind.values:
        context = {"page_title": _("New own field"), "entity": entity, "tiles": tiles()}
        return TemplateResponse(request, "ownfields/kinds.html", {**context, "back": _address(entity)})
    if request.method != "POST":
        return _show(request, Editor(entity, request.user, kind))
    editor = Editor(entity, request.user, kind, data=flat(request.POST))
    if "_try" in request.POST:
        return _show(request, editor, results=editor.results())
    last = access.visible(OwnField, request.user).filter(record=entity.name).order_by("position").last()
    try:
        values = {**editor.values(), "position": (last.position if last is not None else 0) + 1}
        done = action.perform("create", OwnField, values, actor=request.user)
    except Invalid as problem:
        editor.take(problem)
        return _show(request, editor, status=422)
    toasts.tell(request, _("%(label)s is there now") % {"label": done.result.label}, done.change)
    return redirect(_address(entity))


def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What may change: label, help, options, formula, whether it is required; the rest while there are no values."""
    entity, row = _load(request, slug, pk, "change")
    if request.method != "POST":
        return _show(request, Editor(entity, request.user, row.kind, row))
    data = flat(request.POST)
    editor = Editor(entity, request.user, row.kind, row, data)
    if "_try" in data:
        return _show(request, editor, results=editor.results())
    seen = data.get("_version", "")
    expected = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    try:
        done = action.update(row, editor.values(), actor=request.user, expect_version=expected)
    except Invalid as problem:
        editor.take(problem)
        return _show(request, editor, status=422)
    toasts.tell(request, _("%(name)s is saved") % {"name": row.label}, done.change)
    return redirect(_address(entity))


def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place up or down among the fields in use."""
    entity, row = _load(request, slug, pk, "change")
    rows = list(access.visible(OwnField, request.user).filter(record=entity.name, active=True))
    rows.sort(key=lambda each: (each.position, each.pk))
    at = next((index for index, each in enumerate(rows) if each.pk == row.pk), None)
    to = None if at is None else at + (-1 if request.POST.get("to") == "up" else 1)
    if at is not None and to is not None and 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
        pairs = [(each, {"position": place}) for place, each in enumerate(rows, 1) if each.position != place]
        action.update_each(pairs, actor=request.user)
    return redirect(_address(entity))


def retire(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a field out of use, or into use again; its values stay where they are."""
    entity, row = _load(request, slug, pk, "change")
    done = action.update(row, {"active": not row.active}, actor=request.user)
    words = _("%(label)s is in use again") if row.active else _("%(label)s is retired; its values are kept")
    toasts.tell(request, words % {"label": row.label}, done.change)
    return redirect(_address(entity))


def delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Remove a field that no record has a value of."""
    entity, row = _load(request, slug, pk, "delete")
    done = action.remove(row, actor=request.user)
    toasts.tell(request, _("%(label)s is deleted") % {"label": row.label}, done.change)
    return redirect(_address(entity))


def _show(
    request: HttpRequest, editor: Editor, *, status: int = 200, results: list[tuple[str, Any]] | None = None
) -> HttpResponse:
    kind = capfirst(str(editor.kind.label))
    title = _("New field: %(kind)s") % {"kind": kind}
    context = {
        "page_title": title if editor.row is None else _("Edit %(name)s") % {"name": editor.row.label},
        "editor": editor,
        "entity": editor.entity,
        "kind": kind,
        "icon": render.icon(ICONS[editor.kind]),
        "row": editor.row,
        "back": _address(editor.entity),
        "results": results,
    }
    wrong = any(item.errors for item in editor.inputs.values()) or editor.errors
    return TemplateResponse(request, "ownfields/form.html", context, status=422 if wrong else status)


def _check(request: HttpRequest, verb: str) -> None:
    if not access.may(request.user, verb, OwnField):
        raise Denied(verb, OwnField)


def _entity(slug: str) -> Entity:
    """The entity of an address; «not found» for one that has no own fields."""
    try:
        entity = Entity.by_slug(slug)
    except KeyError:
        raise Http404 from None
    if not definitions.may_have(entity):
        raise Http404
    return entity


def _load(request: HttpRequest, slug: str, pk: int, verb: str) -> tuple[Entity, OwnField]:
    entity = _entity(slug)
    row = access.visible(OwnField, request.user).filter(pk=pk, record=entity.name).first()
    if row is None:
        raise Http404
    _check(request, verb)
    return entity, row


def _address(entity: Entity) -> str:
    return reverse("ownfields:fields", args=[entity.slug])
