"""Fictional construction projects: who takes part, who has registered them, and two conflicts about that."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.projects import actions
from xiaoguan.apps.projects.models import Conflict, Participant, Project, Registration
from xiaoguan.demo import words
from xiaoguan.demo.plan import FEN_PER_WAN
from xiaoguan.demo.staff import SHOWN, Staff
from xiaoguan.kit import clock
from xiaoguan.kit.action import create, working

COUNT = 60
REGISTERED = 38
# What is built, which stage of it, kind of building, floor area in thousand m², budget in wan.
BUILDINGS = (
    ("智造园厂房", "一期 二期 三期", "factory", (18, 60), (6000, 26000)),
    ("研发楼", "1号楼 2号楼 A区", "office", (8, 30), (4000, 18000)),
    ("物流园仓库", "一期 二期 3号库", "warehouse", (20, 80), (5000, 20000)),
    ("会展中心", "主馆 二期", "public", (15, 45), (12000, 52000)),
    ("体育公园", "一期 游泳馆", "sports", (6, 22), (5000, 24000)),
    ("商业广场", "A区 B区 酒店", "commercial", (12, 55), (9000, 40000)),
    ("人才公寓", "一期 二期 公区", "housing", (16, 70), (7000, 30000)),
    ("滨河绿道", "一标段 二标段", "outdoor", (3, 12), (800, 4200)),
)
PHASES = ("planned", "design", "tender", "tender", "construction", "construction", "done")
PARTS = {"project_owner": "owner", "design_institute": "designer", "contractor": "general", "steel_company": "steel"}
BASES = (
    "设计院推荐我们做照明深化，电气专业负责人已约第二次技术交流。",
    "业主工程部邀请提前介入，已交样板段方案。",
    "总包商务经理确认灯具在甲指乙供清单内，等招标文件。",
    "钢构公司转来的消息，已到现场看过屋面龙骨。",
)
RIVALS = ("筹备组", "某照明集团", "一家上市灯具公司")


def build(people: Staff, seed: int, today: dt.date) -> int:
    """Store sixty projects with their participants, most of them registered; returns how many. One conflict is open."""
    chance = random.Random(f"sites {seed}")
    made: list[tuple[Person, Project]] = []
    for place in range(COUNT):
        seller = people.sellers[place * 5 % len(people.sellers)]
        made.append((seller, _project(chance, seller, place, today)))
    days = sorted((chance.randint(3, 200) for _n in range(REGISTERED)), reverse=True)
    for (seller, project), ago in zip(made, days, strict=False):
        row = _register(seller, project, chance.choice(BASES), today - dt.timedelta(days=ago), chance)
        manager = next(one for one in people.managers if one.unit_id == seller.unit_id)
        if ago > 8 and chance.random() < 0.7:
            with clock.at(_moment(today - dt.timedelta(days=ago - 2), 17, 5)):
                actions.confirm(row, actor=manager, source="demo", comment="依据清楚")
    _conflicts(people, chance, today)
    return len(made)


def _moment(day: dt.date, hour: int, minute: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=clock.zone())


def _project(chance: random.Random, seller: Person, place: int, today: dt.date) -> Project:
    """One project where the seller's customers are, with those of them that take part."""
    own = {kind: list(Customer.objects.filter(owner=seller, kind__code=kind).order_by("pk")[:6]) for kind in PARTS}
    anchor = next(iter(own["project_owner"] or own["contractor"]), None)
    what, stages, use, area, budget = BUILDINGS[place % len(BUILDINGS)]
    head = words.HEADS[(place * 7 + 3) % len(words.HEADS)]
    tender = today + dt.timedelta(days=chance.randint(-120, 240))
    values: dict[str, Any] = {
        "name": f"{head}{what}{chance.choice(stages.split())}",
        "phase": chance.choice(PHASES),
        "use": use,
        "province": anchor.province if anchor else "江苏",
        "city": anchor.city if anchor else "昆山",
        "district": anchor.district if anchor else "",
        "address": f"{chance.choice(words.ROADS)}{chance.randint(1, 900)}号",
        "floor_area": chance.randint(*area) * 1000,
        "budget": chance.randint(*budget) * FEN_PER_WAN,
        "tender_on": tender,
        "start_on": tender + dt.timedelta(days=chance.randint(40, 90)),
        "completion_on": tender + dt.timedelta(days=chance.randint(300, 700)),
    }
    with (
        clock.at(_moment(today - dt.timedelta(days=220 - place), 10, 0)),
        working(Project, "create", actor=seller, verb="create", source="demo") as work,
    ):
        project: Project = work.create(Project, values)
        work.create(Participant, _participants(chance, project, own))
    return project


def _participants(chance: random.Random, project: Project, own: dict[str, list[Customer]]) -> Sequence[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for kind, part in PARTS.items():
        if own[kind] and (part == "owner" or chance.random() < 0.75):
            customer = chance.choice(own[kind])
            contact = customer.contacts.order_by("pk").first() if hasattr(customer, "contacts") else None
            rows.append({"project": project, "part": part, "customer": customer, "contact": contact})
    if chance.random() < 0.4:
        rows.append({"project": project, "part": "competitor", "name": chance.choice(RIVALS)})
    return rows


def _register(seller: Person, project: Project, basis: str, day: dt.date, chance: random.Random) -> Registration:
    with clock.at(_moment(day, chance.randint(9, 17), chance.randint(0, 59))):
        row: Registration = create(Registration, {"project": project, "basis": basis}, actor=seller, source="demo")
    return row


def _conflicts(people: Staff, chance: random.Random, today: dt.date) -> None:
    """A site that two sellers of one team have registered waits for a ruling; one between teams was ruled on."""
    shown = next(seller for seller in people.sellers if seller.name == SHOWN)
    mates = [seller for seller in people.sellers if seller.unit_id == shown.unit_id and seller != shown]
    others = [seller for seller in people.sellers if seller.unit_id != shown.unit_id]
    place = {"province": "江苏", "city": "昆山", "district": "玉山镇", "phase": "tender", "use": "factory"}
    days = [today - dt.timedelta(days=ago) for ago in (41, 6)]
    _meet(shown, mates[0], ("砚澜智造园厂房（一期）", "昆山砚澜智造园一期新建厂房工程"), place, days, chance)
    row = Conflict.objects.get(name="砚澜智造园厂房（一期）")
    with clock.at(_moment(today - dt.timedelta(days=5), 9, 12)):
        actions.state(
            row,
            actor=mates[0],
            source="demo",
            text="总包项目经理上周主动找到我，样品已送到项目部，他们认我这边的型号。",
        )
    with clock.at(_moment(today - dt.timedelta(days=4), 16, 40)):
        actions.state(
            row, actor=shown, source="demo", text="设计院阶段就介入了，图纸里的灯位是我们配合排的，业主工程部可以作证。"
        )
    days = [today - dt.timedelta(days=ago) for ago in (96, 60)]
    _meet(others[4], shown, ("舟禾会展中心二期", "舟禾会展中心（二期）"), place | {"use": "public"}, days, chance)
    row = Conflict.objects.get(name="舟禾会展中心二期")
    with clock.at(_moment(today - dt.timedelta(days=52), 11, 30)):
        actions.rule(
            row, actor=people.director, source="demo", awarded="first", share=20_000,
            reason="报备早三十六天，业主拜访记录连续。后报备一方补做了照明模拟，按两成计业绩。",
        )  # fmt: skip


def _meet(
    one: Person,
    other: Person,
    names: tuple[str, str],
    place: dict[str, Any],
    days: list[dt.date],
    chance: random.Random,
) -> None:
    for seller, name, day, basis in zip((one, other), names, days, BASES, strict=False):
        with clock.at(_moment(day, 8, 50)):
            project: Project = create(Project, {"name": name, **place}, actor=seller, source="demo")
            kinds = ("project_owner", "contractor")
            rows = list(Customer.objects.filter(owner=seller, kind__code__in=kinds).order_by("pk")[:2])
            values = [
                {
                    "project": project,
                    "part": "owner" if row.kind.code == "project_owner" else "general",
                    "customer": row,
                }
                for row in rows
                if row.kind.code == "contractor"
            ]
            if values:
                create(Participant, values, actor=seller, source="demo")
        _register(seller, project, basis, day, chance)
