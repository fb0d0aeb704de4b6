"""Verbs of deals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from django.db import models
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.actions import along, refuse_leaver
from xiaoguan.apps.opportunities import criteria, gates, stages
from xiaoguan.apps.opportunities.models import Asks, Deal, LossReason, Outcome, Stage, StageEntry
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import clock, event
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.own.kinds import FILE
from xiaoguan.kit.param import Param

event.declare("deal.transferred", _("A deal was handed over"))

DealsAlong = Callable[[Work, Mapping[int, int | None], Person], None]
moves_along: list[DealsAlong] = []
"""What higher apps hand over together with deals: gets the previous owner by deal id, and the new owner."""


def along_with_deals(func: DealsAlong) -> DealsAlong:
    """Register what changes hands together with deals."""
    moves_along.append(func)
    return func


def is_open(deal: Deal) -> bool:
    """Whether a verb for deals in progress is offered."""
    return deal.is_open


def is_ended(deal: Deal) -> bool:
    """Whether a verb for deals that have ended is offered."""
    return not deal.is_open


def _asks_to_win(deal: Deal, sent: Mapping[str, Any], actor: Any) -> list[Param]:
    """What a deal lacks for being signed."""
    return gates.asked_for(deal, stages.winning(deal), actor)


@action(Deal, _("Move to stage"), position=20, icon="arrow-right", bulk=True, asks=gates.asks)
def move(
    work: Work,
    deals: Sequence[Deal],
    *,
    to: Annotated[Stage, _("Stage")],
    loss_reason: Annotated[LossReason | None, _("Reason for losing")] = None,
    competitor: Annotated[str, _("Lost to")] = "",
    on: Annotated[dt.date | None, _("Day of closing")] = None,
    comment: Annotated[str, _("Comment")] = "",
    **answers: Any,
) -> Sequence[Deal]:
    """Put deals into a stage; its outcome decides whether they are won, lost, invalid or open again.

    What the stages left behind ask for is answered by further arguments named like the fields, or `criterion_5`.
    """
    work.change.note = comment
    for deal in deals:
        gates.let_pass(work, deal, to, answers)
        _enter(deal, to, on)
        if to.outcome == Outcome.LOST:
            deal.loss_reason = loss_reason or deal.loss_reason
            deal.competitor = competitor or deal.competitor
    work.save(*deals)
    return deals


def _enter(deal: Deal, to: Stage, on: dt.date | None) -> None:
    """Set the stage and, where it closes the deal, the day."""
    if on is not None and on > clock.today():
        raise Invalid({"on": [gettext("This day is still to come.")]})
    if deal.stage_id != to.pk:
        deal.stage = to
        if on is not None:
            deal.end_on(on)


@action(Deal, _("Win"), position=35, icon="trophy", shown=is_open, asks=_asks_to_win)
def win(
    work: Work,
    deal: Deal,
    *,
    on: Annotated[dt.date | None, _("Signed on")] = None,
    comment: Annotated[str, _("Comment")] = "",
    **answers: Any,
) -> Deal:
    """Complete contracting: the deal is won and goes to after-sales, out of pipeline and forecast."""
    work.change.note = comment
    to = stages.winning(deal)
    gates.let_pass(work, deal, to, answers)
    _enter(deal, to, on)
    work.save(deal)
    return deal


def has_proofs_to_give(deal: Deal) -> bool:
    """Whether the stage of an open deal asks for files or a customer's word."""
    return deal.is_open and bool(criteria.provable(deal))


def _asks_for_proof(deal: Deal, sent: Mapping[str, Any], actor: Any) -> list[Param]:
    """One of what the present stage asks for; people are asked for a file or a word only where one is wanted."""
    rows = criteria.provable(deal)
    pairs = [(f"CRITERION_{row.pk}", (str(row.pk), row.words)) for row in rows]
    offered = models.TextChoices("Offered", pairs) if pairs else str
    words = any(row.asks == Asks.CONFIRMED for row in rows)
    return [
        Param("criterion", offered, _("What for"), True, None),
        Param("file", str, _("File"), False, None, (FILE,)),
        Param("said_by", str, _("Who confirmed it"), False, "", quiet=not words),
        Param("on", dt.date, _("Confirmed on"), False, None, quiet=True),
    ]


@action(Deal, _("Hand in a proof"), position=30, icon="file-check", shown=has_proofs_to_give, asks=_asks_for_proof)
def hand_in(
    work: Work,
    deal: Deal,
    *,
    criterion: Annotated[str, _("What for")],
    file: Annotated[Any, FILE, _("File")] = None,
    said_by: Annotated[str, _("Who confirmed it")] = "",
    on: Annotated[dt.date | None, _("Confirmed on")] = None,
) -> Deal:
    """Keep a file or a customer's word that the present stage asks for, before the deal moves on."""
    row = next((row for row in criteria.provable(deal) if str(row.pk) == str(criterion)), None)
    if row is None:
        raise Invalid({"criterion": [gettext("This stage does not ask for it.")]})
    criteria.hand_in(work, deal, row, file=file, said_by=said_by, on=on)
    return deal


@action(Deal, _("Lose"), position=50, icon="thumb-down", shown=is_open)
def lose(
    work: Work,
    deal: Deal,
    *,
    loss_reason: Annotated[LossReason, _("Reason for losing")],
    competitor: Annotated[str, _("Lost to")] = "",
    on: Annotated[dt.date | None, _("Lost on")] = None,
    comment: Annotated[str, _("Comment")] = "",
) -> Deal:
    """Give up a deal and say why."""
    work.change.note = comment
    _enter(deal, stages.losing(deal), on)
    deal.loss_reason = loss_reason
    deal.competitor = competitor or deal.competitor
    work.save(deal)
    return deal


@action(Deal, _("Mark as invalid"), position=60, icon="circle-x", shown=is_open)
def invalidate(work: Work, deal: Deal, *, comment: Annotated[str, _("Comment")] = "") -> Deal:
    """Take a deal that never was one out of all figures."""
    work.change.note = comment
    _enter(deal, stages.invalid(deal), None)
    work.save(deal)
    return deal


@action(Deal, _("Reopen"), position=20, icon="reload", shown=is_ended)
def reopen(work: Work, deal: Deal, *, comment: Annotated[str, _("Comment")] = "") -> Deal:
    """Take a deal up again in the stage it was in before it ended."""
    work.change.note = comment
    if not deal.is_open:
        entries = everything(StageEntry, because="the way a deal took does not depend on who looks")
        last = entries.filter(deal=deal, stage__outcome=Outcome.OPEN, stage__pipeline=deal.pipeline_id)
        entry = last.select_related("stage").order_by("-entered_at", "-pk").first()
        deal.stage = entry.stage if entry else stages.starting(deal)
        work.save(deal)
    return deal


@action(Deal, _("Transfer"), verb="transfer", icon="user-share", bulk=True, position=70)
def transfer(
    work: Work,
    deals: Sequence[Deal],
    *,
    to: Annotated[Person, _("New owner")],
    comment: Annotated[str, _("Comment")] = "",
) -> Sequence[Deal]:
    """Hand deals over with their open tasks; the credit for closed ones stays with who closed them."""
    refuse_leaver(to)
    work.change.note = comment
    _hand_over(work, deals, to)
    return deals


def _hand_over(work: Work, deals: Sequence[Deal], to: Person) -> None:
    previous = {deal.pk: deal.owner_id for deal in deals if deal.owner_id != to.pk}
    for deal in deals:
        if not deal.is_open:
            deal.keep_credit()
        deal.owner = to
    moved = work.save(*deals)
    if moved:
        for func in moves_along:
            func(work, previous, to)
        work.emit("deal.transferred", *moved, to=to.pk)


@along
def hand_over_with_customers(work: Work, previous: Mapping[int, int | None], to: Person) -> None:
    """The previous owner's deals with a customer follow the customer; those of colleagues stay theirs."""
    rows = everything(Deal, because="a customer changes hands with all deals of its owner")
    deals = [deal for deal in rows.filter(customer__in=previous) if deal.owner_id == previous[deal.customer_id]]
    if deals:
        _hand_over(work, deals, to)
