"""Packages: several bidders for one project are several deals, and pipeline and forecast count them once.

Of the open deals of a project the chosen one counts, else the likeliest, of equals the larger, then the older one.
The answer is stored (`Deal.counts`), so that a sum is still one sum.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.kit.access import everything, may
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut

BECAUSE = "which deal stands for a project does not depend on who looks"
DECIDES = frozenset({"project_id", "status", "probability", "amount", "chosen", "deleted_at"})
"""What decides which deal of a project counts."""


@consequence(Deal)
def count_once(work: Work, deals: Sequence[Deal], fresh: bool) -> None:
    """After every change that matters, exactly one open deal of each project counts."""
    touched: set[int | None] = set()
    for deal in deals:
        if fresh:
            touched.add(deal.project_id)
        elif DECIDES & set(deal.changed_fields()):
            touched |= {deal.project_id, deal._loaded["project_id"]}
    apart = [deal for deal in deals if not deal.counts and (deal.project_id is None or not deal.is_open)]
    settle(work, touched - {None}, [deal.pk for deal in apart])


def settle(work: Work, projects: Collection[int | None], apart: Collection[int] = ()) -> None:
    """Derive what counts: for projects among their open deals; deals that are `apart` count by themselves."""
    changed = []
    if apart:
        for deal in everything(Deal, because=BECAUSE).filter(pk__in=apart, counts=False):
            deal.counts = True
            changed.append(deal)
    best: dict[int, Deal] = {}
    rows = everything(Deal, because=BECAUSE).filter(project__in=projects, status=Status.OPEN) if projects else []
    found = list(rows)
    for deal in found:
        first = best.get(deal.project_id)
        if first is None or _rank(deal) > _rank(first):
            best[deal.project_id] = deal
    for deal in found:
        counts = best[deal.project_id].pk == deal.pk
        if deal.counts != counts:
            deal.counts = counts
            changed.append(deal)
    work.derive(*changed)


def _rank(deal: Deal) -> tuple[bool, int, int, int]:
    return deal.chosen, deal.probability or 0, deal.amount or 0, -deal.pk


def is_bid(deal: Deal) -> bool:
    """Whether a deal is an open one of a project and not the one chosen already."""
    return deal.project_id is not None and deal.is_open and not deal.chosen


@action(Deal, _("Count this one"), name="choose", icon="target", shown=is_bid, position=75)
def choose(work: Work, deal: Deal) -> Deal:
    """Let this deal stand for its project in pipeline and forecast, instead of the likeliest one."""
    others = everything(Deal, because=BECAUSE).filter(project=deal.project_id, chosen=True).exclude(pk=deal.pk)
    former = list(others) if deal.project_id else []
    if not all(may(work.actor, "change", other) for other in former):
        raise Refusal(
            gettext("Another deal stands for this project"),
            gettext("It was chosen already, and it is not yours to change."),
            code="deal.chosen",
            rule=gettext("One deal of a project counts; whoever may change both chooses between them."),
            ways_out=[
                WayOut(
                    gettext("Ask the manager"), url=f"{Entity.of(Deal).url('detail', deal)}?tab=comments",
                    hint=gettext("Name them with an @ in a comment."), icon="message-2",
                )
            ],
        )  # fmt: skip
    for other in former:
        other.chosen = False
    deal.chosen = deal.project_id is not None
    work.save(*former)
    work.save(deal)
    return deal


def bids(deal: Deal) -> list[Deal]:
    """The open deals of a deal's project, the one that counts first."""
    if deal.project_id is None:
        return []
    rows = everything(Deal, because=BECAUSE).filter(project=deal.project_id, status=Status.OPEN)
    return sorted(rows.select_related("customer"), key=lambda each: (not each.counts, -each.pk))
