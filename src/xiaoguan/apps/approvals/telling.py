"""What approvals tell people: to decide, how it ended, that it is still open."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.approvals import asking, deciding, ending
from xiaoguan.apps.approvals.kinds import Kind, kinds
from xiaoguan.apps.approvals.models import Request, Seat, State
from xiaoguan.apps.notices.consequences import quiet
from xiaoguan.apps.notices.kinds import WORK, declare
from xiaoguan.apps.notices.telling import tell
from xiaoguan.kit.action import Work

declare(
    "approval.asked", _("I am asked for approval"), icon="rubber-stamp", group=WORK, mail=True,
    one=_("%(actor)s asks you to approve “%(record)s”"),
)  # fmt: skip
declare(
    "approval.reminded", _("A request waits for my approval"), icon="clock", group=WORK, mail=True,
    one=_("“%(record)s” still waits for your approval"),
)  # fmt: skip
declare(
    "approval.approved", _("My request was approved"), icon="circle-check", group=WORK, mail=True,
    one=_("%(actor)s approved “%(record)s”"),
)  # fmt: skip
declare(
    "approval.rejected", _("My request was rejected"), icon="circle-x", group=WORK, mail=True,
    one=_("%(actor)s rejected “%(record)s”: %(text)s"),
)  # fmt: skip
declare(
    "approval.returned", _("My request was returned"), icon="arrow-back-up", group=WORK, mail=True,
    one=_("%(actor)s returned “%(record)s”: %(text)s"),
)  # fmt: skip
declare(
    "approval.outdated", _("A request of mine is outdated"), icon="alert-triangle", group=WORK,
    one=_("“%(record)s” was changed while it waited for approval: send it again"),
)  # fmt: skip

BY_STATE = {
    State.APPROVED: "approval.approved",
    State.REJECTED: "approval.rejected",
    State.RETURNED: "approval.returned",
    State.OUTDATED: "approval.outdated",
}


def address(request: Request) -> str:
    """The page of a request."""
    return reverse("approvals:request", args=[request.pk])


def tell_seats(work: Work, kind: Kind, request: Request, seats: list[Seat]) -> None:
    """Whoever has to decide is told."""
    _tell(work, "approval.asked", [seat.person_id for seat in seats], request)


def tell_again(work: Work, kind: Kind, request: Request, seats: list[Seat]) -> None:
    """Whoever has not decided yet is reminded."""
    _tell(work, "approval.reminded", [seat.person_id for seat in seats], request)


def tell_asker(work: Work, kind: Kind, request: Request, note: str) -> None:
    """Whoever asked is told how it ended."""
    if request.state in BY_STATE:
        _tell(work, BY_STATE[State(request.state)], [request.owner_id], request, note)


def _tell(work: Work, code: str, people: list[Any], request: Request, text: str = "") -> None:
    if not quiet(work) and request.kind in kinds:
        tell(code, people, actor=work.actor, row=request, text=text, url=address(request))


asking.opened.append(tell_seats)
deciding.reminded.append(tell_again)
ending.ended.append(tell_asker)
