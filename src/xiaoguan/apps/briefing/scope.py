"""Whose figures a briefing is about, by what its reader does; and which day, week or month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from xiaoguan.apps.goals.queries import COMPANY, calendar, person_key, team_key
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.org.queries import led_teams, managed_teams, members_on, subtree_ids, working_calendar
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock

COMPANY_WIDE = ("director", "auditor")
KINDS = ("day", "week", "month")


@dataclass(frozen=True)
class Scope:
    """The company (everything None), a team (`units`, and `people` by owner) or one person (`people` alone)."""

    subject: str
    people: Collection[int] | None = None
    units: Collection[int] | None = None

    @property
    def alone(self) -> bool:
        """Whether it is about one person."""
        return self.people is not None and self.units is None

    def of(self, first: dt.date, last: dt.date) -> Slice:
        """The credits of a stretch of time; a team's are those of its units in those days."""
        return Slice(first, last, people=self.people if self.alone else None, units=self.units)


def is_briefed(actor: Any) -> bool:
    """Whether somebody reads figures of sales: a briefing is about them."""
    grants = access.grants(actor)
    return grants.scope("metrics.figures", "view") != "none" and grants.scope("opportunities.deal", "view") != "none"


def scope_of(actor: Any) -> Scope | None:
    """Whom the briefing of somebody is about; None for who reads no figures of sales."""
    reads = access.grants(actor).scope("metrics.figures", "view")
    if not is_briefed(actor):
        return None
    if actor.roles.filter(code__in=COMPANY_WIDE, deleted_at__isnull=True).exists():
        return Scope(COMPANY)
    team = managed_teams(actor).first() or led_teams(actor).first()
    if team is not None:
        people = list(members_on(None, team, below=True).values_list("pk", flat=True))
        return Scope(team_key(team.pk), people, subtree_ids(team))
    sells = access.grants(actor).scope("opportunities.deal", "create") in ("self", "team")
    return Scope(COMPANY) if reads == "all" and not sells else Scope(person_key(actor.pk), [actor.pk])


def last_over(kind: str) -> Period:
    """The last day that was worked, week or month that is over."""
    today = clock.today()
    if kind == "day":
        return calendar().of("day", working_calendar().add(today, -1))
    return calendar().of(kind, today).previous()


def due(kind: str) -> Period | None:
    """The period that is told today: that of the last working day, once it is over; None on a day off.

    So a week or month that ends before days off is told on the first working day after them.
    """
    work, today = working_calendar(), clock.today()
    if not work.works(today):
        return None
    found = calendar().of(kind, work.add(today, -1))
    return found if found.end < today else None


def before(period: Period) -> Period:
    """What a period is compared with: the one before it; for a day the last that was worked."""
    if str(period.kind) == "day":
        return period.calendar.of("day", working_calendar().add(period.start, -1))
    return period.previous()


def asked_for(kind: str, code: str) -> Period:
    """The period of an address; the last one that is over where it names none. PeriodError for one to come."""
    if not code:
        return last_over(kind)
    found = calendar().parse(code)
    if str(found.kind) != kind or found.start > clock.today():
        raise PeriodError("bad_period_code", text=code)
    return found
