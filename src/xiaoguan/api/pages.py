"""Pages about the API: its description for programs and for people, and the form for a new token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.api import callers, openapi, shape
from xiaoguan.api.actions import issue
from xiaoguan.api.models import Token
from xiaoguan.api.problems import Problem
from xiaoguan.kit import access, clock
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Denied, Invalid

REACHES = (
    ("*:read", gettext_lazy("Read everything I may see")),
    ("*:write", gettext_lazy("Read and change everything I may")),
    ("", gettext_lazy("Only what I name")),
)
KINDS = {
    "text": gettext_lazy("text"),
    "number": gettext_lazy("number"),
    "money": gettext_lazy("whole fen"),
    "percent": gettext_lazy("hundred-thousandths"),
    "date": gettext_lazy("date"),
    "moment": gettext_lazy("date and time"),
    "time": gettext_lazy("time of day"),
    "yesno": gettext_lazy("yes or no"),
    "choice": gettext_lazy("one of these codes"),
    "choices": gettext_lazy("several of these codes"),
    "link": gettext_lazy("id of a record"),
    "person": gettext_lazy("id of a person"),
    "phone": gettext_lazy("phone number"),
}
"""Kinds of values in words."""
LIVES = ((30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("A year")))


def document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, for anybody known: the names of a company's own fields are no business of the street."""
    try:
        callers.of(request)
    except Problem as problem:
        return problem.answer()
    return JsonResponse(openapi.document())


@dataclass(frozen=True)
class Resource:
    """One entity as the page for people shows it."""

    entity: Entity
    fields: list[dict[str, Any]]
    verbs: list[dict[str, Any]]


def docs(request: HttpRequest) -> HttpResponse:
    """What there is and how to ask for it, in the reader's language; only what he may see."""
    actor = request.user
    _check(actor)
    found = [each for each in entities.values() if each.model is not Token and access.may(actor, "view", each.model)]
    tokens = access.visible(Token, actor).filter(owner=actor).order_by("-pk")
    context = {
        "page_title": _("API"),
        "resources": [_resource(entity, actor) for entity in found],
        "tokens": tokens,
        "origin": f"{request.scheme}://{request.get_host()}",
        "today": clock.today(),
    }
    return TemplateResponse(request, "api/docs.html", context)


def _check(actor: Any) -> None:
    """Who may have tokens; strangers don't learn that there are any."""
    if not access.may(actor, "view", Token):
        raise Http404
    if not access.may(actor, "create", Token):
        raise Denied("create", Token)


def _resource(entity: Entity, actor: Any) -> Resource:
    written = shape.writable(entity)
    fields = [
        {
            "name": shape.told(column.path),
            "label": capfirst(str(column.label)),
            "kind": KINDS.get(column.kind.code, column.kind.code),
            "codes": [code for code, _label in column.field.flatchoices or () if code != ""],
            "written": column.path in written,
        }
        for column in shape.readable(entity, actor)
    ]
    verbs = [
        {"name": each.name, "label": each.label, "params": [param.name for param in each.params]}
        for each in entity.actions.values()
        if access.may(actor, each.verb, entity.model)
    ]
    return Resource(entity, fields, verbs)


def new_token(request: HttpRequest) -> HttpResponse:
    """The form for a token; its secret is shown once, in the answer to the form."""
    actor = request.user
    _check(actor)
    given = request.POST if request.method == "POST" else {"reach": "*:read", "days": "90"}
    context = {
        "page_title": _("New access token"),
        "reaches": REACHES,
        "lives": LIVES,
        "given": given,
        "errors": {},
    }
    if request.method != "POST":
        return TemplateResponse(request, "api/token_new.html", context)
    days = given.get("days", "")
    expires_on = clock.today() + timedelta(days=int(days)) if days in {str(each) for each, _label in LIVES} else None
    scopes = given.get("scopes", "").strip() or given.get("reach", "")  # what is named is meant, and is narrower
    try:
        token, secret = issue(given.get("name", ""), scopes, expires_on, actor=actor)
    except Invalid as problem:
        context["errors"] = problem.errors
        return TemplateResponse(request, "api/token_new.html", context, status=422)
    answer = TemplateResponse(request, "api/token_shown.html", context | {"token": token, "secret": secret})
    answer["Cache-Control"] = "no-store"
    return answer
