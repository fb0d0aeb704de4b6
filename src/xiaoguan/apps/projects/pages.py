"""Entering a project: what is perhaps there already shows while one types; and the document of a conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.projects import actions, queries, trail, twins
from xiaoguan.apps.projects.models import Conflict, Project, Registration, Ruling, Side, Statement
from xiaoguan.apps.projects.twins import Twin
from xiaoguan.kit import access, guard, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.form import RecordForm
from xiaoguan.kit.pages import detail, edit, late
from xiaoguan.kit.pages.list import flat

REASON = "_twin_reason"
LONGEST = 200


def new(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The form of a new project; for a site that is there already it asks why, and keeps what was typed."""
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
    if not access.may(request.user, "create", Project):
        raise Denied("create", Project)
    return HttpResponse(listed(twins.find(flat(request.GET), request.user)))


def listed(found: Sequence[Twin]) -> SafeString:
    """Perhaps the same projects, one line each; nothing for none."""
    if not found:
        return SafeString("")
    lines = format_html_join("", "{}", ((_line(twin),) for twin in found))
    head = format_html("<p><strong>{}</strong></p>", _("Perhaps already there"))
    body = format_html('<div class="twin-list">{}<ul class="rows rows-bare">{}</ul></div>', head, lines)
    return format_html('<div class="notice notice-amber">{}{}</div>', render.icon("alert-triangle"), body)


def _line(twin: Twin) -> SafeString:
    """One project with a link, or that there is one; and who is protected there."""
    held = format_html(' <span class="muted">{}</span>', twin.protected) if twin.protected else ""
    if twin.row is None:
        words = _("A project of another colleague; ask your manager.")
        return format_html('<li>{}<span class="row-main">{}{}</span></li>', render.icon("lock"), words, held)
    said = [twin.row["city"], twin.row["owner__name"]]
    return format_html(
        '<li>{}<span class="row-main"><a href="{}" target="_blank">{}</a> <span class="muted">{}</span>{}</span></li>',
        render.icon("building-skyscraper"),
        Entity.of(Project).url("detail", twin.row["pk"]),
        twin.row["name"],
        " · ".join(part for part in said if part),
        held,
    )


# The document of a conflict -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One side as a reader may see it; without rights only since when it is registered."""

    side: str
    label: str
    shown: bool
    row: Registration
    trail: list[trail.Proof]
    statements: list[Statement]


def conflict(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """The page of a conflict: both sides beside each other, what they say, and the ruling."""
    response = detail.detail(request, entity, pk)
    if not isinstance(response, TemplateResponse) or response.context_data is None or request.GET.get("tab"):
        return response
    row: Conflict = response.context_data["row"]
    seen = queries.seen_sides(row, request.user)
    columns = [_column(row, side, str(side) in seen, request.user) for side in Side]
    rulings = list(row.rulings.select_related("by").order_by("level"))
    return _with(
        response,
        words=[],  # a conflict has no owner
        columns=columns,
        rulings=[(each, actions.is_intact(each), _winner(each, columns)) for each in rulings],
        appeal_days=actions.APPEAL_DAYS,
    )


def _column(row: Conflict, side: Side, shown: bool, actor: Any) -> Column:
    registration = Registration.objects.select_related("owner", "project", "unit").get(pk=row.side(side).pk)
    said = row.statements.filter(side=side, deleted_at__isnull=True).select_related("owner").order_by("pk")
    proofs = trail.seen(trail.of(registration, row), actor) if shown else []
    return Column(str(side), str(side.label), shown, registration, proofs, list(said) if shown else [])


def _winner(ruling: Ruling, columns: Sequence[Column]) -> str:
    """The name of whoever the project went to, as far as the reader may know it."""
    column = next(each for each in columns if each.side == ruling.awarded)
    return str(column.row.owner) if column.shown else _("a colleague")
