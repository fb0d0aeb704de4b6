"""Verbs of registrations and of conflicts about them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Annotated, Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.projects import queries, trail
from xiaoguan.apps.projects.models import (
    ACTIVE,
    WAITING,
    Case,
    Conflict,
    Registration,
    Ruling,
    Side,
    Standing,
    Statement,
)
from xiaoguan.kit import access, clock, event, kinds
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.errors import Invalid, Refusal, WayOut
from xiaoguan.kit.fields import RATE_ONE

CONFLICT = event.declare("registration.conflict", _("Two registrations of one project met"))
RULED = event.declare("registration.ruled", _("A registration conflict was ruled on"))
APPEAL_DAYS = 10
"""So long after a ruling either side may appeal."""


# Registrations ------------------------------------------------------------------------------------------------------


@action(
    Registration, _("Confirm"), verb="confirm", icon="circle-check", position=20,
    shown=lambda row: row.status == Standing.REGISTERED,
)  # fmt: skip
def confirm(work: Work, row: Registration, *, comment: Annotated[str, _("Comment")] = "") -> Registration:
    """The manager has looked at the basis and stands by it."""
    if row.status != Standing.REGISTERED:
        raise _not_now(row)
    work.change.note = comment
    row.status = Standing.CONFIRMED
    work.save(row)
    return row


@action(
    Registration, _("Extend"), icon="clock-play", position=30,
    shown=lambda row: row.status in (Standing.REGISTERED, Standing.CONFIRMED) and row.extended_on is None,
)  # fmt: skip
def extend(work: Work, row: Registration, *, reason: Annotated[str, _("Why it takes longer")]) -> Registration:
    """Protect the project longer, once, by the days that its phase adds."""
    if row.status not in (Standing.REGISTERED, Standing.CONFIRMED):
        raise _not_now(row)
    period = queries.periods(clock.today()).get(row.project.phase)
    days = period.extension if period else 0
    if row.extended_on is not None or not days:
        raise Refusal(
            gettext("This registration can't be extended any more"),
            gettext("It was extended on %(day)s.") % {"day": row.extended_on.isoformat()}
            if row.extended_on
            else gettext("In this phase nothing is added."),
            code="registration.extended_once",
            rule=gettext("A registration is extended once, by the days of the phase."),
            ways_out=[
                WayOut(gettext("Register it again when it lapses"), icon="flag"),
                WayOut(gettext("Ask your manager to change the periods"), "/protection-periods/", icon="shield-check"),
            ],
        )
    work.change.note = reason
    row.extended_on = clock.today()
    row.protected_until = (row.protected_until or clock.today()) + dt.timedelta(days=days)
    row.warned_on = None
    work.save(row)
    return row


@action(Registration, _("Release"), icon="lock-open", position=60, undoable=False, shown=lambda row: row.is_active)
def release(work: Work, row: Registration, *, reason: Annotated[str, _("Why you let it go")]) -> Registration:
    """Give the project up; a conflict about it ends in favour of the other side."""
    if not row.is_active:
        raise _not_now(row)
    work.change.note = reason
    row.status, row.ended_on = Standing.RELEASED, clock.today()
    work.save(row)
    settle_others(work, row, because=None)
    return row


def _not_now(row: Registration) -> Refusal:
    return Refusal(
        gettext("This registration can't be changed now"),
        gettext("It is “%(status)s”.") % {"status": Standing(row.status).label},
        code="registration.status",
        rule=gettext("What is in conflict waits for its ruling; what has ended stays as it was."),
        ways_out=[WayOut(gettext("Look at the conflicts"), "/registration-conflicts/", icon="scale")],
    )


# Conflicts ----------------------------------------------------------------------------------------------------------


@action(
    Conflict, _("Make a statement"), verb="comment", icon="message-2", position=20, undoable=False,
    shown=lambda row: row.status in WAITING,
)  # fmt: skip
def state(work: Work, row: Conflict, *, text: Annotated[str, _("Statement")]) -> Conflict:
    """Say one's side of it; what is said stays as it is."""
    side = row.side_of(work.actor.pk)
    if not side:
        raise _not_a_side()
    if row.status not in WAITING:
        raise _is_ruled(row)
    work.create(Statement, {"conflict": row, "side": side, "text": text.strip(), "owner": work.actor})
    return row


@action(
    Conflict, _("Appeal"), verb="comment", icon="arrow-up", position=30, undoable=False,
    shown=lambda row: row.status == Case.RULED,
)  # fmt: skip
def appeal(work: Work, row: Conflict, *, reason: Annotated[str, _("Why the ruling is wrong")]) -> Conflict:
    """Ask the next level to rule again: once, within ten days."""
    if not row.side_of(work.actor.pk):
        raise _not_a_side()
    if row.status != Case.RULED or row.appealed_at is not None:
        raise _is_ruled(row)
    row.status, row.appeal = Case.APPEALED, reason.strip()
    row.appealed_at, row.appealed_by = work.now, work.actor
    work.save(row)
    work.emit("registration.conflict", row, appeal=True, source=work.source)
    return row


@action(
    Conflict, _("Rule on it"), verb="rule", icon="gavel", position=10, undoable=False,
    shown=lambda row: row.status in WAITING,
)  # fmt: skip
def rule(
    work: Work,
    row: Conflict,
    *,
    awarded: Annotated[Side, _("The project goes to")],
    reason: Annotated[str, _("Reason")],
    share: Annotated[int, _("Share of the other side"), kinds.PERCENT] = 0,
) -> Ruling:
    """Give the project to one side, with a reason and perhaps a share for the other; signed for good."""
    _check_judge(row, work.actor)
    if not 0 <= share < RATE_ONE:
        raise Invalid({"share": [gettext("Type a share from 0 to less than 100 %.")]})
    level = 2 if row.status == Case.APPEALED else 1
    said = {"level": level, "awarded": str(awarded), "share": share, "reason": reason.strip()}
    evidence = gathered(row)
    digest = seal(row, work.actor.pk, work.now, said, evidence)
    values = {"conflict": row, "by": work.actor, "at": work.now, "evidence": evidence, "digest": digest, **said}
    made: Ruling = work.create(Ruling, values)
    row.status = Case.FINAL if level == 2 else Case.RULED
    row.awarded, row.ruled_on = str(awarded), clock.today()
    work.save(row)
    _give(work, row, str(awarded))
    work.emit("registration.ruled", row, level=level, source=work.source)
    return made


def gathered(conflict: Conflict) -> dict[str, Any]:
    """What lies before whoever rules, as JSON values: both registrations, their trails and statements."""
    found: dict[str, Any] = {}
    for side in Side:
        row = conflict.side(side)
        said = conflict.statements.filter(side=side, deleted_at__isnull=True).order_by("pk")
        found[str(side)] = {
            "registration": str(row.uid),
            "project": row.project.name,
            "owner": row.owner_id,
            "registered_at": row.registered_at.isoformat(timespec="seconds"),
            "trail": [proof.kept() for proof in trail.of(row, conflict)],
            "statements": [{"text": each.text, "at": each.created_at.isoformat(timespec="seconds")} for each in said],
        }
    return found


def seal(conflict: Conflict, by: int, at: dt.datetime, said: dict[str, Any], evidence: dict[str, Any]) -> str:
    """SHA-256 over the ruling and the evidence it rests on."""
    whole = {"conflict": str(conflict.uid), "by": by, "at": at.astimezone(dt.UTC).isoformat(), **said}
    text = json.dumps({**whole, "evidence": evidence}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def is_intact(ruling: Ruling) -> bool:
    """Whether a ruling still says what was signed."""
    names = ("level", "awarded", "share", "reason")
    said = {name: getattr(ruling, name) for name in names}
    return seal(ruling.conflict, ruling.by_id, ruling.at, said, ruling.evidence) == ruling.digest


def _check_judge(row: Conflict, actor: Any) -> None:
    """Who rules is no side, reaches both, and on appeal stands above whoever ruled first."""
    if row.status not in WAITING:
        raise _is_ruled(row)
    everyone = access.grants(actor).scope("projects.conflict", "rule") == "all"
    reaches = access.policy().reaches
    sides = [row.first.owner_id, row.second.owner_id]
    if actor.pk in sides:
        raise _no_judge(gettext("You are one of the two sides."))
    if not everyone and not all(reaches(actor, side, None, leading=True) for side in sides):
        raise _no_judge(gettext("You don't lead both sides."))
    if row.status == Case.APPEALED:
        ruled = row.rulings.filter(level=1).first()
        if ruled is not None and ruled.by_id == actor.pk:
            raise _no_judge(gettext("You ruled on it already; an appeal goes to the next level."))
        if ruled is not None and not everyone and not reaches(actor, ruled.by_id, None, leading=True):
            raise _no_judge(gettext("You don't stand above whoever ruled first."))


def _no_judge(cause: str) -> Refusal:
    return Refusal(
        gettext("You can't rule on this conflict"),
        cause,
        code="conflict.judge",
        rule=gettext("The manager both sides share rules; an appeal goes to the level above."),
        ways_out=[WayOut(gettext("Leave it to the sales director"), icon="users")],
    )


def _not_a_side() -> Refusal:
    return Refusal(
        gettext("Only the two sides speak here"),
        gettext("You have registered neither of the two."),
        code="conflict.side",
        rule=gettext("Statements and appeals come from those who registered the project."),
        ways_out=[WayOut(gettext("Write a comment instead"), icon="message-2")],
    )


def _is_ruled(row: Conflict) -> Refusal:
    return Refusal(
        gettext("This conflict is closed"),
        gettext("It is “%(status)s”.") % {"status": Case(row.status).label},
        code="conflict.closed",
        rule=gettext("A ruling stands; either side may appeal once, within %(n)s days.") % {"n": APPEAL_DAYS},
        ways_out=[WayOut(gettext("Look at the ruling"), f"/registration-conflicts/{row.pk}/", icon="scale")],
    )


def _give(work: Work, conflict: Conflict, awarded: str) -> None:
    """Let the registrations follow a ruling; the loser's other conflicts end with it."""
    winner = conflict.side(awarded)
    loser = conflict.side(Side.SECOND if awarded == Side.FIRST else Side.FIRST)
    loser.status, loser.ended_on = Standing.RULED, clock.today()
    winner.ended_on = None
    winner.status = Standing.CONFIRMED
    if winner.protected_until is None or winner.protected_until < clock.today():
        period = queries.periods(clock.today()).get(winner.project.phase)
        winner.protected_until = clock.today() + dt.timedelta(days=period.days if period else 0)
    work.save(loser)
    work.save(winner)
    settle_others(work, loser, because=conflict)
    _still_in_conflict(work, winner)


def settle_others(work: Work, loser: Registration, *, because: Conflict | None) -> None:
    """End the open conflicts of a registration that is out, in favour of the other sides."""
    rows = queries.conflicts_of([loser.pk]).filter(status__in=WAITING)
    for row in rows.exclude(pk=because.pk) if because else rows:
        row.status, row.ruled_on = Case.SETTLED, clock.today()
        row.awarded = Side.SECOND if row.first_id == loser.pk else Side.FIRST
        work.save(row)
        _still_in_conflict(work, row.side(row.awarded))


def _still_in_conflict(work: Work, row: Registration) -> None:
    """A registration is in conflict as long as one conflict about it waits."""
    waiting = queries.conflicts_of([row.pk]).filter(status__in=WAITING).exists()
    fresh = Registration.objects.get(pk=row.pk)
    if fresh.status in ACTIVE:
        fresh.status = Standing.CONFLICT if waiting else Standing.CONFIRMED
        work.save(fresh)
