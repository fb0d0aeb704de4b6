"""Asking for approval: of a record as it stands, or of a write that waits for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.apps.approvals import ending, resolving
from xiaoguan.apps.approvals.kinds import Kind
from xiaoguan.apps.approvals.models import Event, Request, Route, Seat, State
from xiaoguan.apps.approvals.snapshots import digest, frozen
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.kit import clock
from xiaoguan.kit.action import Work
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.kit.guard import Attempt

SALT = "xiaoguan.approvals.write"
HOURS = 24
"""How long the way out of a refused write may be taken."""

opened: list[Callable[[Work, Kind, Request, list[Seat]], None]] = []
"""Called inside the transaction with seats that have just been opened (who is told that he has to decide)."""

_carried: ContextVar[tuple[str, int] | None] = ContextVar("xiaoguan_approval_carried", default=None)


def route_for(kind: Kind, row: Any) -> Route | None:
    """The route that a record needs as it stands; None: no approval is needed."""
    return choose(kind, kind.measure(row))


def choose(kind: Kind, measures: Mapping[str, int | None]) -> Route | None:
    """The last of the active routes whose measure has reached its limit."""
    rows = Route.objects.filter(kind=kind.code, active=True, deleted_at__isnull=True)
    for route in rows.order_by("-position", "-pk"):
        measure = kind.by_code.get(route.measure)
        if not route.measure or (measure and measure.reached(measures.get(route.measure), route.limit)):
            return route
    return None


def ask(work: Work, kind: Kind, row: Any, *, note: str = "") -> Request | None:
    """Ask for approval of a record inside a running verb; None where no route calls for it.

    Call it before the verb stores what follows from it (a state), and after the record is what is to be approved.
    Raises Refusal where nobody can decide or a request is pending already.
    """
    measures = dict(kind.measure(row))
    route = choose(kind, measures)
    if route is None:
        return None
    label = kind.subject._meta.label_lower
    known = Request.objects.filter(kind=kind.code, about=label, object_id=row.pk, write__isnull=True)
    if known.filter(state=State.PENDING).exists():
        raise Refusal(
            _("This is waiting for approval already"),
            _("“%(record)s” was sent for approval and is not decided yet.") % {"record": row},
            code="approval_pending",
            ways_out=[WayOut(_("My approvals"), url=f"{reverse('approvals:inbox')}?tab=mine", icon="rubber-stamp")],
        )
    return _create(work, kind, row, route, frozen(kind.snapshot(row)), measures, note)


def _create(
    work: Work, kind: Kind, row: Any, route: Route, snapshot: dict[str, Any], measures: Mapping[str, int | None],
    note: str, write: dict[str, Any] | None = None,
) -> Request:  # fmt: skip
    request: Request = work.create(
        Request,
        {
            "owner": work.actor, "unit_id": work.actor.unit_id, "kind": kind.code,
            "about": kind.subject._meta.label_lower, "object_id": row.pk, "about_version": row.version,
            "title": kind.title(row)[:200],
            "snapshot": snapshot, "digest": digest(snapshot), "measures": dict(measures),
            "note": note.strip(), "route": route, "write": write,
            "plan": resolving.plan(route, work.actor, getattr(row, "owner_id", None)),
        },
    )  # fmt: skip
    ending.write(work, request, Event.ASKED, note=request.note)
    open_step(work, kind, request, 0)
    return request


def open_step(work: Work, kind: Kind, request: Request, step: int) -> None:
    """Let the people of a step decide; who has left meanwhile is looked for anew."""
    planned = request.plan[step]
    active = set(
        Person.objects.filter(pk__in=planned["people"], is_active=True, deleted_at__isnull=True).values_list(
            "pk", flat=True
        )
    )
    people = [pk for pk in planned["people"] if pk in active]
    if not people:
        route = request.route or Route(name="")
        base = request.owner_id or work.actor.pk
        people = resolving.people_of(planned["who"], base, base, oneself=route.oneself)
        if not people:
            raise resolving.nobody(route)
    if request.step != step:
        request.step = step
        work.save(request)
    due = deadline(planned["days"])
    seats = [
        {"request": request, "owner_id": pk, "step": step, "turn": request.turn, "mode": planned["mode"],
         "person_id": pk, "due_at": due}
        for pk in people
    ]  # fmt: skip
    made = work.create(Seat, seats)
    for tell in opened:
        tell(work, kind, request, made)


def deadline(days: int) -> dt.datetime:
    """This time of the day, so many working days on."""
    now = clock.now()
    local = clock.local(now)
    return now + (working_calendar().add(local.date(), days) - local.date())


# Writes that wait -----------------------------------------------------------------------------------------------------


@contextmanager
def carrying(request: Request) -> Iterator[None]:
    """While an approved write is carried out, its own guard lets it through."""
    token = _carried.set((request.kind, request.object_id))
    try:
        yield
    finally:
        _carried.reset(token)


def park(
    attempt: Attempt, kind: Kind, row: Any, *, title: Any, cause: Any, code: str, rule: Any = "",
    snapshot: Mapping[str, Any], measures: Mapping[str, int | None],
) -> None:  # fmt: skip
    """In a guard: let a write through that needs no approval or has it, else raise a refusal that offers to ask.

    `measures` and `snapshot` say what the record would be. The way out carries the write, signed, for a day and for
    this person alone; once approved it is carried out in his name, unless the record was changed meanwhile.
    """
    if _carried.get() == (kind.code, row.pk) or choose(kind, measures) is None:
        return
    loaded = getattr(row, "_loaded", {})
    verb = attempt.action.rpartition(".")[2]
    changed = {name: after for name, (_before, after) in row.changed_fields().items()}
    values = changed if verb == "update" else {name: _plain(value) for name, value in dict(attempt.values).items()}
    told = {
        "kind": kind.code, "id": row.pk, "version": loaded.get("version", row.version), "actor": attempt.actor.pk,
        "write": {"action": verb, "values": frozen(values)}, "snapshot": frozen(snapshot), "measures": dict(measures),
    }  # fmt: skip
    token = signing.dumps(told, salt=SALT, compress=True)
    raise Refusal(
        title, cause, code=code, rule=rule,
        ways_out=[
            WayOut(_("Ask for approval"), url=f"{reverse('approvals:ask')}?write={token}", icon="rubber-stamp",
                   hint=_("Once approved the change is carried out by itself.")),
        ],
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def read_token(token: str, actor: Any) -> dict[str, Any] | None:
    """What a parked write's token says; None for a wrong one, one of somebody else, or one a day old."""
    try:
        told = signing.loads(token, salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        return None
    return told if told["actor"] == actor.pk else None


def ask_write(work: Work, kind: Kind, row: Any, told: Mapping[str, Any], *, note: str = "") -> Request | None:
    """Ask for approval of a parked write; None where no route calls for it any more."""
    route = choose(kind, told["measures"])
    if route is None:
        return None
    return _create(work, kind, row, route, told["snapshot"], told["measures"], note, write=dict(told["write"]))
