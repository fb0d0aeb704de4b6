"""Entering a new customer: what is perhaps there already shows while one types, what surely is asks once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.customers import twins
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.customers.twins import Twin
from xiaoguan.kit import access, guard, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.form import RecordForm
from xiaoguan.kit.pages import edit, late
from xiaoguan.kit.pages.list import flat

REASON = "_twin_reason"
LONGEST = 200


def new(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The form of a new customer; for a company that is there already it asks why, and keeps what was typed."""
    data = flat(request.POST)
    reason = " ".join(data.get(REASON, "").split())[:LONGEST]
    try:
        with guard.saying(twins.CODE, reason):
            response = edit.new(request, entity)
        if request.method == "POST" or not isinstance(response, TemplateResponse):
            return response
        return _with(response, twins=listed(twins.find(flat(request.GET), request.user)))
    except Refusal as problem:
        if problem.code != twins.CODE:
            raise
        if problem.afterwards is not None:
            with transaction.atomic():
                problem.afterwards()
        found = listed(twins.find(data, request.user))
        form = RecordForm(entity, request.user, data=data)
        return _with(edit.show(request, form, [], status=409), refusal=problem, reason=reason, twins=found)


late.forms.add(new)


def _with(response: HttpResponse, **more: Any) -> HttpResponse:
    """A page with more for its template."""
    assert isinstance(response, TemplateResponse)
    response.context_data = {**(response.context_data or {}), **more}
    return response


def alike(request: HttpRequest) -> HttpResponse:
    """What is perhaps there already of what has been typed so far."""
    if not access.may(request.user, "create", Customer):
        raise Denied("create", Customer)
    return HttpResponse(listed(twins.find(flat(request.GET), request.user)))


def listed(found: Sequence[Twin]) -> SafeString:
    """Perhaps the same companies, one line each; nothing for none."""
    if not found:
        return SafeString("")
    lines = format_html_join("", "{}", ((_line(twin),) for twin in found))
    head = format_html("<p><strong>{}</strong></p>", _("Perhaps already there"))
    body = format_html('<div class="twin-list">{}<ul class="rows rows-bare">{}</ul></div>', head, lines)
    return format_html('<div class="notice notice-amber">{}{}</div>', render.icon("alert-triangle"), body)


def _line(twin: Twin) -> SafeString:
    """One customer with a link and its owner, or that there is one."""
    why = format_html('<span class="muted">{}</span>', twin.reasons)
    if twin.row is None and twin.way is not None:
        link = format_html('<a href="{}" target="_blank">{}</a>', twin.way.url, twin.way.label)
        return format_html(
            '<li>{}<span class="row-main">{} <span class="muted">{}</span> {}</span></li>',
            render.icon(twin.way.icon), link, twin.way.hint, why,
        )  # fmt: skip
    if twin.row is None:
        words = _("A customer of another colleague; ask your manager.")
        if twin.ask:
            words = _("A customer of another colleague; ask %(name)s.") % {"name": twin.ask}
        words = f"{twin.told}: {words}" if twin.told else words
        return format_html('<li>{}<span class="row-main">{} {}</span></li>', render.icon("lock"), words, why)
    said = [twin.row["city"], twin.row["owner__name"]]
    return format_html(
        '<li>{}<span class="row-main"><a href="{}" target="_blank">{}</a> <span class="muted">{}</span> {}</span></li>',
        render.icon("building"),
        Entity.of(Customer).url("detail", twin.row["pk"]),
        twin.row["name"],
        " · ".join(part for part in said if part),
        why,
    )
