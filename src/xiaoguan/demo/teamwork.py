"""The sales process of the demonstration: standard actions, teams on deals, who takes part, bids for one project."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal, DealMember, DealParty, Duty, Stage
from xiaoguan.apps.projects.models import Project
from xiaoguan.demo.staff import Staff
from xiaoguan.kit.action import create, update_each

DUTIES = (
    ("prospecting", "首次拜访，问清项目进度", "visit", "owner", 120),
    ("needs", "现场勘察并拍照", "visit", "technical", 120),
    ("needs", "确认预算和决策流程", "call", "owner", 72),
    ("solution", "照度计算与灯具选型", "todo", "technical", 96),
    ("solution", "向设计院汇报方案", "meeting", "owner", 168),
    ("contracting", "合同条款评审", "todo", "manager", 48),
)
"""Stage, what is done, how, by whom, hours allowed."""
SITES = ("临港智造产业园三期", "澄湖文旅小镇", "高铁新城综合枢纽", "阳澄生命科学园", "吴淞江滨水步道", "花桥总部基地")
SIDES = ("designer", "general", "owner", "competitor")
STANCES = ("supports", "supports", "neutral", "neutral", "against")
SHARES = (20_000, 30_000, 40_000, 25_000)


def furnish(people: Staff, seed: int, today: dt.date) -> None:
    """Add what makes a process of the deals that are there; every row through an action."""
    chance = random.Random(seed * 31 + 7)
    _standards(people)
    found = list(
        Deal.objects.filter(status="open", customer__isnull=False).select_related("customer", "owner").order_by("pk")
    )
    chance.shuffle(found)
    _teams(people, chance, found[:24], today)
    _parties(chance, found[:40])
    _packages(people, chance, found[40:])


def _standards(people: Staff) -> None:
    stages = {stage.code: stage for stage in Stage.objects.all()}
    values = [
        {"stage": stages[stage], "title": title, "manner": manner, "doer": doer, "hours": hours}
        for stage, title, manner, doer, hours in DUTIES
    ]
    create(Duty, values, actor=people.director, source="demo")


def _teams(people: Staff, chance: random.Random, deals: Sequence[Deal], today: dt.date) -> None:
    """A colleague with a share, now and then a second one without."""
    for deal in deals:
        others = [each for each in people.sellers if each.pk != deal.owner_id and each.unit_id == deal.unit_id]
        chosen = chance.sample(others, 2 if chance.random() < 0.4 else 1)
        values = [
            {
                "deal": deal,
                "person": person,
                "part": "technical" if at == 0 else "support",
                "split": chance.choice(SHARES) if at == 0 else 0,
                "start": deal.opened_on or today,
            }
            for at, person in enumerate(chosen)
        ]
        create(DealMember, values, actor=deal.owner, source="demo")


def _parties(chance: random.Random, deals: Sequence[Deal]) -> None:
    """The customer's people with their role in this deal, and a company on another side."""
    for deal in deals:
        contacts = list(Contact.objects.filter(customer=deal.customer_id).order_by("pk")[:3])
        values: list[dict[str, Any]] = [
            {"deal": deal, "contact": contact, "role": contact.role or "uses", "stance": chance.choice(STANCES)}
            for contact in contacts
        ]
        known = Customer.objects.filter(owner=deal.owner_id).exclude(pk=deal.customer_id).order_by("pk")[:40]
        other = chance.choice(list(known)) if known else None
        if other is not None:
            values.append({"deal": deal, "side": chance.choice(SIDES), "customer": other})
        create(DealParty, values, actor=deal.owner, source="demo")


def _packages(people: Staff, chance: random.Random, deals: Sequence[Deal]) -> None:
    """Two or three bids of one team for the same project."""
    rest = list(deals)
    for name in SITES:
        if len(rest) < 3:
            return
        first = rest.pop()
        bids = [first, *[each for each in rest if each.unit_id == first.unit_id][: chance.choice((1, 2))]]
        rest = [each for each in rest if each not in bids]
        values = {"name": name, "phase": "tender", "city": "昆山", "owner": first.owner}
        project = create(Project, values, actor=first.owner, source="demo")
        update_each([(bid, {"project": project}) for bid in bids], actor=people.director, source="demo")
