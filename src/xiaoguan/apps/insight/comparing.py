"""A figure beside another one: of the period before, of last year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.period import Period
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import render
from xiaoguan.kit.fields import RATE_ONE


@dataclass(frozen=True)
class Against:
    """What a figure is compared with: the words for it, its value, the difference and what it is in per cent."""

    label: str
    value: SafeString
    change: SafeString
    share: SafeString
    tone: str


def a_year_before(period: Period) -> Period:
    """The same period of the year before: weeks go back by 52, the 29th of February to the 28th."""
    kind = str(period.kind)
    if kind == "week":
        return period.calendar.week(period.start - dt.timedelta(weeks=52))
    first = period.start
    back = first.replace(year=first.year - 1, day=min(first.day, 28) if first.month == 2 else first.day)
    return period.calendar.of(kind, back)


def compared(spec: Metric, value: int | None, other: int | None, label: str) -> Against:
    """A figure beside another one: the difference, and it in per cent; green is what the company wants more of."""
    if value is None or other is None:
        return Against(label, wording.told(spec, other), SafeString(""), render.NOTHING, "")
    change = value - other
    tone = "" if not change else "green" if (change > 0) == spec.higher_is_better else "red"
    sign = "+" if change > 0 else ""
    shown = format_html("{}{}", sign, _difference(spec, change)) if change else SafeString("0")
    share = render.percent(divide_half_up(change * RATE_ONE, abs(other)), signed=True) if other else render.NOTHING
    if spec.unit == "rate":  # a share of a rate would be read as points
        share = shown
    return Against(label, wording.told(spec, other), shown, share, tone)


def _difference(spec: Metric, change: int) -> SafeString:
    """A difference in the metric's own unit; of rates it is in percentage points."""
    if spec.unit != "rate":
        return wording.shown(spec, change)
    points = str(render.percent(abs(change))).removesuffix("%")
    return format_html("{}{} {}", "" if change > 0 else "−", points, pgettext("difference of rates", "points"))
