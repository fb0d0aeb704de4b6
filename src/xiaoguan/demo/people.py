"""What is known of fictional customers: who stands how towards us, who reports to whom, needs, habits and groups."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from typing import Any

from xiaoguan.apps.customers.models import Contact, Customer, CustomerFact
from xiaoguan.kit.action import Work

ATTITUDES = ("supports", "neutral", "against", "")
POWERS = {"decides": "high", "blocks": "high", "buys": "medium", "recommends": "medium", "champions": "medium"}
HEADS = ("总经理", "所长", "工程部经理", "采购部经理", "项目负责人", "材料部经理")
"""Who is likely to be above the others of a company, the likeliest first."""

FACTS = (
    ("need", "灯具要求 IP66 以上，沿海项目要做防腐"), ("need", "二期要做智能控制，需要和 BA 系统对接"),
    ("need", "投标要带第三方检测报告和照度计算书"), ("need", "今年主做钢结构厂房，高空灯具要好换"),
    ("preference", "壁灯和洗墙灯要同一色温，偏爱 3000K"), ("preference", "喜欢先看样灯，再谈方案"),
    ("preference", "报价要分系列列明，不看总价"), ("taboo", "不要提去年的退货"), ("taboo", "上班前半小时不接电话"),
    ("equipment", "厂区在用的是老款金卤灯，2019 年装的"), ("equipment", "控制系统用的 DALI"),
    ("budget", "付款习惯：月底报，次月 20 日付"), ("budget", "展厅预算约 25 万"), ("budget", "超过 20 万要走集团招标"),
    ("relationship", "总经理和设计院所长是大学同学"), ("relationship", "采购部经理爱钓鱼，周末常去阳澄湖"),
    ("other", "明年初搬到新厂区"),
)  # fmt: skip


def deepen(
    work: Work, customers: Sequence[Customer], contacts: Mapping[int, list[Contact]], today: dt.date, seed: str
) -> None:
    """Fill in people, facts and groups of one seller's customers; own dice, so that nothing else changes by it."""
    dice = random.Random(seed)
    touched: list[Any] = []
    for people in contacts.values():
        touched += _people(dice, people)
    touched += _groups(dice, customers)
    work.save(*[row for row in touched if isinstance(row, Contact)])
    work.save(*[row for row in touched if isinstance(row, Customer)])
    work.create(
        CustomerFact, [each for row in customers for each in _facts(dice, row, contacts.get(row.pk, []), today)]
    )


def _people(dice: random.Random, people: Sequence[Contact]) -> list[Contact]:
    """Attitude, power and birthday of everybody in one company; whoever sounds like the head is above the rest."""
    head = min(people, key=lambda row: HEADS.index(row.title) if row.title in HEADS else len(HEADS))
    for row in people:
        row.attitude = dice.choices(ATTITUDES, (34, 30, 8, 28))[0]
        row.power = "high" if row is head else POWERS.get(row.role, "low")
        if dice.random() < 0.3:
            row.birthday = dt.date(dice.randint(1968, 1992), dice.randint(1, 12), dice.randint(1, 28))
        elif dice.random() < 0.2:
            row.lunar_birthday = f"{dice.randint(1, 12)}-{dice.randint(1, 29)}"
        if row is not head:
            row.reports_to = head
    return list(people)


def _groups(dice: random.Random, customers: Sequence[Customer]) -> list[Customer]:
    """Here and there two companies belong to a third."""
    count = min(3, len(customers) // 12)
    chosen = dice.sample(list(customers), 3 * count)
    found = []
    for place in range(count):
        top, *rest = chosen[3 * place : 3 * place + 3]
        for row in rest:
            row.parent = top
            found.append(row)
    return found


def _facts(dice: random.Random, customer: Customer, people: Sequence[Contact], today: dt.date) -> list[dict[str, Any]]:
    """None to three things somebody said there."""
    found = []
    for kind, text in dice.sample(FACTS, dice.choices((0, 1, 2, 3), (15, 35, 30, 20))[0]):
        heard = today - dt.timedelta(days=dice.randint(5, 260))
        heard = max(heard, customer.since or heard)
        who = dice.choice(people) if people else None
        found.append(
            {
                "customer": customer,
                "kind": kind,
                "text": text,
                "contact": who,
                "heard_on": heard,
                "verify_by": heard + dt.timedelta(days=180),
            }
        )
    return found
