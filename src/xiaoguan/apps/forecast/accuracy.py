"""How good forecasts were: what was told when months began, held against what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xiaoguan.apps.forecast.models import Snapshot
from xiaoguan.apps.goals.queries import COMPANY, calendar, person_key
from xiaoguan.apps.metrics.queries import Figures, figures
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.org.models import Person
from xiaoguan.calc.money import ratio
from xiaoguan.kit import access, clock

MONTHS = 12


@dataclass(frozen=True)
class Told:
    """One month of one subject: what was forecast when it began, and what came; fen."""

    start: dt.date
    low: int
    middle: int
    high: int
    came: int
    later: bool

    @property
    def inside(self) -> bool:
        """Whether it ended within the range."""
        return self.low <= self.came <= self.high

    @property
    def off(self) -> int:
        """Forecast less what came: positive when too much was forecast."""
        return self.middle - self.came


@dataclass(frozen=True)
class Record:
    """The months told of one subject, the latest first."""

    name: str
    months: list[Told] = field(default_factory=list)

    @property
    def inside(self) -> int:
        """How many months ended within their range."""
        return sum(month.inside for month in self.months)

    @property
    def missed(self) -> int | None:
        """By how much forecasts were off, of what came (1/100,000): Σ|forecast − came| / Σ came."""
        return (
            ratio(sum(abs(month.off) for month in self.months), sum(month.came for month in self.months) or 0)
            if any(month.came for month in self.months)
            else None
        )

    @property
    def lean(self) -> int | None:
        """By how much they were too high (positive) or too low together, of what came."""
        return (
            ratio(sum(month.off for month in self.months), sum(month.came for month in self.months))
            if any(month.came for month in self.months)
            else None
        )


def people_of(actor: Any) -> list[Person]:
    """The people whose forecasts an actor may read: by the scope of figures, his own at least."""
    scope = access.grants(actor).scope("metrics.figures", "view")
    if scope == "none":
        return []
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True)
    if scope != "all":
        rows = rows.filter(pk__in=[actor.pk] if scope == "self" else [actor.pk, *actor.reach_ids()])
    return list(rows.order_by("unit__position", "name"))


def records(actor: Any) -> tuple[Record | None, list[Record]]:
    """The company's record (None unless all figures may be read) and that of each person; four queries."""
    today = clock.today()
    month = calendar().month(today)
    first = month.shift(-MONTHS).start
    people = people_of(actor)
    whole = access.grants(actor).scope("metrics.figures", "view") == "all"
    keys = {person_key(one.pk): one for one in people}
    kept: dict[str, list[Snapshot]] = {}
    rows = Snapshot.objects.filter(start__gte=first, start__lt=month.start)
    if not whole:
        rows = rows.filter(subject__in=list(keys))
    for row in rows.order_by("-start"):
        kept.setdefault(row.subject, []).append(row)
    where = Slice(first, month.start - dt.timedelta(days=1), people=None if whole else [one.pk for one in people])
    came = figures([WON_AMOUNT], where, by=["person", "month"])
    found = [Record(one.name, _told(kept[key], came, [one.pk])) for key, one in keys.items() if key in kept]
    company = Record("", _told(kept[COMPANY], came, None)) if whole and COMPANY in kept else None
    return company, found


def _told(rows: Sequence[Snapshot], came: Figures, people: Sequence[int] | None) -> list[Told]:
    found = []
    for row in rows:
        month = row.start.isoformat()
        keys = [key for key in came.rows if key[1] == month and (people is None or key[0] in people)]
        total = sum(came.exact(key, WON_AMOUNT.measure) for key in keys)
        found.append(Told(row.start, row.low, row.middle, row.high, total, row.later))
    return found
