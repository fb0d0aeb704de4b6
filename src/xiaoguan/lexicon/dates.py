"""Dates as people write them, and which of day and month comes first in a column.

2001年1月5日, 2001/1/5, 2001.01.05, 20010105, 2001-01-05 13:20, 5-Jan-2017, 3/14/2017, 14-03-17, Excel serial numbers.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Order = Literal["ymd", "mdy", "dmy"]

NOTHING = frozenset({"", "-", "--", "—", "/", "无", "n/a", "na", "null", "none", "待定", "0000-00-00"})
EXCEL_EPOCH = dt.date(1899, 12, 30)
"""Day 0 of the 1900 system for serials from 61 on (Excel believes in 29 February 1900)."""

_MONTHS = {
    name: place
    for place, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september"
        "|oct october|nov november|dec december".split("|"),
        start=1,
    )
    for name in names.split()
}
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年 ]\s*(\d{1,2})\s*[-/.月 ]\s*(\d{1,2})\s*[日号]?")
_YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})")
_NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[-/ .]*([a-z]{3,9})|([a-z]{3,9})[-/ .]*(\d{1,2})(?:st|nd|rd|th)?)[-/ .,]*(\d{2}|\d{4})"
)
_SERIAL = re.compile(r"\d{2,5}(?:\.\d+)?")
_TIME = re.compile(
    r"[t ]*(上午|下午|am|pm)?\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(am|pm)?\s*(?:z|[+-]\d{2}:?\d{2})?$"
)
_CHINESE_TIME = re.compile(r"[ ]*(上午|下午)?\s*(\d{1,2})[时点](?:(\d{1,2})分?)?(?:(\d{1,2})秒)?$")


@dataclass(frozen=True, slots=True)
class Day:
    """A parsed date (None for an empty cell) or the ``code`` that says why there is none."""

    value: dt.date | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A parsed wall-clock time without zone (None for an empty cell) or a ``code``."""

    value: dt.datetime | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class OrderFound:
    """How a column writes its dates; ``sure`` is false where every cell reads both ways."""

    order: Order
    sure: bool


def parse(text: str, order: Order = "ymd") -> Day:
    """Read one cell; ``order`` decides 03/04/2017 (``ymd`` reads it month first).

    Codes: ``not_a_date``, ``no_such_month``, ``no_such_day``.
    """
    found = parse_moment(text, order)
    return Day(found.value.date() if found.value else None, found.code)


def parse_moment(text: str, order: Order = "ymd") -> Moment:
    """Read a date with an optional time of day; midnight where none is given. Codes as for ``parse``."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()
    if plain in NOTHING:
        return Moment(None)
    if _SERIAL.fullmatch(plain) and not (plain.isdigit() and len(plain) == 4 and 1900 <= int(plain) <= 2100):
        return from_serial(float(plain))
    plain, time, code = _split_time(plain)
    if code:
        return Moment(None, code)
    plain = re.sub(r"[(（]?(?:星期|周)[一二三四五六日天][)）]?", "", plain).strip()
    parts = _parts(plain, order)
    if parts is None:
        return Moment(None, "not_a_date")
    year, month, day = parts
    if not 1 <= month <= 12:
        return Moment(None, "no_such_month")
    try:
        return Moment(dt.datetime(year, month, day, *time))  # noqa: DTZ001  wall time; the caller knows the zone
    except ValueError:
        return Moment(None, "no_such_day")


def from_serial(serial: float) -> Moment:
    """Read an Excel serial number of the 1900 system; below 61 and beyond the year 2199 it is no date."""
    whole = int(serial)
    if not 61 <= whole <= 109_574:
        return Moment(None, "not_a_date")
    seconds = round((serial - whole) * 86_400)
    start = dt.datetime.combine(EXCEL_EPOCH + dt.timedelta(days=whole), dt.time.min)
    return Moment(start + dt.timedelta(seconds=seconds))


def _split_time(text: str) -> tuple[str, tuple[int, int, int], str]:
    for shape in (_TIME, _CHINESE_TIME):
        found = shape.search(text)
        if found and found.start() > 0:
            hour, minute, second = int(found[2]), int(found[3] or 0), int(found[4] or 0)
            half = found[1] or (found[5] if shape is _TIME else None)
            if half in ("下午", "pm") and hour < 12:
                hour += 12
            if hour > 23 or minute > 59 or second > 59:
                return text, (0, 0, 0), "no_such_time"
            return text[: found.start()].strip(), (hour, minute, second), ""
    return text, (0, 0, 0), ""


def _parts(text: str, order: Order) -> tuple[int, int, int] | None:
    """Year, month and day of a text, unchecked; None when it has no known shape."""
    if found := (_YEAR_FIRST.fullmatch(text) or _PACKED.fullmatch(text)):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _YEAR_MONTH.fullmatch(text):
        return int(found[1]), int(found[2]), 1
    if found := _YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), _full_year(found[3])
        if order == "dmy" or (order == "ymd" and first > 12 >= second):
            return year, second, first
        return year, first, second
    if found := _NAMED.fullmatch(text):
        month = _MONTHS.get(found[2] or found[3])
        return (_full_year(found[5]), month, int(found[1] or found[4])) if month else None
    return None


def _full_year(text: str) -> int:
    """Two digits mean 1970 to 2069."""
    year = int(text)
    if len(text) == 4:
        return year
    return year + (1900 if year >= 70 else 2000)


def detect_order(texts: Iterable[str]) -> OrderFound:
    """Tell how a column writes its dates: the order in which every cell is a real date.

    Cells that start with the year say nothing about the others. With no cell that rules one order
    out the answer is month first for slashes and day first for hyphens and dots, and not sure.
    """
    month_first = day_first = True
    last_form = ""
    for text in texts:
        plain = unicodedata.normalize("NFKC", text).strip().split(" ")[0]
        found = _YEAR_LAST.fullmatch(plain)
        if found is None:
            continue
        last_form = plain
        month_first = month_first and int(found[1]) <= 12
        day_first = day_first and int(found[2]) <= 12
    if not last_form:
        return OrderFound("ymd", True)
    if month_first and not day_first:
        return OrderFound("mdy", True)
    if day_first and not month_first:
        return OrderFound("dmy", True)
    return OrderFound("mdy" if "/" in last_form else "dmy", False)
