"""What happens in the history, as plain values: chance decides, nothing is stored here."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from xiaoguan.calc.period import WorkCalendar

SEASON = (0.72, 0.45, 1.08, 1.04, 1.06, 1.12, 0.96, 0.98, 1.10, 1.02, 1.14, 1.33)
"""How much is signed in each month against the average: Spring Festival is quiet, year ends are busy."""
STAGES = ("prospecting", "needs", "solution", "contracting")
DAYS = {"prospecting": 22, "needs": 15, "solution": 16, "contracting": 10}
"""Usual days in each stage."""
REASONS = (("price", 34), ("competitor", 22), ("cancelled", 16), ("no_contact", 12), ("terms", 9), ("delivery", 7))
FEN_PER_WAN = 1_000_000


@dataclass(frozen=True)
class Stay:
    """One stage of a deal's way; `left` is None while it lasts."""

    stage: str
    entered: dt.date
    left: dt.date | None


def bent(stays: list[Stay], place: int) -> list[Stay]:
    """The same stretch of days on another way: now and then a stage is passed over, or a deal goes back for a while."""
    if len(stays) < 4 or any(stay.left is None for stay in stays[:3]):
        return stays
    first, second, third, *rest = stays
    if place % 9 == 4:
        return [Stay(first.stage, first.entered, second.left), third, *rest]
    assert third.left is not None
    part = (third.left - third.entered).days // 3
    if place % 13 == 6 and part > 1:
        back, again = third.entered + dt.timedelta(days=part), third.entered + dt.timedelta(days=2 * part)
        ways = [(third.stage, third.entered, back), (second.stage, back, again), (third.stage, again, third.left)]
        return [first, second, *[Stay(*way) for way in ways], *rest]
    return stays


@dataclass
class DealPlan:
    """One deal from its first day to its last, or to today."""

    stays: list[Stay]
    amount: int
    outcome: str
    closed: dt.date | None = None
    expected: dt.date | None = None
    reason: str = ""
    contacts: list[tuple[dt.date, str]] = field(default_factory=list)
    step: tuple[dt.date, str, str] | None = None

    @property
    def opened(self) -> dt.date:
        """The first day."""
        return self.stays[0].entered


class Planner:
    """Draws deals for sellers between two days; the same chance gives the same deals."""

    def __init__(self, chance: random.Random, calendar: WorkCalendar, first: dt.date, today: dt.date) -> None:
        self.chance = chance
        self.calendar = calendar
        self.first = first
        self.today = today

    def workday(self, day: dt.date) -> dt.date:
        """The day itself if it is worked, else the nearest worked one before it."""
        while not self.calendar.works(day):
            day -= dt.timedelta(days=1)
        return day

    def months(self) -> list[dt.date]:
        """First days of the months of the history, the running one last."""
        found, day = [], self.first
        while day <= self.today:
            found.append(day)
            day = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        return found

    def closing_days(self, skill: float, since: dt.date, rate: float) -> list[dt.date]:
        """Days on which a seller closes a deal; `rate` is how many an average month brings."""
        found = []
        for month in self.months():
            if month < since.replace(day=1):
                continue
            last = min((month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1), self.today)
            worked = [month + dt.timedelta(days=n) for n in range((last - month).days + 1)]
            worked = [day for day in worked if self.calendar.works(day) and day >= since]
            full = self.calendar.count(month, (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)) or 1
            growth = 1 + 0.006 * ((month.year - self.first.year) * 12 + month.month - self.first.month)
            mean = rate * skill * growth * SEASON[month.month - 1] * len(worked) / full
            found += [self.chance.choice(worked) for _n in range(self._poisson(mean)) if worked]
        return sorted(found)

    def recent_days(self, count: int) -> list[dt.date]:
        """Worked days spread over the running month up to today."""
        worked = [self.today.replace(day=n) for n in range(1, self.today.day + 1)]
        worked = [day for day in worked if self.calendar.works(day)] or [self.workday(self.today)]
        return [worked[len(worked) * (n + 1) // (count + 1)] for n in range(min(count, len(worked)))]

    def _poisson(self, mean: float) -> int:
        limit, count, product = math.exp(-mean), 0, self.chance.random()
        while product > limit:
            count += 1
            product *= self.chance.random()
        return count

    def amount(self, scale: float = 1.0) -> int:
        """A deal's amount in fen: most between five and sixty wan, whole hundreds of yuan."""
        wan = min(180.0, max(2.4, self.chance.lognormvariate(3.0, 0.62) * scale))
        return round(wan * 100) * (FEN_PER_WAN // 100)

    def won(self, day: dt.date, scale: float) -> DealPlan:
        """A deal signed on a day."""
        stays = self._way(STAGES, day)
        stays.append(Stay("after_sales", day, None))
        return DealPlan(stays, self.amount(scale), "won", day, contacts=self._contacts(stays[0].entered, day))

    def lost(self, day: dt.date, scale: float) -> DealPlan:
        """A deal given up on a day, in whichever stage it was."""
        depth = self.chance.choices((1, 2, 3, 4), (18, 28, 34, 20))[0]
        stays = self._way(STAGES[:depth], day)
        stays.append(Stay("lost", day, None))
        reason = self.chance.choices([code for code, _weight in REASONS], [weight for _code, weight in REASONS])[0]
        amount = self.amount(scale * 1.1)
        return DealPlan(stays, amount, "lost", day, reason=reason, contacts=self._contacts(stays[0].entered, day))

    def open(self, scale: float) -> DealPlan:
        """A deal that is worked on today, perhaps longer than usual, perhaps without a next step."""
        depth = self.chance.choices((1, 2, 3, 4), (30, 27, 24, 19))[0]
        stage = STAGES[depth - 1]
        stayed = max(0, round(self.chance.gammavariate(2.2, DAYS[stage] * 0.36)))
        entered = self.workday(self.today - dt.timedelta(days=stayed))
        stays = [*self._way(STAGES[: depth - 1], entered), Stay(stage, entered, None)]
        ahead = sum(DAYS[name] for name in STAGES[depth - 1 :]) * self.chance.uniform(0.5, 1.5) - stayed * 0.5
        late = self.chance.random() < 0.09
        expected = (
            self.today - dt.timedelta(days=self.chance.randint(1, 18))
            if late
            else self.today + dt.timedelta(days=max(1, round(ahead)))
        )
        plan = DealPlan(stays, self.amount(scale * 1.05), "open", expected=expected)
        plan.contacts = self._contacts(stays[0].entered, self.today)
        plan.step = self._step(stage)
        return plan

    def _way(self, stages: Sequence[str], until: dt.date) -> list[Stay]:
        """Stays of the given stages, the last of which ends on a day."""
        stays: list[Stay] = []
        for stage in reversed(stages):
            days = max(1, round(self.chance.gammavariate(3, DAYS[stage] / 3)))
            entered = self.workday(until - dt.timedelta(days=days))
            stays.insert(0, Stay(stage, entered, until))
            until = entered
        return stays

    def _contacts(self, first: dt.date, last: dt.date) -> list[tuple[dt.date, str]]:
        """Days and kinds of talks during a deal, more at its end."""
        span = max(1, (last - first).days)
        count = min(9, 1 + self._poisson(span / 16))
        kinds = self.chance.choices(("call", "visit", "meeting", "message", "mail"), (42, 30, 8, 13, 7), k=count)
        days = sorted(first + dt.timedelta(days=int(span * self.chance.random() ** 0.8)) for _n in range(count))
        found = [(self.workday(day), kind) for day, kind in zip(days, kinds, strict=True)]
        return [(max(day, first), kind) for day, kind in found if day >= self.first]

    def _step(self, stage: str) -> tuple[dt.date, str, str] | None:
        """When the next step is due: overdue, today, later, or there is none."""
        drawn = self.chance.random()
        if drawn < 0.11:
            return None
        if drawn < 0.24:
            due = self.workday(self.today - dt.timedelta(days=self.chance.randint(1, 6)))
        elif drawn < 0.46:
            due = self.today
        else:
            due = self.calendar.add(self.today, self.chance.randint(1, 9))
        return due, stage, ""
