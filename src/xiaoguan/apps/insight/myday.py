"""Days: what today is to bring a seller, what it has brought, what is left; or why nothing is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from xiaoguan.apps.goals import daily
from xiaoguan.apps.goals.queries import calendar, person_key
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.org.models import Deputy, Person
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.kit import clock


@dataclass(frozen=True)
class Day:
    """Today of one person, in fen. `state`: set, none (no target), off (nobody works), away (somebody stands in)."""

    state: str
    target: int = 0
    done: int = 0
    until: dt.date | None = None
    stand_in: str = ""
    following: dt.date | None = None
    then: int | None = None
    """The next working day, and what it is to bring."""

    @property
    def left(self) -> int:
        """What is still to come today."""
        return max(self.target - self.done, 0)

    @property
    def share(self) -> int:
        """How much of the day is there, in whole per cent up to a hundred."""
        return min(self.done * 100 // self.target, 100) if self.target else 100


def of(person: Person) -> Day:
    """The day of one person; a fixed number of queries."""
    today = clock.today()
    work = working_calendar()
    done = figures([WON_AMOUNT], Slice(today, today, people=[person.pk])).value(WON_AMOUNT) or 0
    following = None if not work.workweek else work.add(today, 1)
    key = person_key(person.pk)
    known = calendar()
    target = daily.of(WON_AMOUNT, known.of("day", today), [key])[key]
    away = (
        Deputy.objects.filter(person=person, deleted_at__isnull=True, start__lte=today)
        .filter(Q(end__gte=today))
        .select_related("deputy")
        .order_by("end")
        .first()
    )
    if away is not None:
        return Day("away", target or 0, done, away.end, away.deputy.name)
    if not work.works(today):
        then = daily.of(WON_AMOUNT, known.of("day", following), [key])[key] if following else None
        return Day("off", target or 0, done, following=following, then=then)
    return Day("none" if target is None else "set", target or 0, done)


@dataclass(frozen=True)
class Share:
    """One person's part of today: what it is to bring (None without a target) and what it has brought, in fen."""

    target: int | None
    done: int

    @property
    def met(self) -> bool:
        """Whether today's target is reached."""
        return self.target is not None and 0 < self.target <= self.done


def of_many(people: Sequence[int]) -> dict[int, Share]:
    """Today of several people; a fixed number of queries."""
    today = clock.today()
    targets = daily.of(WON_AMOUNT, calendar().of("day", today), [person_key(pk) for pk in people])
    done = figures([WON_AMOUNT], Slice(today, today, people=list(people)), by=["person"])
    return {pk: Share(targets[person_key(pk)], done.exact((pk,), WON_AMOUNT.measure)) for pk in people}
