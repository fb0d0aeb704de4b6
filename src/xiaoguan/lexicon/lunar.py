"""Days of the lunar calendar as people say them (八月十五, 腊月廿三, 8-15), and when they come next."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from cnlunar import Lunar

MONTHS = "正 二 三 四 五 六 七 八 九 十 冬 腊".split()
_MORE_MONTHS = {"一": 1, "十一": 11, "十二": 12}
_DIGITS = "一二三四五六七八九"
DAYS = [
    *(f"初{digit}" for digit in f"{_DIGITS}十"),
    *(f"十{digit}" for digit in _DIGITS), "二十",
    *(f"廿{digit}" for digit in _DIGITS), "三十",
]  # fmt: skip
_MONTH = {name: number for number, name in enumerate(MONTHS, 1)} | _MORE_MONTHS
_DAY = {name: number for number, name in enumerate(DAYS, 1)}
_DAY |= {f"二十{digit}": 20 + number for number, digit in enumerate(_DIGITS, 1)}
_DAY |= {name.removeprefix("初"): number for name, number in _DAY.items() if name.startswith("初")}
_WORDS = re.compile(
    r"(?:农历|阴历)?闰?(?P<month>[正一二三四五六七八九十冬腊]{1,2})月(?P<day>[初一二三四五六七八九十廿]{1,3})日?"
)
_NUMBERS = re.compile(r"(?:农历|阴历)?(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})日?")


def parse(text: str) -> tuple[int, int] | None:
    """Return month and day that a text says; None where it says no lunar day."""
    bare = "".join(text.split())
    if found := _NUMBERS.fullmatch(bare):
        month, day = int(found["month"]), int(found["day"])
    elif found := _WORDS.fullmatch(bare):
        month, day = _MONTH.get(found["month"], 0), _DAY.get(found["day"], 0)
    else:
        return None
    return (month, day) if 1 <= month <= 12 and 1 <= day <= 30 else None


def told(month: int, day: int) -> str:
    """Return a lunar day in Chinese words: 八月十五."""
    return f"{MONTHS[month - 1]}月{DAYS[day - 1]}"


@lru_cache(maxsize=1024)
def of(date: dt.date) -> tuple[int, int, bool]:
    """Return month and day of a date in the lunar calendar, and whether the month is a leap one."""
    found = Lunar(dt.datetime(date.year, date.month, date.day))  # noqa: DTZ001  a date has no zone
    return found.lunarMonth, found.lunarDay, found.isLunarLeapMonth


def kept_on(date: dt.date) -> list[tuple[int, int]]:
    """Return the lunar days that are kept on a date: a thirtieth on the last day of a month that has twenty-nine.

    In a leap month nobody has birthday again.
    """
    month, day, leap = of(date)
    if leap:
        return []
    last = day == 29 and of(date + dt.timedelta(days=1))[1] == 1
    return [(month, day), (month, 30)] if last else [(month, day)]
