"""By what a target is split: last year's results, evenly, by working days, by potential, or as it stands now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Case, ExpressionWrapper, F, IntegerField, Q, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.queries import figures, is_hidden
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import company, subtree_ids, subtrees, working_calendar
from xiaoguan.apps.territories.queries import territories, with_parts
from xiaoguan.calc.aim import FULL, ramped, steps
from xiaoguan.calc.period import Period
from xiaoguan.kit import access

METHODS: dict[str, Any] = {
    "last_year": _("last year's shape"),
    "even": _("evenly"),
    "workdays": _("by working days"),
    "customers": _("by customers and their tiers"),
    "pipeline": _("by open deals"),
    "current": _("as they stand now"),
    "given": _("by weights of your own"),
}
ALONG = ("last_year", "even", "workdays", "current", "given")
"""How a year is split into months."""
DOWN = ("last_year", "even", "customers", "pipeline", "current", "given")
"""How a target is split among the parts of its line."""
TIERS = {"A": 8, "B": 4, "C": 2}
"""What a customer of a tier counts; one without a tier, or of another, counts 1."""


def offered(actor: Any, metric: Metric, methods: Sequence[str]) -> dict[str, Any]:
    """The methods an actor may choose: a split by results would tell a figure that is masked for him."""
    hidden = set()
    if is_hidden(actor, metric):
        hidden.add("last_year")
    if "amount" in access.masked(actor, Deal):
        hidden.add("pipeline")
    if "tier" in access.masked(actor, Customer):
        hidden.add("customers")
    return {code: METHODS[code] for code in methods if code not in hidden}


def of_months(metric: Metric, node: Node, year: Period, method: str) -> list[int]:
    """One weight per month of the year; all zero where the method has nothing to go by (then it is an even split).

    Somebody new bears a part of his first months' weight.
    """
    months = year.split("month")
    if method == "current":
        return [value or 0 for value in node.months]
    if method == "workdays":
        calendar = working_calendar()
        weights = [calendar.count(month.start, month.end) for month in months]
    elif method == "last_year":
        before = year.year_before()
        found = figures([metric], _slice(node.subject, before), by=["month"])
        weights = [max(0, found.exact((month.start.isoformat(),), metric.measure)) for month in before.split("month")]
    else:
        weights = [1] * len(months)
    if not any(weights):
        weights = [1] * len(months)
    return _beginning([node.subject], {node.subject: weights}, months)[node.subject]


def of_children(metric: Metric, node: Node, year: Period, method: str) -> dict[Subject, list[int]]:
    """Twelve weights per child that may be set; somebody new bears a part of his first months'."""
    children = [child for child in node.children if child.may_set]
    months = year.split("month")
    if method == "current":
        return {child.subject: [value or 0 for value in child.months] for child in children}
    subjects = [child.subject for child in children]
    if method == "last_year":
        base = _results(metric, subjects, year.year_before())
    elif method in ("customers", "pipeline"):
        base = _potential(subjects, method)
    else:
        base = dict.fromkeys(subjects, 1)
    if not any(base.values()):
        base = dict.fromkeys(subjects, 1)
    return _beginning(subjects, {subject: [base[subject]] * len(months) for subject in subjects}, months)


def _beginning(
    subjects: Sequence[Subject], weights: Mapping[Subject, Sequence[int]], months: Sequence[Period]
) -> dict[Subject, list[int]]:
    """The weights, less in the first months of whoever is new."""
    ramp = steps(company().ramp) or []
    people = [subject.pk for subject in subjects if subject.level == Level.PERSON]
    joined: dict[int, date | None] = dict(Person.objects.filter(pk__in=people).values_list("pk", "joined_on"))
    found = {}
    for subject in subjects:
        since = joined.get(subject.pk or 0) if subject.level == Level.PERSON else None
        parts = [ramped(since, month.start, ramp) for month in months]
        if not any(parts):
            parts = [FULL] * len(months)
        found[subject] = [weight * part for weight, part in zip(weights[subject], parts, strict=True)]
    return found


def _results(metric: Metric, subjects: Sequence[Subject], period: Period) -> dict[Subject, int]:
    """What each subject brought in a period; people and teams in one query each."""
    found: dict[Subject, int] = {}
    people = [subject for subject in subjects if subject.level == Level.PERSON and subject.pk is not None]
    if people:
        where = Slice(period.start, period.end, people=[each.pk for each in people if each.pk is not None])
        told = figures([metric], where, by=["person"])
        found |= {each: told.exact((each.pk,), metric.measure) for each in people}
    teams = [subject for subject in subjects if subject.level == Level.TEAM and subject.pk is not None]
    if teams:
        below = subtrees(*[each.pk for each in teams if each.pk is not None])
        told = figures([metric], Slice(period.start, period.end), by=["unit"])
        for each in teams:
            found[each] = sum(told.exact((unit,), metric.measure) for unit in below[each.pk or 0])
    for each in subjects:
        if each not in found:
            found[each] = figures([metric], _slice(each, period)).exact((), metric.measure)
    return {subject: max(0, value) for subject, value in found.items()}


def _potential(subjects: Sequence[Subject], method: str) -> dict[Subject, int]:
    """What lies before each person or team: customers by their tiers, or open deals by amount and probability."""
    people = [subject.pk for subject in subjects if subject.level == Level.PERSON]
    teams = [subject.pk for subject in subjects if subject.level == Level.TEAM]
    below = subtrees(*[pk for pk in teams if pk is not None]) if teams else {}
    units = set().union(*below.values()) if below else set()
    mine = Q(owner__in=people) | Q(unit__in=units)
    because = "a weight is a number, not a list of records"
    if method == "customers":
        worth = Case(*[When(tier=tier, then=Value(n)) for tier, n in TIERS.items()], default=Value(1))
        rows = access.everything(Customer, because=because).filter(mine)
        told = rows.order_by().values_list("owner", "unit").annotate(n=Sum(worth, output_field=IntegerField()))
    else:
        weighted = ExpressionWrapper(F("amount") * F("probability") / 100_000, output_field=BigIntegerField())
        rows = access.everything(Deal, because=because).filter(mine, status=Status.OPEN, counts=True)
        told = rows.order_by().values_list("owner", "unit").annotate(n=Sum(weighted))
    by_owner: dict[int, int] = {}
    by_unit: dict[int, int] = {}
    for owner, unit, n in told:
        by_owner[owner] = by_owner.get(owner, 0) + int(n or 0)
        by_unit[unit] = by_unit.get(unit, 0) + int(n or 0)
    return {
        subject: by_owner.get(subject.pk or 0, 0)
        if subject.level == Level.PERSON
        else sum(by_unit.get(unit, 0) for unit in below.get(subject.pk or 0, ()))
        for subject in subjects
    }


def _slice(subject: Subject, period: Period) -> Slice:
    return slice_of(subject, period.start, period.end)


def slice_of(subject: Subject, first: date, last: date) -> Slice:
    """The results of a subject in a period: by person, by the team of the day, by where customers lay that day, with
    one customer, by one product."""
    if subject.level == Level.PERSON and subject.pk is not None:
        return Slice(first, last, people=[subject.pk])
    if subject.level == Level.TEAM and subject.pk is not None:
        return Slice(first, last, units=subtree_ids(subject.pk))
    if subject.level == Level.TERRITORY and subject.pk is not None:
        return Slice(first, last, territories=with_parts(territories())[subject.pk])
    if subject.level in (Level.CUSTOMER, Level.PRODUCT) and subject.pk is not None:
        return Slice(first, last, only={subject.level: [subject.pk]})
    return Slice(first, last)
