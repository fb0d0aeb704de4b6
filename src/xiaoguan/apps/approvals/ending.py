"""How a request ends: its open seats close, the trail says how, the subject's app settles, people are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from xiaoguan.apps.approvals.models import Request, Seat, Trail, Verdict
from xiaoguan.kit import clock
from xiaoguan.kit.action import Work

if TYPE_CHECKING:
    from xiaoguan.apps.approvals.kinds import Kind

ended: list[Callable[[Work, Kind, Request, str], None]] = []
"""Called inside the transaction with a request that has just ended and the last note (who is told of it)."""


def end(work: Work, kind: Kind, request: Request, subject: Any, state: str, event: str, note: str = "") -> None:
    """Give a pending request its final state. `subject` is None where it is gone."""
    close(work, request)
    request.state, request.ended_at = state, clock.now()
    work.save(request)
    write(work, request, event, note=note)
    if subject is not None:
        kind.settle(work, request, subject)
    for tell in ended:
        tell(work, kind, request, note)


def close(work: Work, request: Request) -> None:
    """Nobody has to decide any more: open seats are passed."""
    seats = list(Seat.objects.filter(request=request, verdict=Verdict.OPEN))
    for seat in seats:
        seat.verdict = Verdict.PASSED
    work.save(*seats)


def write(
    work: Work, request: Request, event: str, *, note: str = "", other: Any = None, instead_of: Any = None
) -> None:
    """Add an entry to the trail."""
    work.create(
        Trail,
        {
            "request": request, "at": work.now, "person": work.actor, "event": event, "step": request.step,
            "note": note, "other": other, "instead_of": instead_of, "owner": request.owner,
        },
    )  # fmt: skip
