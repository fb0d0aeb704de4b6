"""Reads about tasks and follow-ups, for an actor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from xiaoguan.apps.activities.models import FollowUp, Kind, State, Task
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, clock
from xiaoguan.kit.access import visible

MOST = 200
AHEAD = 14


def in_order(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Tasks as they should be done: by day, time, weight."""
    return tasks.order_by("due_on", F("due_time").asc(nulls_last=True), "priority", "pk")


def next_task(record_id: int, link: str, actor: Any) -> Task | None:
    """The open task that is the next step of a customer or deal, if the actor sees it."""
    rows = visible(Task, actor).filter(**{link: record_id}, state=State.OPEN)
    return in_order(rows).first()


@dataclass(frozen=True)
class Day:
    """One person's work: overdue, today, and the days ahead; `more` tells how many later ones are left out."""

    overdue: Sequence[Task]
    today: Sequence[Task]
    ahead: Sequence[Task]
    more: int


def day_of(person: Any, actor: Any) -> Day:
    """The open tasks of a person as far as the actor sees them; two queries."""
    today = clock.today()
    until = today + dt.timedelta(days=AHEAD)
    mine = visible(Task, actor).filter(owner=person, state=State.OPEN)
    near = in_order(mine.filter(due_on__lte=until)).select_related("customer", "deal__stage", "contact")
    rows = list(near[:MOST])
    return Day(
        overdue=[task for task in rows if task.due_on < today],
        today=[task for task in rows if task.due_on == today],
        ahead=[task for task in rows if task.due_on > today],
        more=mine.filter(due_on__gt=until).count(),
    )


@dataclass(frozen=True)
class Tally:
    """What a person did on one day."""

    done: int
    calls: int
    visits: int
    others: int


def tally(person: Any, actor: Any) -> Tally:
    """Tasks finished and contacts made today."""
    today = clock.today()
    done = visible(Task, actor).filter(owner=person, state=State.DONE, done_on=today).count()
    rows = visible(FollowUp, actor).filter(credited=person, on=today).exclude(kind=Kind.NOTE)
    found = rows.aggregate(
        calls=Count("pk", filter=Q(kind=Kind.CALL)),
        visits=Count("pk", filter=Q(kind=Kind.VISIT)),
        others=Count("pk", filter=~Q(kind__in=(Kind.CALL, Kind.VISIT))),
    )
    return Tally(done, **found)


def people_of(actor: Any) -> list[Any]:
    """The people whose day somebody may look at: himself first, then those in reach who are still here."""
    if access.grants(actor).scope("activities.task", "view") not in ("team", "all"):
        return [actor]
    others = Person.objects.filter(pk__in=actor.reach_ids(), is_active=True, deleted_at__isnull=True)
    return [actor, *others.exclude(pk=actor.pk).order_by("unit__position", "name")]
