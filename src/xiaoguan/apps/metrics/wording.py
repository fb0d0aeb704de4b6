"""A metric's figure as people read it: money in the reader's unit, a rate in per cent, time in hours; and in words."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from xiaoguan.apps.metrics import dimensions, emitter
from xiaoguan.apps.metrics.spec import GOODS, UNITS, Measure, Metric
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import kinds, render
from xiaoguan.kit.fact import facts
from xiaoguan.kit.fields import RATE_ONE

COUNTED = {
    "sum": gettext_lazy("the amounts added up"),
    "count": gettext_lazy("each one"),
    "customers": gettext_lazy("different customers"),
    "records": gettext_lazy("different records"),
}
"""How a measure is made of facts, in words."""


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
    if metric.unit in ("minutes", "days") and value is not None:
        return format_html('{}<span class="unit"> {}</span>', shown(metric, value), unit(metric))
    return shown(metric, value)


def unit(metric: Metric) -> str:
    """The unit that a table says once; empty for counts and rates."""
    return unit_word(metric.unit)


def unit_word(code: str) -> str:
    """The word of a unit for a column's head."""
    return {"money": str(render.money_unit()), "minutes": gettext("h"), "days": gettext("days")}.get(code, "")


def amount(code: str, value: int) -> SafeString:
    """The amount of one fact in its own unit, without it."""
    if code == "money":
        return render.amount(value)
    return SafeString(f"{hours(value):f}") if code == "minutes" else render.number(value)


def plain(metric: Metric, value: int | None) -> Any:
    """A figure for a file: yuan, a rate as a fraction, hours, a whole number."""
    if value is None or metric.unit in ("count", "days"):
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


def sentence(metric: Metric) -> str:
    """What is counted, in words: «Amounts of “Won”, divided by the number of “Won”»."""
    if metric.over is None:
        return gettext("%(what)s.") % {"what": capfirst(_measure(metric.measure))}
    words = {"what": capfirst(_measure(metric.measure)), "over": _measure(metric.over)}
    return gettext("%(what)s, divided by %(over)s.") % words


def names(codes: Iterable[str]) -> str:
    """Facts by their names, in quotation marks."""
    return gettext(", ").join(gettext("“%(fact)s”") % {"fact": capfirst(str(facts[code].label))} for code in codes)


def _measure(measure: Measure) -> str:
    told = names(measure.facts)
    said = {
        "sum": gettext("the sum of %(unit)s of %(facts)s"),
        "count": gettext("the number of %(facts)s"),
        "customers": gettext("the number of different customers with %(facts)s"),
        "records": gettext("the number of different records with %(facts)s"),
    }[measure.how] % {"facts": told, "unit": UNITS[facts[measure.facts[0]].unit]}
    if not measure.where:
        return said
    narrowed = gettext("; ").join(dimensions.said(dict(measure.where)))
    return gettext("%(what)s (only %(narrowed)s)") % {"what": said, "narrowed": narrowed}


def overlap(metric: Metric, by: str) -> str:
    """What is said below a cut whose lines have some in common; empty where the lines add up to the whole."""
    if by in GOODS and metric.over is None and not metric.measure.distinct and emitter.whole(metric.measure):
        return gettext("A record with several products counts whole in each line and once in the total.")
    if metric.over is None and metric.measure.distinct:
        return gettext("What stands in several lines counts once in the total.")
    return ""


def difference(before: Metric, after: Metric) -> list[str]:
    """What another formula counts otherwise, one sentence a change: «“Lost” counts too.»"""
    found = _otherwise(before.measure, after.measure)
    if before.over is None and after.over is not None:
        found.append(gettext("It is divided by %(what)s.") % {"what": _measure(after.over)})
    elif before.over is not None and after.over is None:
        found.append(gettext("It is divided no longer."))
    elif before.over is not None and after.over is not None:
        found += [gettext("Divisor: %(change)s") % {"change": each} for each in _otherwise(before.over, after.over)]
    return found


def _otherwise(before: Measure, after: Measure) -> list[str]:
    """What one measure counts otherwise than another."""
    found = []
    if more := [code for code in after.facts if code not in before.facts]:
        found.append(gettext("%(facts)s counts too.") % {"facts": names(more)})
    if gone := [code for code in before.facts if code not in after.facts]:
        found.append(gettext("%(facts)s counts no longer.") % {"facts": names(gone)})
    if before.how != after.how:
        words = {"how": COUNTED[after.how], "before": COUNTED[before.how]}
        found.append(gettext("Counted: %(how)s, before: %(before)s.") % words)
    old, new = (dict(measure.where) for measure in (before, after))
    for code in dict.fromkeys([*new, *old]):
        if old.get(code) == new.get(code):
            continue
        if code not in new:
            found.append(gettext("No longer only %(narrowed)s.") % {"narrowed": dimensions.said({code: old[code]})[0]})
        else:
            found.append(gettext("Only %(narrowed)s.") % {"narrowed": dimensions.said({code: new[code]})[0]})
    return found
