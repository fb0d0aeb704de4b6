"""Targets of company, teams and people for every month: whole numbers at the top, exact parts below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals import agreeing
from xiaoguan.apps.goals.actions import Cell, set_targets as store, set_terms
from xiaoguan.apps.goals.queries import calendar, targets
from xiaoguan.apps.goals.subject import COMPANY, Subject
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import NEW_CUSTOMERS, RECEIPTS, WON_AMOUNT
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import manager_of
from xiaoguan.apps.territories.queries import territories
from xiaoguan.calc.aim import assigned
from xiaoguan.calc.period import Period
from xiaoguan.calc.share import largest_remainder
from xiaoguan.demo.plan import FEN_PER_WAN, SEASON
from xiaoguan.demo.staff import SHOWN, Staff
from xiaoguan.kit import clock

AMBITION = 104
"""Per cent of what the company brings in that it aims for."""
OVER = 5_000
"""What the parts of the coming year are given on top, 1/100,000."""


def set_targets(people: Staff, skills: dict[int, float], first: dt.date, today: dt.date) -> None:
    """Set monthly targets of three metrics for every year the history touches."""
    years = calendar().tile("year", first, today)
    for metric in (WON_AMOUNT, RECEIPTS, NEW_CUSTOMERS):
        result = figures([metric], Slice(first, today), by=["month"])
        values = [result.exact(key, metric.measure) for key in sorted(result.rows)][:-1]
        average = sum(values) // max(1, len(values))
        for year in years:
            unit = FEN_PER_WAN * 10 if metric.unit == "money" else 100_000
            whole = average * 12 * AMBITION // 100 // unit * unit
            cells = _cells(
                metric, year.split("month"), whole if metric.unit == "money" else whole // 100_000, people, skills
            )
            more = _of_markets(metric, year.split("month"), cells)
            if metric is WON_AMOUNT and year == years[-1]:
                more |= _of_singles(metric, year)
            store(metric, cells | more, actor=people.director, source="demo")


def _of_markets(metric: Metric, months: list, cells: dict[Cell, int | None]) -> dict[Cell, int | None]:  # type: ignore[type-arg]
    """Territories share the company's months by what was won in them, the last takes what is left over."""
    known = territories()
    whole = figures([metric], Slice(dt.date.min, dt.date.max), by=["territory"])
    weights = [max(1, whole.exact((row.pk,), metric.measure)) for row in known]
    found: dict[Cell, int | None] = {}
    for month in months:
        total = cells[Subject("company"), month] or 0
        for row, part in zip(known, largest_remainder(total, weights), strict=True):
            found[Subject("territory", row.pk), month] = part
    return found


def _of_singles(metric: Metric, year: Period) -> dict[Cell, int | None]:
    """Customers and products that sold best in this year and the last aim at somewhat more, the same in every month."""
    found: dict[Cell, int | None] = {}
    unit = FEN_PER_WAN // 10
    for model, level, most in ((Customer, "customer", 6), (Product, "product", 3)):
        told = figures([metric], Slice(year.previous().start, year.end), by=[level])
        ids = sorted((key[0] for key in told.rows if key[0]), key=lambda pk: (-(told.value(metric, (pk,)) or 0), pk))
        living = set(model._default_manager.filter(pk__in=ids, deleted_at=None).values_list("pk", flat=True))
        for pk in [pk for pk in ids if pk in living][:most]:
            part = (told.value(metric, (pk,)) or 0) * AMBITION // 2400 // unit * unit
            found |= {(Subject(level, pk), month): part for month in year.split("month") if part > 0}
    return found


def _cells(
    metric: Metric,
    months: list,
    whole: int,
    people: Staff,
    skills: dict[int, float],  # type: ignore[type-arg]
    over: int = 0,
) -> dict[Cell, int | None]:
    """Company by season, then people by skill within each month; a team's month is the sum of its people."""
    cells: dict[Cell, int | None] = {}
    weights = [round(skills[seller.pk] ** 0.6 * 1000) for seller in people.sellers]
    season = [round(SEASON[month.start.month - 1] * 1000) for month in months]
    for month, total in zip(months, largest_remainder(whole, season), strict=True):
        cells[Subject("company"), month] = total
        active = [w if people.joined[s.pk] <= month.end else 0 for s, w in zip(people.sellers, weights, strict=True)]
        if not any(active):
            active = weights
        teams: dict[int, int] = {}
        for seller, part in zip(people.sellers, largest_remainder(assigned(total, over), active), strict=True):
            cells[Subject("person", seller.pk), month] = part
            teams[seller.unit_id] = teams.get(seller.unit_id, 0) + part
        for team, part in teams.items():
            cells[Subject("team", team), month] = part
    return cells


def plan_next_year(people: Staff, skills: dict[int, float], today: dt.date) -> None:
    """The coming year is being agreed on: more than this one, five per cent on top for the parts, two talks open."""
    this = calendar().year(today)
    coming = this.next()
    known = targets(WON_AMOUNT, this.start, this.end, [COMPANY.key])
    whole = (known.of(COMPANY.key, this) or 0) * AMBITION // 100 // (FEN_PER_WAN * 10) * (FEN_PER_WAN * 10)
    cells = _cells(WON_AMOUNT, coming.split("month"), whole, people, skills, OVER)
    store(WON_AMOUNT, cells, actor=people.director, source="demo")
    set_terms(WON_AMOUNT, COMPANY, coming, {"over": OVER}, actor=people.director)
    shown = next(seller for seller in people.sellers if seller.name == SHOWN)
    mate = next(seller for seller in people.sellers if seller.unit_id == shown.unit_id and seller != shown)
    for seller, share, why in (
        (mate, 92, "两个大项目推迟到后年，上半年先保一季度的回款"),
        (shown, 95, "钢构客户明年开工晚两个月，一季度想低一些，下半年补回来"),
    ):
        with clock.at(clock.now() - dt.timedelta(hours=share)):
            agreeing.propose(WON_AMOUNT, coming, _less(cells, seller, coming, share), why, actor=seller, source="demo")
    boss, months = manager_of(mate), _less(cells, mate, coming, 96)
    agreeing.counter(mate, WON_AMOUNT, coming, months, "推迟的项目我来一起跟，先按九成六定", actor=boss, source="demo")


def _less(cells: Mapping[Cell, int | None], seller: Person, year: Period, share: int) -> list[int | None]:
    """Whole thousands of yuan, so many per cent of what is planned for him."""
    unit = FEN_PER_WAN // 10
    return [
        (cells[Subject("person", seller.pk), month] or 0) * share // 100 // unit * unit for month in year.split("month")
    ]
