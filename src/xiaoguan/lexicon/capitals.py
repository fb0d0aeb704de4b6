"""Amounts in capital numerals, as contracts, quotes and cheques write them: 壹万贰仟叁佰元伍角整.

By the rules of the Chinese banks (支付结算办法, annex 1): one 零 for any row of zeros between two digits, also across
a section of four; 整 behind yuan and jiao, none behind fen; a zero before fen is written where jiao is nought.
"""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_STEPS = ("", "拾", "佰", "仟")


def yuan(fen: int) -> str:
    """Write an amount of fen; negative ones begin with 负, nothing is 零元整."""
    whole, rest = divmod(abs(fen), 100)
    jiao, cents = divmod(rest, 10)
    text = f"{_integer(whole)}元" if whole else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif cents and whole:
        text += "零"
    if cents:
        text += f"{_DIGITS[cents]}分"
    else:
        text = (text or "零元") + "整"
    return f"负{text}" if fen < 0 else text


def _integer(value: int) -> str:
    """A whole number above nought; what is above 亿 or 万 is written as a number of its own."""
    for size, word in ((10**8, "亿"), (10**4, "万")):
        if value >= size:
            upper, lower = divmod(value, size)
            gap = "零" if lower and lower < size // 10 else ""
            return f"{_integer(upper)}{word}{gap}{_integer(lower) if lower else ''}"
    return _section(value)


def _section(section: int) -> str:
    """Up to four digits."""
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = section // 10**place % 10
        if not digit:
            gap = gap or bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _STEPS[place]
        gap = False
    return text
