"""Words for stretches of days that filters, URLs and metrics share: `this_month`, `overdue`, `2026-11-01..`."""

from __future__ import annotations

import datetime as dt
import re

from django.utils.translation import gettext, gettext_lazy as _

Span = tuple[dt.date | None, dt.date | None]

WORDS = {
    "today": _("today"),
    "yesterday": _("yesterday"),
    "tomorrow": _("tomorrow"),
    "this_week": _("this week"),
    "next_week": _("next week"),
    "last_week": _("last week"),
    "this_month": _("this month"),
    "next_month": _("next month"),
    "last_month": _("last month"),
    "this_quarter": _("this quarter"),
    "last_quarter": _("last quarter"),
    "next_quarter": _("next quarter"),
    "this_year": _("this year"),
    "last_year": _("last year"),
    "next_year": _("next year"),
    "overdue": _("before today"),
    "last_7_days": _("last 7 days"),
    "last_30_days": _("last 30 days"),
    "last_90_days": _("last 90 days"),
    "next_7_days": _("next 7 days"),
    "next_30_days": _("next 30 days"),
}


_DAYS = re.compile(r"(last|next)_([1-9]\d{0,3})_days")
"""Beside the words above any number of days will do."""


def word(raw: str) -> str:
    """What a relative word says in the reader's language; empty for anything else."""
    if raw in WORDS:
        return str(WORDS[raw])
    found = _DAYS.fullmatch(raw)
    if not found:
        return ""
    said = gettext("last %(n)s days") if found[1] == "last" else gettext("next %(n)s days")
    return said % {"n": found[2]}


def month_of(day: dt.date, shift: int = 0) -> tuple[dt.date, dt.date]:
    """First and last day of the month `shift` months away."""
    index = day.year * 12 + day.month - 1 + shift
    first = dt.date(index // 12, index % 12 + 1, 1)
    after = dt.date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first, after - dt.timedelta(days=1)


def _quarter_of(day: dt.date, shift: int) -> Span:
    start = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    first, _last = month_of(start, 3 * shift)
    return first, month_of(first, 2)[1]


def _week_of(day: dt.date, shift: int) -> Span:
    first = day - dt.timedelta(days=day.weekday()) + dt.timedelta(weeks=shift)
    return first, first + dt.timedelta(days=6)


def _relative(word: str, today: dt.date) -> Span:
    shift = {"this": 0, "last": -1, "next": 1}
    lead, _mark, rest = word.partition("_")
    if rest == "week":
        return _week_of(today, shift[lead])
    if rest == "month":
        return month_of(today, shift[lead])
    if rest == "quarter":
        return _quarter_of(today, shift[lead])
    if rest == "year":
        year = today.year + shift[lead]
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    if rest.endswith("_days"):
        reach = dt.timedelta(days=int(rest.removesuffix("_days")) - 1)
        return (today - reach, today) if lead == "last" else (today, today + reach)
    near = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if word in near:
        day = today + dt.timedelta(days=near[word])
        return day, day
    return None, today - dt.timedelta(days=1)


def span(raw: str, today: dt.date) -> Span:
    """First and last day of a word, a day, or `first..last`; ValueError on anything else."""
    if raw in WORDS or _DAYS.fullmatch(raw):
        return _relative(raw, today)
    first, mark, last = raw.partition("..")
    if not mark:
        day = dt.date.fromisoformat(raw)
        return day, day
    return (dt.date.fromisoformat(first) if first else None, dt.date.fromisoformat(last) if last else None)
