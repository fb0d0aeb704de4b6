"""What is measured each night: how things stand, month by month, kept so that it has a past like any other figure.

A reading is a credit of a fact without records, dated on the first of its month: one person's part of a state (points
known of his customers), or of what no record tells by itself (deals that left a stage). The running month is measured
anew each night, the one before as far as it can still be told; older ones stay as they were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics.models import Fault
from xiaoguan.apps.operation import clearing
from xiaoguan.apps.org import policy
from xiaoguan.kit import clock, feed, job, schedule, spans
from xiaoguan.kit.append import append
from xiaoguan.kit.fact import Fact, facts, tell_changed
from xiaoguan.kit.models.credit import Credit

ENTITY = "metrics.reading"
"""Stands in credits where others name the kind of their record."""
KIND = "metrics.readings"
PAST = 12
"""So many months before the first night are told afterwards, as far as records tell them."""


@dataclass(frozen=True)
class Month:
    """What is to be measured: the first and last day of a month, and whether it has to be told how things stand."""

    first: dt.date
    last: dt.date
    state: bool

    @property
    def number(self) -> int:
        """How credits of this month are found again."""
        return self.first.year * 100 + self.first.month


Found = Mapping[str, Mapping[int | None, int]]
"""Fact → person (None: nobody's) → amount; what a measurer doesn't name stays as it was."""
Measurer = Callable[[Month], Found]
_measurers: list[Measurer] = []


def measurer(func: Measurer) -> Measurer:
    """Register who measures something each night."""
    _measurers.append(func)
    return func


reads: dict[str, tuple[type[models.Model], str]] = {}
"""Measured facts by the field of records they tell of: masked there, they are told to nobody."""


states: set[str] = set()
"""Measured facts that tell how things stand: of several months they are no sum."""


def reading(
    code: str,
    label: Any,
    unit: str = "count",
    of: tuple[type[models.Model], str] | None = None,
    *,
    state: bool = False,
) -> str:
    """Declare a fact that is measured, the field it tells of, and whether it is a state; returns its code."""
    if state:
        states.add(code)
    if of is not None:
        reads[code] = of
    facts[code] = Fact(code, label, on="on", amount="amount", unit=unit)
    return code


def is_reading(code: str) -> bool:
    """Whether a fact is measured each night, so that no records stand behind it."""
    return facts[code].model is None


def month_of(day: dt.date, *, state: bool) -> Month:
    """The month of a day."""
    return Month(*spans.month_of(day), state)


def keep(month: Month, only: Sequence[Measurer] = ()) -> int:
    """Measure a month, or some of it, and replace what was kept of that; returns how many readings were written."""
    found: dict[str, Mapping[int | None, int]] = {}
    for measure in only or _measurers:
        found |= {code: {who: n for who, n in each.items() if n} for code, each in measure(month).items()}
    with transaction.atomic():
        mine = Credit.objects.filter(entity=ENTITY, object_id=month.number)
        known: dict[str, dict[int | None, int]] = {}
        for code, person, amount in mine.values_list("fact", "person", "amount"):
            known.setdefault(code, {})[person] = amount
        changed = [code for code, each in found.items() if known.get(code, {}) != each]
        people = {person for code in changed for person in found[code] if person is not None}
        teams = policy.teams_on({(person, month.first) for person in people})
        mine.filter(fact__in=changed).delete()
        rows = [
            Credit(fact=code, entity=ENTITY, object_id=month.number, person_id=person, on=month.first, amount=amount,
                   unit_id=teams.get((person, month.first)) if person else None)
            for code in changed
            for person, amount in found[code].items()
        ]  # fmt: skip
        append(Credit, rows)
        tell_changed({(code, month.first, None, ENTITY, month.number) for code in changed})
        if changed:
            feed.stir(ENTITY)
    return len(rows)


@job.job(KIND, label=_("Measure how things stand"), lease=600, slow=True)
def measure(run: job.Run) -> dict[str, int]:
    """This month and the one before; the first time also those before, as far as records tell them."""
    today, kept = clock.today(), 0
    before = spans.month_of(today, -1)[0]
    older = [] if Credit.objects.filter(entity=ENTITY).exists() else range(-PAST, -1)
    months = [month_of(spans.month_of(today, back)[0], state=False) for back in older]
    for month in [*months, month_of(before, state=False), month_of(today, state=True)]:
        with run.chunk() as step:
            step.done = keep(month)
            kept += step.done
    return {"kept": kept}


schedule.every("10 1 * * *", KIND, label=_("Measure how things stand"))


def forget() -> None:
    """What was measured of the demonstration goes with it."""
    Fault.objects.all().delete()
    Credit.objects.filter(entity=ENTITY).delete()
    tell_changed(None)
    feed.stir(ENTITY)


clearing.also.append(forget)
