"""Names of construction projects for comparison: what is built, which stage of it, and how likely two names mean one site.

``苏州工业园区恒岑智造园厂房（一期）新建工程`` and ``恒岑智造园一期厂房`` are one project, ``恒岑智造园二期`` is another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from xiaoguan.lexicon import numerals
from xiaoguan.lexicon.companies import plain
from xiaoguan.lexicon.places import places_in, without_region

SURE = 0.8
"""Surely the same project: saving asks once more, and two registrations are a conflict."""
MAYBE = 0.55
"""Perhaps the same: shown while somebody types."""

_STAGE = re.compile(
    r"第?(?P<number>[零一二三四五六七八九十百]+|\d+|(?<![a-z])[a-z])"
    r"(?P<unit>期|标段?|批|号?地块|(?:号|#)?(?:楼|栋|幢|厂房|车间|仓库)|区|#)"
)
_UNITS = {
    "标": "标段",
    "地块": "地块",
    "号地块": "地块",
    "栋": "楼",
    "幢": "楼",
    "号栋": "楼",
    "号幢": "楼",
    "#栋": "楼",
}
_EMPTY = re.compile(
    "改扩建|新建|扩建|改建|改造|建设|项目|工程|施工|总承包|epc|招标|采购|照明|灯具|亮化|设计|有限责任公司|股份有限公司|有限公司|"
    "[省市县]"
)
_COMMON = (
    "工业园区 工业园 产业园 科技园 物流园 开发区 高新区 经开区 园区 厂房 车间 仓库 大厦 大楼 中心 广场 基地 钢结构 标准 办公 综合 研发 生产 "
    "总部 住宅 小区 医院 学校 体育馆 车站 机场 酒店 商业"
).split()
_NOISE = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")
_LIGHT = 0.3
"""The weight of a pair of characters that stands in the name of every other building."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a name says: what is built (`core`), which stages of it by unit, and the places at its front."""

    core: str
    stages: tuple[tuple[str, str], ...]
    places: tuple[str, ...]

    @property
    def written(self) -> str:
        """The stages as they are stored: `期1 楼3`."""
        return " ".join(f"{unit}{number}" for unit, number in self.stages)


@lru_cache(maxsize=4096)
def read(name: str) -> Said:
    """Take a name apart; the core is never empty for a name."""
    text = plain(name).replace(" ", "")
    found: dict[str, str] = {}
    for each in _STAGE.finditer(text):
        unit = each["unit"].lstrip("号#") or "楼"
        found.setdefault(_UNITS.get(unit, unit), _number(each["number"]))
    rest = _NOISE.sub("", without_region(_STAGE.sub("", text)))
    core = _EMPTY.sub("", rest) or rest or _NOISE.sub("", text) or text
    return Said(core, tuple(sorted(found.items())), tuple(places_in(text[: len(text) - len(without_region(text))])))


def _number(text: str) -> str:
    value = numerals.parse(text).value if not text.isascii() else None
    return str(int(value)) if value is not None else text.lstrip("0") or "0"


def grams(core: str) -> frozenset[str]:
    """Pairs of neighbouring characters; a single character is its own."""
    return frozenset(core[at : at + 2] for at in range(len(core) - 1)) or frozenset({core} if core else ())


@lru_cache(maxsize=1)
def _light() -> frozenset[str]:
    return frozenset(gram for word in _COMMON for gram in grams(word))


def telling(core: str) -> frozenset[str]:
    """The pairs worth searching by: those that do not stand in every other name, or all where nothing else is left."""
    return grams(core) - _light() or grams(core)


def _weight(of: frozenset[str]) -> float:
    return sum(_LIGHT if gram in _light() else 1.0 for gram in of)


def likeness(one: Said, other: Said) -> float:
    """How likely two names mean one project, 0 … 1, from the names alone.

    Weighted Dice of the pairs; a name that is a part of the longer one counts as much as 0.85. Different stages of one
    site (一期, 二期) and different numbers are different projects; a stage that only one names leaves a doubt.
    """
    mine, theirs = dict(one.stages), dict(other.stages)
    if any(theirs[unit] != number for unit, number in mine.items() if unit in theirs):
        return 0.0
    numbers, others = _DIGITS.findall(one.core), _DIGITS.findall(other.core)
    if numbers and others and numbers != others:
        return 0.0
    left, right = grams(one.core), grams(other.core)
    shared, a, b = _weight(left & right), _weight(left), _weight(right)
    if not shared:
        return 0.0
    value = 2 * shared / (a + b)
    if min(a, b) >= 2 and shared >= 0.9 * min(a, b):
        value = max(value, 0.85)
    return value if mine.keys() == theirs.keys() else value * 0.93


@dataclass(frozen=True, slots=True)
class Site:
    """What else is known of a project: its places, and the companies that own it, by their core names."""

    province: str = ""
    city: str = ""
    owners: frozenset[str] = frozenset()


def together(of_names: float, one: Site, other: Site) -> float:
    """The likeness of names with place and owner: another place rules out, the same owner makes sure.

    A name that says little is not made sure by the place alone.
    """
    if one.province and other.province and one.province != other.province:
        return 0.0
    value = of_names
    if one.city and other.city and one.city != other.city:
        value *= 0.6
    if one.owners and other.owners:
        value = min(1.0, value + 0.2) if one.owners & other.owners and value else value * 0.75
    return value
