"""Making the sums of `models.rollup` and keeping them: what is stale is marked by the writer, a job makes it anew.

Small companies have none: up to `WORTH` credits adding up is as quick as reading sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Exists, Max, Min, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics.models.rollup import DaySum, MonthSum, Rolled, Stale, TeamSum
from xiaoguan.apps.metrics.sources import Ready
from xiaoguan.apps.operation import clearing
from xiaoguan.kit import clock, feed, job, memo, schedule
from xiaoguan.kit.append import append
from xiaoguan.kit.derived import derived
from xiaoguan.kit.fact import Days, follow_credits
from xiaoguan.kit.models.credit import Credit

WORTH = 200_000
"""From so many credits on sums are made."""
NAME = "metrics.rollup"
"""Under this name the feed tells that there are sums."""
MONTH_OF = {"sqlite": "substr(\"on\", 1, 7) || '-01'", "postgresql": "date_trunc('month', \"on\")::date"}


def in_use() -> bool:
    """Whether this installation has sums to read; a process that has not heard yet adds up credits, as right."""
    return feed.recent(NAME) > 0


READY = ("metrics.ready",)


def ready() -> Ready:
    """The sums that held when they were looked at last: whoever reads them counts again."""
    found: Ready = memo.remember(READY, feed.recent(NAME), _ready)
    return found


def _ready() -> Ready:
    stale = Stale.objects.filter(Q(fact=OuterRef("fact")) | Q(fact=""), month=OuterRef("month"))
    rows = Rolled.objects.filter(~Exists(stale)).values_list("fact", "month", "first_on", "last_on")
    return {
        (fact, month): (first or month, last or _next(month) - date.resolution) for fact, month, first, last in rows
    }


def look_again() -> None:
    """Forget which sums held."""
    memo.drop(READY)


@follow_credits
def mark(days: Days | None) -> None:
    """Mark what changed, so that nobody reads sums that lack it.

    Marked whether there are sums or not: the job that is making them now may not see this transaction yet.
    """
    if days is None:
        Rolled.objects.all().delete()
        return
    months = {(fact, on.replace(day=1)) for fact, on, *_whose in days}
    append(Stale, [Stale(fact=fact, month=month) for fact, month in sorted(months)])


@dataclass(frozen=True, order=True)
class Month:
    """One fact in one month."""

    month: date
    fact: str


def begin() -> None:
    """Mark every fact in every month there is, so that a job that is stopped half way goes on with the rest.

    Months in which a fact never happened are marked as well: a sum of nothing holds too, and leaves no gap.
    """
    table, month = Credit._meta.db_table, MONTH_OF[connection.vendor]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Stale._meta.db_table} (fact, month) SELECT f.fact, m.month"
            f" FROM (SELECT DISTINCT fact FROM {table}) f CROSS JOIN (SELECT DISTINCT {month} AS month FROM {table}) m"
        )


def due() -> list[Month]:
    """What is marked, oldest first."""
    marked = Stale.objects.exclude(fact="").values_list("month", "fact").distinct()
    return sorted(Month(month, fact) for month, fact in marked)


def make(what: Month) -> None:
    """Make the sums of one fact and month anew, in one transaction.

    The marks are read before the credits: what is committed in between is added up and stays marked.
    """
    after = _next(what.month)
    stretch = [what.fact, what.month.isoformat(), after.isoformat()]
    with transaction.atomic():
        marks = list(Stale.objects.filter(month=what.month, fact=what.fact).values_list("pk", flat=True))
        MonthSum.objects.filter(fact=what.fact, on=what.month).delete()
        TeamSum.objects.filter(fact=what.fact, on=what.month).delete()
        days = DaySum.objects.filter(fact=what.fact, on__gte=what.month, on__lt=after)
        days.delete()
        with connection.cursor() as cursor:
            cursor.execute(_summing(MonthSum, MONTH_OF[connection.vendor], ["unit_id", "person_id"]), stretch)
            cursor.execute(_summing(TeamSum, MONTH_OF[connection.vendor], ["unit_id"]), stretch)
            cursor.execute(_summing(DaySum, '"on"', ["unit_id"]), stretch)
        _take(marks)
        held = days.aggregate(first=Min("on"), last=Max("on"))
        told = {"first_on": held["first"] or after - date.resolution, "last_on": held["last"] or what.month}
        told["at"] = clock.machine_now()
        Rolled.objects.update_or_create(fact=what.fact, month=what.month, defaults=told)


def _next(month: date) -> date:
    return (month.replace(day=28) + 4 * date.resolution).replace(day=1)


def _take(marks: list[int]) -> None:
    for at in range(0, len(marks), 900):
        Stale.objects.filter(pk__in=marks[at : at + 900]).delete()


def _summing(model: type[MonthSum | TeamSum | DaySum], day: str, groups: list[str]) -> str:
    """The text that adds the sums of a fact and a stretch of days to a table."""
    columns, by = ", ".join(name.removesuffix("_id") for name in groups), ", ".join([day, *groups])
    return (
        f'INSERT INTO {model._meta.db_table} (fact, "on", {columns}, split, amount)'
        f" SELECT MIN(fact), {by}, SUM(split), SUM(amount) FROM {Credit._meta.db_table}"
        f' WHERE fact = %s AND "on" >= %s AND "on" < %s GROUP BY {by}'
    )


def spell_out() -> None:
    """Replace marks of any fact by one for each that has sums in that month."""
    with transaction.atomic():
        loose = dict(Stale.objects.filter(fact="").values_list("pk", "month"))
        found = Rolled.objects.filter(month__in=set(loose.values())).values_list("fact", "month")
        append(Stale, [Stale(fact=fact, month=month) for fact, month in found])
        _take(list(loose))


@job.job("metrics.rollups", label=_("Add up figures"), lease=300)
def keep(run: job.Run) -> dict[str, int]:
    """Make what is missing or stale; one fact and month a chunk."""
    if not Rolled.objects.exists():
        if not worth():
            _take(list(Stale.objects.values_list("pk", flat=True)))
            return {"made": 0}
        begin()
        feed.stir(NAME)
    spell_out()
    months = due()
    for what in months:
        with run.chunk(done=1):
            make(what)
    if months:
        feed.stir(NAME)
    return {"made": len(months)}


def worth() -> bool:
    """Whether there are so many credits that sums pay."""
    return Credit.objects.order_by("pk")[WORTH : WORTH + 1].exists()


schedule.every("*/5 * * * *", "metrics.rollups", label=_("Add up figures"))


def forget() -> None:
    """Drop all sums and marks; without sums credits are read."""
    with transaction.atomic():
        for model in (Rolled, MonthSum, TeamSum, DaySum, Stale):
            model.objects.all().delete()


clearing.also.append(forget)


@derived("metrics.rollups", _("Sums of figures"))
def rebuild() -> str:
    """Drop all sums; the job makes them again."""
    forget()
    if not worth():
        return "0"
    begin()
    feed.stir(NAME)
    months = due()
    for what in months:
        make(what)
    return str(len(months))
