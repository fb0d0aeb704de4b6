"""By what a target is split: last year's results, evenly, by working days, or in today's proportions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.queries import figures, is_hidden
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.org.queries import subtree_ids, working_calendar
from xiaoguan.apps.territories.queries import territories, with_parts
from xiaoguan.calc.period import Period

METHODS: dict[str, Any] = {
    "last_year": _("last year's shape"),
    "even": _("evenly"),
    "workdays": _("by working days"),
    "current": _("as they stand now"),
}


def offered(actor: Any, metric: Metric) -> dict[str, Any]:
    """The methods an actor may choose: a split by results would tell a figure that is masked for him."""
    return {code: name for code, name in METHODS.items() if code != "last_year" or not is_hidden(actor, metric)}


def of_months(metric: Metric, node: Node, year: Period, method: str) -> list[int]:
    """One weight per month of the year; all zero where the method has nothing to go by (then it is an even split)."""
    months = year.split("month")
    if method == "current":
        return [value or 0 for value in node.months]
    if method == "workdays":
        calendar = working_calendar()
        return [calendar.count(month.start, month.end) for month in months]
    if method == "last_year":
        before = year.year_before()
        found = figures([metric], _slice(node.subject, before), by=["month"])
        return [max(0, found.exact((month.start.isoformat(),), metric.measure)) for month in before.split("month")]
    return [1] * len(months)


def of_children(metric: Metric, node: Node, year: Period, method: str) -> dict[Subject, int]:
    """One weight per child that may be set."""
    children = [child for child in node.children if child.may_set]
    weigh: Callable[[Node], int] = lambda child: 1  # noqa: E731  one of three rules, named by the method
    if method == "current":
        weigh = lambda child: child.year or 0  # noqa: E731
    elif method == "last_year":
        before = year.year_before()
        weigh = lambda child: max(0, figures([metric], _slice(child.subject, before)).exact((), metric.measure))  # noqa: E731
    return {child.subject: weigh(child) for child in children}


def _slice(subject: Subject, period: Period) -> Slice:
    """The results of a subject in a period: by person, by the team of the day, by where customers lay that day."""
    if subject.level == Level.PERSON and subject.pk is not None:
        return Slice(period.start, period.end, people=[subject.pk])
    if subject.level == Level.TEAM and subject.pk is not None:
        return Slice(period.start, period.end, units=subtree_ids(subject.pk))
    if subject.level == Level.TERRITORY and subject.pk is not None:
        return Slice(period.start, period.end, territories=with_parts(territories())[subject.pk])
    return Slice(period.start, period.end)
