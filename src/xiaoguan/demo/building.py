"""From plan to records: one person's book after another, every row through an action."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass

from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.demo import (
    abroad,
    aims,
    billing,
    book,
    forecasting,
    leading,
    leaving,
    markets,
    measures,
    offers,
    pooling,
    sites,
    spending,
    staff,
    teamwork,
    voices,
)
from xiaoguan.demo.customers import Namer, Place, customer_values
from xiaoguan.demo.plan import Planner
from xiaoguan.demo.words import KINDS
from xiaoguan.kit import clock

MONTHS = 24


@dataclass(frozen=True)
class Size:
    """How much a size holds: customers in all, deals closed per seller and average month, open deals per seller."""

    customers: int
    closed: float
    open: float
    talks: bool


SIZES = {
    "small": Size(600, 1.26, 4.6, True),
    "medium": Size(20_000, 105.0, 220.0, False),
    "large": Size(1_000_000, 105.0, 220.0, False),
}


def build(size: str, seed: int, until: dt.date | None, report: Callable[[str], None]) -> None:
    """Build the company; deterministic in size, seed and last day."""
    shape = SIZES[size]
    today = until or clock.today()
    moment = clock.now() if until in (None, clock.today()) else _evening(until)
    first = _months_before(today, MONTHS - 1)
    with clock.at(moment):
        people = staff.hire(first, today)
        report(f"{len(people.sellers)} 名销售工程师，{len(people.managers)} 个团队")
        shelf = book.Shelf.fill(people)
        chance = random.Random(seed)
        planner = Planner(chance, working_calendar(), first, today)
        namer = Namer(chance)
        results = {}
        for place, seller in enumerate(people.sellers):
            skill = _skill(chance, place)
            since = people.joined[seller.pk]
            results[seller.pk] = skill
            _one_book(shelf, planner, namer, seller, skill, since, shape, len(people.sellers))
        report(f"{shelf.counts['customers']} 个客户，{shelf.counts['deals']} 个商机，{shelf.counts['receipts']} 笔回款")
        count = offers.put(people, seed, today)
        report(f"{count} 份报价，有草稿、在审批的、已发出的")
        billing.plan_all(people.finance, today, seed)
        report(f"每份合同都有回款计划，{billing.waive_some(people.finance, today)} 期在申请免收")
        spending.spend(people.sellers, today, seed)
        with clock.at(_evening(first)):  # customers lie where they lie from the beginning: a cut leaves the past alone
            count = markets.draw(people, first)
        report(f"{count} 个区域")
        aims.set_targets(people, results, first, today)
        report("目标已分解到公司、区域、团队、个人的每个月")
        aims.plan_next_year(people, results, today)
        report("明年的目标在谈：一份提报等确认，一份还价等答复，超分配 5%")
        report(f"{sites.build(people, seed, today)} 个项目，大多已报备")
        pooling.fill(people, small=shape.talks)
        report(f"{pooling.PoolEntry.objects.filter(left_on=None).count()} 个客户在公海")
        leading.fill(people, seed)
        report(f"{leading.COUNT} 条线索")
        report(f"{abroad.trade(people, today)} 个外币商机，汇率按季度")
        if shape.talks:
            teamwork.furnish(people, seed, today)
            report("商机有团队、参与方和标准动作")
            report(f"{leaving.hand_over(people, today)} 个客户已交接，一份交接单在等签字")
        report(f"从已关闭商机学了赢率，{forecasting.learn()} 个月的预测可以对照")
        report(f"{voices.speak(people, today, seed)} 条客户反馈")
        report(f"{measures.markets(people, today)} 个市场有规模和目标份额")
        report(f"每晚统计的数据质量等有 {measures.nights(today, all_months=shape.talks)} 个值")


def _evening(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(17, 30), tzinfo=clock.zone())


def _months_before(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 - months
    return dt.date(index // 12, index % 12 + 1, 1)


def _skill(chance: random.Random, place: int) -> float:
    """Nine sellers of a team from the best to the one who struggles, a little shuffled."""
    ladder = (1.45, 1.25, 1.15, 1.05, 1.0, 0.92, 0.95, 0.7, 0.55)
    return ladder[place % 9] * chance.uniform(0.92, 1.08)


def _one_book(
    shelf: book.Shelf,
    planner: Planner,
    namer: Namer,
    seller: Person,
    skill: float,
    since: dt.date,
    shape: Size,
    sellers: int,
) -> None:
    """Customers, deals, money and talks of one seller."""
    chance = planner.chance
    share = max(4, round(shape.customers / sellers))
    home = chance.choice(range(4))
    kinds = chance.choices(list(KINDS), [KINDS[kind][0] for kind in KINDS], k=share)
    values = [customer_values(namer, chance, kind, Place.draw(chance, home), seller) for kind in kinds]
    wins = planner.closing_days(skill, since, shape.closed * 0.58)
    losses = planner.closing_days(1.0, since, shape.closed * 0.42)
    scale = 0.85 + 0.3 * skill
    shown = seller.name == staff.SHOWN
    if shown:
        wins = [day for day in wins if day < planner.today.replace(day=1)]
    deals = [planner.won(day, scale) for day in wins] + [planner.lost(day, scale) for day in losses]
    deals += [planner.open(scale) for _n in range(max(2, round(shape.open * chance.uniform(0.8, 1.2))))]
    if shown:
        deals += [planner.won(day, 0.32) for day in planner.recent_days(2)]
        deals += [planner.open(scale * 0.6) for _n in range(6)]
    deals.sort(key=lambda deal: (deal.opened, deal.amount))
    shelf.keep(seller, values, deals, planner, since, talks=shape.talks)
