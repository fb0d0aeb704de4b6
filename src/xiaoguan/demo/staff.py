"""Who works at 华辰光环境: one director, four field teams, and the office."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from xiaoguan.apps.org import seeding
from xiaoguan.apps.org.actions import Joiner, join_many
from xiaoguan.apps.org.models import Company, Person, Role, Team
from xiaoguan.apps.org.models.membership import Post
from xiaoguan.apps.org.models.person import Position
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit.action import create

PASSWORD = "guanghuan2026"
WHO = [
    ("chensiyuan", "销售工程师 · 虎队 陈思远"),
    ("zhoumin", "销售经理 · 虎队 周敏"),
    ("shenliqun", "销售总监 沈立群"),
    ("duruo", "人事 杜若"),
    ("fangxiaolan", "财务 方晓岚"),
    ("suhe", "客服 苏禾"),
    ("chengyifan", "管理员 程一帆"),
    ("yanzheng", "审计 严正"),
]
NOTICE = "演示公司：公司、人物、客户和数字都是虚构的。"

TEAMS = [
    (
        "龙队",
        "dragon",
        "先到一步，亮到最后",
        ("秦望舒", "qinwangshu"),
        "顾北辰 叶舒 贺兰 苗青 白川 方越 池鱼 温言 陆远",
    ),
    (
        "虎队",
        "tiger",
        "说到做到，当天闭环",
        ("周敏", "zhoumin"),
        "林知夏 何嘉木 孙雨桐 赵一鸣 许念 吴承泽 陈思远 唐果 郑怀安",
    ),
    ("豹队", "leopard", "快一个身位", ("韩立冬", "hanlidong"), "陆星野 江屿 沈南乔 易安 乔木 阮清 季川 闻溪 楚恒"),
    ("狼队", "wolf", "成群结队，一单不丢", ("宋以宁", "songyining"), "霍青 程野 罗织 莫离 祁阳 单宁 殷实 纪念 柏舟"),
]
NEWCOMER = "唐果"
SHOWN = "陈思远"
"""The seller most visitors sign in as: the running month of this one is never empty."""
OFFICE = [
    ("杜若", "duruo", Position.HR),
    ("方晓岚", "fangxiaolan", Position.FINANCE),
    ("苏禾", "suhe", Position.SERVICE),
    ("程一帆", "chengyifan", Position.ADMINISTRATOR),
    ("严正", "yanzheng", Position.AUDITOR),
]


@dataclass
class Staff:
    """The people the history is about."""

    system: Person
    director: Person
    managers: list[Person]
    sellers: list[Person]
    finance: Person
    hr: Person
    joined: dict[int, dt.date]


def hire(first: dt.date, today: dt.date) -> Staff:
    """Found the company and put everybody in place; the newcomer joined not quite three months ago."""
    seeding.ensure(Role, Person.anybody)
    system = system_actor()
    values = {"name": "华辰光环境（昆山）有限公司", "short_name": "华辰光环境", "city": "昆山", "demo": NOTICE}
    create(Company, values, actor=system, source="demo")
    root = create(Team, {"name": "华辰光环境", "kind": "company"}, actor=system, source="demo")
    sales = create(Team, {"name": "销售部", "parent": root, "position": 1}, actor=system, source="demo")
    office = create(
        Team, {"name": "运营部", "parent": root, "kind": "office", "position": 2}, actor=system, source="demo"
    )
    joiners = [_joins("沈立群", "shenliqun", Position.SALES_DIRECTOR, sales, Post.MANAGER)]
    newcomer_on = (today - dt.timedelta(days=80)).replace(day=1)
    for place, (name, badge, motto, manager, members) in enumerate(TEAMS):
        values = {"name": name, "parent": sales, "badge": badge, "motto": motto, "position": place + 1}
        team = create(Team, values, actor=system, source="demo")
        joiners.append(_joins(*manager, Position.SALES_MANAGER, team, Post.MANAGER))
        for member in members.split():
            username = "chensiyuan" if member == "陈思远" else ""
            start = newcomer_on if member == NEWCOMER else first
            joiners.append(_joins(member, username, Position.SALES_ENGINEER, team, Post.MEMBER, start))
    joiners += [_joins(name, username, position, office, Post.MEMBER) for name, username, position in OFFICE]
    people = join_many(joiners, actor=system, source="demo")
    _let_in(people)
    by_position: dict[str, list[Person]] = {}
    for person in people:
        by_position.setdefault(person.position, []).append(person)
    return Staff(
        system,
        by_position[Position.SALES_DIRECTOR][0],
        by_position[Position.SALES_MANAGER],
        by_position[Position.SALES_ENGINEER],
        by_position[Position.FINANCE][0],
        by_position[Position.HR][0],
        {person.pk: person.joined_on or first for person in people},
    )


def _joins(name: str, username: str, position: str, team: Team, post: str, start: dt.date | None = None) -> Joiner:
    return Joiner(name=name, username=username, position=position, team=team, post=post, start=start)


def _let_in(people: list[Person]) -> None:
    """Give the visitors' accounts the demo password; hashed once, it is public anyway."""
    people[0].set_password(PASSWORD)
    known = [username for username, _part in WHO]
    Person.objects.filter(username__in=known).update(password=people[0].password)
