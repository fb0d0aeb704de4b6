"""Schedules: kinds of jobs that start by the clock, once, however many workers look at it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from croniter import croniter
from django.core.checks import CheckMessage, Error, register
from django.db import IntegrityError, transaction

from xiaoguan.kit import clock, job
from xiaoguan.kit.models.job import Schedule

logger = logging.getLogger("xiaoguan.schedule")


@dataclass(frozen=True)
class Declared:
    """A schedule as the program ships it; `cron` is read on the company's wall clock."""

    name: str
    cron: str
    kind: str
    label: Any
    payload: dict[str, Any] = field(default_factory=dict)


declared: dict[str, Declared] = {}
"""Every declared schedule by its name."""


def every(cron: str, kind: str, *, label: Any, name: str = "", payload: dict[str, Any] | None = None) -> Declared:
    """Declare a schedule beside its job: `every("15 3 * * *", "job.prune", label=_("Tidy up"))`.

    Raises ValueError for a cron line that can't be read or a name taken twice.
    """
    name = name or kind
    if name in declared:
        raise ValueError(f"the schedule {name} is declared twice")
    if not croniter.is_valid(cron):
        raise ValueError(f"the schedule {name} has an unreadable cron line: {cron}")
    declared[name] = Declared(name, cron, kind, label, payload or {})
    return declared[name]


def following(cron: str, moment: datetime) -> datetime:
    """The first time after `moment` that a cron line names on the company's wall clock."""
    found: datetime = croniter(cron, clock.local(moment)).get_next(datetime)
    return found


def sync() -> None:
    """Bring the table in line with the declarations; keeps what an administrator has set."""
    now = clock.machine_now()
    rows = {row.name: row for row in Schedule.objects.all()}
    for each in declared.values():
        row = rows.get(each.name)
        if row is None:
            _insert(each, now)
        elif (row.cron, row.kind, row.payload) != (each.cron, each.kind, each.payload):
            row.cron, row.kind, row.payload = each.cron, each.kind, each.payload
            row.next_run = following(row.own_cron or row.cron, now)
            row.save(update_fields=["cron", "kind", "payload", "next_run"])


def _insert(each: Declared, now: datetime) -> None:
    """Add a row; another process that starts at the same time may have been first."""
    try:
        with transaction.atomic():
            Schedule.objects.create(
                name=each.name, kind=each.kind, payload=each.payload, cron=each.cron, next_run=following(each.cron, now)
            )
    except IntegrityError:
        logger.debug("schedule %s was added by another process", each.name)


def reschedule(row: Schedule, *, cron: str, enabled: bool) -> None:
    """Set an administrator's own times; an empty `cron` returns to the declared ones. ValueError if unreadable."""
    if cron and not croniter.is_valid(cron):
        raise ValueError(cron)
    row.own_cron, row.enabled = cron, enabled
    row.next_run = following(cron or row.cron, clock.machine_now())
    row.save(update_fields=["own_cron", "enabled", "next_run"])


def tick() -> int:
    """Enqueue what is due and return how many; times missed while nothing ran count as one.

    The new time is written only where the old one still stands, in the transaction that enqueues:
    of several workers one succeeds, and a crash leaves both undone.
    """
    now = clock.machine_now()
    started = 0
    for row in Schedule.objects.filter(enabled=True, next_run__lte=now, kind__in=job.kinds):
        with transaction.atomic():
            ours = Schedule.objects.filter(pk=row.pk, enabled=True, next_run=row.next_run).update(
                next_run=following(row.own_cron or row.cron, now), last_run=now
            )
            if ours:
                job.enqueue(row.kind, row.payload, key=f"schedule {row.name}")
                started += 1
    return started


@register()
def check_schedules(**_kwargs: Any) -> list[CheckMessage]:
    """A schedule starts a kind of job that exists."""
    return [
        Error(f"the schedule {each.name} starts {each.kind}, which nobody declares", id="kit.E013")
        for each in declared.values()
        if each.kind not in job.kinds
    ]
