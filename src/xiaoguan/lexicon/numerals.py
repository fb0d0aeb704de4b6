"""Amounts as people write them, to exact decimals.

``1,234.50``, ``￥1,234``, ``1.23亿``, ``12.5萬元``, ``(1,234.00)``, ``（1,234）``, ``-``, full-width digits, ``RMB 500``.
A unit written in the cell wins over the unit of the column.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

SCALES: dict[str, int] = {
    "": 1,
    "元": 1,
    "圆": 1,
    "块": 1,
    "百": 100,
    "百元": 100,
    "千": 1_000,
    "千元": 1_000,
    "k": 1_000,
    "thousand": 1_000,
    "万": 10_000,
    "万元": 10_000,
    "w": 10_000,
    "百万": 1_000_000,
    "百万元": 1_000_000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "million": 1_000_000,
    "千万": 10_000_000,
    "千万元": 10_000_000,
    "亿": 100_000_000,
    "亿元": 100_000_000,
    "bn": 1_000_000_000,
    "billion": 1_000_000_000,
}
"""What one of a unit is in yuan."""

NOTHING = frozenset({"", "-", "--", "—", "——", "–", "/", "无", "n/a", "na", "null", "none", "nil", "空", "暂无"})
UNDECIDED = frozenset({"面议", "待定", "未定", "tbd", "tba", "议价"})

_SIMPLER = str.maketrans("萬億圓", "万亿圆")
_CURRENCY = re.compile(r"人民币|人民幣|rmb|cny|cn¥|usd|us\$|[¥￥$]")
_SHAPE = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>\d{1,3}(?:,\d{3})+|\d+)?(?P<rest>\.\d+)?(?P<power>e[+-]?\d{1,2})?(?P<unit>[^\d.,+-]*)"
)
_CJK_DIGITS = (
    {char: value for value, char in enumerate("零一二三四五六七八九")}
    | {"〇": 0, "两": 2}
    | {char: value for value, char in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
)
_CJK_STEPS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_CJK_BLOCKS = {"万": 10_000, "亿": 100_000_000}


@dataclass(frozen=True, slots=True)
class Amount:
    """A parsed amount: ``value`` in yuan (None for an empty cell) or a ``code`` saying why there is none.

    ``unit`` is the unit found in the text itself, empty when the column's was used.
    """

    value: Decimal | None
    code: str = ""
    unit: str = ""


def parse(text: str, *, unit: str = "") -> Amount:
    """Read one cell; ``unit`` (a key of SCALES) applies where the text names none.

    Codes: ``not_a_number``, ``undecided`` (words like 面议), ``unknown_unit``, ``bad_grouping``.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower().translate(_SIMPLER)
    plain = plain.replace("−", "-").replace("–", "-") if plain not in NOTHING else plain
    if plain in NOTHING:
        return Amount(None)
    if plain in UNDECIDED:
        return Amount(None, "undecided")
    negative = bool(re.fullmatch(r"\(.*\)", plain))
    plain = _CURRENCY.sub("", plain.strip("()") if negative else plain)
    plain = re.sub(r"\s+", "", plain)
    if plain in NOTHING:
        return Amount(None, "not_a_number")
    found = _SHAPE.fullmatch(plain)
    if found is None or not (found["digits"] or found["rest"]):
        return _chinese(plain, negative)
    word = found["unit"].removesuffix("整").strip()
    if word and word not in SCALES:
        return Amount(None, "unknown_unit")
    try:
        number = Decimal(f"{(found['digits'] or '0').replace(',', '')}{found['rest'] or ''}{found['power'] or ''}")
    except InvalidOperation:
        return Amount(None, "not_a_number")
    if negative or found["sign"] == "-":
        number = -number
    return Amount(number * SCALES[word or unit], "", word)


def _chinese(text: str, negative: bool) -> Amount:
    """Read 一百二十万元 and 壹佰万元整; anything else is no number."""
    text = text.removesuffix("整").removesuffix("元").removesuffix("圆")
    total, block, digit, seen = 0, 0, 0, False
    for char in text:
        if char in _CJK_DIGITS:
            digit, seen = _CJK_DIGITS[char], True
        elif char in _CJK_STEPS:
            block += (digit or 1) * _CJK_STEPS[char]
            digit, seen = 0, True
        elif char in _CJK_BLOCKS and seen:
            total = (total + block + digit) * _CJK_BLOCKS[char] if char == "亿" else total + (block + digit) * 10_000
            block = digit = 0
        else:
            return Amount(None, "bad_grouping" if re.fullmatch(r"[\d.,-]+", text) else "not_a_number")
    if not seen:
        return Amount(None, "not_a_number")
    value = Decimal(total + block + digit)
    return Amount(-value if negative else value)


def unit_of(header: str) -> str:
    """Return the unit that a column header or a unit line names (合同额（万）, 单位：万元), empty when it names none."""
    plain = unicodedata.normalize("NFKC", header).lower().translate(_SIMPLER)
    words = "亿元|亿|千万元|千万|百万元|百万|万元|万|千元|元|million|thousand"
    found = re.search(rf"[(\[/:]\s*(?:人民币|rmb|cny)?\s*({words})\s*(?:[)\]]|$)", plain) or re.search(
        r"(亿元|百万元|万元|千元)$", plain
    )
    return found[1] if found else ""
