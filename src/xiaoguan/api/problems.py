"""Errors as problem+json (RFC 9457): what went wrong, in the reader's language, with codes for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.api import shape
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid, Refusal
from xiaoguan.kit.models.change import ChangeRow

MEDIA_TYPE = "application/problem+json"
LATER = 200
"""So many later changes of a record are looked at for who changed what."""


class Problem(Exception):
    """An answer that is not the wanted one; `errors` name fields, rows and codes."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        *,
        detail: str = "",
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = more

    def answer(self) -> HttpResponse:
        """The response."""
        body: dict[str, Any] = {
            "type": f"urn:xiaoguan:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        text = json.dumps({**body, **self.more}, ensure_ascii=False)
        return HttpResponse(text, status=self.status, content_type=MEDIA_TYPE, headers=self.headers)


def not_found() -> Problem:
    """What is not there, or not for this caller."""
    return Problem(404, "not_found", _("There is no such record here, or it is not for you."))


def merged(entity: Entity, row: Any) -> Problem:
    """What has become part of another record: which one."""
    where = reverse(f"api:{entity.slug}-one", args=[row.pk])
    title = _("This record is part of another one now.")
    into = {"id": row.pk, "uid": str(row.uid), "title": entity.title_of(row), "url": where}
    return Problem(410, "merged", title, headers={"Location": where}, into=into)


def denied() -> Problem:
    """Seen, but not to be touched."""
    return Problem(403, "denied", _("You have no right to do this."))


def invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Values that can't be stored, field by field."""
    return Problem(422, "invalid", _("Some values can't be stored."), errors=errors)


def of_invalid(problem: Invalid, index: int | None = None) -> list[dict[str, Any]]:
    """The messages of a refused write as errors; `index` is the row's place in a bulk request."""
    at = {} if index is None else {"index": index}
    return [
        {**at, "field": shape.told(name), "code": "invalid", "message": str(text)}
        for name, texts in problem.errors.items()
        for text in texts
    ]


def of_refusal(problem: Refusal) -> Problem:
    """A rule says not now: its name, its cause, and what can be done instead."""
    return Problem(
        409,
        "refused",
        str(problem.title),
        detail=str(problem.cause),
        rule={"code": problem.code, "text": str(problem.rule)},
        ways_out=[{"label": str(way.label), "url": way.url, "hint": str(way.hint)} for way in problem.ways_out],
    )


def stale(row: Any, seen: int | None, actor: Any, *, precondition: bool) -> Problem:
    """Somebody else saved the record first: its version now, and who has changed which fields since the one seen."""
    title = _("The record has been changed since: its version is now %(version)s.") % {"version": row.version}
    more: dict[str, Any] = {"changed": changed_since(row, seen, actor)} if seen is not None else {}
    return Problem(412 if precondition else 409, "stale", title, version=row.version, **more)


def changed_since(row: Any, seen: int, actor: Any) -> list[dict[str, Any]]:
    """The fields that the caller may see and others have written since a version, with who did it last and when."""
    entity = Entity.of(type(row))
    paths = {column.field.attname: column.path for column in shape.readable(entity, actor) if not column.own}
    later = ChangeRow.objects.filter(entity=entity.name, object_id=row.pk, version__gt=seen)
    found: dict[str, dict[str, Any]] = {}
    for each in later.select_related("change").order_by("id")[:LATER]:
        for key in each.after or {}:
            if key in paths:
                told = {"field": shape.told(paths[key]), "by": each.change.actor_id, "at": each.change.at.isoformat()}
                found[key] = told
    return list(found.values())
