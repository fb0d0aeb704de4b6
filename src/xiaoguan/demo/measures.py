"""What the nights would have measured, and how large the markets are that the company looks at."""

from __future__ import annotations

import datetime as dt

from xiaoguan.apps.metrics import market, readings
from xiaoguan.apps.metrics.models import Confidence, MarketSize
from xiaoguan.demo.staff import Staff
from xiaoguan.kit import spans
from xiaoguan.kit.action import create

MONTHS = 13
"""Back to the same month of last year."""
PROVINCES = (("320000", 9, 12_000, Confidence.MEDIUM, "省照明行业协会年报"),
             ("310000", 14, 8_000, Confidence.HIGH, "上海市建筑市场公报"))  # fmt: skip
"""Region, how many times the market is what was won there, the share wanted (1/100,000), confidence, source."""
STEP = 1_000_000_00
"""Sizes are rounded to a million yuan, as published figures are."""


def nights(today: dt.date, *, all_months: bool) -> int:
    """Measure them month by month: of the customers there were then, as much as is known of them now."""
    months = [spans.month_of(today, -back)[0] for back in range(MONTHS - 1 if all_months else 0, -1, -1)]
    return sum(readings.keep(readings.month_of(first, state=True)) for first in months)


def markets(people: Staff, today: dt.date) -> int:
    """The markets of this year and the last, by province and the series that sells best there; returns how many."""
    rows = []
    for year in (today.year - 1, today.year):
        won = market.won(*market.span(year))
        for region, times, wanted, confidence, source in PROVINCES:
            ours = market.inside((region[:2], ""), won)
            values = {"year": year, "region": region, "confidence": confidence, "source": source, "target": wanted}
            rows.append({**values, "amount": _published(ours * times)})
            best = max((key for key in won if key[0] == region[:2] and key[1]), key=lambda key: won[key], default=None)
            if best is not None:
                size = {
                    "amount": _published(won[best] * times * 3 // 4),
                    "category": best[1],
                    "target": wanted * 3 // 2,
                }
                rows.append({**values, **size, "confidence": Confidence.LOW, "source": "经销商访谈估算"})
    create(MarketSize, rows, actor=people.director, source="demo")
    return len(rows)


def _published(amount: int) -> int:
    return max(STEP, amount // STEP * STEP)
