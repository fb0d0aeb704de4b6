"""Verdicts: approve, reject, return, delegate; withdrawing and reminding. Each is one change nobody can undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.apps.approvals import asking, carrying, ending, watching
from xiaoguan.apps.approvals.kinds import Kind, kinds
from xiaoguan.apps.approvals.models import Event, Mode, Request, Seat, State, Verdict
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.policy import stood_in
from xiaoguan.kit import clock
from xiaoguan.kit.action import Work
from xiaoguan.kit.errors import Invalid, KitError, Refusal, WayOut

reminded: list[Callable[[Work, Kind, Request, list[Seat]], None]] = []
"""Called inside the transaction with open seats whose people are reminded."""


def approve(request: Request, *, actor: Any, note: str = "", source: str = "page") -> Request:
    """Agree in the seat of the actor, or of somebody he stands in for; the step or the request may end with it.

    Raises Refusal where he may not decide, the request has ended or the record says something else by now.
    """
    with _deciding(request, actor, "approve", source) as (work, kind, held, seat):
        _give(work, seat, Verdict.APPROVED, note)
        ending.write(work, held, Event.APPROVED, note=note, instead_of=_instead(work, seat))
        here = Seat.objects.filter(request=held, step=held.step, turn=held.turn)
        if seat.mode == Mode.ALL and here.filter(verdict=Verdict.OPEN).exists():
            return held
        ending.close(work, held)
        if held.step + 1 < len(held.plan):
            asking.open_step(work, kind, held, held.step + 1)
        else:
            _approved(work, kind, held, note)
    return held


def _approved(work: Work, kind: Kind, request: Request, note: str) -> None:
    """The last step has agreed: the subject's app settles, a parked write is carried out."""
    subject = _subject(kind, request)
    request.state, request.ended_at = State.APPROVED, clock.now()
    work.save(request)
    if request.write is not None:
        try:
            with transaction.atomic():
                carrying.carry_out(request, subject)
        except KitError as problem:
            ending.write(work, request, Event.FAILED, note=str(problem))
        else:
            ending.write(work, request, Event.CARRIED)
            subject = _subject(kind, request)
    kind.settle(work, request, subject)
    for tell in ending.ended:
        tell(work, kind, request, note)


def reject(request: Request, *, actor: Any, note: str, source: str = "page") -> Request:
    """Say no for good, with the reason; one no in a step is enough."""
    return _refuse(request, actor, note, source, "reject", Verdict.REJECTED, State.REJECTED, Event.REJECTED)


def send_back(
    request: Request, *, actor: Any, note: str, to_step: int | None = None, source: str = "page"
) -> Request:  # fmt: skip
    """Return it with the reason: to who asked, or to an earlier step, which then decides once more."""
    if to_step is None:
        return _refuse(request, actor, note, source, "return", Verdict.RETURNED, State.RETURNED, Event.RETURNED)
    _need(note)
    with _deciding(request, actor, "return", source) as (work, kind, held, seat):
        if not 0 <= to_step < held.step:
            raise Invalid({"to_step": [_("Choose one of the steps before yours.")]})
        _give(work, seat, Verdict.RETURNED, note)
        ending.close(work, held)
        ending.write(work, held, Event.BACK, note=note, instead_of=_instead(work, seat))
        held.turn += 1
        held.step = to_step
        work.save(held)
        asking.open_step(work, kind, held, to_step)
    return held


def _refuse(
    request: Request, actor: Any, note: str, source: str, name: str, verdict: str, state: str, event: str
) -> Request:  # fmt: skip
    _need(note)
    with _deciding(request, actor, name, source) as (work, kind, held, seat):
        _give(work, seat, verdict, note)
        if instead := _instead(work, seat):
            note = f"{note} ({_('for %(name)s') % {'name': instead.name}})"
        ending.end(work, kind, held, _subject(kind, held), state, event, note)
    return held


def delegate(request: Request, *, actor: Any, to: Person, note: str = "", source: str = "page") -> Request:
    """Let a colleague decide in one's place; whoever asked can't be chosen, nor anybody who has a seat already."""
    with _deciding(request, actor, "delegate", source) as (work, kind, held, seat):
        if to.pk == held.owner_id:
            raise Invalid({"to": [_("Whoever asks doesn't decide about it himself.")]})
        if not to.is_active or to.system or to.deleted_at is not None:
            raise Invalid({"to": [_("This colleague can't sign in.")]})
        taken = Seat.objects.filter(request=held, step=held.step, turn=held.turn, verdict=Verdict.OPEN, person=to)
        if taken.exists():
            raise Invalid({"to": [_("This colleague decides in this step already.")]})
        _give(work, seat, Verdict.DELEGATED, note)
        ending.write(work, held, Event.DELEGATED, note=note, other=to, instead_of=_instead(work, seat))
        made = work.create(Seat, _seat_of(seat, to, seat.person_id))
        for tell in asking.opened:
            tell(work, kind, held, [made])
    return held


def _seat_of(seat: Seat, person: Person, given_by_id: int | None) -> dict[str, Any]:
    """The values of a seat that takes the place of another one."""
    return {
        "request_id": seat.request_id, "owner": person, "step": seat.step, "turn": seat.turn, "mode": seat.mode,
        "person": person, "given_by_id": given_by_id, "due_at": seat.due_at,
    }  # fmt: skip


def withdraw(request: Request, *, actor: Any, note: str = "", source: str = "page") -> Request:
    """Take one's own request back."""
    with _locked(request, actor, "withdraw", source) as (work, kind, held):
        if held.owner_id != actor.pk:
            raise not_yours()
        ending.end(work, kind, held, _subject(kind, held), State.WITHDRAWN, Event.WITHDRAWN, note)
    return held


def remind(request: Request, *, actor: Any, source: str = "page") -> int:
    """Remind who has not decided yet, once a day at most; returns how many are told."""
    with _locked(request, actor, "remind", source) as (work, kind, held):
        if held.owner_id != actor.pk:
            raise not_yours()
        seats = [seat for seat in _open(held) if not _today(seat.reminded_at)]
        nudge(work, kind, held, seats)
    return len(seats)


def nudge(work: Work, kind: Kind, request: Request, seats: list[Seat]) -> None:
    """Note and tell a reminder."""
    for seat in seats:
        seat.reminded_at = clock.now()
        ending.write(work, request, Event.REMINDED, other=seat.person)
    work.save(*seats)
    if seats:
        for tell in reminded:
            tell(work, kind, request, seats)


def replace(work: Work, kind: Kind, seat: Seat, person: Person) -> None:
    """Somebody takes the seat of a colleague who has left."""
    request = seat.request
    _give(work, seat, Verdict.PASSED, "")
    ending.write(work, request, Event.REPLACED, other=seat.person)
    made = work.create(Seat, _seat_of(seat, person, None))
    for tell in asking.opened:
        tell(work, kind, request, [made])


def _open(request: Request) -> list[Seat]:
    return list(Seat.objects.filter(request=request, verdict=Verdict.OPEN).select_related("person").order_by("pk"))


def _today(moment: Any) -> bool:
    return moment is not None and clock.local(moment).date() >= clock.today()


def seat_of(request: Request, actor: Any) -> Seat | None:
    """The open seat the actor decides in: his own before that of somebody he stands in for."""
    instead = set(stood_in(actor).values_list("person", flat=True))
    mine = [seat for seat in _open(request) if seat.person_id == actor.pk or seat.person_id in instead]
    return min(mine, key=lambda seat: seat.person_id != actor.pk, default=None)


def may_decide(request: Request, actor: Any) -> bool:
    """Whether the actor may give a verdict on a pending request now."""
    return request.pending and _allowed(request, actor) and seat_of(request, actor) is not None


def _allowed(request: Request, actor: Any) -> bool:
    return request.owner_id != actor.pk or bool(request.route and request.route.oneself)


@contextmanager
def _locked(request: Request, actor: Any, name: str, source: str) -> Iterator[tuple[Work, Kind, Request]]:
    """The request as it is now, held against others, inside one change entry. Raises Refusal once it has ended."""
    with transaction.atomic():
        rows = Request.objects.select_for_update(of=("self",)).select_related("route", "owner")
        held = rows.get(pk=request.pk)
        if not held.pending:
            raise over(held)
        work = Work(actor, name, Request._meta.label_lower, source, undoable=False)
        yield work, kinds[held.kind], held
        work.finish()


@contextmanager
def _deciding(request: Request, actor: Any, name: str, source: str) -> Iterator[tuple[Work, Kind, Request, Seat]]:
    """The same for who has a seat, after a look whether the record still says what was frozen."""
    late = None
    with _locked(request, actor, name, source) as (work, kind, held):
        seat = seat_of(held, actor)
        if seat is None:
            raise not_yours()
        if not _allowed(held, actor):
            raise oneself()
        if watching.is_outdated(kind, held, _subject(kind, held)):
            ending.end(work, kind, held, _subject(kind, held), State.OUTDATED, Event.OUTDATED)
            late = over(held)
        else:
            yield work, kind, held, seat
    if late is not None:
        raise late


def _subject(kind: Kind, request: Request) -> Any:
    return kind.subject._default_manager.filter(pk=request.object_id).first()


def _give(work: Work, seat: Seat, verdict: str, note: str) -> None:
    seat.verdict, seat.note = verdict, note.strip()
    seat.decided_by, seat.decided_at = work.actor, work.now
    work.save(seat)


def _instead(work: Work, seat: Seat) -> Person | None:
    return seat.person if seat.person_id != work.actor.pk else None


def _need(note: str) -> None:
    if not note.strip():
        raise Invalid({"note": [_("Type the reason: whoever asked will read it.")]})


def _inbox() -> WayOut:
    return WayOut(_("My approvals"), url=reverse("approvals:inbox"), icon="rubber-stamp")


def over(request: Request) -> Refusal:
    """It has ended meanwhile."""
    cause = _("It is %(state)s.") % {"state": request.get_state_display()}
    if request.state == State.OUTDATED:
        cause = _("The record was changed after it was sent for approval.")
    return Refusal(_("This request has ended"), cause, code="approval_over", ways_out=[_inbox()])


def not_yours() -> Refusal:
    """Somebody else decides."""
    return Refusal(
        _("This is not yours to decide"), _("Others decide in this step."), code="approval_not_yours",
        ways_out=[_inbox()],
    )  # fmt: skip


def oneself() -> Refusal:
    """Nobody approves his own request."""
    return Refusal(
        _("This is your own request"), _("Somebody else decides about it."), code="approval_oneself",
        rule=_("Nobody approves his own request."), ways_out=[_inbox()],
    )  # fmt: skip
