"""Provinces, cities and districts of China by their six digits (GB/T 2260), and how people write them.

The table ``divisions.txt`` is made when the package is built (``tools/divisions.py``). A region is its code: 320000 Jiangsu,
320500 Suzhou, 320583 Kunshan; what lies in a region starts with its ``prefix``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from xiaoguan.lexicon.companies import plain

PROVINCE, CITY, DISTRICT = 1, 2, 3
LONGEST = 16
_PEOPLES = (
    "蒙古族|维吾尔|哈萨克|柯尔克孜|塔吉克|蒙古|锡伯|各族|达斡尔族|朝鲜族|土家族|布依族|仡佬族|傈僳族|哈尼族|景颇族|拉祜族|布朗族|纳西族|"
    "普米族|独龙族|撒拉族|东乡族|裕固族|保安族|哈萨克族|毛南族|仫佬族|瑶族|壮族|苗族|侗族|回族|藏族|彝族|白族|傣族|佤族|怒族|羌族|满族|水族|"
    "黎族|土族|畲族"
)
_ENDINGS = "特别行政区|自治区|自治州|自治县|自治旗|地区|新区|林区|省|市|县|区|盟|旗"
_SELF_RULED = re.compile(rf"(?:{_PEOPLES})+(?:自治区|自治州|自治县|自治旗)$")
_ENDING = re.compile(rf"(?:{_ENDINGS})$")
_REST = re.compile(rf"(?:{_ENDINGS})")
_BETWEEN = re.compile(r"[\s·,，、。/\\|>\-—]+")
_OTHER_NAMES = {
    "150000": "内蒙", "320571": "工业园区", "330102": "江干区", "330105": "下城区", "350404": "梅列区", "410308": "吉利区",
    "500157": "江北区 渝北区",
}  # fmt: skip
"""What else a place is called, and what it swallowed and people go on writing."""


@dataclass(frozen=True, slots=True)
class Region:
    """One place: its code, its full name, and latitude and longitude of its seat where they are known."""

    code: str
    name: str
    seat: tuple[float, float] | None


@cache
def _table() -> dict[str, Region]:
    """Return every region by its code, in the order of the codes; takes some 10 ms, once."""
    found = {}
    for line in Path(__file__).with_name("divisions.txt").read_text(encoding="utf-8").splitlines():
        code, name, *seat = line.split(" ")
        found[code] = Region(code, name, (float(seat[0]), float(seat[1])) if seat else None)
    return found


def short(full: str) -> str:
    """Return a name without what kind of place it is: 苏州市 → 苏州, 延边朝鲜族自治州 → 延边; 城区 stays."""
    for ending in (_SELF_RULED, _ENDING):
        left = ending.sub("", full)
        if left != full and len(left) > 1:
            return left
    return full


def level(code: str) -> int:
    """Return 1 for a province, 2 for a city, 3 for a district or county."""
    if code.endswith("0000"):
        return PROVINCE
    return CITY if code.endswith("00") else DISTRICT


def prefix(code: str) -> str:
    """Return the digits that every region inside this one starts with; those of an empty code are empty."""
    return code[: 2 * level(code)] if code else ""


def name(code: str) -> str:
    """Return the full name of a region, or an empty string for a code that isn't one."""
    region = _table().get(code)
    return region.name if region else ""


def parents(code: str) -> tuple[str, ...]:
    """Return the codes of what a region lies in, the largest first: 320583 → 320000, 320500."""
    above = (f"{code[:2]}0000", f"{code[:4]}00")
    return tuple(upper for upper in dict.fromkeys(above) if upper != code and upper in _table())


def children(code: str = "") -> tuple[str, ...]:
    """Return the codes right below a region; below nothing stand the provinces."""
    return _below().get(code, ())


@cache
def _below() -> dict[str, tuple[str, ...]]:
    """The codes right below every region that has some."""
    found: dict[str, list[str]] = {"": [each for each in _table() if level(each) == PROVINCE]}
    for each in _table():
        if above := parents(each):
            found.setdefault(above[-1], []).append(each)
    return {code: tuple(members) for code, members in found.items()}


def path(code: str) -> tuple[str, str, str]:
    """Return the names of province, city and district of a region; what it doesn't have is empty."""
    names = {level(each): name(each) for each in (*parents(code), code) if each in _table()}
    return names.get(PROVINCE, ""), names.get(CITY, ""), names.get(DISTRICT, "")


def centre(code: str) -> tuple[float, float] | None:
    """Return latitude and longitude of a region's seat, good to some kilometres; else those of what it lies in."""
    for each in (code, *reversed(parents(code))):
        region = _table().get(each)
        if region and region.seat:
            return region.seat
    return None


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """Return the codes a name may mean, by full and short name."""
    found: dict[str, dict[str, None]] = {}
    for region in _table().values():
        for text in (region.name, short(region.name), *_OTHER_NAMES.get(region.code, "").split()):
            found.setdefault(plain(text), {})[region.code] = None
    return {text: tuple(codes) for text, codes in found.items()}


def _only(codes: list[str], within: str) -> str | None:
    """Return the one region meant: of several the only one of the highest level; None where that is open.

    A municipality and the city of its name are the same place; the upper one is meant outside of it.
    """
    below = [code for code in codes if within == "" or (code.startswith(prefix(within)) and code != within)]
    if below:
        highest = min(level(code) for code in below)
        best = [code for code in below if level(code) == highest]
        return best[0] if len(best) == 1 else None
    # The place itself or what it lies in, said once more, changes nothing.
    return within if within and any(code == within or code in parents(within) for code in codes) else None


def _step(text: str, within: str) -> tuple[str, int]:
    """Return the region at the front of a text and how many characters say so; (within, 0) when none is known."""
    for length in range(min(len(text), LONGEST), 1, -1):
        codes = _spellings().get(text[:length])
        if codes is None:
            continue
        inside = [each for each in codes if not within or each[:2] == within[:2]]
        if not inside:
            continue
        found = _only(inside, within)
        if found is None:
            return within, 0
        ending = _REST.match(text[length:]) if text[:length] != plain(name(found)) else None
        return found, length + (ending.end() if ending else 0)
    return within, 0


@lru_cache(maxsize=8192)
def read(province: str, city: str = "", district: str = "") -> tuple[str, tuple[str, ...]]:
    """Return the finest region that three texts say, and those of them in which something is no known place.

    Any spelling will do, with or without 省, 市 and 区; one text may say several levels, and what is unique needs no
    upper one: ("", "昆山", "") → 320583.
    """
    code, unknown = "", []
    for text in (province, city, district):
        rest = _BETWEEN.sub("", plain(text)).removeprefix("中国")
        while rest:
            code, length = _step(rest, code)
            if not length:
                unknown.append(text)
                break
            rest = rest[length:]
    return code, tuple(unknown)


def find(province: str, city: str = "", district: str = "") -> str:
    """Return the code of the finest region that the texts say, or an empty string."""
    return read(province, city, district)[0]
