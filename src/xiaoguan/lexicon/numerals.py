"""Amounts as people write them, to exact decimals.

``1,234.50`` ``￥1,234`` ``1.23亿`` ``12.5萬元`` ``(1,234.00)`` ``（¥1,234）`` ``500-`` ``１２３`` ``RMB 500`` ``12.5w``
``1亿2000万`` ``3万5`` ``一百二十万`` ``壹万贰仟叁佰元伍角整``; ``-``, ``—``, ``无`` and the like are empty cells. A unit written
in the cell wins over the unit of the column; a currency sign alone is no unit.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

SCALES: dict[str, int] = {
    **dict.fromkeys(("", "元", "圆", "块", "块钱", "yuan"), 1),
    **dict.fromkeys(("百", "百元"), 100),
    **dict.fromkeys(("千", "千元", "k", "thousand"), 1_000),
    **dict.fromkeys(("万", "万元", "万块", "w"), 10_000),
    **dict.fromkeys(("十万", "十万元"), 100_000),
    **dict.fromkeys(("百万", "百万元", "m", "mn", "million"), 1_000_000),
    **dict.fromkeys(("千万", "千万元"), 10_000_000),
    **dict.fromkeys(("亿", "亿元"), 100_000_000),
    **dict.fromkeys(("十亿", "十亿元", "b", "bn", "billion"), 1_000_000_000),
}
"""What one of a unit is in yuan."""
UNIT_OF = {"wan": "万", "k": "k", "yuan": ""}
"""The key of SCALES that bare numbers are in, by the unit a person has amounts shown in."""

NOTHING = frozenset("- -- --- — —— – / \\ \\n 无 空 暂无 没有 n/a #n/a na null none nil nan".split()) | {""}
UNDECIDED = frozenset("面议 待定 未定 待议 议价 待报价 待确认 另议 tbd tba tbc".split())

_SIMPLER = str.maketrans("萬億圓塊陸貳參肆伍陆", "万亿圆块陆贰叁肆伍陆")
_CURRENCIES = {"CNY": "人民币元?|人民幣|rmb|cny|cn¥|¥", "USD": "us\\$|usd|美元|美金|\\$", "EUR": "eur|欧元|€", "GBP": "gbp|英镑|£",
               "HKD": "hk\\$|hkd|港币|港元", "JPY": "jpy|日元|日圆"}  # fmt: skip
_CURRENCY = re.compile("|".join(f"(?P<{code}>{words})" for code, words in sorted(_CURRENCIES.items(), reverse=True)))
_VAGUE = re.compile(
    r"^(?:约|大约|大概|近|超|超过|不低于|不超过|至少|至多|[<>≤≥~])|(?:左右|上下|以上|以下|以内|多|余|\+)$|^\D{0,3}\d[\d.,]*\D{0,2}[-~至到]\s*\d[\d.,]*\D{0,3}$"
)

_GROUPED = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?:\.\d+)?|\d{1,3}(?:'\d{3})+(?:\.\d+)?"
_CONTINENTAL = r"\d{1,3}(?:\.\d{3})+,\d{1,2}"
_PLAIN = r"\d+(?:\.\d*)?(?:e[+-]?\d{1,2})?|\.\d+"
_SHAPE = re.compile(rf"(?P<number>{_GROUPED}|{_CONTINENTAL}|{_PLAIN})\s*(?P<unit>[^\d\s.,'+-][^\d.,'+-]*)?")

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_DIGITS |= {char: value for value, char in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_STEPS = {"十": 10, "百": 100, "千": 1_000, "拾": 10, "佰": 100, "仟": 1_000}
_BLOCKS = {"万": 10_000, "亿": 100_000_000}
_COINS = {"角": Decimal("0.1"), "毛": Decimal("0.1"), "分": Decimal("0.01")}
_NUMERAL = "".join(_DIGITS) + "".join(_STEPS)
_POINT = re.compile(rf"([{_NUMERAL}]+)点([{''.join(_DIGITS)}]+)")
_TOKEN = re.compile(r"\d+(?:\.\d+)?|.")


@dataclass(frozen=True, slots=True)
class Amount:
    """A parsed amount: ``value`` in yuan (None for an empty cell) or a ``code`` saying why there is none.

    ``unit`` is the unit found in the text itself, empty when the column's was used; ``currency`` the ISO code of a
    currency named in the text, empty when none was. Amounts are not converted.
    """

    value: Decimal | None
    code: str = ""
    unit: str = ""
    currency: str = ""


def parse(cell: object, *, unit: str = "") -> Amount:
    """Read one cell (text or number); ``unit`` (a key of SCALES) applies where the text names none.

    Codes: ``not_a_number``, ``undecided`` (面议, 约 50 万, 10–20 万), ``unknown_unit``, ``bad_grouping``.
    """
    if isinstance(cell, bool):
        return Amount(None, "not_a_number")
    text = format(Decimal(repr(cell)), "f") if isinstance(cell, float) else "" if cell is None else str(cell)
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").strip().lower().translate(_SIMPLER)
    if plain in NOTHING:
        return Amount(None)
    if plain in UNDECIDED or _VAGUE.search(plain):
        return Amount(None, "undecided")
    named = _CURRENCY.search(plain)
    currency = named.lastgroup or "" if named else ""
    body, negative = _without_sign(_CURRENCY.sub("", plain).strip() if named else plain)
    found = _SHAPE.fullmatch(body)
    if found is None:
        value = _spoken(body)
        if value is None:
            return Amount(None, "bad_grouping" if re.fullmatch(r"[\d.,' ]+", body) else "not_a_number")
        return Amount(-value if negative else value, "", "元", currency)
    word = re.sub(r"\s", "", found["unit"] or "").removesuffix("整").removesuffix("正")
    if word not in SCALES:
        spoken = _spoken(body)
        return (
            Amount(None, "unknown_unit")
            if spoken is None
            else Amount(-spoken if negative else spoken, "", "元", currency)
        )
    value = _decimal(found["number"]) * SCALES[word or unit]
    return Amount(-value if negative else value, "", word, currency)


def currency_of(text: str) -> str:
    """The ISO code of the currency a word names, empty for none."""
    found = _CURRENCY.fullmatch(unicodedata.normalize("NFKC", text).strip().lower().translate(_SIMPLER))
    return found.lastgroup or "" if found else ""


def _without_sign(text: str) -> tuple[str, bool]:
    """Return a text without its sign and whether it is negative: brackets, a minus in front or at the end."""
    body = text
    negative = bool(re.fullmatch(r"\(.*\)", body))
    if negative:
        body = body[1:-1].strip()
    if body[:1] in ("-", "+"):
        negative = negative or body[0] == "-"
        body = body[1:].strip()
    elif body[-1:] == "-":
        negative, body = True, body[:-1].strip()
    return body, negative


def _decimal(number: str) -> Decimal:
    """Return the value of a number in one of the shapes above."""
    if re.fullmatch(_CONTINENTAL, number):
        return Decimal(number.replace(".", "").replace(",", "."))
    return Decimal(re.sub("[, ']", "", number))


def _spoken(text: str) -> Decimal | None:
    """Read 一百二十万, 1亿2000万, 3万5 (a single digit after a step counts tenths of it) and 壹佰元伍角整; else None."""
    body = _POINT.sub(lambda m: f"{_spoken(m[1])}.{''.join(str(_DIGITS[c]) for c in m[2])}", text)
    body = body.removesuffix("整").removesuffix("正")
    total = section = Decimal(0)
    digit: Decimal | None = None
    last, gap, seen = 0, False, False
    for token in _TOKEN.findall(body):
        if token in _DIGITS or token[0].isdecimal():
            if digit is not None:
                return None
            value = Decimal(_DIGITS.get(token, 0) if token in _DIGITS else token)
            digit, gap = (None, True) if token in ("零", "〇") else (value, gap)
        elif token in _STEPS:
            section += (Decimal(1) if digit is None else digit) * _STEPS[token]
            digit, last, gap = None, _STEPS[token], False
        elif token in _BLOCKS and seen:
            part = section + (digit or 0)
            total = (total + part) * _BLOCKS[token] if token == "亿" else total + part * _BLOCKS[token]
            section, digit, last, gap = Decimal(0), None, _BLOCKS[token], False
        elif token in ("元", "圆", "块") and seen:
            total, section, digit, last = total + section + (digit or 0), Decimal(0), None, 0
        elif token in _COINS and digit is not None:
            total, digit, last = total + digit * _COINS[token], None, 0
        else:
            return None
        seen = True
    if digit is not None and digit < 10 and last >= 100 and not gap:
        digit *= last // 10
    return total + section + (digit or 0) if seen else None
