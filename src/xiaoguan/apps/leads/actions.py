"""Verbs of leads: assign, deal out, take, answer, qualify, give back, discard."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.actions import refuse_leaver
from xiaoguan.apps.leads import queries
from xiaoguan.apps.leads.models import Lead, QuestionKind, Status, Touch, TouchKind
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.kit import clock, event
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid, Refusal, WayOut

event.declare("lead.answered", _("A lead got its first answer"))


def is_open(lead: Lead) -> bool:
    """Whether there is still something to do about it."""
    return lead.is_open


def is_waiting(lead: Lead) -> bool:
    """Whether it waits for somebody to take it."""
    return lead.is_open and lead.owner_id is None


def is_mine_to_return(lead: Lead) -> bool:
    """Whether somebody has it who may give it back."""
    return lead.is_open and lead.owner_id is not None


@action(Lead, _("Take"), verb="take", icon="hand-grab", bulk=True, shown=is_waiting, position=10)
def take(work: Work, leads: Sequence[Lead]) -> Sequence[Lead]:
    """Take leads that wait; of two who take one at once, the second is told who was first."""
    rows = Lead._default_manager.select_for_update(of=("self",)).filter(pk__in=[lead.pk for lead in leads])
    found = list(rows.select_related("owner").order_by("pk"))
    for lead in found:
        if lead.owner_id not in (None, work.actor.pk):
            raise _taken(lead)
        lead.owner = work.actor
    work.save(*found)
    return found


def _taken(lead: Lead) -> Refusal:
    return Refusal(
        gettext("Somebody else was faster"),
        gettext("%(lead)s belongs to %(name)s by now.") % {"lead": lead.called, "name": lead.owner},
        code="LEAD-TAKEN",
        rule=gettext("Whoever takes a lead first has it."),
        ways_out=[
            WayOut(gettext("Look what else waits"), f"{Entity.of(Lead).url('list')}?view=waiting", icon="user-plus")
        ],
    )


@action(Lead, _("Assign"), name="transfer", verb="assign", icon="user-share", bulk=True, shown=is_open, position=40)
def assign(
    work: Work,
    leads: Sequence[Lead],
    *,
    to: Annotated[Person, _("New owner")],
    comment: Annotated[str, _("Comment")] = "",
) -> Sequence[Lead]:
    """Give leads to somebody."""
    refuse_leaver(to)
    work.change.note = comment
    for lead in leads:
        lead.owner = to
    work.save(*leads)
    return leads


@action(
    Lead, _("Share out in turn"), verb="distribute", icon="arrows-exchange", bulk=True, shown=is_waiting, position=45
)
def distribute(
    work: Work,
    leads: Sequence[Lead],
    *,
    team: Annotated[Team | None, _("Sellers of the team")] = None,
    most: Annotated[int, _("Open leads per person at most")] = 20,
    by_place: Annotated[bool, _("First to whoever looks after their territory")] = True,
) -> Sequence[Lead]:
    """Give waiting leads to whoever looks after their territory, the others to the sellers of a team in turn.

    Whoever carries enough is passed over.
    """
    if most < 1:
        raise Invalid({"most": [gettext("At least one.")]})
    waiting = [lead for lead in leads if lead.owner_id is None and lead.is_open]
    placed = queries.by_territory(waiting, most) if by_place else {}
    rest = [lead for at, lead in enumerate(waiting) if at not in placed]
    carried = Counter(person.pk for person in placed.values())
    people = queries.next_in_turn(len(rest), queries.takers(team), most, carried)
    if len(people) < len(rest):
        raise _no_room(len(rest), len(people), most)
    turn = iter(people)
    for at, lead in enumerate(waiting):
        lead.owner = placed[at] if at in placed else next(turn)
    work.save(*waiting)
    return waiting


def _no_room(wanted: int, room: int, most: int) -> Refusal:
    return Refusal(
        gettext("There is not enough room"),
        gettext("%(n)s leads are to be shared out, and the sellers can take %(room)s.") % {"n": wanted, "room": room},
        code="LEAD-CAPACITY",
        rule=gettext("A person has at most %(n)s open leads.") % {"n": most},
        ways_out=[
            WayOut(gettext("Choose fewer leads, or another team"), icon="users"),
            WayOut(
                gettext("Look at the open leads"), f"{Entity.of(Lead).url('list')}?view=all&sort=owner", icon="list"
            ),
        ],
    )


@action(Lead, _("Log a contact"), name="answer", verb="change", icon="message-2", shown=is_open, position=5)
def answer(
    work: Work,
    lead: Lead,
    *,
    kind: Annotated[TouchKind, _("Kind")] = TouchKind.CALL,
    body: Annotated[str, _("What was said")] = "",
    reached: Annotated[bool, _("Reached somebody")] = True,
    happened_at: Annotated[dt.datetime | None, _("Time")] = None,
) -> Touch:
    """Record a contact; the first one that is recorded stops the clock, whether or not somebody was reached.

    The clock stops at the moment of recording or at the time given, but not before the lead came.
    """
    when = happened_at or work.now
    if when > work.now:
        raise Invalid({"happened_at": [gettext("This moment is still to come.")]})
    values = {"lead": lead, "kind": kind, "body": body, "reached": reached, "happened_at": when, "owner": work.actor}
    made: Touch = work.create(Touch, values)
    if lead.owner_id is None:
        lead.owner = work.actor
    if lead.first_response_at is None:
        _stop_the_clock(lead, when, work.actor)
        work.emit("lead.answered", lead)
    if lead.status == Status.NEW and reached:
        lead.status = Status.CONTACTED
    work.save(lead)
    return made


def _stop_the_clock(lead: Lead, when: dt.datetime, actor: Any) -> None:
    received = lead.received_at or when
    lead.first_response_at = max(when, received)
    lead.answered_on = clock.local(lead.first_response_at).date()
    lead.answered_by = actor
    lead.response_minutes = queries.waited(received, lead.first_response_at)


@action(Lead, _("Qualify"), verb="change", icon="clipboard-check", shown=is_open, position=15)
def qualify(
    work: Work,
    lead: Lead,
    *,
    answers: Annotated[str, _("Answers"), _("JSON: number of the question and the answer")] = "",
    comment: Annotated[str, _("Comment")] = "",
) -> Lead:
    """Keep the answers to the questions with their points; the lead counts as qualified."""
    work.change.note = comment
    lead.answers, lead.score = weigh(lead, _said(answers))
    lead.status = Status.QUALIFIED
    work.save(lead)
    return lead


def _said(answers: str) -> Mapping[str, str]:
    """The answers by the number of their question."""
    try:
        found = json.loads(answers or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Invalid({"answers": [gettext("Write the answers as JSON: question and answer, both as text.")]})
    return found


def weigh(lead: Lead, said: Mapping[str, str]) -> tuple[dict[str, Any], int | None]:
    """The answers with question and points as they count now, those given before kept, and the sum of points.

    The words are kept with the answer: a question changed later doesn't change what was answered.
    """
    kept = dict(lead.answers)
    for question in queries.questions():
        given = said.get(str(question.pk))
        if given is None:
            continue
        given = given.strip()[:1000]
        allowed = {
            QuestionKind.YESNO: {"yes", "no", ""},
            QuestionKind.CHOICE: {"", *(label for label, _points in question.choices())},
        }.get(QuestionKind(question.kind))
        if allowed is not None and given not in allowed:
            raise Invalid({"answers": [gettext("“%(answer)s” is no answer to “%(question)s”.")
                                       % {"answer": given, "question": question.text}]})  # fmt: skip
        if not given:
            kept.pop(str(question.pk), None)
            continue
        kept[str(question.pk)] = {
            "question": question.text, "kind": question.kind, "answer": given, "points": question.worth(given),
            "of": question.best(),
        }  # fmt: skip
    return kept, sum(each["points"] for each in kept.values()) if kept else None


@action(Lead, _("Move to status"), icon="arrow-right", bulk=True, shown=is_open, position=48)
def move(
    work: Work,
    leads: Sequence[Lead],
    *,
    to: Annotated[Status, _("Status")],
    reason: Annotated[str, _("Reason")] = "",
) -> Sequence[Lead]:
    """Put leads under another status; discarding asks why, and converting makes a customer."""
    for lead in leads:
        if to == Status.CONVERTED and lead.status != Status.CONVERTED:
            raise _convert_it(lead)
        if lead.status == Status.CONVERTED and to != Status.CONVERTED:
            raise _is_converted(lead)
    if to == Status.DISCARDED and not reason.strip():
        raise Invalid({"reason": [gettext("Say why it is discarded.")]})
    work.change.note = reason
    for lead in leads:
        lead.status = to
        lead.reason = reason[:400] if to == Status.DISCARDED else ""
    work.save(*leads)
    return leads


def _convert_it(lead: Lead) -> Refusal:
    return Refusal(
        gettext("A conversion makes a customer"),
        gettext("%(lead)s becomes a customer with a contact and, if you like, a deal.") % {"lead": lead.called},
        code="LEAD-CONVERT",
        rule=gettext("A converted lead has a customer."),
        ways_out=[WayOut(gettext("Convert it"), Entity.of(Lead).url("do", lead, "convert"), icon="user-check")],
    )


def _is_converted(lead: Lead) -> Refusal:
    return Refusal(
        gettext("This lead is converted"),
        gettext("%(lead)s is a customer by now.") % {"lead": lead.called},
        code="LEAD-CONVERTED",
        rule=gettext("What became a customer is no lead any more."),
        ways_out=[
            WayOut(gettext("Undo the conversion"), Entity.of(Lead).url("detail", lead), gettext("In the history."),
                   icon="arrow-back-up"),
        ],
    )  # fmt: skip


@action(Lead, _("Discard"), icon="circle-x", bulk=True, shown=is_open, position=60)
def discard(work: Work, leads: Sequence[Lead], *, reason: Annotated[str, _("Reason")]) -> Sequence[Lead]:
    """Let leads go, and say why."""
    work.change.note = reason
    for lead in leads:
        if lead.status == Status.CONVERTED:
            raise _is_converted(lead)
        lead.status, lead.reason = Status.DISCARDED, reason[:400]
    work.save(*leads)
    return leads


@action(
    Lead, _("Take up again"), icon="reload", bulk=True, shown=lambda lead: lead.status == Status.DISCARDED, position=20
)  # fmt: skip
def resume(work: Work, leads: Sequence[Lead]) -> Sequence[Lead]:
    """Take discarded leads up again."""
    for lead in leads:
        if lead.status == Status.DISCARDED:
            lead.status = Status.CONTACTED if lead.first_response_at else Status.NEW
            lead.reason = ""
    work.save(*leads)
    return leads


@action(Lead, _("Return to the pool"), verb="change", icon="inbox", bulk=True, shown=is_mine_to_return, position=55)
def give_back(work: Work, leads: Sequence[Lead], *, reason: Annotated[str, _("Reason")]) -> Sequence[Lead]:
    """Give leads up so that a colleague of the team can take them; the reason stays with them."""
    work.change.note = reason
    for lead in leads:
        if lead.status == Status.CONVERTED:
            raise _is_converted(lead)
        lead.owner = None
        lead.reason = reason[:400]
    work.save(*leads)
    return leads
