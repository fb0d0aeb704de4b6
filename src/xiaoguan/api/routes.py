"""From a request to an answer: who calls, what of an entity is asked, and every error as problem+json."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from xiaoguan.api import bulk, callers, idempotency, problems, reading, writing
from xiaoguan.api.callers import Caller
from xiaoguan.api.problems import Problem
from xiaoguan.api.values import INT64
from xiaoguan.kit import access, elsewhere, guard, reads
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid, Refusal, Stale
from xiaoguan.kit.pages.list import flat

LARGEST = 5 << 20
"""Bytes of a body."""
VERSION = re.compile(r'(?:W/)?"([0-9]{1,9})"')


@dataclass(frozen=True)
class Call:
    """One request about one entity by a known caller."""

    request: HttpRequest
    caller: Caller
    entity: Entity

    @property
    def actor(self) -> Any:
        """The person in whose name it runs."""
        return self.caller.actor

    @property
    def params(self) -> dict[str, str]:
        """The parameters of the address."""
        return flat(self.request.GET)

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; raises Problem 400, 413 or 415."""
        return read_body(self.request)

    def expected(self) -> int | None:
        """The version named by `If-Match`, None without one."""
        raw = self.request.headers.get("If-Match")
        if raw is None or raw.strip() == "*":
            return None
        found = VERSION.fullmatch(raw.strip())
        if found is None:
            title = _("If-Match holds the record's version, such as %(version)s.") % {"version": '"3"'}
            raise Problem(400, "bad_version", title)
        return int(found[1])

    def overruled(self) -> tuple[str, str]:
        """The rule that is set aside and why, from `X-Overrule: CODE; reason` (the reason percent-encoded)."""
        code, _sign, reason = self.request.headers.get("X-Overrule", "").partition(";")
        return code.strip(), " ".join(unquote(reason).split())[:200]


Handler = Callable[..., HttpResponse]


def read_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request."""
    if len(request.body) > LARGEST:
        raise Problem(413, "too_large", _("The request is too large."))
    if not request.body.strip():
        return {}
    if request.content_type not in ("application/json", "application/merge-patch+json"):
        raise Problem(415, "not_json", _("Send JSON: Content-Type: application/json."))
    try:
        found = json.loads(request.body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Problem(400, "bad_json", _("This is no JSON.")) from None
    if not isinstance(found, dict):
        raise Problem(400, "bad_json", _("Send a JSON object."))
    if _has_nul(found):
        raise Problem(400, "bad_json", _("Texts hold no NUL characters."))
    return found


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, dict):
        return any(_has_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_has_nul(one) for one in value)


def endpoint(entity: Entity, handlers: Mapping[str, Handler]) -> Handler:
    """A view over one address of an entity: HTTP method → handler of (call, …)."""

    @csrf_exempt
    def view(request: HttpRequest, **where: Any) -> HttpResponse:
        with _language_kept():
            try:
                return _answered(request, entity, handlers, where)
            except Problem as problem:
                return problem.answer()

    return view


def _answered(
    request: HttpRequest, entity: Entity, handlers: Mapping[str, Handler], where: Mapping[str, Any]
) -> HttpResponse:
    method = "GET" if request.method == "HEAD" else str(request.method)
    if method not in handlers:
        allowed = [*handlers, *(["HEAD"] if "GET" in handlers else [])]
        title = _("This address does not answer to %(method)s.") % {"method": request.method}
        raise Problem(405, "method", title, headers={"Allow": ", ".join(allowed)})
    caller = callers.of(request)
    if where.get("pk", 0) >= INT64:
        raise problems.not_found()
    if caller.token is not None and "Accept-Language" not in request.headers and caller.actor.language:
        translation.activate(caller.actor.language)
    if not caller.may(entity.name, write=method != "GET"):
        raise Problem(403, "scope", _("The scopes of this token don't reach this."))
    call = Call(request, caller, entity)
    try:
        return _handled(call, handlers[method], where)
    except Problem as problem:
        raise _told_where(problem, call, where) from None


def _told_where(problem: Problem, call: Call, where: Mapping[str, Any]) -> Problem:
    """For a record that is not there: which other one it is part of now, if the caller may know."""
    if problem.code != "not_found" or "pk" not in where or not access.may(call.actor, "view", call.entity.model):
        return problem
    row = elsewhere.of(call.entity, where["pk"], call.actor)
    return problem if row is None else problems.merged(call.entity, row)


def _handled(call: Call, handler: Handler, where: Mapping[str, Any]) -> HttpResponse:
    if call.request.method in callers.SAFE:
        return _guarded(lambda: handler(call, **where), precondition=False)
    asked = call.expected() is not None

    code, reason = call.overruled()

    def work() -> HttpResponse:
        with guard.saying(code, reason):
            return handler(call, **where)

    return _guarded(lambda: idempotency.once(call.request, call.actor, work), precondition=asked)


def _guarded(work: Callable[[], HttpResponse], *, precondition: bool) -> HttpResponse:
    """Run, with the machine's own answers as problems."""
    try:
        return work()
    except Denied:
        raise problems.denied() from None
    except Http404:
        raise problems.not_found() from None
    except Invalid as problem:
        raise problems.invalid(problems.of_invalid(problem)) from None
    except Stale as problem:
        problem.row.refresh_from_db(fields=["version"])
        raise problems.stale(problem.row, None, None, precondition=precondition) from None
    except Refusal as problem:
        if problem.afterwards is not None:
            with transaction.atomic():
                problem.afterwards()
        raise problems.of_refusal(problem) from None
    except IntegrityError:
        title = _("Another record already has this value.")
        raise Problem(409, "conflict", title) from None


@contextmanager
def _language_kept() -> Iterator[None]:
    """Leave the thread in the language it came with, whatever a request is answered in."""
    before = translation.get_language()
    try:
        yield
    finally:
        translation.activate(before or "en")


@csrf_exempt
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """An address under /api/v1/ that is none."""
    return problems.not_found().answer()


def answer(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON response."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, status=status, content_type="application/json", headers=dict(headers or {}))


# The addresses of an entity -----------------------------------------------------------------------------------------


def listed(call: Call) -> HttpResponse:
    """GET a page of records."""
    params = call.params
    body = reading.page(call.entity, call.actor, params)
    links = {}
    if body["next"]:
        links["Link"] = f'<{reading.following(call.request.path, params, body["next"])}>; rel="next"'
    if body["data"]:
        _told(call, None, len(body["data"]), body["data"][0])
    return answer(body, headers=links)


def _told(call: Call, pk: int | None, count: int, shown: Mapping[str, Any]) -> None:
    """Announce what is about to be read, as pages do."""
    query, where = call.request.GET.urlencode(), reads.origin(call.request)
    reads.tell(reads.Reading(call.actor, "api", call.entity, pk, lambda: count, list(shown), query, where))


def created(call: Call) -> HttpResponse:
    """POST a new record."""
    pk = writing.create(call.entity, call.body(), call.actor)
    where = {"Location": reverse(f"api:{call.entity.slug}-one", args=[pk])}
    try:
        return one(call, pk, 201, where)
    except Problem:  # the caller may create what he may not see
        return answer({"id": pk}, 201, where)


def one(call: Call, pk: int, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """GET one record, with its version as `ETag`."""
    found = reading.one(call.entity, call.actor, pk, call.params)
    _told(call, pk, 1, found)
    return answer(found, status, {**(headers or {}), "ETag": f'"{found["version"]}"'})


def changed(call: Call, pk: int) -> HttpResponse:
    """PATCH some fields of a record."""
    writing.update(call.entity, pk, call.body(), call.actor, call.expected())
    return one(call, pk)


def removed(call: Call, pk: int) -> HttpResponse:
    """DELETE: a record goes to the recycle bin."""
    writing.remove(call.entity, pk, call.actor, call.expected())
    return HttpResponse(status=204)


def restored(call: Call, pk: int) -> HttpResponse:
    """POST: a record comes back from the recycle bin."""
    writing.restore(call.entity, pk, call.actor)
    return one(call, pk)


def acted(call: Call, pk: int, name: str) -> HttpResponse:
    """POST: a verb runs on a record; its arguments are the body."""
    verb = call.entity.actions.get(name)
    if verb is None:
        raise problems.not_found()
    writing.run(call.entity, pk, verb, call.body(), call.actor, call.expected())
    try:
        return one(call, pk)
    except Problem:  # handed over, and out of the caller's sight now
        return answer({"id": pk})


def many(call: Call) -> HttpResponse:
    """POST: many records are created, changed or removed together."""
    return answer(bulk.run(call.entity, call.body(), call.actor))
