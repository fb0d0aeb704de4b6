"""A ruling on a project gives the other side its share: in the deals of whoever got the project, from that day on.

The share is a part in the deal's team like any other, marked with its ruling. An appeal that is ruled otherwise takes
it back; a deal that comes to the project later gets it too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext

from xiaoguan.apps.opportunities.models import Deal, DealMember, Status
from xiaoguan.apps.opportunities.models.member import Part
from xiaoguan.apps.projects.models import Ruling
from xiaoguan.apps.projects.models.conflict import Case, Side
from xiaoguan.calc.dated import DAY, holds
from xiaoguan.kit import clock, render
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.fields import RATE_ONE

BECAUSE = "a ruling holds whoever looks after the deal"
BY_RULING = "ruling"
"""Marks a part with the id of its ruling; `INSTEAD` with the part it took the place of."""
INSTEAD = "instead"


@consequence(Ruling)
def share_what_is_ruled(work: Work, rows: Sequence[Ruling], fresh: bool) -> None:
    """The deals of whoever got the project share with the other side, and an earlier ruling's share ends."""
    if not fresh or work.reverting:
        return
    for ruling in rows:
        before = ruling.conflict.rulings.filter(level__lt=ruling.level).order_by("-level").first()
        if before is not None:
            if (before.awarded, before.share) == (ruling.awarded, ruling.share):
                continue  # what was shared stays as it was given
            _take_back(work, before)
        winner = ruling.conflict.side(ruling.awarded)
        deals = everything(Deal, because=BECAUSE).filter(project=winner.project_id, owner=winner.owner_id)
        give(work, ruling, deals.filter(status=Status.OPEN))


@consequence(Deal)
def share_what_was_ruled(work: Work, deals: Sequence[Deal], fresh: bool) -> None:
    """A deal that comes to a project that was ruled on shares from today."""
    if work.reverting:
        return
    came = [row for row in deals if row.project_id and (fresh or "project_id" in _names(row))]
    came = [row for row in came if row.status == Status.OPEN]
    if not came:
        return
    projects = {row.project_id for row in came}
    rulings = Ruling.objects.filter(conflict__status__in=(Case.RULED, Case.FINAL), share__gt=0)
    for side in Side:
        found = rulings.filter(awarded=side, **{f"conflict__{side.value}__project__in": projects})
        for ruling in found.select_related("conflict__first", "conflict__second").order_by("pk"):
            winner = ruling.conflict.side(ruling.awarded)
            if ruling.conflict.rulings.filter(level__gt=ruling.level).exists():
                continue
            mine = [row for row in came if (row.project_id, row.owner_id) == (winner.project_id, winner.owner_id)]
            give(work, ruling, mine)


def _names(row: Deal) -> set[str]:
    return {f"{name.removesuffix('_id')}_id" for name in row.changed_fields()}


def give(work: Work, ruling: Ruling, deals: Iterable[Deal]) -> None:
    """Give the other side of a ruling its share of some deals from today; raises Invalid where too little is free."""
    loser = ruling.conflict.side(Side.SECOND if ruling.awarded == Side.FIRST else Side.FIRST)
    if not ruling.share or loser.owner_id is None:
        return
    today = clock.today()
    for deal in deals:
        members = [
            each
            for each in everything(DealMember, because=BECAUSE).filter(deal=deal)
            if each.end is None or each.end >= today
        ]
        if deal.owner_id == loser.owner_id or any(BY_RULING in each.extra for each in members):
            continue
        _check_room(deal, ruling.share, [each for each in members if each.person_id != loser.owner_id], today)
        mine = next((each for each in members if each.person_id == loser.owner_id), None)
        values = {"deal": deal, "person_id": loser.owner_id, "part": Part.SUPPORT, "split": ruling.share}
        mark = {BY_RULING: ruling.pk}
        if mine is not None:
            values["part"], values["split"] = mine.part, max(mine.split, ruling.share)
            mark |= {INSTEAD: mine.pk, "end": mine.end.isoformat() if mine.end else ""}
            _end(work, mine, today)
        work.create(DealMember, values | {"start": today, "extra": mark})


def _check_room(deal: Deal, share: int, others: Iterable[DealMember], today: dt.date) -> None:
    taken = sum(each.split for each in others if holds(each.start, each.end, today))
    if taken + share > RATE_ONE:
        words = gettext("In the deal %(deal)s only %(rest)s is free; change its team first or give a smaller share.")
        raise Invalid({"share": [words % {"deal": deal.name, "rest": render.percent(RATE_ONE - taken)}]})


def _end(work: Work, member: DealMember, today: dt.date) -> None:
    """A part ends yesterday; one that begins today or later never was."""
    if member.start is not None and member.start >= today:
        work.remove(member)
    else:
        member.end = today - DAY
        work.save(member)


def _take_back(work: Work, ruling: Ruling) -> None:
    """The parts that a ruling gave are gone, and those they took the place of go on as before."""
    rows = everything(DealMember, because=BECAUSE).filter(extra__ruling=ruling.pk)
    for member in list(rows):
        work.remove(member)
        if instead := member.extra.get(INSTEAD):
            old = DealMember._base_manager.get(pk=instead)
            old.end = dt.date.fromisoformat(member.extra["end"]) if member.extra["end"] else None
            old.deleted_at = None
            work.save(old)
