"""Reading metrics: the figures of people, teams and days, as far as the actor may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics import dimensions, emitter, rollups, sources
from xiaoguan.apps.metrics.columns import reading
from xiaoguan.apps.metrics.spec import TIMES, Measure, Metric, Slice
from xiaoguan.apps.org.queries import company
from xiaoguan.apps.territories.models import Placement
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import access
from xiaoguan.kit.fact import facts
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.credit import Credit

Key = tuple[Any, ...]
PATIENCE = 3
"""How often sums are tried before credits are read."""


@dataclass(frozen=True)
class Figures:
    """The answers of one query: per group of dimensions one value per metric.

    Money is in fen, counts in whole facts (or hundred-thousandths of one where they are
    shared: see `exact`), rates in 1/100,000; None is a ratio without a denominator. A group of
    time is counted by the formula of its first day, several together by that of the slice's.
    """

    metrics: tuple[Metric, ...]
    rows: Mapping[Key, tuple[int, ...]]
    slots: Mapping[Measure, int]
    where: Slice
    by: tuple[str, ...] = ()
    _members: dict[Measure, Mapping[Key, set[Any]]] = field(default_factory=dict, compare=False, repr=False)

    def exact(self, key: Key, measure: Measure) -> int:
        """The summed fen or splits of a group; 0 where nothing happened."""
        found = self.rows.get(key)
        return found[self.slots[measure]] if found else 0

    def value(self, metric: Metric, key: Key = ()) -> int | None:
        """One figure; a ratio is made from its two sums."""
        spec = metric.on(self._day(key)) if metric.past else metric
        top = self.exact(key, spec.measure)
        return figure(spec, top, self.exact(key, spec.over) if spec.over else 0)

    def total(self, metric: Metric, keys: Iterable[Key] | None = None) -> int | None:
        """The figure of several groups together (of all when `keys` is None).

        Who is in several of them counts once: a distinct measure then asks who they are, once for all totals.
        """
        spec = metric.on(self.where.first)
        chosen = list(self.rows if keys is None else [key for key in keys if key in self.rows])
        return figure(spec, self._whole(spec.measure, chosen), self._whole(spec.over, chosen) if spec.over else 0)

    def _day(self, key: Key) -> date:
        """The first day of what a group is about."""
        for name, value in zip(self.by, key, strict=False):
            if name in TIMES:
                return max(self.where.first, date.fromisoformat(value))
        return self.where.first

    def _whole(self, measure: Measure, keys: Sequence[Key]) -> int:
        if not measure.distinct:
            place = self.slots[measure]
            return sum(self.rows[key][place] for key in keys)
        if measure not in self._members:
            self._members[measure] = _members(measure, self.where, self.by)
        known = self._members[measure]
        return len(set().union(*(known.get(key, ()) for key in keys))) * RATE_ONE


def figure(metric: Metric, top: int, below: int = 0) -> int | None:
    """The figure of a metric out of its exact parts."""
    if metric.over is not None:
        return divide_half_up(top * RATE_ONE, below) if below else None
    return top if metric.measure.how == "sum" else divide_half_up(top, RATE_ONE)


def _asked(text: emitter.Text, where: Slice, cut: Sequence[sources.Stretch] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text.sql, [*text.values, *emitter.parameters(where, connection.vendor, cut)])
        return list(cursor.fetchall())


def _shape(where: Slice, by: Sequence[str], sums: sources.Form = ()) -> emitter.Shape:
    """What the text depends on; where the year begins is asked only if somebody asks for quarters or years."""
    start = company().fiscal_year_start if {"quarter", "year"} & set(by) else 1
    return emitter.Shape.of(where, sums, start)


def _summed(measures: tuple[Measure, ...], where: Slice, by: tuple[str, ...]) -> list[tuple[Any, ...]] | None:
    """The rows read from sums; None where they don't answer, or keep going out of date while they are read."""
    for _attempt in range(PATIENCE):
        cut = sources.stretches(measures, by, where, rollups.ready())
        if not cut:
            return None
        shape = _shape(where, by, sources.form(cut))
        rows = _asked(emitter.compile_text(measures, by, connection.vendor, shape), where, cut)
        if rows[0][0] == sources.expected(cut):
            return [row[2:] for row in rows if row[1]]
        rollups.look_again()
    return None


def _rows(measures: tuple[Measure, ...], where: Slice, by: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """One row per group, from what answers soonest: the sums, else the columnar copy, else the credits."""
    shape, found = _shape(where, by), None
    if rollups.in_use():
        found = _summed(measures, where, by)
        if found is None and reading.fitting(measures, by, where):
            found = reading.ask(emitter.compile_text(measures, by, "duckdb", shape), where)
    if found is None:
        found = _asked(emitter.compile_text(measures, by, connection.vendor, shape), where)
    return found


def _members(measure: Measure, where: Slice, by: tuple[str, ...]) -> Mapping[Key, set[Any]]:
    """Who is counted in each group."""
    found: dict[Key, set[Any]] = defaultdict(set)
    shape, rows = _shape(where, by), None
    if rollups.in_use() and reading.fitting([measure], by, where):
        rows = reading.ask(emitter.compile_members(measure, by, "duckdb", shape), where)
    if rows is None:
        rows = _asked(emitter.compile_members(measure, by, connection.vendor, shape), where)
    for *key, one in rows:
        found[tuple(key)].add(one)
    return found


def figures(metrics: Sequence[Metric], where: Slice, by: Sequence[str] = ()) -> Figures:
    """Compute metrics over a slice in one query, grouped by dimensions.

    Keys of the result are tuples in the order of `by`: ids for person, unit, territory and kind (0 is none),
    the stored word for tier, industry and source, two digits for region, first or again for turn, ISO text of
    the first day for day, week, month, quarter and year.
    """
    specs = [spec for metric in metrics for spec in metric.formulas(where.first, where.last)]
    measures = tuple(dict.fromkeys(measure for spec in [*specs, *metrics] for measure in spec.measures))
    found = _rows(measures, where, tuple(by))
    width = len(by)
    rows = {tuple(row[:width]): tuple(int(cell) for cell in row[width:]) for row in found}
    slots = {measure: place for place, measure in enumerate(measures)}
    return Figures(tuple(metrics), rows, slots, where, tuple(by))


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
    every = [measure for spec in (metric, *metric.past) for measure in (spec.measure, spec.over) if measure]
    if any(dimensions.is_hidden(actor, code) for measure in every for code, _values in measure.where):
        return True
    summed = [facts[code] for measure in every if measure.how == "sum" for code in measure.facts]
    return any(
        fact.model is not None and {fact.amount, *fact.watch} & access.masked(actor, fact.model) for fact in summed
    )


def credits_behind(metric: Metric, where: Slice) -> Any:
    """The credit rows a figure is made of, newest first; scope of records is up to the caller."""
    spec = metric.on(where.first)
    counts = Q(pk__in=[])
    for measure in spec.measures:
        counts |= counting(measure)
    rows = Credit.objects.filter(counts, on__range=(where.first, where.last))
    if where.people is not None:
        rows = rows.filter(person__in=list(where.people))
    if where.units is not None:
        rows = rows.filter(unit__in=list(where.units))
    if where.territories is not None:
        stay = Placement.objects.filter(customer=OuterRef("party"), counts_from__lte=OuterRef("on"))
        stay = stay.filter(Q(until__isnull=True) | Q(until__gt=OuterRef("on")))
        inside = Q(Exists(stay.filter(territory__in=list(where.territories))))
        rows = rows.filter(inside | ~Q(Exists(stay)) if 0 in where.territories else inside)
    for code, values in where.only.items():
        rows = rows.filter(_about(code, values))
    return rows.order_by("-on", "-id")


def counting(measure: Measure) -> Q:
    """The credits that a measure counts."""
    found = Q(fact__in=measure.facts)
    for code, values in measure.where:
        found &= _about(code, values)
    return found


COLUMN = {"kind": "kind", "tier": "tier", "industry": "industry", "source": "source"}


def _about(code: str, values: Collection[Any]) -> Q:
    """The credits whose customer has one of some values of a dimension; 0 or an empty text is none of them."""
    if code == "turn":
        before = Q(on__lt=OuterRef("on")) | Q(on=OuterRef("on"), object_id__lt=OuterRef("object_id"))
        earlier = Exists(Credit.objects.filter(before, party=OuterRef("party"), fact=OuterRef("fact")))
        words = {"": Q(party__isnull=True), "again": Q(earlier), "first": Q(party__isnull=False) & ~Q(earlier)}
        found = Q(pk__in=[])
        for value in values:
            found |= words.get(value, Q(pk__in=[]))
        return found
    given = [value for value in values if value]
    own = Customer._base_manager.filter(pk=OuterRef("party"))  # one in the bin has a past
    if code == "region":
        inside = Q(pk__in=[])
        for value in given:
            inside |= Q(region__startswith=value)
        having, any_at_all = own.filter(inside), own.exclude(region="")
    else:
        having = own.filter(**{f"{COLUMN[code]}__in": given})
        any_at_all = own.filter(kind__isnull=False) if code == "kind" else own.exclude(**{COLUMN[code]: ""})
    found = Q(Exists(having))
    return found | ~Q(Exists(any_at_all)) if len(given) < len(values) else found


def months_between(first: date, last: date) -> list[date]:
    """First days of the months from one date to another, both included."""
    found, day = [], first.replace(day=1)
    while day <= last:
        found.append(day)
        day = (day.replace(day=28) + (date.resolution * 4)).replace(day=1)
    return found
