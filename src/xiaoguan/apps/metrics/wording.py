"""A metric's figure as people read it: money in the reader's unit, a rate in per cent, time in hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import kinds, render
from xiaoguan.kit.fields import RATE_ONE


def hours(minutes: int) -> Decimal:
    """Minutes as hours with two decimals at most."""
    return (Decimal(divide_half_up(minutes * 100, 60)) / 100).normalize()


def shown(metric: Metric, value: int | None) -> SafeString:
    """A figure as a cell shows it, without its unit."""
    if value is None:
        return render.NOTHING
    if metric.unit == "money":
        return render.amount(value) if value else SafeString("0")
    if metric.unit == "rate":
        return render.percent(value)
    return SafeString(f"{hours(value):f}") if metric.unit == "minutes" else render.number(value)


def told(metric: Metric, value: int | None) -> SafeString:
    """A figure with its unit, as it stands alone."""
    if metric.unit == "money":
        return render.money(value)
    if metric.unit == "minutes" and value is not None:
        return format_html('{}<span class="unit"> {}</span>', shown(metric, value), gettext("h"))
    return shown(metric, value)


def unit(metric: Metric) -> str:
    """The unit that a table says once; empty for counts and rates."""
    return {"money": str(render.money_unit()), "minutes": gettext("h")}.get(metric.unit, "")


def plain(metric: Metric, value: int | None) -> Any:
    """A figure for a file: yuan, a rate as a fraction, hours, a whole number."""
    if value is None or metric.unit == "count":
        return value
    if metric.unit == "minutes":
        return hours(value)
    return kinds.MONEY.plain(value) if metric.unit == "money" else kinds.PERCENT.plain(value)


def reached(metric: Metric, value: int | None, target: int | None) -> SafeString:
    """How much of a target is reached; where less is better, whether it is kept."""
    if value is None or not target:
        return render.NOTHING
    if metric.higher_is_better:
        return render.percent(divide_half_up(value * RATE_ONE, target))
    kept = value <= target
    words = gettext("kept") if kept else gettext("exceeded")
    return format_html('<span class="{}">{}</span>', "green" if kept else "red", words)
