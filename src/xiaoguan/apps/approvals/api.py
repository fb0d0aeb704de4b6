"""Approvals for programs: what waits, one request, a verdict. Tokens need the scope `approvals.request`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from xiaoguan.api import callers, problems, values
from xiaoguan.api.problems import Problem
from xiaoguan.api.routes import answer, read_body
from xiaoguan.apps.approvals import deciding, queries, reading
from xiaoguan.apps.approvals.kinds import kinds
from xiaoguan.apps.approvals.models import Request, Seat
from xiaoguan.apps.org.models import Person
from xiaoguan.kit.errors import Invalid, Refusal

LIMIT = 100
KEYS = {"verdict", "note", "to", "to_step"}
TAGS = re.compile(r"<[^>]*>")


def told(request: Request, actor: Any) -> dict[str, Any]:
    """A request as JSON; facts and figures as texts, without what is hidden from the caller."""
    kind = kinds[request.kind]
    return {
        "id": request.pk, "kind": request.kind, "record": {"entity": request.about, "id": request.object_id},
        "title": request.title, "state": request.state, "note": request.note, "owner": request.owner_id,
        "created_at": values.out(request.created_at), "ended_at": values.out(request.ended_at),
        "digest": request.digest, "may_decide": deciding.may_decide(request, actor),
        "facts": [[label, TAGS.sub("", str(value))] for label, value in reading.facts(kind, request, actor)],
        "figures": [[label, TAGS.sub("", str(value))] for label, value in reading.figures(kind, request, actor)],
        "steps": [
            {"number": step.number, "state": step.state, "people": step.people,
             "verdicts": [_seat(seat) for seat in step.seats]}
            for step in reading.steps(request)
        ],
    }  # fmt: skip


def _seat(seat: Seat) -> dict[str, Any]:
    return {
        "person": seat.person_id, "verdict": seat.verdict, "by": seat.decided_by_id, "note": seat.note,
        "at": values.out(seat.decided_at), "due_at": values.out(seat.due_at),
    }  # fmt: skip


def _guarded(methods: tuple[str, ...]) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Who calls, with which scope; every error as problem+json."""

    def wrap(view: Callable[..., HttpResponse]) -> Any:
        @csrf_exempt
        @wraps(view)
        def run(request: HttpRequest, **where: Any) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise Problem(405, "method", _("This method does nothing here."), headers={"Allow": methods[0]})
                caller = callers.of(request)
                if not caller.may(queries.RIGHT, write=request.method == "POST"):
                    raise Problem(403, "scope", _("The scopes of this token don't reach this."))
                return view(request, caller.actor, **where)
            except Problem as problem:
                return problem.answer()
            except Invalid as problem:
                return problems.invalid(problems.of_invalid(problem)).answer()
            except Refusal as problem:
                return problems.of_refusal(problem).answer()

        return run

    return wrap


@_guarded(("GET",))
def listed(request: HttpRequest, actor: Any) -> HttpResponse:
    """GET `?tab=decide|mine|decided`: ids and states, a hundred at a time; `next` is what to send as `before`."""
    tab, before = request.GET.get("tab", "decide"), request.GET.get("before", "")
    if tab not in ("decide", "mine", "decided"):
        raise Problem(400, "tab", _("There are decide, mine and decided."))
    chosen = {"decide": queries.waiting, "decided": queries.decided}.get(tab)
    rows = Request.objects.filter(pk__in=chosen(actor).order_by().values("request")) if chosen else queries.asked(actor)
    rows = rows.filter(kind__in=kinds).order_by("-pk")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: LIMIT + 1])
    data = [
        {"id": row.pk, "kind": row.kind, "title": row.title, "state": row.state, "owner": row.owner_id,
         "record": {"entity": row.about, "id": row.object_id}, "created_at": values.out(row.created_at)}
        for row in found[:LIMIT]
    ]  # fmt: skip
    return answer({"data": data, "next": str(found[LIMIT - 1].pk) if len(found) > LIMIT else None})


def _get(actor: Any, pk: int) -> Request:
    found = Request.objects.select_related("owner", "route").filter(pk=pk, kind__in=kinds).first()
    if found is None or not queries.may_see(actor, found):
        raise problems.not_found()
    return found


@_guarded(("GET",))
def one(request: HttpRequest, actor: Any, pk: int) -> HttpResponse:
    """GET one request."""
    return answer(told(_get(actor, pk), actor))


@_guarded(("POST",))
def decide(request: HttpRequest, actor: Any, pk: int) -> HttpResponse:
    """POST {"verdict", "note", "to", "to_step"}: approve, return, reject, delegate, withdraw or remind."""
    found, body = _get(actor, pk), read_body(request)
    if unknown := body.keys() - KEYS:
        raise Invalid({name: [_("There is no such field.")] for name in unknown})
    verdict, note = body.get("verdict"), body.get("note") or ""
    if not isinstance(verdict, str) or not isinstance(note, str):
        raise Invalid({"verdict": [_("Choose what to do.")]})
    if verdict == "approve":
        deciding.approve(found, actor=actor, note=note, source="api")
    elif verdict == "reject":
        deciding.reject(found, actor=actor, note=note, source="api")
    elif verdict == "return":
        step = body.get("to_step")
        deciding.send_back(found, actor=actor, note=note, to_step=_step(step), source="api")
    elif verdict == "delegate":
        deciding.delegate(found, actor=actor, to=_person(body.get("to")), note=note, source="api")
    elif verdict == "withdraw":
        deciding.withdraw(found, actor=actor, note=note, source="api")
    elif verdict == "remind":
        deciding.remind(found, actor=actor, source="api")
    else:
        raise Invalid({"verdict": [_("Choose what to do.")]})
    return answer(told(_get(actor, pk), actor))


def _step(value: Any) -> int | None:
    """The number of an earlier step, counted from 1 as people see it; None: to who asked."""
    return value - 1 if type(value) is int else None


def _person(value: Any) -> Person:
    found = Person.objects.filter(pk=value, deleted_at__isnull=True).first() if type(value) is int else None
    if found is None:
        raise Invalid({"to": [_("Choose a colleague.")]})
    return found


def addresses() -> list[URLPattern]:
    """Everything under /api/v1/."""
    return [
        path("approvals", listed, name="list"),
        path("approvals/<int:pk>", one, name="one"),
        path("approvals/<int:pk>/decide", decide, name="decide"),
    ]
