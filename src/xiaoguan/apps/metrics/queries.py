"""Reading metrics: the figures of people, teams and days, as far as the actor may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from xiaoguan.apps.metrics import emitter
from xiaoguan.apps.metrics.spec import Measure, Metric, Slice
from xiaoguan.apps.territories.models import Placement
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import access
from xiaoguan.kit.fact import facts
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.credit import Credit

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Figures:
    """The answers of one query: per group of dimensions one value per metric.

    Money is in fen, counts in whole facts (or hundred-thousandths of one where they are
    shared: see `exact`), rates in 1/100,000; None is a ratio without a denominator.
    """

    metrics: tuple[Metric, ...]
    rows: Mapping[Key, tuple[int, ...]]
    slots: Mapping[Measure, int]

    def exact(self, key: Key, measure: Measure) -> int:
        """The summed fen or splits of a group; 0 where nothing happened."""
        found = self.rows.get(key)
        return found[self.slots[measure]] if found else 0

    def value(self, metric: Metric, key: Key = ()) -> int | None:
        """One figure; a ratio is made from its two sums."""
        top = self.exact(key, metric.measure)
        if metric.over is not None:
            below = self.exact(key, metric.over)
            return divide_half_up(top * RATE_ONE, below) if below else None
        return top if metric.measure.how == "sum" else divide_half_up(top, RATE_ONE)

    def total(self, metric: Metric, keys: Iterable[Key] | None = None) -> int | None:
        """The figure of several groups together (of all when `keys` is None)."""
        chosen = self.rows.values() if keys is None else [self.rows[key] for key in keys if key in self.rows]
        merged = tuple(map(sum, zip(*chosen, strict=True))) or (0,) * len(self.slots)
        return Figures(self.metrics, {(): merged}, self.slots).value(metric)


def figures(metrics: Sequence[Metric], where: Slice, by: Sequence[str] = ()) -> Figures:
    """Compute metrics over a slice in one query, grouped by dimensions.

    Keys of the result are tuples in the order of `by`: ids for person, unit and territory, ISO text of
    the first day for day, week, month, quarter and year.
    """
    measures = tuple(dict.fromkeys(measure for metric in metrics for measure in metric.measures))
    text = emitter.compile_text(
        measures,
        tuple(by),
        connection.vendor,
        where.people is not None,
        where.units is not None,
        where.territories is not None,
    )
    with connection.cursor() as cursor:
        cursor.execute(text, emitter.parameters(where, connection.vendor))
        found = cursor.fetchall()
    width = len(by)
    rows = {tuple(row[:width]): tuple(int(cell) for cell in row[width:]) for row in found}
    return Figures(tuple(metrics), rows, {measure: place for place, measure in enumerate(measures)})


def readable_people(actor: Any, metric: Metric) -> Collection[int] | None:
    """Ids of the people whose figure the actor may read; None means everybody's."""
    if metric.seen_by == "all":
        return None
    scope = access.grants(actor).scope("metrics.figures", "view")
    if scope == "all":
        return None
    if scope == "self" or metric.seen_by == "self":
        return [actor.pk]
    return list(actor.reach_ids())


def is_hidden(actor: Any, metric: Metric) -> bool:
    """Whether a figure adds up a field that is masked for the actor: neither it nor what follows from it is told."""
    summed = [facts[code] for measure in metric.measures if measure.how == "sum" for code in measure.facts]
    return any(fact.model is not None and fact.amount in access.masked(actor, fact.model) for fact in summed)


def credits_behind(metric: Metric, where: Slice) -> Any:
    """The credit rows a figure is made of, newest first; scope of records is up to the caller."""
    facts = sorted({fact for measure in metric.measures for fact in measure.facts})
    rows = Credit.objects.filter(fact__in=facts, on__range=(where.first, where.last))
    if where.people is not None:
        rows = rows.filter(person__in=list(where.people))
    if where.units is not None:
        rows = rows.filter(unit__in=list(where.units))
    if where.territories is not None:
        stay = Placement.objects.filter(customer=OuterRef("party"), counts_from__lte=OuterRef("on"))
        stay = stay.filter(Q(until__isnull=True) | Q(until__gt=OuterRef("on")))
        inside = Q(Exists(stay.filter(territory__in=list(where.territories))))
        rows = rows.filter(inside | ~Q(Exists(stay)) if 0 in where.territories else inside)
    return rows.order_by("-on", "-id")


def months_between(first: date, last: date) -> list[date]:
    """First days of the months from one date to another, both included."""
    found, day = [], first.replace(day=1)
    while day <= last:
        found.append(day)
        day = (day.replace(day=28) + (date.resolution * 4)).replace(day=1)
    return found
