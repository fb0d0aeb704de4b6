"""A request as its readers see it: facts without what is hidden from them, why it was needed, its steps, its trail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.approvals import resolving
from xiaoguan.apps.approvals.kinds import Kind, Measure, kinds
from xiaoguan.apps.approvals.models import Mode, Request, Route, Seat, Trail, Verdict
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity


@dataclass(frozen=True)
class Step:
    """One step of a plan: the rule in words, its people, and the seats once it was reached."""

    number: int
    rule: str
    mode: str
    people: list[str]
    seats: list[Seat]
    state: str
    """`done`, `now` or `later`; `stopped` once the request has ended before it."""


def name_of(route: Route | None) -> str:
    """What a route is called: its own name, else the delivered one."""
    if route is None:
        return ""
    kind = kinds.get(route.kind)
    seeds = {seed.code: seed.label for seed in kind.routes} if kind else {}
    return route.name or str(seeds.get(route.code or "", "")) or str(route)


def hidden(kind: Kind, actor: Any) -> frozenset[str]:
    """Fields of the subject that this reader may not see."""
    return access.masked(actor, kind.subject)


def facts(kind: Kind, request: Request, actor: Any) -> list[tuple[str, SafeString | str]]:
    """What was frozen, for one reader."""
    return [(str(label), value) for label, value in kind.show(request.snapshot, hidden(kind, actor))]


def figures(kind: Kind, request: Request, actor: Any) -> list[tuple[str, SafeString]]:
    """The measures of a request as far as this reader may see them, that of its route first."""
    away = hidden(kind, actor)
    first = request.route.measure if request.route else ""
    found = [each for each in kind.measures if each.field not in away and request.measures.get(each.code) is not None]
    found.sort(key=lambda each: each.code != first)
    told = [each for each in found if each.unit != "count" or request.measures[each.code]]
    return [(str(each.label), each.shown(request.measures[each.code])) for each in told]


def condition(measure: Measure | None, limit: int | None) -> SafeString | str:
    """When a route applies, in words."""
    if measure is None or limit is None:
        return _("always")
    words = _("%(measure)s at most %(limit)s") if measure.low else _("%(measure)s at least %(limit)s")
    return words % {"measure": measure.label, "limit": _strip(measure.shown(limit))}


def _strip(text: str) -> str:
    plain, inside = [], False
    for sign in text:
        inside = sign == "<" or (inside and sign != ">")
        if not inside and sign != ">":
            plain.append(sign)
    return "".join(plain)


def why(kind: Kind, request: Request, actor: Any) -> str:
    """Which rule called for approval; without its figure where that is hidden from the reader."""
    route = request.route
    if route is None:
        return ""
    measure = kind.by_code.get(route.measure)
    if measure is not None and measure.field in hidden(kind, actor):
        return name_of(route)
    return f"{name_of(route)} · {condition(measure, route.limit)}"


def steps(request: Request) -> list[Step]:
    """The plan with what became of it; three queries for any number of steps."""
    seats: dict[int, list[Seat]] = defaultdict(list)
    rows = Seat.objects.filter(request=request).select_related("person", "decided_by", "given_by").order_by("pk")
    for seat in rows:
        seats[seat.step].append(seat)
    ids = {pk for step in request.plan for pk in step["people"]}
    names = dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))
    rules = resolving.describe(request.plan)
    return [
        Step(
            number + 1, rules[number], str(Mode(step["mode"]).label) if len(step["people"]) > 1 else "",
            [names[pk] for pk in step["people"] if pk in names], _latest(seats[number]), _state(request, number),
        )
        for number, step in enumerate(request.plan)
    ]  # fmt: skip


def _latest(seats: Sequence[Seat]) -> list[Seat]:
    """The seats of the last time the step was asked, without those that ended undecided."""
    turn = max((seat.turn for seat in seats), default=0)
    return [seat for seat in seats if seat.turn == turn and seat.verdict != Verdict.PASSED]


def _state(request: Request, number: int) -> str:
    if number < request.step or request.state == "approved":
        return "done"
    if number == request.step:
        return "now" if request.pending else "stopped"
    return "later"


def trail(request: Request) -> Iterable[Trail]:
    """Everything that happened, the latest first."""
    rows = Trail.objects.filter(request=request).select_related("person", "instead_of", "other")
    return rows.order_by("-at", "-pk")


def subject_url(kind: Kind, request: Request, actor: Any) -> str:
    """The address of the record, empty where the reader may not see it."""
    if not hasattr(kind.subject, "entity"):
        return ""
    if not access.visible(kind.subject, actor).filter(pk=request.object_id).exists():
        return ""
    return Entity.of(kind.subject).url("detail", request.object_id)
