"""Where periods land: open deals by learnt probability, and business that comes and is won within a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Case, ExpressionWrapper, F, IntegerField, Q, Value, When
from django.db.models.functions import Cast, Coalesce

from xiaoguan.apps.forecast import evidence, learning
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.opportunities.models.deal import CLOSED
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc import landing
from xiaoguan.calc.landing import Chances, Integers, Landing, fresh_rate
from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.period import Period, WorkCalendar
from xiaoguan.kit import clock, feed, memo
from xiaoguan.kit.access import everything
from xiaoguan.kit.models import ChangeRow

BEFORE = {"month": 12, "quarter": 8, "year": 3}
"""So many earlier periods tell what comes and is won within one."""
DEAL = Deal._meta.label_lower


@dataclass(frozen=True, eq=False)
class Wins:
    """Possible wins in the order of their owners: owner (0 for nobody), amount in fen, rate in 1/100,000; each (n,)."""

    owners: Integers
    amounts: Integers
    rates: Integers

    @staticmethod
    def of_rows(rows: Iterable[tuple[int | None, int, int]]) -> Wins:
        """From (owner, amount, rate)."""
        flat = np.fromiter((value or 0 for row in rows for value in row), np.int64)
        columns = flat.reshape(-1, 3)
        return Wins(*columns[np.argsort(columns[:, 0], kind="stable")].T.copy())

    def of(self, people: Collection[int] | None) -> Wins:
        """The wins of some owners; None means all."""
        if people is None:
            return self
        asked = np.unique(np.fromiter(people, np.int64, len(people)))
        begin, end = np.searchsorted(self.owners, asked), np.searchsorted(self.owners, asked, side="right")
        counts = end - begin
        chosen = np.arange(counts.sum()) + np.repeat(begin - (np.cumsum(counts) - counts), counts)
        return Wins(self.owners[chosen], self.amounts[chosen], self.rates[chosen])


NONE = Wins.of_rows(())


def open_deals(last: dt.date, people: Sequence[int] | None = None) -> Wins:
    """Open deals expected by a day, of some owners or of all; numbers follow the number rule of the caller.

    All of them are remembered until a deal or its probability changes: they are many, and every director's home is
    made of them.
    """
    if people is not None:
        return _read_open(last, people)
    token = tuple(feed.versions(DEAL, learning.TOKEN).values())
    found: Wins = memo.remember(("forecast.open", last), token, lambda: _read_open(last, None))
    return found


def _read_open(last: dt.date, people: Sequence[int] | None) -> Wins:
    because = "a landing forecast is a number, not a list of records"
    rows = everything(Deal, because=because).filter(status=Status.OPEN, counts=True, expected_on__lte=last)
    if people is not None:
        rows = rows.filter(owner__in=people)
    whole, large = IntegerField(), BigIntegerField()  # two rates multiplied are more than four bytes hold
    soon = When(expected_on__gte=last.replace(day=1), then=Value(judged()["rate"]))
    told = Case(
        When(chance__stage=F("stage"), then=F("chance__rate")), default=Coalesce("probability", 0), output_field=whole
    )
    share = Case(soon, default=Value(RATE_ONE), output_field=whole)
    # Reckoned there: a company has so many of them that it would take longer here, one by one.
    rate = ExpressionWrapper(Cast(told, large) * share / RATE_ONE, output_field=large)
    worth = Coalesce("amount", 0, output_field=large)
    return Wins.of_rows(rows.values_list("owner_id", worth, rate))


def judged() -> dict[str, int]:
    """What past months say of forecasts (1/100,000): nothing, until the first is over.

    ``rate``: of the wins expected of deals due in a month, the share that comes within it. It holds for deals due in
    the last month of a period: what slips from an earlier one is won in the period anyway. ``sway``: by how much good
    and bad months differ beyond what independent deals explain.
    """

    def read() -> dict[str, int]:
        row = learning.lesson()
        return {"rate": RATE_ONE, "sway": 0} | (row.report.get("on_time", {}) if row is not None else {})

    found: dict[str, int] = memo.remember(("forecast.judged",), feed.version(learning.TOKEN), read)
    return found


def fresh_deals(period: Period, today: dt.date) -> Wins:
    """What may come and be won from today to the end of a period, as it did in the same stretch of earlier ones.

    Each deal of an earlier period that was opened after the same working day and won before the end counts with one
    over the number of periods. Remembered until a deal changes.
    """
    if today > period.end:
        return NONE
    token = tuple(feed.versions(DEAL, "org.company", "org.calendarday").values())
    key = ("forecast.fresh", period, today)
    found: Wins = memo.remember(key, token, lambda: _read_fresh(period, today))
    return found


def _read_fresh(period: Period, today: dt.date) -> Wins:
    rows = everything(Deal, because="what usually comes within a period is a number").filter(counts=True)
    first = rows.order_by("opened_on").values_list("opened_on", flat=True).first()
    earlier = [period.shift(-back) for back in range(1, BEFORE.get(str(period.kind), 12) + 1)]
    earlier = [each for each in earlier if first is not None and each.start >= first]
    if not earlier:
        return NONE
    work = working_calendar()
    windows = [(_same_day(work, period, today, each), each.end) for each in earlier]
    within = Q(pk__in=[])
    for since, end in windows:
        within |= Q(opened_on__gt=since, won_on__gt=since, won_on__lte=end)
    won = rows.filter(within, status=Status.WON, won_on__range=(earlier[-1].start, earlier[0].end))
    rate = fresh_rate(len(earlier))
    return Wins.of_rows((owner, amount or 0, rate) for owner, amount in won.values_list("credited_id", "amount"))


def _same_day(work: WorkCalendar, period: Period, today: dt.date, other: Period) -> dt.date:
    """The day of another period before which as many working days were over; the day before it for its beginning."""
    over = work.progress(period, today).elapsed if today in period else 0
    if today < period.start or not over:
        return other.start - dt.timedelta(days=1)
    worked = [day for day in other.each_day() if work.works(day)]
    return worked[min(over, len(worked)) - 1] if worked else other.start


@dataclass(frozen=True)
class Subject:
    """Whose landing is asked for: what is done, the target, and the owners of its deals (None for all)."""

    done: int
    target: int | None
    people: Collection[int] | None


def landings(period: Period, subjects: Sequence[Subject], open_wins: Wins, fresh_wins: Wins) -> list[Landing]:
    """Where a period ends for several subjects, told today; remembered while the possible wins are the same."""
    asked = tuple((each.done, each.target, None if each.people is None else tuple(each.people)) for each in subjects)
    token = (clock.today(), *feed.versions(DEAL, learning.TOKEN, "org.company", "org.calendarday").values())
    found: list[Landing] = memo.remember(
        ("forecast.landings", period, asked),
        token,
        lambda: worked_out(subjects, open_wins, fresh_wins, judged()["sway"]),
    )
    return found


def worked_out(subjects: Sequence[Subject], open_wins: Wins, fresh_wins: Wins, sway: int) -> list[Landing]:
    """The landings of subjects from possible wins of any day; ``sway`` in 1/100,000."""
    return landing.landings(
        [each.done for each in subjects],
        [each.target for each in subjects],
        _placed(subjects, open_wins),
        _placed(subjects, fresh_wins),
        sway=sway / RATE_ONE,
    )


def _placed(subjects: Sequence[Subject], wins: Wins) -> Chances:
    chosen = [wins.of(each.people) for each in subjects]
    places = np.repeat(np.arange(len(chosen)), [len(each.amounts) for each in chosen])
    amounts, rates = (
        np.concatenate([getattr(each, name) for each in (NONE, *chosen)]) for name in ("amounts", "rates")
    )
    return Chances.of(places, amounts, rates)


def wins_of(period: Period, people: Sequence[int] | None = None, today: dt.date | None = None) -> tuple[Wins, Wins]:
    """Open deals due in a period and what may still come; of some people or of all."""
    fresh = fresh_deals(period, today or clock.today())
    return open_deals(period.end, people), fresh.of(people)


def as_of(start: dt.date, end: dt.date) -> list[dict[str, Any]]:
    """The deals that were open when a day began and expected by another, with amount and date as they were then.

    What a record said then is read back from the log of changes; where it never changed it is what it says now.
    """
    because = "how good forecasts were is told from all deals"
    rows = everything(Deal, because=because).filter(opened_on__lt=start, counts=True)
    stood = rows.filter(Q(status=Status.OPEN) | Q(status__in=CLOSED, closed_on__gte=start)).order_by("pk")
    found = list(stood.values(*evidence.FIELDS, "expected_on", "owner_id"))
    return [row for row in _as_they_were(found, start) if row["expected_on"] is not None and row["expected_on"] <= end]


def _as_they_were(rows: list[dict[str, Any]], day: dt.date) -> list[dict[str, Any]]:
    """The rows with expected close and amount as they were when a day began."""
    moment = dt.datetime.combine(day, dt.time.min, tzinfo=clock.zone())
    for first in range(0, len(rows), evidence.PORTION):
        portion = {row["pk"]: row for row in rows[first : first + evidence.PORTION]}
        changes = ChangeRow.objects.filter(entity=DEAL, object_id__in=portion, change__at__gte=moment)
        settled = set()
        for pk, before in changes.order_by("pk").values_list("object_id", "before"):
            for name in ("expected_on", "amount"):
                if before and name in before and (pk, name) not in settled:
                    settled.add((pk, name))
                    value = before[name]
                    portion[pk][name] = dt.date.fromisoformat(value) if isinstance(value, str) else value
    return rows
