"""Numbers of quotes by the company's pattern, one after the other."""

from __future__ import annotations

import datetime as dt
import re

from xiaoguan.apps.quotes.models import House, Quote

NUMBER = re.compile(r"\{number(?::([1-8]))?\}")


def house() -> House:
    """The quote settings with their pictures; the defaults until somebody has saved them."""
    return House.objects.filter(pk=1).select_related("logo", "seal").first() or House(id=1)


def next_number(day: dt.date) -> str:
    """Give the next number for a day that no quote has; inside a transaction, so that none is given twice."""
    House.objects.get_or_create(pk=1)
    row = House.objects.select_for_update().get(pk=1)
    around = filled(row.pattern, day)
    count = row.counts.get(around, 0)
    while True:
        count += 1
        number = NUMBER.sub(lambda found, count=count: f"{count:0{found[1] or 1}d}", around)
        if not Quote._default_manager.filter(number=number).exists():
            break
    House.objects.filter(pk=1).update(counts={**row.counts, around: count})
    return number


def filled(pattern: str, day: dt.date) -> str:
    """The pattern with the day's parts in it; the count stays open."""
    for name, text in (("year", f"{day:%Y}"), ("yy", f"{day:%y}"), ("month", f"{day:%m}"), ("day", f"{day:%d}")):
        pattern = pattern.replace("{" + name + "}", text)
    return pattern
