"""Forty leads of the last month: from a fair, the web site and the telephone; answered, asked, some converted."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Any

from xiaoguan.apps.customers.models import CustomerKind
from xiaoguan.apps.leads.actions import answer, discard, give_back, qualify
from xiaoguan.apps.leads.conversion import convert
from xiaoguan.apps.leads.models import Lead, Question, WebForm
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.demo.customers import Namer, Place
from xiaoguan.demo.plan import FEN_PER_WAN
from xiaoguan.demo.staff import Staff
from xiaoguan.demo.words import KINDS, TITLES
from xiaoguan.kit import clock
from xiaoguan.kit.action import create, update

COUNT = 40
QUESTIONS = (
    {"text": "项目有预算吗？", "kind": "yesno", "points": 20, "position": 10},
    {"text": "什么时候需要？", "kind": "choice", "options": "三个月内 = 30\n今年 = 20\n还没定 = 5", "position": 20},
    {"text": "对方能拍板吗？", "kind": "yesno", "points": 30, "position": 30},
    {"text": "现在用谁家的产品？", "kind": "text", "points": 10, "position": 40},
)  # fmt: skip
ORIGINS = (("form", "官网询价", 16), ("campaign", "十月照明展", 12), ("card", "十月照明展", 7), ("phone", "", 5))
WANTS = (
    "二期厂房室内照明，约 1.2 万平", "园区道路灯改造，先报个价", "办公楼泛光，想看案例", "要 80 套应急灯，下月到货",
    "商业街亮化，设计院已出图", "想做代理，问政策", "仓库高棚灯换 LED", "酒店大堂灯光深化",
)  # fmt: skip
SAID = ("约了周四上门看现场", "发了样册和报价范围", "没接，晚点再打", "在等总包定标，月底再联系", "要两种色温的样品")
LOST = ("号码打不通", "同行来打听价格", "只要 3 只灯，让他找经销商")


def fill(people: Staff, seed: int) -> None:
    """Questions, a web form, and the leads with what became of them; a draw of its own, so that nothing else moves."""
    chance = random.Random(seed * 7 + 5)
    namer, told = Namer(chance), {"actor": people.system, "source": "demo"}
    questions = create(Question, list(QUESTIONS), **told)
    form = {
        "name": "官网询价", "heading": "告诉我们你的项目", "campaign": "官网询价", "in_turn": True, "capacity": 15,
        "consent": "我同意华辰光环境用这些资料联系我，答复这次询价。", "thanks": "已收到，一个工作日内与你联系。",
    }  # fmt: skip
    create(WebForm, form, **told)
    kinds = {kind.code: kind for kind in CustomerKind.objects.filter(code__in=KINDS)}
    now = clock.now()
    for number in range(COUNT):
        received = _moment(chance, now, number)
        place = Place.draw(chance, chance.randrange(4))
        values = _values(chance, namer, kinds, place)
        seller = people.sellers[chance.randrange(len(people.sellers))] if number >= 5 else None
        team = people.managers[number % len(people.managers)].unit
        with clock.at(received):
            made = create(Lead, {**values, "owner": seller, "unit": team if seller is None else None}, **told)
        if seller is not None:
            _go_on(chance, made, seller, received, now, questions)
            _settle(made, seller, place)


def _moment(chance: random.Random, now: dt.datetime, number: int) -> dt.datetime:
    """Some time of a working morning or afternoon, the first ones today or yesterday."""
    day = now - dt.timedelta(days=number * 28 // COUNT)
    while not working_calendar().works(clock.local(day).date()):
        day -= dt.timedelta(days=1)
    moment = clock.local(day).replace(hour=chance.choice((9, 10, 11, 14, 15)), minute=chance.randrange(60))
    return min(moment.astimezone(dt.UTC), now - dt.timedelta(minutes=10 + number))


def _values(chance: random.Random, namer: Namer, kinds: dict[str, Any], place: Place) -> dict[str, Any]:
    origin, campaign, _weight = chance.choices(ORIGINS, [weight for *_said, weight in ORIGINS])[0]
    kind = chance.choice(list(kinds))
    company, _short = namer.company(kind, place.city)
    return {
        "company": company,
        "name": namer.person(),
        "title": chance.choice(TITLES[kind]),
        "mobile": namer.mobile(),
        "province": place.province,
        "city": place.city,
        "kind": kinds[kind],
        "wants": chance.choice(WANTS),
        "amount": chance.choice((None, *(wan * FEN_PER_WAN for wan in range(8, 90, 9)))),
        "origin": origin,
        "campaign": campaign,
    }


def _go_on(
    chance: random.Random, made: Lead, seller: Any, received: dt.datetime, now: dt.datetime, questions: list[Question]
) -> None:
    """How far it has come by now: most are answered, half of these asked, a few converted, given back or let go."""
    told = {"actor": seller, "source": "demo"}
    at = received + dt.timedelta(minutes=chance.choice((6, 12, 18, 25, 40, 75, 190)))
    if at > now or chance.random() < 0.12:
        return
    with clock.at(at):
        answer(_again(made), kind=chance.choice(("call", "call", "message")), body=chance.choice(SAID), **told)
    fate = chance.random()
    later = min(at + dt.timedelta(hours=chance.choice((1, 20, 44))), now)
    with clock.at(later):
        if fate < 0.12:
            discard(_again(made), reason=chance.choice(LOST), **told)
        elif fate < 0.2:
            give_back(_again(made), reason="不在我的区域", **told)
        elif fate < 0.65:
            said = {
                str(questions[0].pk): chance.choice(("yes", "no")),
                str(questions[1].pk): chance.choice(("三个月内", "今年", "还没定")),
                str(questions[2].pk): chance.choice(("yes", "no")),
            }
            qualify(_again(made), answers=json.dumps(said, ensure_ascii=False), **told)
            if fate < 0.35:
                convert(_again(made), reason="展会新客户", **told)


def _settle(made: Lead, seller: Any, place: Place) -> None:
    """Whoever became a customer gets the address that was found out."""
    customer = _again(made).customer
    if customer is not None:
        where = {"district": place.district, "address": place.address}
        point = {"latitude": place.latitude, "longitude": place.longitude}
        update(customer, {**where, **point}, actor=seller, source="demo")


def _again(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)
