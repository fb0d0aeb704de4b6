"""Whether a target is within reach: what last year, the years before, open deals and working days say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.goals.weights import slice_of
from xiaoguan.apps.metrics.portions import of_deals, portions
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.opportunities.models import Deal, DealLine, Status
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc.likely import Won, from_history, probability, quartile, unknown_part
from xiaoguan.calc.period import Period
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import access, clock
from xiaoguan.kit.fields import RATE_ONE

BAR = 20_000
"""Below this probability (1/100,000) a target must be answered for."""
YEARS = 3
PORTION = 5_000
"""So many deals are asked at once for what they sell."""
WHY = "what speaks for a target are numbers, not a list of records"


@dataclass(frozen=True)
class Evidence:
    """What is known about a target that somebody wants to set; amounts in the metric's unit, rates 1/100,000.

    None where there is nothing to say. `best` is the best period of the same length, `pipeline` the weighted open deals
    due in the period, `capacity` the working days at the pace of the better quarter of months.
    """

    done: int
    last_year: int | None
    growth: int | None
    best: int | None
    pipeline: int | None
    open_deals: int
    daily: int
    capacity: int | None
    working_days: int
    probability: float | None
    cases: int
    unlikely: bool = False
    beyond_best: bool = False
    totals: tuple[int, ...] = field(default=())


def evidence(metric: Metric, subject: Subject, period: Period, value: int) -> Evidence:
    """Everything about one target, in a handful of queries."""
    today = clock.today()
    where = slice_of(subject, period.start, period.end)
    results = _months(metric, subject, today)
    done = _sum(results, period.start, period.end)
    length = {"month": 1, "quarter": 3, "year": 12}[str(period.kind)]
    totals = _rolling(results, length)
    before = period.year_before()
    last = _sum(results, before.start, before.end) if _known(results, before.start) else None
    growth = _growth(results, today)
    calendar = working_calendar()
    days = calendar.count(period.start, period.end)
    daily = quartile([
        divide_half_up(brought, worked)
        for first, brought in sorted(results.items())[:-1]
        if (worked := calendar.count(first, _last(first)))
    ])  # fmt: skip
    pipeline, count, likely, cases = None, 0, None, len(totals)
    if metric.code in ("won_amount", "won_count"):
        amounts, rates = _open(period.end, where, counting=metric.code == "won_count")
        unknown = unknown_part(_won(today, where, metric.code == "won_count"), today, period.start, period.end)
        pipeline = sum(divide_half_up(a * r, RATE_ONE) for a, r in zip(amounts, rates, strict=True))
        count, cases = len(amounts), len(unknown)
        likely = probability(value - done, unknown, amounts, rates)
    elif metric.additive and metric.higher_is_better:
        likely = from_history(value, totals, growth or 0)
    best = max(totals, default=None)
    return Evidence(
        done, last, growth, best, pipeline, count, daily, daily * days if daily else None, days, likely, cases,
        unlikely=likely is not None and likely * RATE_ONE < BAR,
        beyond_best=best is not None and metric.higher_is_better and value > best,
        totals=tuple(totals),
    )  # fmt: skip


def _months(metric: Metric, subject: Subject, today: dt.date) -> dict[dt.date, int]:
    """What each calendar month of the last years brought, the running one last; months without anything are 0."""
    first = today.replace(year=today.year - YEARS - 1, month=1, day=1)
    where = slice_of(subject, first, today)
    found = figures([metric], where, by=["month"])
    told = {dt.date.fromisoformat(key[0]): found.exact(key, metric.measure) for key in found.rows}
    if metric.measure.how == "count":
        told = {day: divide_half_up(value, RATE_ONE) for day, value in told.items()}
    begun = min((day for day, value in told.items() if value), default=today.replace(day=1))
    months, day = {}, begun
    while day <= today:
        months[day] = told.get(day, 0)
        day = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return months


def _last(first: dt.date) -> dt.date:
    return (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def _known(results: dict[dt.date, int], first: dt.date) -> bool:
    return bool(results) and min(results) <= first


def _sum(results: dict[dt.date, int], first: dt.date, last: dt.date) -> int:
    return sum(value for day, value in results.items() if first <= day <= last)


def _rolling(results: dict[dt.date, int], length: int) -> list[int]:
    """The totals of all stretches of so many months that are over."""
    values = [value for _day, value in sorted(results.items())][:-1]
    return [sum(values[at : at + length]) for at in range(len(values) - length + 1)]


def _growth(results: dict[dt.date, int], today: dt.date) -> int | None:
    """The average yearly growth over up to three years of full months; None with less than two years."""
    values = [value for _day, value in sorted(results.items())][:-1]
    years = min(len(values) // 12, YEARS + 1)
    if years < 2:
        return None
    sums = [sum(values[len(values) - 12 * (at + 1) : len(values) - 12 * at]) for at in range(years)]
    newest, oldest = sums[0], sums[-1]
    if oldest <= 0 or newest <= 0:
        return None
    return round(((newest / oldest) ** (1 / (years - 1)) - 1) * RATE_ONE)


def _owners(where: Slice) -> Q | None:
    """Whose deals are meant; None for everybody's."""
    if where.people is not None:
        return Q(owner__in=list(where.people))
    if where.territories is not None:
        return Q(customer__placements__territory__in=list(where.territories), customer__placements__until__isnull=True)
    if "customer" in where.only:
        return Q(customer__in=list(where.only["customer"]))
    if "product" in where.only:
        lines = access.everything(DealLine, because=WHY).order_by()
        sold = lines.filter(product__in=list(where.only["product"])).values("deal")
        bare = Q(product__in=list(where.only["product"])) & ~Q(pk__in=lines.values("deal"))
        return Q(pk__in=sold) | bare
    return Q(unit__in=list(where.units)) if where.units is not None else None


def _parts(where: Slice, deals: Sequence[tuple[int, int | None]]) -> dict[int, int]:
    """What of the amount of each deal (id, fen) is meant: of one product its part, by the rule of the figures."""
    amounts = {pk: amount or 0 for pk, amount in deals}
    if "product" not in where.only:
        return amounts
    wanted = set(where.only["product"])
    found: dict[int, int] = {}
    for at in range(0, len(deals), PORTION):
        ids = [pk for pk, _amount in deals[at : at + PORTION]]
        for pk, goods in of_deals(ids).items():
            found[pk] = sum(part for product, part in portions(goods, amounts[pk], divides=True) if product in wanted)
    return found


def _open(last: dt.date, where: Slice, *, counting: bool) -> tuple[list[int], list[int]]:
    """Amounts and probabilities of the open deals due by a day; each amount is 1 where deals are counted."""
    rows = access.everything(Deal, because=WHY).filter(status=Status.OPEN, counts=True, expected_on__lte=last)
    owners = _owners(where)
    if owners is not None:
        rows = rows.filter(owners)
    found = list(rows.order_by().values_list("pk", "amount", "probability"))
    amounts = {} if counting else _parts(where, [(pk, amount) for pk, amount, _rate in found])
    return [1 if counting else amounts.get(pk, 0) for pk, _a, _r in found], [rate or 0 for _pk, _a, rate in found]


def _won(today: dt.date, where: Slice, counting: bool) -> list[Won]:
    """The deals won within the last years."""
    since = today.replace(year=today.year - YEARS - 1, day=1)
    rows = access.everything(Deal, because=WHY).filter(
        status=Status.WON, won_on__gte=since, opened_on__isnull=False, won_on__isnull=False
    )
    owners = _owners(where)
    if owners is not None:
        rows = rows.filter(owners)
    told = list(rows.order_by().values_list("pk", "opened_on", "won_on", "amount"))
    amounts = {} if counting else _parts(where, [(pk, amount) for pk, _opened, _won, amount in told])
    return [Won(opened, won, 1 if counting else amounts.get(pk, 0)) for pk, opened, won, _amount in told]
