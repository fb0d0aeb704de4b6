"""How much of each market is ours: what was won in it in the year, against its size and the share one wants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics import readings
from xiaoguan.apps.metrics.models import MarketSize
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.readings import Found, Month, measurer
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.metrics.standing import stands
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.calc.market import apart, holds
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.calc.share import largest_remainder
from xiaoguan.kit import access, clock, job
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.fields import RATE_ONE

Won = Mapping[tuple[str, str], int]
"""(two digits of the province, series) → fen won."""


@dataclass(frozen=True)
class Line:
    """One market of a year: its size, what of it is ours now and was the year before (None: no size known), in fen."""

    row: MarketSize
    ours: int
    share: int
    before: int | None

    @property
    def aim(self) -> int | None:
        """The money that the wanted share means; None where none is wanted."""
        return None if self.row.target is None else divide_half_up(self.row.amount * self.row.target, RATE_ONE)

    @property
    def left(self) -> int | None:
        """What is still to be won for it; 0 once it is reached."""
        return None if self.aim is None else max(self.aim - self.ours, 0)


def span(year: int) -> tuple[dt.date, dt.date]:
    """The days of a calendar year."""
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def won(first: dt.date, last: dt.date) -> Won:
    """What was won by province and series."""
    found = figures([WON_AMOUNT], Slice(first, last), by=["region", "category"])
    return {(str(key[0]), str(key[1])): found.value(WON_AMOUNT, key) or 0 for key in found.rows}


def key_of(row: MarketSize) -> tuple[str, str]:
    """The market of a size as figures know it."""
    return row.region[:2], row.category


def inside(market: tuple[str, str], amounts: Won) -> int:
    """What of some amounts lies in a market."""
    return sum(amount for where, amount in amounts.items() if holds(market, where))


def share(part: int, size: int) -> int:
    """A share in hundred-thousandths."""
    return divide_half_up(part * RATE_ONE, size)


def lines(actor: Any, year: int) -> Sequence[Line]:
    """The markets of a year as far as the actor may see them, the whole country first; four queries."""
    rows = list(access.visible(MarketSize, actor).filter(year__in=(year, year - 1)).order_by("region", "category"))
    now, before = won(*span(year)), won(*span(year - 1))
    old = {key_of(row): share(inside(key_of(row), before), row.amount) for row in rows if row.year == year - 1}
    return [
        Line(row, ours := inside(key_of(row), now), share(ours, row.amount), old.get(key_of(row)))
        for row in rows
        if row.year == year
    ]


def years(actor: Any) -> list[int]:
    """The years for which any size is known, the latest first."""
    return sorted(set(access.visible(MarketSize, actor).order_by().values_list("year", flat=True)), reverse=True)


# The whole of it, measured each night --------------------------------------------------------------------------------

KIND = "metrics.market"


@measurer
def markets(month: Month) -> Found:
    """A twelfth of the markets of the year, told apart, and what was won in them in the month; nobody's own."""
    rows = access.everything(MarketSize, because="how large markets are doesn't depend on who looks")
    sizes = {key_of(row): row.amount for row in rows.filter(year=month.first.year)}
    if not sizes:
        return {"market_won": {}, "market_size": {}}
    whole = sum(apart(sizes).values())
    part = largest_remainder(whole, [1] * 12)[month.first.month - 1]
    amounts = won(month.first, month.last)
    ours = sum(amount for where, amount in amounts.items() if any(holds(market, where) for market in sizes))
    return {"market_won": {None: ours}, "market_size": {None: part}}


@consequence(MarketSize)
def follow_sizes(work: Work, rows: Sequence[MarketSize], fresh: bool) -> None:
    """Another size is another share, of all months of its year there have been."""
    touched = {row.year for row in rows} | {row._loaded["year"] for row in rows if not fresh}
    for year in sorted(touched):
        job.enqueue(KIND, {"year": year}, key=str(year))


@job.job(KIND, label=_("Measure market shares"))
def measure(run: job.Run) -> dict[str, int]:
    """The months of a year up to now."""
    kept, today = 0, clock.today()
    for number in range(1, 13):
        first = dt.date(run.payload["year"], number, 1)
        if first <= today:
            with run.chunk(done=1):
                kept += readings.keep(readings.month_of(first, state=False), only=(markets,))
    return {"kept": kept}


stands("market_size", label=_("Market sizes of the year"), model=MarketSize, whose="", year="{year}")
stands("market_won", label=_("Deals won in the month"), model=Deal, whose="", status="won", won_on="{first}..{last}",
       sort="-amount")  # fmt: skip
