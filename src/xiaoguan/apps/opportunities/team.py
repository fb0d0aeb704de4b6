"""What the team of a deal brings about: shared credit on the day of each fact, and the sight of the deal.

A split holds from its first to its last day; what happened on a day is shared by the splits of that day, so a change
from today on leaves the past alone. Only who stands above the owner gives splits that reach back before this month.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext

from xiaoguan.apps.opportunities.gates import leads
from xiaoguan.apps.opportunities.models import Deal, DealMember
from xiaoguan.calc.dated import DAY, holds, overlapping, peak
from xiaoguan.kit import access, clock, fact, render
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid, Refusal, WayOut
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models import Collaborator
from xiaoguan.kit.models.collaborator import Level

BY_TEAM = "team"
"""Marks a collaborator who is one as long as he is in the team."""
BECAUSE = "who shares a deal does not depend on who looks"

Booked = Callable[[Collection[int]], Iterable[Sequence[Any]]]
booked: list[Booked] = []
"""What higher apps book on deals and share by their splits: deal ids → rows, of one model at a time."""


def books(func: Booked) -> Booked:
    """Register rows whose credit follows the splits of their deal."""
    booked.append(func)
    return func


def splits_of(pairs: Iterable[tuple[int, int | None, dt.date | None]]) -> dict[int, dict[int, int]]:
    """(row id, deal id, day) → row id → person id → rate, of rows whose deal has a team with splits on that day."""
    known = [(row, deal, day) for row, deal, day in pairs if deal is not None and day is not None]
    if not known:
        return {}
    members: dict[int, list[Any]] = defaultdict(list)
    rows = everything(DealMember, because=BECAUSE).filter(deal__in={deal for _row, deal, _day in known}, split__gt=0)
    for member in rows.values_list("deal_id", "person_id", "start", "end", "split", named=True):
        members[member.deal_id].append(member)
    found: dict[int, dict[int, int]] = {}
    for row, deal, day in known:
        for member in members.get(deal, ()):
            if holds(member.start, member.end, day):
                shares = found.setdefault(row, {})
                shares[member.person_id] = shares.get(member.person_id, 0) + member.split
    return found


@fact.shared(Deal)
def share_deals(deals: Sequence[Deal], on: str) -> Mapping[int, Mapping[int, int]]:
    """The facts of a deal are shared by its team; deals without one are not asked about."""
    return splits_of((deal.pk, deal.pk, getattr(deal, on)) for deal in deals if deal.team)


def people_by_part(deals: Collection[int], day: dt.date) -> dict[tuple[int, str], int]:
    """(deal, part) → who has that part on a day; of several the one who has it longest."""
    rows = everything(DealMember, because=BECAUSE).filter(deal__in=deals).order_by("start", "pk")
    found: dict[tuple[int, str], int] = {}
    for member in rows:
        if holds(member.start, member.end, day):
            found.setdefault((member.deal_id, member.part), member.person_id)
    return found


# What follows ---------------------------------------------------------------------------------------------------------


def _deals(rows: Sequence[DealMember], fresh: bool) -> list[Deal]:
    ids = {row.deal_id for row in rows} | {row._loaded["deal_id"] for row in rows if not fresh}
    return list(everything(Deal, because=BECAUSE).filter(pk__in=ids))


@consequence(DealMember)
def keep_whole(work: Work, rows: Sequence[DealMember], fresh: bool) -> None:
    """Splits never pass the whole on any day, and nobody has two of them on one day."""
    if work.reverting:
        return
    ids = {row.deal_id for row in rows}
    by_deal: dict[int, list[DealMember]] = defaultdict(list)
    for member in everything(DealMember, because=BECAUSE).filter(deal__in=ids).order_by("start", "pk"):
        by_deal[member.deal_id].append(member)
    for members in by_deal.values():
        day, total = peak([(each.start, each.end, each.split) for each in members])
        if total > RATE_ONE:
            words = gettext("The splits add up to %(sum)s on %(day)s; together they are %(whole)s at most.")
            told = {"sum": render.percent(total), "whole": render.percent(RATE_ONE)}
            raise Invalid({"split": [words % (told | {"day": render.day_edit(day or clock.today())})]})
        for person in {each.person_id for each in members}:
            if overlapping((each.start, each.end) for each in members if each.person_id == person):
                raise Invalid({"person": [gettext("This person has a part in the deal at that time already.")]})


@consequence(DealMember)
def share_credit(work: Work, rows: Sequence[DealMember], fresh: bool) -> None:
    """The credits of the deal, and of what is booked on it, follow the splits of their days."""
    deals = _deals(rows, fresh)
    counts = dict(
        everything(DealMember, because=BECAUSE)
        .filter(deal__in=[deal.pk for deal in deals])
        .order_by()
        .values_list("deal")
        .annotate(n=models.Count("pk"))
    )
    for deal in deals:
        deal.team = counts.get(deal.pk, 0) > 0
    work.derive(*deals)
    if not deals:
        return
    fact.write_credits(deals, fresh=False)
    work.stir(Entity.of(Deal).name, [deal.pk for deal in deals])
    for give in booked:
        for records in give([deal.pk for deal in deals]):
            if records:
                fact.write_credits(records, fresh=False)
                work.stir(records[0]._meta.label_lower, [record.pk for record in records])


@consequence(DealMember)
def open_deal(work: Work, rows: Sequence[DealMember], fresh: bool) -> None:
    """Members see the deal as collaborators as long as their part lasts; what was shared by hand stays as it is."""
    if work.reverting:
        return
    pairs = {(row.deal_id, row.person_id) for row in rows}
    pairs |= {(row._loaded["deal_id"], row._loaded["person_id"]) for row in rows if not fresh}
    deals = {deal for deal, _person in pairs}
    held = {
        (each.object_id, each.person_id): each
        for each in Collaborator.objects.filter(
            about=Entity.of(Deal).name, object_id__in=deals, deleted_at__isnull=True
        )
    }
    members: dict[tuple[int, int], list[DealMember]] = defaultdict(list)
    for row in everything(DealMember, because=BECAUSE).filter(deal__in=deals).select_related("person", "deal"):
        members[row.deal_id, row.person_id].append(row)
    for pair in sorted(pairs):
        _open_for(work, held.get(pair), members[pair])


def _open_for(work: Work, held: Collaborator | None, parts: Sequence[DealMember]) -> None:
    """Let one person in until the last day of his parts, or out where there is none left."""
    if held is not None and not held.extra.get(BY_TEAM):
        return
    if not parts:
        if held is not None:
            work.remove(held)
        return
    until = None if any(each.end is None for each in parts) else max(each.end for each in parts)
    if held is not None:
        held.until = until
        work.save(held)
        return
    deal, person = parts[0].deal, parts[0].person
    if person.pk == deal.owner_id or not person.is_active:
        return
    scope = access.grants(person).scope(Entity.of(Deal).name, "change")
    level = Level.EDIT if scope != "none" else Level.READ
    values = {"about": Entity.of(Deal).name, "object_id": deal.pk, "person": person, "level": level, "until": until}
    work.create(Collaborator, values | {"extra": {BY_TEAM: True}})


# What is not rewritten ------------------------------------------------------------------------------------------------


def _first_touched(row: DealMember, *, gone: bool) -> dt.date | None:
    """The first day on which a change of a member changes who has what."""
    was = row._loaded
    if gone or was["person_id"] != row.person_id or was["split"] != row.split or was["deal_id"] != row.deal_id:
        return min(was["start"], row.start or was["start"])
    found = [] if was["start"] == row.start else [min(was["start"], row.start or clock.today())]
    ends = [each for each in (was["end"], row.end) if each is not None]
    if was["end"] != row.end and ends:
        found.append(min(ends) + DAY)
    return min(found, default=None)


def _refuse_past(actor: Any, deal: Deal, day: dt.date | None) -> None:
    """Raise a Refusal for shares that reach into closed months, unless somebody above the owner gives them."""
    month = clock.today().replace(day=1)
    if day is None or day >= month or leads(deal, actor):
        return
    raise Refusal(
        gettext("The team can't be changed for the past"),
        gettext("From %(day)s on it would change figures of months that are over.") % {"day": render.day_edit(day)},
        code="deal.team_past",
        rule=gettext("Shares that reach back before this month are given by a manager of the owner."),
        ways_out=[
            WayOut(gettext("Begin with the first of this month"), hint=render.day_edit(month), icon="calendar"),
            WayOut(
                gettext("Ask the manager"), url=f"{Entity.of(Deal).url('detail', deal)}?tab=comments",
                hint=gettext("Name them with an @ in a comment."), icon="message-2",
            ),
        ],
    )  # fmt: skip


@consequence(DealMember)
def keep_past(work: Work, rows: Sequence[DealMember], fresh: bool) -> None:
    """However a share is written, it reaches into months that are over only where it may."""
    if work.source == "demo" or work.reverting:
        return
    for row in rows:
        gone = not fresh and "deleted_at" in row.changed_fields()
        _refuse_past(work.actor, row.deal, row.start if fresh else _first_touched(row, gone=gone))
