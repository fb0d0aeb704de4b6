"""Files and comments for programs: addresses below each record, and one for files that fields will hold."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from xiaoguan.api import callers, openapi, problems, values
from xiaoguan.api.described import ID, Schema
from xiaoguan.api.problems import Problem
from xiaoguan.api.routes import Call, answer, endpoint
from xiaoguan.apps.collaboration import actions
from xiaoguan.apps.collaboration.models import About, Attachment, Comment, takes_part
from xiaoguan.apps.collaboration.queries import attachments, comments, record_of, row_of, taking_part
from xiaoguan.files import keeping, serving
from xiaoguan.files.models import StoredFile
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid, Refusal

SOURCE = "api"
LIMIT = 100


def told(row: Any) -> dict[str, Any]:
    """A comment or an attached file as JSON."""
    found = {"id": row.pk, "uid": str(row.uid), "owner": row.owner_id, "created_at": values.out(row.created_at)}
    if isinstance(row, Comment):
        return {**found, "text": row.text, "mentions": row.mentions, "edited_at": values.out(row.edited_at)}
    return {**found, "file": file_told(row.file)}


def file_told(stored: StoredFile) -> dict[str, Any]:
    """A stored file as JSON; `url` is for people, programs take it from /api/v1/files/{id}."""
    return {
        "id": str(stored.pk), "name": stored.name, "type": stored.type, "size": stored.size,
        "url": serving.address(stored),
    }  # fmt: skip


def _page(call: Call, rows: Any) -> HttpResponse:
    """The newest first, a hundred at a time; `next` is what to send as `before`."""
    before = call.params.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Problem(400, "bad_cursor", _("This is no place to go on from."))
    found = list((rows.filter(pk__lt=int(before)) if before else rows)[: LIMIT + 1])
    more = found[LIMIT - 1].pk if len(found) > LIMIT else None
    return answer({"data": [told(row) for row in found[:LIMIT]], "next": None if more is None else str(more)})


def _record(call: Call, pk: int) -> Any:
    return record_of(call.entity.slug, pk, call.actor)


def _own(call: Call, model: type[About], pk: int, row_pk: int) -> tuple[Any, Any]:
    """A row of this very record."""
    row, record = row_of(model, row_pk, call.actor)
    if (row.about, row.object_id) != (call.entity.name, pk):
        raise problems.not_found()
    return row, record


def said(call: Call, pk: int) -> HttpResponse:
    """GET the comments of a record."""
    return _page(call, comments(_record(call, pk)))


def say(call: Call, pk: int) -> HttpResponse:
    """POST a comment: `text`, with @ before names; `mentions` (ids) where several people have one name."""
    text, mentions = _words(call.body())
    done = call.entity.actions["comment"](
        _record(call, pk), actor=call.actor, source=SOURCE, text=text, mentions=mentions
    )
    return answer(told(done.result), 201)


def reword(call: Call, pk: int, row_pk: int) -> HttpResponse:
    """PATCH one's own comment."""
    row, record = _own(call, Comment, pk, row_pk)
    text, mentions = _words(call.body())
    actions.edit(row, record, text, actor=call.actor, mentions=mentions, source=SOURCE)
    return answer(told(row))


def unsay(call: Call, pk: int, row_pk: int) -> HttpResponse:
    """DELETE one's own comment."""
    actions.take_down(*_own(call, Comment, pk, row_pk), actor=call.actor, source=SOURCE)
    return HttpResponse(status=204)


def _words(body: dict[str, Any]) -> tuple[str, str]:
    text, mentions = body.get("text"), body.get("mentions") or []
    whole = isinstance(mentions, list) and all(type(one) is int and 0 < one < values.INT64 for one in mentions)
    if not isinstance(text, str) or not whole or set(body) - {"text", "mentions"}:
        raise Invalid({"text": [_("Send a text, and as mentions a list of ids of people.")]})
    return text, ",".join(map(str, mentions))


def attached(call: Call, pk: int) -> HttpResponse:
    """GET the files of a record."""
    return _page(call, attachments(_record(call, pk)))


def attach(call: Call, pk: int) -> HttpResponse:
    """POST one file as multipart/form-data (`file`): it is kept and attached, or neither."""
    record = _record(call, pk)
    if not access.may(call.actor, actions.VERB, record):
        raise Denied(actions.VERB, record)
    stored = _kept(call.request, call.actor)
    try:
        done = actions.attach(record, [stored], actor=call.actor, source=SOURCE)
    except BaseException:
        keeping.drop(stored)
        raise
    return answer(told(done.result[0]), 201)


def detach(call: Call, pk: int, row_pk: int) -> HttpResponse:
    """DELETE a file from a record."""
    actions.detach(*_own(call, Attachment, pk, row_pk), actor=call.actor, source=SOURCE)
    return HttpResponse(status=204)


def _kept(request: HttpRequest, actor: Any) -> StoredFile:
    if request.content_type != "multipart/form-data":
        raise Problem(415, "not_multipart", _("Send the file as multipart/form-data, in a part named “file”."))
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid({"file": [_("Choose a file.")]})
    return keeping.keep(upload, upload.name or "", actor, declared=upload.content_type or "")


def _caller(request: HttpRequest, *, write: bool) -> Any:
    """The person a token speaks for, where its scopes reach files (`*` or `files`)."""
    caller = callers.of(request)
    if not caller.may(StoredFile._meta.label_lower, write=write):
        raise Problem(403, "scope", _("The scopes of this token don't reach this."))
    return caller.actor


@csrf_exempt
def files(request: HttpRequest) -> HttpResponse:
    """POST a file for a field: its id is sent as the value of the field within a day, or it is cleared away."""
    try:
        if request.method != "POST":
            raise Problem(405, "method", _("Send a file with POST."), headers={"Allow": "POST"})
        return answer(file_told(_kept(request, _caller(request, write=True))), 201)
    except Problem as problem:
        return problem.answer()
    except Invalid as problem:
        return problems.invalid(problems.of_invalid(problem)).answer()
    except Refusal as problem:
        return problems.of_refusal(problem).answer()


@csrf_exempt
def file(request: HttpRequest, pk: Any) -> HttpResponse:
    """GET the bytes of a file that the token's owner may see."""
    try:
        request.user = _caller(request, write=False)
    except Problem as problem:
        return problem.answer()
    return serving.file_page(request, pk)


def addresses() -> list[URLPattern]:
    """Everything under /api/v1/."""
    found = [path("files", files, name="files"), path("files/<uuid:pk>", file, name="file")]
    for entity in taking_part():
        slug = entity.slug
        for name, handlers, one in (
            ("comments", {"GET": said, "POST": say}, {"PATCH": reword, "DELETE": unsay}),
            ("files", {"GET": attached, "POST": attach}, {"DELETE": detach}),
        ):
            found.append(path(f"{slug}/<int:pk>/{name}", endpoint(entity, handlers), name=f"{slug}-{name}"))
            route = f"{slug}/<int:pk>/{name}/<int:row_pk>"
            found.append(path(route, endpoint(entity, one), name=f"{slug}-{name}_one"))
    return found


PART = {"name": "part", "in": "path", "required": True, "schema": ID}
BEFORE = {"name": "before", "in": "query", "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"}}
TEXT: Schema = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 4000},
        "mentions": {"type": "array", "items": ID},
    },
    "required": ["text"],
    "additionalProperties": False,
}


@openapi.more
def described(entity: Entity, name: str) -> Schema:
    """The addresses below a record, for the document."""
    if not takes_part(entity):
        return {}
    record = {"name": "id", "in": "path", "required": True, "schema": ID}
    words = {"required": True, "content": {"application/json": {"schema": TEXT}}}

    def act(code: str, summary: str, status: int, *codes: int, **more: Any) -> Schema:
        known = (400, 401, 403, 404, 405, 429, *codes)
        answers = {str(each): {"$ref": f"#/components/responses/{each}"} for each in known}
        done: Schema = {"description": "Done."}
        if status != 204:
            done["content"] = {"application/json": {"schema": {"type": "object"}}}
        return {
            "tags": [entity.slug], "operationId": f"{code}{name}", "summary": summary,
            "responses": {str(status): done} | answers, **more,
        }  # fmt: skip

    write = (409, 413, 415, 422)
    root = f"/{entity.slug}/{{id}}"
    return {
        f"{root}/comments": {
            "parameters": [record],
            "get": act("commentsOf", "Comments, the newest first", 200, parameters=[BEFORE]),
            "post": act("sayOn", "Add a comment", 201, *write, requestBody=words),
        },
        f"{root}/comments/{{part}}": {
            "parameters": [record, PART],
            "patch": act("rewordOn", "Change one's own comment", 200, *write, requestBody=words),
            "delete": act("unsayOn", "Delete one's own comment", 204, *write),
        },
        f"{root}/files": {
            "parameters": [record],
            "get": act("filesOf", "Attached files, the newest first", 200, parameters=[BEFORE]),
        },
        f"{root}/files/{{part}}": {
            "parameters": [record, PART],
            "delete": act("detachFrom", "Remove a file", 204, *write),
        },
    }
