"""Many records in one request and one change: all of them, or none and what is wrong with each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiaoguan.api import writing
from xiaoguan.api.problems import Problem, invalid, of_invalid, of_refusal
from xiaoguan.api.reading import require
from xiaoguan.kit import access, action
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid, Refusal, Stale

MOST = 1000
VERBS = ("create", "update", "delete")


def run(entity: Entity, body: Mapping[str, Any], actor: Any) -> dict[str, Any]:
    """Do `{"create": [...]}`, `{"update": [{"id", "version"?, ...}]}` or `{"delete": [ids]}`.

    Returns one result per row in its order; raises Problem 422 with the index of every row that is wrong.
    """
    verbs = [name for name in VERBS if name in body]
    if len(verbs) != 1 or len(body) != 1 or not isinstance(body[verbs[0]], list):
        words = _("Send one of create, update and delete, with a list.")
        raise Problem(400, "bad_bulk", words)
    rows = body[verbs[0]]
    if len(rows) > MOST:
        raise Problem(422, "too_many_rows", _("At most %(most)s rows in one request.") % {"most": MOST})
    done = {"create": _create, "update": _update, "delete": _delete}[verbs[0]](entity, rows, actor) if rows else []
    return {"results": [{"index": at, "id": row.pk, "version": row.version} for at, row in enumerate(done)]}


def _objects(rows: Sequence[Any]) -> list[dict[str, Any]]:
    wrong = [
        {"index": at, "field": "", "code": "not_an_object", "message": _("Each row is a JSON object.")}
        for at, row in enumerate(rows)
        if not isinstance(row, dict)
    ]
    if wrong:
        raise invalid(wrong)
    return list(rows)


def _create(entity: Entity, rows: Sequence[Any], actor: Any) -> list[Any]:
    require(access.may(actor, "create", entity.model) and bool(entity.names("form")))
    found = _each(_objects(rows), lambda row: writing.read(entity, row, actor))
    maker = writing.makers.get(entity.model)

    def one(values: dict[str, Any]) -> Any:
        return (
            maker(values, actor) if maker else action.create(entity.model, values, actor=actor, source=writing.SOURCE)
        )

    if maker:
        return _together(lambda: [one(values) for values in found], found, one)
    return _together(lambda: action.create(entity.model, found, actor=actor, source=writing.SOURCE), found, one)


def _update(entity: Entity, rows: Sequence[Any], actor: Any) -> list[Any]:
    objects = _objects(rows)
    known = _known(entity, [row.get("id") for row in objects], actor, "change")
    _check_versions(objects, known)
    own = [{name: value for name, value in row.items() if name not in ("id", "version")} for row in objects]
    found = _each(own, lambda row, at: writing.read(entity, row, actor, row=known[at]), indexed=True)
    pairs = list(zip(known, found, strict=True))

    def one(pair: tuple[Any, dict[str, Any]]) -> Any:
        return action.update(pair[0], pair[1], actor=actor, source=writing.SOURCE)

    _together(lambda: action.update_each(pairs, actor=actor, source=writing.SOURCE), pairs, one)
    return known


def _delete(entity: Entity, rows: Sequence[Any], actor: Any) -> list[Any]:
    known = _known(entity, rows, actor, "delete")
    _together(
        lambda: action.remove(known, actor=actor, source=writing.SOURCE),
        known,
        lambda row: action.remove(row, actor=actor, source=writing.SOURCE),
    )
    return known


def _known(entity: Entity, ids: Sequence[Any], actor: Any, verb: str) -> list[Any]:
    """The rows of the ids in their order; ids that are none, are out of sight or come twice are named."""
    if not access.may(actor, "view", entity.model):
        raise Problem(404, "not_found", _("There is no such record here, or it is not for you."))
    whole = [pk for pk in ids if isinstance(pk, int) and not isinstance(pk, bool) and 0 < pk < 2**63]
    rows = {row.pk: row for row in access.visible(entity.model, actor).filter(pk__in=whole).order_by()}
    errors, seen = [], set()
    for at, pk in enumerate(ids):
        if not isinstance(pk, int) or pk not in rows:
            message = _("There is no such record here, or it is not for you.")
            errors.append({"index": at, "field": "id", "code": "not_found", "message": message})
        elif pk in seen:
            errors.append({"index": at, "field": "id", "code": "twice", "message": _("This record is named twice.")})
        elif not access.may(actor, verb, rows[pk]):
            message = _("You have no right to do this.")
            errors.append({"index": at, "field": "id", "code": "denied", "message": message})
        else:
            seen.add(pk)
    if errors:
        raise invalid(errors)
    return [rows[pk] for pk in ids]


def _check_versions(objects: Sequence[Mapping[str, Any]], known: Sequence[Any]) -> None:
    text = _("The record has been changed since: its version is now %(version)s.")
    errors = [
        {"index": at, "field": "version", "code": "stale", "message": text % {"version": row.version}}
        for at, (given, row) in enumerate(zip(objects, known, strict=True))
        if given.get("version") not in (None, row.version)
    ]
    if errors:
        raise invalid(errors)


def _each(rows: Sequence[Any], read: Any, *, indexed: bool = False) -> list[Any]:
    """Read every row, and only then say what is wrong with any of them."""
    found, errors = [], []
    for at, row in enumerate(rows):
        try:
            found.append(read(row, at) if indexed else read(row))
        except Problem as problem:
            errors += [{"index": at, **error} for error in problem.errors]
    if errors:
        raise invalid(errors)
    return found


def _together(whole: Any, rows: Sequence[Any], one: Any) -> Any:
    """Write all rows as one change; where that is refused, try each alone to say which, and store nothing."""
    try:
        with transaction.atomic():
            return whole()
    except (Invalid, Refusal, Denied, Stale):
        errors = []
        with transaction.atomic():
            for at, row in enumerate(rows):
                errors += _tried(one, row, at)
            transaction.set_rollback(True)
        if not errors:
            raise
        raise invalid(errors) from None


def _tried(one: Any, row: Any, at: int) -> list[dict[str, Any]]:
    try:
        with transaction.atomic():
            one(row)
    except Invalid as problem:
        return of_invalid(problem, at)
    except Refusal as problem:
        told = of_refusal(problem)
        return [{"index": at, "field": "", "code": told.code, "message": f"{told.title} {told.detail}".strip()}]
    except Denied:
        return [{"index": at, "field": "", "code": "denied", "message": _("You have no right to do this.")}]
    except Stale:
        return [{"index": at, "field": "version", "code": "stale", "message": _("Somebody else was first.")}]
    return []
