"""When approval is needed and who gives it: the plain page of administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.approvals import queries, reading, resolving
from xiaoguan.apps.approvals.kinds import Kind, Measure, kinds
from xiaoguan.apps.approvals.models import Mode, Route
from xiaoguan.apps.approvals.models.route import MOST_STEPS
from xiaoguan.apps.org.models import Person, Role, Team
from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.rounding import INT64_MAX
from xiaoguan.kit import toasts
from xiaoguan.kit.action import Work
from xiaoguan.kit.errors import Denied, Invalid

UNITS = {"money": Decimal(100), "rate": Decimal(RATE_ONE) / 100, "count": Decimal(1)}
"""How many of what is stored make one of what is typed: fen in a yuan, 1/100,000 in a per cent."""


@dataclass(frozen=True)
class Line:
    """One route on the overview."""

    route: Route
    name: str
    condition: Any
    steps: list[str]


def routes(request: HttpRequest) -> HttpResponse:
    """All kinds of approval with their routes, in the order in which they are tried."""
    if not queries.may_read_routes(request.user):
        raise Http404
    found: dict[str, list[Route]] = {code: [] for code in kinds}
    for route in Route.objects.filter(deleted_at__isnull=True, kind__in=kinds).order_by("position", "pk"):
        found[route.kind].append(route)
    context = {
        "page_title": _("Approval routes"),
        "groups": [(kind, [_line(kind, route) for route in found[code]]) for code, kind in kinds.items()],
        "may_edit": queries.may_edit_routes(request.user),
    }
    return TemplateResponse(request, "approvals/routes.html", context)


def _line(kind: Kind, route: Route) -> Line:
    rules = resolving.describe(route.steps)
    words = [_in_words(rule, step) for rule, step in zip(rules, route.steps, strict=True)]
    return Line(route, reading.name_of(route), reading.condition(kind.by_code.get(route.measure), route.limit), words)


def _in_words(rule: str, step: Mapping[str, Any]) -> str:
    return f"{rule} ({Mode(step['mode']).label})" if step["who"].startswith(("role:", "head:")) else rule


def new(request: HttpRequest, code: str) -> HttpResponse:
    """A further route of a kind, behind the others."""
    kind = kinds.get(code)
    if kind is None or not queries.may_read_routes(request.user):
        raise Http404
    last = Route.objects.filter(kind=code, deleted_at__isnull=True).order_by("-position").first()
    start = Route(kind=code, position=(last.position if last else 0) + 1,
                  steps=[{"who": "manager", "mode": "any", "days": 2}])  # fmt: skip
    return _edit(request, kind, start)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One route: when it applies, who decides in which order. Pending requests keep the route they began with."""
    route = Route.objects.filter(pk=pk, deleted_at__isnull=True, kind__in=kinds).first()
    if route is None or not queries.may_read_routes(request.user):
        raise Http404
    return _edit(request, kinds[route.kind], route)


def _edit(request: HttpRequest, kind: Kind, route: Route) -> HttpResponse:
    if not queries.may_edit_routes(request.user):
        raise Denied("change")
    errors: dict[str, list[Any]] = {}
    if request.method == "POST":
        try:
            return _save(request, kind, route)
        except Invalid as problem:
            errors = problem.errors
    measure = kind.by_code.get(route.measure)
    steps = [*route.steps, *[{"who": "", "mode": "any", "days": 2}] * (MOST_STEPS - len(route.steps))]
    context = {
        "page_title": reading.name_of(route) if route.pk else _("New route"), "page_fact": kind.label, "kind": kind,
        "route": route, "steps": list(enumerate(steps, 1)), "people": choices(), "modes": Mode.choices,
        "limit": typed(measure, route.limit), "errors": [str(text) for texts in errors.values() for text in texts],
        "units": {"money": _("yuan"), "rate": "%", "count": ""},
    }  # fmt: skip
    return TemplateResponse(request, "approvals/route.html", context, status=422 if errors else 200)


def _save(request: HttpRequest, kind: Kind, route: Route) -> HttpResponse:
    removing = "delete" in request.POST and route.pk
    if not removing:
        read(route, kind, request.POST)
    with transaction.atomic():
        work = Work(request.user, "route", Route._meta.label_lower, undoable=False)
        if removing:
            work.remove(route)
        elif route.pk:
            work.save(route)
        else:
            work.create(Route, {"kind": kind.code, **{name: getattr(route, name) for name in FIELDS}})
        work.finish()
    toasts.tell(request, _("Route removed") if removing else _("Route saved"))
    return redirect("approvals:routes")


FIELDS = ("name", "measure", "limit", "steps", "oneself", "position", "active")


def read(route: Route, kind: Kind, data: Mapping[str, Any]) -> None:
    """Set what was typed on a route; raises Invalid for what can't be read."""
    route.name = " ".join(data.get("name", "").split())[:80]
    route.measure = data.get("measure", "") if data.get("measure") in kind.by_code else ""
    route.limit = stored(kind.by_code[route.measure], data.get("limit", "")) if route.measure else None
    route.oneself, route.active = bool(data.get("oneself")), bool(data.get("active"))
    position = data.get("position", "")
    if position.isascii() and position.isdigit() and len(position) < 5:
        route.position = int(position)
    known = {code for _label, members in choices() for code, _name in members}
    steps = []
    for number in range(1, MOST_STEPS + 1):
        who, days = data.get(f"who-{number}", ""), data.get(f"days-{number}", "")
        if who in known:
            mode = data.get(f"mode-{number}", "")
            whole = int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0
            steps.append({"who": who, "mode": mode if mode in Mode.values else "any", "days": whole})
    route.steps = steps


def stored(measure: Measure, text: str) -> int:
    """A limit as it is stored, from what was typed in yuan, per cent or pieces; raises Invalid."""
    try:
        value = Decimal(text.strip().replace(",", "").removesuffix("%")) * UNITS[measure.unit]
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > INT64_MAX:
        raise Invalid({"limit": [_("Type from which value on approval is needed.")]})
    return int(value)


def typed(measure: Measure | None, limit: int | None) -> str:
    """A stored limit as it is typed."""
    if measure is None or limit is None:
        return ""
    return f"{Decimal(limit) / UNITS[measure.unit]:f}"


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Who can decide in a step, in groups: the line above, roles, heads of teams, persons."""
    roles = Role.objects.filter(deleted_at__isnull=True).order_by("pk")
    teams = Team.objects.filter(deleted_at__isnull=True).order_by("position", "name")
    people = Person.objects.filter(is_active=True, deleted_at__isnull=True).order_by("name", "pk")
    return [
        (_("In the line"), [(rule, str(label)) for rule, label in resolving.RULES.items()]),
        (_("Roles"), [(f"role:{role.code or role.pk}", str(role)) for role in roles]),
        (_("Heads of teams"), [(f"head:{team.pk}", team.name) for team in teams]),
        (_("People"), [(f"person:{one.pk}", one.name) for one in people]),
    ]
