"""Reading metrics: the figures of people, teams and days, as far as the actor may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics import dimensions, emitter, readings, rollups, sources
from xiaoguan.apps.metrics.columns import reading
from xiaoguan.apps.metrics.models import Portion
from xiaoguan.apps.metrics.spec import GOODS, TIMES, Condition, Measure, Metric, Slice
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.org.queries import company
from xiaoguan.apps.territories.models import Placement
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact, facts
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.credit import Credit

Key = tuple[Any, ...]
NOTHING: Mapping[str, Collection[Any]] = {}
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
    _members: dict[Measure, Mapping[Key, Mapping[Any, int]]] = field(default_factory=dict, compare=False, repr=False)

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

        Who or what is in several of them counts once: such a measure then asks who they are, once for all totals.
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
        if not self.overlap(measure):
            place = self.slots[measure]
            return sum(self.rows[key][place] for key in keys)
        if measure not in self._members:
            self._members[measure] = _members(measure, self.where, self.by)
        known = self._members[measure]
        found: dict[Any, int] = {}
        for key in keys:
            found |= known.get(key, {})
        return sum(found.values())

    def overlap(self, measure: Measure) -> bool:
        """Whether the groups have some in common, so that they don't add up to the whole."""
        return measure.distinct or (bool({*GOODS} & {*self.by}) and emitter.whole(measure))


def figure(metric: Metric, top: int, below: int = 0) -> int | None:
    """The figure of a metric out of its exact parts."""
    if metric.over is not None:
        if not below:
            return None
        top *= _scale(metric.over) * (RATE_ONE if metric.unit == "rate" else 1)
        return divide_half_up(top, below * _scale(metric.measure))
    return top if metric.measure.how == "sum" else divide_half_up(top, RATE_ONE)


def _scale(measure: Measure) -> int:
    """What one of a measure is in its exact sum: amounts are whole, counts in hundred-thousandths."""
    return 1 if measure.how == "sum" else RATE_ONE


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


def _members(measure: Measure, where: Slice, by: tuple[str, ...]) -> Mapping[Key, Mapping[Any, int]]:
    """Who or what is counted in each group, and how much each brings."""
    found: dict[Key, dict[Any, int]] = defaultdict(dict)
    shape, rows = _shape(where, by), None
    if rollups.in_use() and reading.fitting([measure], by, where):
        rows = reading.ask(emitter.compile_members(measure, by, "duckdb", shape), where)
    if rows is None:
        rows = _asked(emitter.compile_members(measure, by, connection.vendor, shape), where)
    for *key, one, brings in rows:
        found[tuple(key)][one] = int(brings)
    return found


def figures(metrics: Sequence[Metric], where: Slice, by: Sequence[str] = ()) -> Figures:
    """Compute metrics over a slice in one query, grouped by dimensions.

    Keys of the result are tuples in the order of `by`: ids for person, unit, territory, customer and kind (0 is none),
    the stored word for tier, industry, source and category, the id (0 is none) for product, two digits for
    region, first or again for turn, ISO text of the first day for day, week, month, quarter and year.
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
    """Whether a figure is not told to an actor, nor what follows from it.

    It belongs to a chapter that his roles hide, adds up a field that is masked for him, or money of records of which
    he may see none.
    """
    if metric.category in access.grants(actor).masked("metrics.figures"):
        return True
    every = [measure for spec in (metric, *metric.past) for measure in (spec.measure, spec.over) if measure]
    if any(dimensions.is_hidden(actor, code) for measure in every for code, _values in measure.where):
        return True
    told = [readings.reads[code] for measure in every for code in measure.facts if code in readings.reads]
    if any(not access.may(actor, "view", model) or field in access.masked(actor, model) for model, field in told):
        return True
    summed = [facts[code] for measure in every if measure.how == "sum" for code in measure.facts]
    return any(fact.model is not None and _closed(actor, fact.model, fact) for fact in summed)


def _closed(actor: Any, model: type[models.Model], fact: Fact) -> bool:
    """Whether amounts of a fact stay closed to an actor."""
    if {fact.amount, *fact.watch} & access.masked(actor, model):
        return True
    return fact.unit == "money" and access.grants(actor).scope(Entity.of(model).name, "view") == "none"


def credits_behind(metric: Metric, where: Slice) -> Any:
    """The credit rows a figure is made of, newest first; scope of records is up to the caller."""
    spec = metric.on(where.first)
    counts = Q(pk__in=[])
    for measure in spec.measures:
        counts |= counting(measure, where.only)
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
        if code not in GOODS:
            rows = rows.filter(_about(code, values))
    return rows.order_by("-on", "-id")


def counting(measure: Measure, only: Mapping[str, Collection[Any]] = NOTHING) -> Q:
    """The credits that a measure counts; of the products that `only` leaves, as one portion must be in all of them."""
    found = Q(fact__in=measure.facts)
    for code, values in measure.where:
        if code not in GOODS:
            found &= _about(code, values)
    sold = goods([*measure.where, *only.items()])
    if not sold:
        return found
    portions = Portion.objects.filter(credit=OuterRef("pk"))
    bare = ~Exists(portions)
    inside = Q(Exists(portions.filter(_within(sold))))
    return found & (inside | Q(bare) if _holds_nothing(sold) else inside)


def goods(conditions: Iterable[Condition | tuple[str, Collection[Any]]]) -> list[tuple[str, Collection[Any]]]:
    """Those of some conditions that are about products."""
    return [(code, values) for code, values in conditions if code in GOODS]


def _within(sold: Sequence[tuple[str, Collection[Any]]]) -> Q:
    """The portions that are in all of some conditions."""
    found = Q()
    for code, values in sold:
        if code == "product":
            found &= Q(product__in=list(values))
            continue
        rows = Product._base_manager.all()  # one in the bin has a past
        named = Q(product__in=rows.filter(category__in=[value for value in values if value]).values("pk"))
        none = ~Q(product__in=rows.exclude(category="").values("pk"))
        found &= named | none if "" in values else named
    return found


def _holds_nothing(sold: Sequence[tuple[str, Collection[Any]]]) -> bool:
    """Whether what has no product is among them."""
    return all((0 if code == "product" else "") in values for code, values in sold)


def worth(conditions: Iterable[Condition | tuple[str, Collection[Any]]]) -> Any:
    """What of the amount of a credit lies in the products that conditions leave, as an expression."""
    sold = goods(conditions)
    if not sold:
        return F("amount")
    portions = Portion.objects.filter(credit=OuterRef("pk")).order_by()
    divided = [fact.code for fact in facts.values() if fact.unit == "money"]
    inside = portions.filter(_within(sold)).values("credit").annotate(whole=Sum("amount")).values("whole")
    return Case(When(Q(fact__in=divided) & Exists(portions), then=Coalesce(Subquery(inside), 0)), default=F("amount"))


COLUMN = {"kind": "kind", "tier": "tier", "industry": "industry", "source": "source"}


def _about(code: str, values: Collection[Any]) -> Q:
    """The credits whose customer has one of some values of a dimension; 0 or an empty text is none of them."""
    if code == "customer":
        known = Q(party__in=[value for value in values if value])
        return known | Q(party__isnull=True) if 0 in values else known
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
