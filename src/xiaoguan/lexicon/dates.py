"""Dates as people write them, and which of day, month and year comes first in a column.

``2001年1月5日`` ``2001/1/5`` ``2001.01.05`` ``20010105`` ``2001-01-05 13:20`` ``二〇〇一年一月五日`` ``5-Jan-2017``
``January 5th, 2017`` ``3/14/2017`` ``14-03-17``, Excel serial numbers of the 1900 system. Times and weekdays beside the
date are understood; a zone written after the time is left aside: the date counts as written.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Order = Literal["ymd", "mdy", "dmy"]

NOTHING = frozenset({"", "-", "--", "—", "——", "/", "无", "n/a", "na", "null", "none", "nan", "待定", "\\n"})
EXCEL_EPOCH = dt.date(1899, 12, 30)
"""Day 0 of the 1900 system for serials from 61 on (Excel believes in 29 February 1900)."""
SERIALS = range(10_000, 109_575)
"""Serial numbers taken for dates, 1927-05-18 to 2199-12-31; smaller ones are counts, years and amounts."""
YEARS = range(1800, 2200)

_MONTHS = {
    name: place
    for place, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september"
        "|oct october|nov november|dec december".split("|"),
        start=1,
    )
    for name in names.split()
}
_SEPARATOR = r"\s*[-/.年月、\\ ]\s*"
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})\s*[日号.]?")
_YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TRIPLE = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})")
_SHORT_YEAR_FIRST = re.compile(r"(\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[-/ .,]*([a-z]{3,9})|([a-z]{3,9})[-/ .]*(\d{1,2})(?:st|nd|rd|th)?)[-/ .,]*(\d{4}|\d{2})"
)
_YEAR_NAMED = re.compile(r"(\d{4})[-/ .]*([a-z]{3,9})[-/ .]*(\d{1,2})")
_SERIAL = re.compile(r"\d{5,6}(?:\.\d+)?")
_WEEKDAY = re.compile(r"[(\[]?(?:星期|周|礼拜)[一二三四五六日天][)\]]?|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b[,.]?")
_HALVES = "凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|am|pm|a\\.m\\.|p\\.m\\."
_LATER = ("中午", "下午", "傍晚", "晚上", "夜里", "pm", "p.m.")
_TIME = re.compile(
    rf"(?:t|\s)*({_HALVES})?\s*(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?\s*({_HALVES})?\s*(?:z|utc|[+-]\d{{2}}:?\d{{2}})?$"
)
_CHINESE_TIME = re.compile(rf"\s*({_HALVES})?\s*(\d{{1,2}})[时点](?:(\d{{1,2}})分?)?(?:(\d{{1,2}})秒)?()$")
_NUMERALS = re.compile(r"[〇○零一二三四五六七八九十]+(?=[年月日号])")
_DIGITS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}


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
    """How a column writes its dates; ``sure`` is false where other orders read it as well: ``rivals``, likeliest first."""

    order: Order
    sure: bool
    rivals: tuple[Order, ...] = ()


def parse(cell: object, order: Order = "ymd") -> Day:
    """Read one cell (text, number or date); ``order`` decides 03/04/17 and, unless ``ymd``, 03/04/2017.

    Under ``ymd`` a year of two digits stands first (27/01/15 is 15 January 2027), and before a year of four digits the
    month does, unless it can't. Codes: ``not_a_date``, ``no_such_month``, ``no_such_day``, ``no_such_time``.
    """
    found = parse_moment(cell, order)
    return Day(found.value.date() if found.value else None, found.code)


def parse_moment(cell: object, order: Order = "ymd") -> Moment:
    """Read a date with an optional time of day; midnight where none is given. Codes as for :func:`parse`."""
    if isinstance(cell, dt.datetime):
        return Moment(cell.replace(tzinfo=None))
    if isinstance(cell, dt.date):
        return Moment(dt.datetime.combine(cell, dt.time.min))
    if cell is None or isinstance(cell, bool):
        return Moment(None, "not_a_date" if cell is not None else "")
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", str(cell))).strip().lower()
    text = re.sub(r"(?<=\d)\.0$", "", text) if isinstance(cell, float) else text
    if text in NOTHING or text.startswith("0000-00-00"):
        return Moment(None)
    if _SERIAL.fullmatch(text):
        return from_serial(float(text))
    text, time, code = _split_time(text)
    if code:
        return Moment(None, code)
    parts = _parts(_NUMERALS.sub(_arabic, _WEEKDAY.sub("", text)).strip(" ,"), order)
    if parts is None or parts[0] not in YEARS:
        return Moment(None, "not_a_date")
    year, month, day = parts
    if not 1 <= month <= 12:
        return Moment(None, "no_such_month")
    try:
        return Moment(dt.datetime(year, month, day, *time))  # noqa: DTZ001  wall time; the caller knows the zone
    except ValueError:
        return Moment(None, "no_such_day")


def from_serial(serial: float) -> Moment:
    """Read an Excel serial number of the 1900 system, to the second; outside ``SERIALS`` it is no date."""
    days, seconds = divmod(round(serial * 86_400), 86_400)
    if days not in SERIALS:
        return Moment(None, "not_a_date")
    start = dt.datetime.combine(EXCEL_EPOCH + dt.timedelta(days=days), dt.time.min)
    return Moment(start + dt.timedelta(seconds=seconds))


def detect_order(texts: Iterable[str]) -> OrderFound | None:
    """Tell in which order a column writes its dates: the one in which every cell is a real date.

    None where no cell leaves a doubt: dates that start with a year of four digits, or name the month, need no order.
    Of several possible orders the one whose years lie closest together wins: beside 01-03-17, 20-10-16 is 2016, not
    2020. Where even that leaves two, a slash means month first, a hyphen or dot day first, and the answer is not sure.
    A column that no order reads gets the order that reads most of it, not sure.
    """
    triples: list[tuple[str, str, str]] = []
    slash = False
    for text in texts:
        found = _TRIPLE.match(unicodedata.normalize("NFKC", text).strip())
        if found:
            triples.append((found[1], found[2], found[3]))
            slash = slash or "/" in text
    if not triples:
        return None
    likely: list[Order] = ["mdy", "dmy", "ymd"] if slash else ["dmy", "mdy", "ymd"]
    years = {order: [_date_of(triple, order) for triple in triples] for order in likely}
    fitting = [order for order in likely if None not in years[order]]
    if not fitting:
        most = max(likely, key=lambda order: sum(year is not None for year in years[order]))
        return OrderFound(most, False)
    spans = {order: _span(years[order]) for order in fitting}
    fitting.sort(key=lambda order: spans[order])
    best, *others = fitting
    return OrderFound(best, all(spans[other] > spans[best] for other in others), tuple(others))


def _span(years: Sequence[int | None]) -> int:
    known = [year for year in years if year is not None]
    return max(known) - min(known)


def _date_of(triple: tuple[str, str, str], order: Order) -> int | None:
    """Return the year of three numbers read in an order, None where that is no date."""
    parts = dict(zip(order, triple, strict=True))
    if len(parts["y"]) < 2 or (len(triple[2]) == 4 and order == "ymd"):
        return None
    year = _full_year(parts["y"])
    try:
        return dt.date(year, int(parts["m"]), int(parts["d"])).year
    except ValueError:
        return None


def _split_time(text: str) -> tuple[str, tuple[int, int, int], str]:
    """Split a time of day off the end of a text; midnight where there is none, a code where it is no time."""
    for shape in (_TIME, _CHINESE_TIME):
        found = shape.search(text)
        if found and found.start() > 0:
            hour, minute, second = int(found[2]), int(found[3] or 0), int(found[4] or 0)
            half = found[1] or found[5]
            if half and hour <= 12:
                hour = hour % 12 + 12 * (half in _LATER)
            if hour > 23 or minute > 59 or second > 59:
                return text, (0, 0, 0), "no_such_time"
            return text[: found.start()].strip(), (hour, minute, second), ""
    return text, (0, 0, 0), ""


def _parts(text: str, order: Order) -> tuple[int, int, int] | None:
    """Return year, month and day of a text, unchecked; None when it has no known shape."""
    if found := (_YEAR_FIRST.fullmatch(text) or _PACKED.fullmatch(text)):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _YEAR_MONTH.fullmatch(text):
        return int(found[1]), int(found[2]), 1
    if found := _SHORT_YEAR_FIRST.fullmatch(text):
        return _full_year(found[1]), int(found[2]), int(found[3])
    if found := _TRIPLE.fullmatch(text):
        return _ordered(found[1], found[2], found[3], order)
    if found := _NAMED.fullmatch(text):
        month = _MONTHS.get(found[2] or found[3])
        return (_full_year(found[5]), month, int(found[1] or found[4])) if month else None
    if (found := _YEAR_NAMED.fullmatch(text)) and found[2] in _MONTHS:
        return int(found[1]), _MONTHS[found[2]], int(found[3])
    return None


def _ordered(first: str, second: str, third: str, order: Order) -> tuple[int, int, int]:
    """Return year, month and day of three numbers."""
    if order == "ymd" and len(third) == 2 and len(first) == 2:
        return _full_year(first), int(second), int(third)
    if order == "dmy" or (order == "ymd" and int(first) > 12 >= int(second)):
        return _full_year(third), int(second), int(first)
    return _full_year(third), int(first), int(second)


def _full_year(text: str) -> int:
    """Two digits mean 1970 to 2069."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 70 else 2000)


def _arabic(found: re.Match[str]) -> str:
    """Return 二〇〇一 as 2001 and 十一, 二十三 as 11, 23."""
    text = found[0]
    if "十" not in text:
        return "".join(_DIGITS[char] for char in text)
    tens, _, ones = text.partition("十")
    return f"{_DIGITS.get(tens, '1')}{_DIGITS.get(ones, '0')}"
