"""Writing one record: the same values, checks and actions as a form, named by JSON."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from xiaoguan.api import shape, values
from xiaoguan.api.problems import invalid, not_found, stale
from xiaoguan.api.reading import require
from xiaoguan.kit import access, action, clock, kinds, problems
from xiaoguan.kit.action import Action
from xiaoguan.kit.controls import raw_of
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.form import is_required
from xiaoguan.kit.verbs import Argument, VerbForm

SOURCE = "api"
BIN = timedelta(days=30)
Maker = Callable[[Mapping[str, Any], Any], Any]

makers: dict[type[models.Model], Maker] = {}
"""Kinds of records that come into being by a verb of their own: `func(values, actor)` gives the record."""


def made_by(model: type[models.Model]) -> Callable[[Maker], Maker]:
    """Register how records of a model are made, where plain creation would leave something out."""

    def register(func: Maker) -> Maker:
        makers[model] = func
        return func

    return register


def read(entity: Entity, body: Mapping[str, Any], actor: Any, *, row: Any = None) -> dict[str, Any]:
    """The values to store for a JSON object; raises Problem 422 naming every field that is wrong."""
    known = shape.writable(entity)
    found: dict[str, Any] = {}
    sent, errors = _by_path(body)
    for path, given in sent.items():
        if path == "uid" and row is None:
            _read_uid(found, errors, given)
        elif path not in known:
            code = "read_only" if path in shape.FIXED or path in _paths(entity) else "unknown_field"
            errors.append({"field": shape.told(path), "code": code, "message": _WORDS[code]()})
        else:
            _read_into(found, errors, known[path], given, actor, row)
    if row is None:
        missing = [path for path, column in known.items() if path not in sent and is_required(column.field)]
        words = problems.sentence("required")
        errors += [{"field": shape.told(path), "code": "required", "message": words} for path in missing]
    if errors:
        raise invalid(errors)
    return found


_WORDS: dict[str, Callable[[], str]] = {
    "read_only": lambda: _("This field is kept by the system; leave it out."),
    "unknown_field": lambda: _("There is no such field."),
}


def _paths(entity: Entity) -> set[str]:
    return {column.path for column in shape.columns(entity)}


def _by_path(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What was sent by path, the fields inside `extra` among the others, and what is wrong with its shape."""
    sent = {name: given for name, given in body.items() if name != shape.EXTRA and not shape.is_own(name)}
    errors = [
        {"field": name, "code": "unknown_field", "message": _WORDS["unknown_field"]()}
        for name in body
        if shape.is_own(name)
    ]
    extra = body.get(shape.EXTRA, {})
    if isinstance(extra, dict):
        return sent | {shape.PREFIX + key: given for key, given in extra.items()}, errors
    return sent, [*errors, {"field": shape.EXTRA, "code": "not_an_object", "message": _("Send a JSON object.")}]


def _read_uid(found: dict[str, Any], errors: list[dict[str, Any]], given: Any) -> None:
    try:
        found["uid"] = uuid.UUID(given)
    except (ValueError, AttributeError, TypeError):
        errors.append({"field": "uid", "code": "not_a_uuid", "message": _("This is no UUID.")})


def _read_into(
    found: dict[str, Any], errors: list[dict[str, Any]], column: Any, given: Any, actor: Any, row: Any
) -> None:
    try:
        now = getattr(row, column.field.attname) if row is not None else None
        found[column.path] = values.taken(column, given, actor, now=now)
    except kinds.Unparsable as problem:
        words = problems.sentence(problem.code, column.kind.code)
        errors.append({"field": shape.told(column.path), "code": problem.code, "message": words})
    except ValidationError as problem:
        errors += [{"field": shape.told(column.path), "code": "invalid", "message": text} for text in problem.messages]


def create(entity: Entity, body: Mapping[str, Any], actor: Any) -> int:
    """Create a record and return its id."""
    require(access.may(actor, "create", entity.model) and bool(entity.names("form")))
    found = read(entity, body, actor)
    maker = makers.get(entity.model)
    row = maker(found, actor) if maker else action.create(entity.model, found, actor=actor, source=SOURCE)
    return int(row.pk)


def get(entity: Entity, actor: Any, pk: int) -> Any:
    """A record the actor may see, else Problem 404."""
    found = list(access.visible(entity.model, actor).filter(pk=pk).order_by()[:1])
    if not found:
        raise not_found()
    return found[0]


def check_version(row: Any, expected: int | None, actor: Any) -> None:
    """Refuse a write that was meant for another version of the record (`If-Match`), and say what has changed."""
    if expected is not None and row.version != expected:
        raise stale(row, expected, actor, precondition=True)


def update(entity: Entity, pk: int, body: Mapping[str, Any], actor: Any, expected: int | None) -> None:
    """Change the fields that are named."""
    row = get(entity, actor, pk)
    require(access.may(actor, "change", row))
    check_version(row, expected, actor)
    found = read(entity, body, actor, row=row)
    action.update(row, found, actor=actor, expect_version=expected, source=SOURCE)


def remove(entity: Entity, pk: int, actor: Any, expected: int | None) -> None:
    """Move a record to the recycle bin."""
    row = get(entity, actor, pk)
    require(access.may(actor, "delete", row))
    check_version(row, expected, actor)
    action.remove(row, actor=actor, source=SOURCE)


def restore(entity: Entity, pk: int, actor: Any) -> None:
    """Bring a record back from the recycle bin."""
    if not access.may(actor, "view", entity.model):
        raise not_found()
    rows = access.deleted(entity.model, actor, since=clock.now() - BIN).filter(pk=pk).order_by()[:1]
    if not rows:
        raise not_found()
    action.restore(rows[0], actor=actor, source=SOURCE)


def run(entity: Entity, pk: int, verb: Action, body: Mapping[str, Any], actor: Any, expected: int | None) -> None:
    """Run a verb on a record; the body holds its arguments."""
    row = get(entity, actor, pk)
    # What asks a person to prove himself once more is not for a program.
    require(access.may(actor, verb.verb, row) and not verb.recent)
    check_version(row, expected, actor)
    sent = {name: str(given) for name, given in body.items() if given is not None}
    arguments = {param.name: Argument(param, actor, None) for param in verb.params_of(row, sent, actor)}
    errors = [
        {"field": name, "code": "unknown_field", "message": _WORDS["unknown_field"]()}
        for name in body
        if name not in arguments
    ]
    data = {}
    for name, given in body.items():
        if name not in arguments or given is None:
            continue
        text = _as_text(arguments[name], given)
        if text is None:
            words = problems.sentence("", arguments[name].kind.code)
            errors.append({"field": name, "code": "wrong_type", "message": words})
        else:
            data[name] = text
    form = VerbForm(verb, actor, row=row, data=data)
    found = form.values()
    told = {error["field"] for error in errors}
    errors += [
        {"field": each.param.name, "code": "invalid", "message": text}
        for each in form.arguments
        for text in each.input.errors
        if each.param.name not in told
    ]
    if errors or found is None:
        raise invalid(errors)
    verb(row, actor=actor, source=SOURCE, expect_version=expected, **found)


def _as_text(argument: Argument, given: Any) -> str | None:
    """An argument's JSON as the text that its form reads; None where it is of the wrong type."""
    kind = argument.kind
    if kind.code == "yesno":
        return raw_of(kind, given) if isinstance(given, bool) else None
    if kind.code in ("number", "money", "percent", "link", "person"):
        whole = isinstance(given, int) and not isinstance(given, bool) and abs(given) < values.INT64
        return (str(given) if kind.code in ("link", "person") else raw_of(kind, given)) if whole else None
    return given if isinstance(given, str) else None
