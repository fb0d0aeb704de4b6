"""Words that give away what a row or column of a spreadsheet is: totals, unit notes, footers, periods."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

TOTAL_WORD = re.compile(
    r"^(?:(?:本|上|第)?[页頁月季年日周期部组組门門班级級小\d一二三四五六七八九十]{0,6}"
    r"(?:小计|小計|合计|合計|总计|總計|共计|共計|累计|累計|总和|總和|汇总|彙總|总数|合 计|小 计|总 计)"
    r"|(?:grand|sub|page|running)?[ -]?totals?|sum)\s*[:：]?$",
    re.IGNORECASE,
)
TOTAL_SUFFIX = re.compile(r"(?:小计|小計|合计|合計|总计|總計|subtotal|(?<=\s)total)\s*[:：]?$", re.IGNORECASE)

_CURRENCY = r"(?:人民币|人民幣|RMB|CNY)?\s*"
_SCALE = r"(亿元?|億元?|百万元?|百萬元?|万元?|萬元?|千元|百元|元|圆|[kK]|mn|bn|thousand|million)"
UNIT_NOTE = re.compile(
    rf"(?:金额|金額)?(?:计量|货币)?(?:单位|單位|currency|unit)s?\s*[:：为]\s*{_CURRENCY}{_SCALE}", re.IGNORECASE
)
UNIT_BRACKET = re.compile(
    rf"[（(\[【﹝]\s*(?:(?:单位|單位|unit)\s*[:：])?\s*{_CURRENCY}{_SCALE}\s*[)）\]】﹞]", re.IGNORECASE
)
UNIT_SUFFIX = re.compile(r"[\s_\-/·]?(亿元|億元|百万元?|万元|萬元|千元|元)$")

NOTE_ROW = re.compile(
    r"^(?:制表|製表|审核|審核|复核|填表|填报|打印|导出|匯出|统计|编制|备注|備註|附注|注|说明|說明|数据来源|资料来源|"
    r"note|notes|source|prepared by|printed|exported|generated)\s*(?:人|时间|日期|单位|部门|on|at|by)?\s*\d{0,2}\s*[:：]",
    re.IGNORECASE,
)
NOTE_SHEET = re.compile(
    r"^(?:说明|說明|填写说明|填表说明|备注|目录|封面|模板说明|字典|下拉|选项|readme|notes?|cover|index)", re.I
)

#: What one unit word means as a multiple of yuan, as a power of ten.
UNIT_POWER = {"元": 0, "圆": 0, "百元": 2, "千元": 3, "k": 3, "thousand": 3, "万": 4, "万元": 4, "萬": 4, "萬元": 4}
UNIT_POWER |= {"百万": 6, "百万元": 6, "百萬": 6, "百萬元": 6, "mn": 6, "million": 6, "bn": 9}
UNIT_POWER |= {"亿": 8, "亿元": 8, "億": 8, "億元": 8}

CANONICAL_UNIT = {0: "元", 2: "百元", 3: "千元", 4: "万元", 6: "百万元", 8: "亿元", 9: "十亿元"}

COMMON_UNITS = ("元", "千元", "万元", "百万元", "亿元")
"""Units to choose from for a column of amounts."""


def _plain(text: str) -> str:
    """Half-width digits and letters, no white space around."""
    return unicodedata.normalize("NFKC", text).strip()


def is_total(text: str) -> bool:
    """Whether a cell names a total or subtotal row."""
    text = _plain(text)
    return bool(TOTAL_WORD.match(text) or (len(text) <= 24 and TOTAL_SUFFIX.search(text)))


def is_note(text: str) -> bool:
    """Whether a lone cell is a footer or remark about the sheet."""
    return bool(NOTE_ROW.match(text.strip()))


def is_note_sheet(name: str) -> bool:
    """Whether a sheet's name says that it explains rather than lists."""
    return bool(NOTE_SHEET.match(name.strip()))


def unit_note(text: str) -> str:
    """The unit a note such as a line «unit: ten thousand yuan» announces, or an empty string."""
    found = UNIT_NOTE.search(_plain(text)) or UNIT_BRACKET.fullmatch(text.strip())
    return canonical_unit(found[1]) if found else ""


def is_unit_note(text: str) -> bool:
    """Whether a cell says nothing but the unit of the sheet's figures."""
    bare = _plain(text).strip("()[]【】 ")
    return bool(UNIT_NOTE.match(bare) or UNIT_BRACKET.fullmatch(text.strip()))


def unit_of_header(text: str) -> str:
    """The unit a column header carries in brackets or at its end, or an empty string."""
    found = UNIT_BRACKET.search(text) or UNIT_SUFFIX.search(_plain(text))
    return canonical_unit(found[1]) if found else ""


def without_unit(text: str) -> str:
    """The header without its unit and brackets."""
    stripped = UNIT_BRACKET.sub("", text).strip()
    return stripped or text.strip()


def canonical_unit(word: str) -> str:
    """One spelling per unit."""
    power = UNIT_POWER.get(word.lower())
    return CANONICAL_UNIT[power] if power is not None else ""


class Period(NamedTuple):
    """A column header that names a time: kind is month, quarter, half or year; number from 1; year may be 0."""

    kind: str
    number: int
    year: int = 0


_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_NUMERALS |= {"十一": 11, "十二": 12, "正": 1}
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = r"(?:(20\d\d)\s*(?:年度?|[-/.])?\s*)?"
_MONTH = re.compile(rf"^{_YEAR}(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九正])\s*月份?$")
_MONTH_ISO = re.compile(r"^(20\d\d)[-/.年]?(1[0-2]|0[1-9])$|^(20\d\d)[-/.](\d)$")
_LONG = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "(?:t(?:ember)?)", "ober", "ember", "ember")
_NAMES = "|".join(f"{short}(?:{tail})?" if tail else short for short, tail in zip(_ENGLISH, _LONG, strict=True))
_MONTH_ENGLISH = re.compile(rf"^({_NAMES})\.?[\s\-']*(20\d\d|\d\d)?$|^(20\d\d)[\s\-]({_NAMES})$", re.IGNORECASE)
_QUARTER = re.compile(rf"^{_YEAR}(?:第?([一二三四1-4])\s*季度?|q([1-4]))[\s\-'’]*(20\d\d|\d\d)?$", re.IGNORECASE)
_HALF = re.compile(rf"^{_YEAR}(?:(上|下)半年|h([12]))[\s\-'’]*(20\d\d|\d\d)?$", re.IGNORECASE)
_FISCAL_WORDS = "财年|財年|财政年度|会计年度"
_FISCAL = re.compile(
    rf"(?:(?<![a-z])fy|fiscal(?:\s*year)?|{_FISCAL_WORDS})\s*['’\-]?\s*(20\d\d|\d\d)(?!\d)"
    rf"|(?<!\d)(20\d\d|\d\d)\s*(?:{_FISCAL_WORDS})",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"^(\d\d)(?=\s*['’\-年]?\s*(?:[qh][1-4]$|第?[一二三四1-4]\s*季))", re.IGNORECASE)
_WHOLE = re.compile(
    r"^(?:(20\d\d)\s*年?)?(?:全年|年度|年)(?:度)?(?:合计|总计|目标|指标|任务|合計)?$|^(20\d\d)$", re.IGNORECASE
)
_TAIL = re.compile(r"(?:销售)?(?:目标|任务|指标|计划|target|plan|quota|budget)(?:额|值)?$", re.IGNORECASE)


def period_of(header: str) -> Period | None:
    """The month, quarter, half-year or year a column header names, or None."""
    text = _with_full_years(_plain(without_unit(header)).lower().replace(" 00:00:00", ""))
    bare = _TAIL.sub("", text).strip() or text
    if found := _MONTH.match(bare):
        number = _NUMERALS.get(found[2]) or int(found[2])
        return Period("month", number, int(found[1] or 0))
    if found := _MONTH_ISO.match(bare):
        return Period("month", int(found[2] or found[4]), int(found[1] or found[3]))
    if found := re.match(r"^(20\d\d)-(\d\d)-01$", bare):
        return Period("month", int(found[2]), int(found[1]))
    if found := _MONTH_ENGLISH.match(bare):
        word, year = (found[1], found[2] or 0) if found[1] else (found[4], found[3])
        return Period("month", _ENGLISH.index(word[:3].lower()) + 1, _full_year(int(year)))
    if found := _QUARTER.match(bare):
        number = _NUMERALS.get(found[2] or "") or int(found[2] or found[3])
        return Period("quarter", number, _full_year(int(found[1] or found[4] or 0)))
    if found := _HALF.match(bare):
        number = 1 if found[2] == "上" or found[3] == "1" else 2
        return Period("half", number, _full_year(int(found[1] or found[4] or 0)))
    if found := _WHOLE.match(text):
        return Period("year", 1, int(found[1] or found[2] or 0))
    return None


def _full_year(year: int) -> int:
    return year + 2000 if 0 < year < 100 else year


def _with_full_years(text: str) -> str:
    """A text in which a fiscal year stands as four digits: FY25 Q1, Q1'25 and 25Q1 as 2025 Q1, Q1 2025 and 2025Q1."""
    plain = _FISCAL.sub(lambda found: f" {_full_year(int(found[1] or found[2]))} ", text)
    return _SHORT_YEAR.sub(r"20\1", plain.strip())


def year_in(text: str) -> int:
    """The year a title or file name mentions, or 0."""
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", _with_full_years(text))
    return int(found[1]) if found else 0


_YES = frozenset("是 有 对 對 √ ✓ ✔ y yes true t 1 已 启用 在职".split())
_NO = frozenset("否 无 無 不 没有 × ✗ ✘ x n no false f 0 未 停用 离职".split())


def yes_or_no(text: str) -> bool | None:
    """What a tick-like cell says, None when it says neither."""
    word = _plain(text).lower()
    return True if word in _YES else False if word in _NO else None
