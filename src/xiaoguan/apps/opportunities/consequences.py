"""What a saved deal or deal line brings about in the same transaction: the history of stages, the sum of lines."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.opportunities.models import Deal, DealLine, StageEntry, Status
from xiaoguan.apps.opportunities.queries import left_by
from xiaoguan.kit import clock, event, render
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.errors import Invalid

event.declare("deal.moved", _("A deal went to another stage"))
event.declare("deal.won", _("A deal was won"))
event.declare("deal.lost", _("A deal was lost"))
event.declare("deal.reopened", _("A deal was taken up again"))

RECORDED = frozenset({"import", "demo"})
"""Sources that bring in what happened long ago: nobody can be asked for a reason any more."""


def _moment(day: dt.date, now: dt.datetime) -> dt.datetime:
    """The moment a stage was entered: now for today, else the first moment of that day."""
    if day == clock.local(now).date():
        return now
    return dt.datetime.combine(day, dt.time.min, tzinfo=clock.zone()).astimezone(dt.UTC)


@consequence(Deal)
def keep_history(work: Work, deals: Sequence[Deal], fresh: bool) -> None:
    """Every change of stage ends one stay and begins the next at the same moment."""
    if fresh:
        work.create(StageEntry, [_entry(deal, _moment(deal.stage_since, work.now)) for deal in deals])
        _announce(work, [(None, deal) for deal in deals])
        return
    moved = [deal for deal in deals if "stage_id" in deal.changed_fields()]
    if not moved:
        return
    _ask_reason(work, moved)
    rows = everything(StageEntry, because="the way a deal took does not depend on who looks")
    left = {entry.deal_id: entry for entry in rows.filter(deal__in=moved, left_on__isnull=True)}
    fresh_entries = []
    for deal in moved:
        moment = _moment(deal.stage_since, work.now)
        if deal.pk in left:
            entry = left[deal.pk]
            moment = max(moment, entry.entered_at)
            entry.left_at, entry.left_on = moment, max(deal.stage_since, entry.entered_on)
            entry.credited_id = deal._loaded["credited_id"]  # who had it until then, should it be handed over as well
            days = (entry.left_on - entry.entered_on).days
            for name, value in left_by(entry.stage_id, deal.stage_id, days).items():
                setattr(entry, name, value)
        fresh_entries.append(_entry(deal, moment))
    work.save(*left.values())
    work.create(StageEntry, fresh_entries)
    _announce(work, [(deal._loaded["status"], deal) for deal in moved])


@consequence(Deal)
def follow_deleted(work: Work, deals: Sequence[Deal], fresh: bool) -> None:
    """The way a deal took goes to the recycle bin with it and comes back with it."""
    if fresh:
        return
    changed = [deal for deal in deals if "deleted_at" in deal.changed_fields()]
    gone = [deal.pk for deal in changed if deal.deleted_at is not None]
    back = {deal.pk: deal._loaded["deleted_at"] for deal in changed if deal.deleted_at is None}
    if gone:
        rows = everything(StageEntry, because="the way a deal took goes where the deal goes")
        work.remove(*rows.filter(deal__in=gone))
    if back:
        rows = StageEntry._default_manager.filter(deal__in=back, deleted_at__in=set(back.values()))
        work.restore(*[entry for entry in rows if entry.deleted_at == back[entry.deal_id]])


def _entry(deal: Deal, moment: dt.datetime) -> dict[str, object]:
    return {"deal": deal, "stage_id": deal.stage_id, "entered_at": moment, "entered_on": deal.stage_since}


def _ask_reason(work: Work, moved: Sequence[Deal]) -> None:
    """A loss is told with its reason, so that it can be learned from."""
    if work.source in RECORDED or work.reverting:
        return
    if any(deal.status == Status.LOST and deal.loss_reason_id is None for deal in moved):
        raise Invalid({"loss_reason": [gettext("Say why the deal was lost.")]})


def _announce(work: Work, changes: Sequence[tuple[str | None, Deal]]) -> None:
    """Tell others: that deals moved, and what became of them."""
    told: dict[str, list[Deal]] = defaultdict(list)
    for before, deal in changes:
        if before is not None:
            told["deal.moved"].append(deal)
        if deal.status == before:
            continue
        if deal.status == Status.WON:
            told["deal.won"].append(deal)
        elif deal.status == Status.LOST:
            told["deal.lost"].append(deal)
        elif before is not None and deal.status == Status.OPEN:
            told["deal.reopened"].append(deal)
    for name, rows in told.items():
        work.emit(name, *rows, source=work.source)


@consequence(Deal)
def hold_sum(work: Work, deals: Sequence[Deal], fresh: bool) -> None:
    """Where a deal has lines, nobody types another amount."""
    if fresh or work.reverting:
        return
    touched = {deal.pk: deal for deal in deals if "amount" in deal.changed_fields()}
    for pk, lines in _lines_of(touched).items():
        total = sum(line.amount for line in lines)
        if touched[pk].amount != total:
            text = gettext("The products add up to %(sum)s; change them, and the amount follows.")
            raise Invalid({"amount": [text % {"sum": render.money_text(total)}]})


@consequence(DealLine)
def add_up(work: Work, lines: Sequence[DealLine], fresh: bool) -> None:
    """The amount of a deal is the sum of its lines, its main product the one that brings most."""
    ids = {line.deal_id for line in lines} | {line._loaded["deal_id"] for line in lines if not fresh}
    found = _lines_of(ids)
    deals = list(everything(Deal, because="a sum does not depend on who looks").filter(pk__in=found))
    for deal in deals:
        deal.amount = sum(line.amount for line in found[deal.pk])
        deal.product_id = max(found[deal.pk], key=lambda line: (line.amount, -line.pk)).product_id
    work.save(*deals)


def _lines_of(ids: Collection[int]) -> dict[int, list[DealLine]]:
    found: dict[int, list[DealLine]] = defaultdict(list)
    if ids:
        rows = everything(DealLine, because="a sum does not depend on who looks")
        for line in rows.filter(deal__in=ids).only("deal_id", "amount", "product_id"):
            found[line.deal_id].append(line)
    return found
