"""Reads about deals that join or add up, for an actor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, Stage, StageEntry, Status, Way
from xiaoguan.kit import clock, feed, memo
from xiaoguan.kit.access import everything, visible


@dataclass(frozen=True)
class Standing:
    """What a customer means in deals, as far as one actor sees them; fen."""

    open_count: int
    open_amount: int
    won_count: int
    won_amount: int
    won_from: dt.date


def standing(customer: Customer, actor: Any) -> Standing:
    """Open deals now and deals won within the last twelve months of one customer; asked once for an instance of it."""
    known: dict[int, Standing] = customer.__dict__.setdefault("_standing", {})
    if actor.pk not in known:
        known[actor.pk] = _standing(customer.pk, actor)
    return known[actor.pk]


def _standing(customer_id: int, actor: Any) -> Standing:
    today = clock.today()
    since = today.replace(year=today.year - 1) if (today.month, today.day) != (2, 29) else dt.date(today.year - 1, 3, 1)
    still, won = Q(status=Status.OPEN), Q(status=Status.WON, won_on__gt=since)
    found = visible(Deal, actor).filter(customer=customer_id).aggregate(
        open_count=Count("pk", filter=still),
        open_amount=Coalesce(Sum("amount", filter=still), 0),
        won_count=Count("pk", filter=won),
        won_amount=Coalesce(Sum("amount", filter=won), 0),
    )  # fmt: skip
    return Standing(**found, won_from=since + dt.timedelta(days=1))


def won_of(ids: Sequence[int], actor: Any) -> dict[int, int]:
    """What was ever won from some customers, by customer, in fen; customers without any are absent."""
    rows = visible(Deal, actor).filter(customer__in=ids, status=Status.WON).order_by()
    return dict(rows.values_list("customer").annotate(total=Coalesce(Sum("amount"), 0)))


def open_of(ids: Sequence[int], actor: Any) -> dict[int, int]:
    """What the open deals of some customers come to, by customer, in fen."""
    rows = visible(Deal, actor).filter(customer__in=ids, status=Status.OPEN).order_by()
    return dict(rows.values_list("customer").annotate(total=Coalesce(Sum("amount"), 0)))


def stages() -> Sequence[Stage]:
    """Every stage of every pipeline in order, remembered until one is changed."""
    token = feed.version("opportunities.stage", "opportunities.pipeline")
    return memo.remember("opportunities.stages", token, _load_stages)


def _load_stages() -> Sequence[Stage]:
    rows = everything(Stage, because="the process is the same for everybody")
    return list(rows.order_by("pipeline__position", "pipeline", "position", "pk"))


def usual_days() -> dict[int, int]:
    """How long a deal usually stays in each open stage that says so."""
    return {stage.pk: stage.expected_days for stage in stages() if stage.is_open and stage.expected_days is not None}


def path(deal: Deal) -> list[tuple[Stage, int | None]]:
    """The stages a deal passes, with the days it spent in each one so far; an end that isn't won comes last."""
    spent: dict[int, int] = {}
    rows = everything(StageEntry, because="whoever sees a deal sees the way it took").filter(deal=deal)
    for stage_id, entered, left in rows.values_list("stage_id", "entered_on", "left_on"):
        spent[stage_id] = spent.get(stage_id, 0) + ((left or clock.today()) - entered).days
    own = [stage for stage in stages() if stage.pipeline_id == deal.pipeline_id]
    shown = [stage for stage in own if stage.is_open or stage.wins or stage.pk == deal.stage_id]
    return [(stage, spent.get(stage.pk)) for stage in shown]


def left_by(came: int, to: int, days: int) -> dict[str, Any]:
    """How a stay ends when a deal goes from one stage to another after so many days, as the history keeps it."""
    known = {stage.pk: (at, stage) for at, stage in enumerate(stages())}
    if came not in known or to not in known:
        return {"next_stage_id": to, "way": Way.ON, "late": False}
    (at, before), (then, after) = known[came], known[to]
    usual = before.expected_days
    late = before.is_open and usual is not None and days > usual
    if not (after.is_open or after.wins):
        way = Way.END
    elif after.is_open and then < at:
        way = Way.BACK
    else:
        between = [stage for stage in stages()[at + 1 : then] if stage.is_open]
        way = Way.SKIP if between and before.is_open else Way.ON
    return {"next_stage_id": to, "way": way, "late": late}
