"""Two public pools with their rules, customers that wait in them, and some that were claimed again."""

from __future__ import annotations

import datetime as dt

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.pools import standing
from xiaoguan.apps.pools.actions import claim, give_back, spare
from xiaoguan.apps.pools.models import Holding, Pool, PoolEntry, PoolRule
from xiaoguan.demo.staff import Staff
from xiaoguan.kit import clock
from xiaoguan.kit.action import create

REASONS = (
    "半年没有新项目，联系人也换了", "主要做住宅，和我们的产品不对口", "离得太远，顾不过来", "已和别家签了年度协议",
    "电话一直打不通", "采购权收回总部，本地谈不动",
)  # fmt: skip
SPREAD = {"A": 47, "B": 62}
"""Days over which the holdings of a tier are spread."""
EACH = 2
"""So many customers a seller gives back; every other seller does."""


def fill(people: Staff, *, small: bool) -> None:
    """Set the pools up, let some sellers give customers back, and their colleagues claim a few."""
    wide = {"name": "公司公海", "position": 20, "claims_per_day": 5, "cool_down_days": 30, "person_cap": 300}
    tiger = {
        "name": "虎队公海", "team": people.managers[1].unit, "position": 10, "claims_per_day": 3, "cool_down_days": 15,
        "person_cap": 60, "counted_tiers": "AB",
    }  # fmt: skip
    first, _second = create(Pool, [wide, tiger], actor=people.system, source="demo")
    told = {"actor": people.system, "source": "demo"}
    rules = [
        {"trigger": "contact", "days": 45, "warn_days": 10, "tier": "A", "position": 10},
        {"trigger": "contact", "days": 60, "warn_days": 10, "tier": "B", "position": 20},
        {"trigger": "win", "days": 400, "warn_days": 14, "pool": first, "position": 30},
    ]
    create(PoolRule, rules, **told)
    if small:
        _since_a_while()
        _change_hands(people)
        standing.rebuild()


def _since_a_while() -> None:
    """The history is written in one day; some owners have had their customers a little longer than allowed."""
    today, found = clock.today(), []
    for held in Holding.objects.select_related("customer").order_by("pk"):
        days = held.customer_id * 37 % SPREAD.get(held.customer.tier, 30)
        held.since = max(today - dt.timedelta(days=days), held.customer.since or today)
        found.append(held)
    Holding.objects.bulk_update(found, ["since"], batch_size=500)


def _change_hands(people: Staff) -> None:
    moment = clock.now()
    busy = Deal._default_manager.filter(status="open", customer__isnull=False).values("customer")
    free = Customer._default_manager.filter(deleted_at__isnull=True).exclude(pk__in=busy)
    given = 0
    for place, seller in enumerate(people.sellers[::2]):
        mine = list(free.filter(owner=seller).order_by("last_contact_on", "pk")[:EACH])
        for held in mine:
            with clock.at(moment - dt.timedelta(days=3 + given % 40)):
                give_back(held, actor=seller, source="demo", reason=REASONS[given % len(REASONS)])
            given += 1
        kept = free.filter(owner=seller).order_by("-last_contact_on", "pk").first()
        if place % 6 == 0 and kept is not None:
            spare(kept, actor=people.director, source="demo", reason="等年底招标，勿收回")
    waiting = PoolEntry.objects.filter(left_on__isnull=True).select_related("pool").order_by("entered_on", "pk")
    takers = people.sellers[1::2]
    for place, entry in enumerate(list(waiting[:6])):
        taker = next(each for each in takers[place:] + takers if entry.pool.team_id in (None, each.unit_id))
        with clock.at(moment - dt.timedelta(days=place)):
            claim(entry, actor=taker, source="demo")
