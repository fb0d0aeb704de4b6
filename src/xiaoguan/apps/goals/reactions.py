"""What follows from a target: its days, in the same transaction; from a calendar, the days still to come."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals import daily
from xiaoguan.apps.goals.models import DayPlan, DayShape, Target
from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.merging import links
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.operation import clearing
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.org.models import CalendarDay, Company, Person
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, job, schedule
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.derived import derived

SAYS = frozenset(
    {"metric", "subject", "kind", "start", "amount", "number", "rate", "locked", "deleted_at", "level", "person_id"}
)
FOLLOWS = "targets follow the record they are for"
OWNING = frozenset({"owner_id", "unit_id"})
RESPREAD = "goals.respread"


@consequence(Target)
def keep_days(work: Work, targets: Sequence[Target], fresh: bool) -> None:
    """The vectors of everybody whose targets one change has touched, and of who had them before."""
    touched: dict[tuple[str, dt.date], set[str]] = defaultdict(set)
    known = calendar()
    for target in targets:
        before = target.changed_fields()
        if not fresh and not SAYS & before.keys():
            continue
        old = {name: values[0] for name, values in before.items()}
        for metric, start, subject in (
            (target.metric, target.start, target.subject),
            (old.get("metric", target.metric), old.get("start", target.start), old.get("subject", target.subject)),
        ):
            touched[metric, known.year(start).start].add(subject)
    for (code, start), subjects in touched.items():
        if code in metrics:
            daily.store(metrics[code], known.year(start), subjects)


@consequence(Customer)
def follow_customers(work: Work, customers: Sequence[Customer], fresh: bool) -> None:
    """The targets of a customer belong to whoever looks after it, and go to the recycle bin and back with it."""
    if fresh:
        return
    moved = {each.pk: each for each in customers if OWNING & set(each.changed_fields())}
    if moved:
        rows = list(access.everything(Target, because=FOLLOWS).filter(customer__in=moved))
        for row in rows:
            above = moved[row.customer_id]
            row.owner_id, row.unit_id = above.owner_id, above.unit_id
        work.save(*rows)
    _follow_deleted(work, customers, "customer")


@consequence(Product)
def follow_products(work: Work, products: Sequence[Product], fresh: bool) -> None:
    """Those of a product go to the recycle bin and back with it."""
    if not fresh:
        _follow_deleted(work, products, "product")


def _follow_deleted(work: Work, records: Sequence[Any], link: str) -> None:
    changed = [record for record in records if "deleted_at" in record.changed_fields()]
    gone = [record.pk for record in changed if record.deleted_at is not None]
    back = {record.pk: record._loaded["deleted_at"] for record in changed if record.deleted_at is None}
    if gone:
        work.remove(*access.everything(Target, because=FOLLOWS).filter(**{f"{link}__in": gone}))
    if back:
        rows = Target._default_manager.filter(**{f"{link}__in": back}, deleted_at__in=set(back.values()))
        work.restore(*[row for row in rows if row.deleted_at == back[getattr(row, f"{link}_id")]])


for _column in ("customer_id", "product_id"):
    links.by_key(Target, _column, "subject")
"""Two that become one may both have a target of the same months: then that of the kept one stays."""


@consequence(CalendarDay)
def follow_calendar(work: Work, days: Sequence[CalendarDay], fresh: bool) -> None:
    """Another working day, another spread: days still to come are spread anew."""
    job.enqueue(RESPREAD, key="all", again=True)


@consequence(Company)
def follow_week(work: Work, companies: Sequence[Company], fresh: bool) -> None:
    """The same for another working week or fiscal year."""
    said = {name for company in companies for name in company.changed_fields()}
    if said & {"workdays", "fiscal_year_start"}:
        job.enqueue(RESPREAD, key="all", again=True)


@consequence(Person)
def follow_joining(work: Work, people: Sequence[Person], fresh: bool) -> None:
    """Nobody has anything to reach before he comes."""
    if not fresh and any("joined_on" in person.changed_fields() for person in people):
        job.enqueue(RESPREAD, key="all", again=True)


@job.job(RESPREAD, label=_("Spread targets over their days"), lease=300)
def respread(run: job.Run) -> dict[str, int]:
    """Every metric and year that is not over: what is in step already costs a look and no writing."""
    changed = 0
    for place, (code, year) in enumerate(_years(clock.today())):
        if run.cursor is not None and place <= run.cursor:
            continue
        with run.chunk(cursor=place) as step:
            step.done = daily.store(metrics[code], year)
            changed += step.done
    return {"changed": changed}


schedule.every("15 0 * * *", RESPREAD, label=_("Spread targets over their days"))
"""Holidays are published once a year, with a new version of the product."""


def _years(since: dt.date) -> list[tuple[str, Period]]:
    """The metrics and fiscal years with targets that end on a day or later."""
    rows = access.everything(Target, because="days are derived from every target").order_by()
    found: dict[tuple[str, Period], None] = {}
    known = calendar()
    for code, start in rows.values_list("metric", "start").distinct():
        year = known.year(start)
        if year.end >= since and code in metrics:
            found[code, year] = None
    return sorted(found, key=lambda pair: (pair[1].start, pair[0]))


@derived("goals.days", _("Days of targets"))
def rebuild() -> str:
    """All vectors, for doctor."""
    return f"↔{sum(daily.store(metrics[code], year) for code, year in _years(dt.date.min))}"


def forget_days() -> None:
    """Days of the demonstration's targets go with them; those of other targets are made anew when they are read."""
    DayPlan.objects.all().delete()
    DayShape.objects.all().delete()


clearing.also.append(forget_days)
