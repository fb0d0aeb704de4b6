"""Numbers that the database knows, asked when Prometheus asks: jobs, calls, messages, sign-ins, files, its size."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from xiaoguan import __version__
from xiaoguan.apps.notices.models import Message
from xiaoguan.apps.org.models import SignIn
from xiaoguan.apps.webhooks.models import Delivery
from xiaoguan.kit import clock, job
from xiaoguan.kit.models import Job
from xiaoguan.transfer.models import Import

LATELY = dt.timedelta(minutes=15)

NAMES: dict[str, tuple[str, tuple[str, ...]]] = {
    "xiaoguan_build": ("Version of program and Python; always 1.", ("version", "python", "database")),
    "xiaoguan_database_bytes": ("Size of the database.", ()),
    "xiaoguan_jobs": ("Background jobs kept, by kind and state.", ("kind", "state")),
    "xiaoguan_oldest_job_seconds": ("For how long the job that is due longest has been waiting.", ()),
    "xiaoguan_deliveries": ("Calls of webhooks kept, by state.", ("state",)),
    "xiaoguan_oldest_delivery_seconds": ("For how long the oldest call of a webhook has been waiting.", ()),
    "xiaoguan_messages": ("Mails and messages of robots kept, by channel and state.", ("channel", "state")),
    "xiaoguan_oldest_message_seconds": ("For how long the oldest message has been waiting.", ()),
    "xiaoguan_recent_sign_ins": ("Events at the door in the last 15 minutes, by outcome.", ("outcome",)),
    "xiaoguan_imports": ("Imported files, by state.", ("state",)),
}


class Gathered(Collector):
    """One family per name."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The families without a value: registering must not ask the database."""
        for name, (text, labels) in NAMES.items():
            yield GaugeMetricFamily(name, text, labels=labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families with today's values; a few grouped counts by index."""
        values = _values()
        for family in self.describe():
            for labels, value in values[family.name]:
                family.add_metric(list(labels), value)
            yield family


Values = list[tuple[tuple[str, ...], float]]


def _values() -> dict[str, Values]:
    now = clock.machine_now()
    python = ".".join(map(str, sys.version_info[:3]))
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    unsent = Message.objects.filter(state=Message.State.WAITING)
    due = Job.objects.filter(state=Job.State.QUEUED, run_after__lte=now)
    return {
        "xiaoguan_build": [((__version__, python, connection.vendor), 1)],
        "xiaoguan_database_bytes": [((), _size())],
        "xiaoguan_jobs": _jobs(),
        "xiaoguan_oldest_job_seconds": [((), _age(due, "run_after", now))],
        "xiaoguan_deliveries": _states(Delivery, "state", Delivery.State.values),
        "xiaoguan_oldest_delivery_seconds": [((), _age(waiting, "created_at", now))],
        "xiaoguan_messages": _counts(Message.objects.values_list("channel", "state")),
        "xiaoguan_oldest_message_seconds": [((), _age(unsent, "created_at", now))],
        "xiaoguan_recent_sign_ins": _counts(SignIn.objects.filter(at__gt=now - LATELY).values_list("outcome")),
        "xiaoguan_imports": _states(Import, "state", Import.State.values),
    }


def _counts(rows: Any) -> Values:
    return [(tuple(labels), count) for *labels, count in rows.annotate(n=Count("pk")).order_by()]


def _states(model: Any, name: str, every: list[str]) -> Values:
    """Every state, those without a row too: a rule on what is missing never fires."""
    found = dict(model.objects.values_list(name).annotate(n=Count("pk")).order_by())
    return [((state,), found.get(state, 0)) for state in every]


def _jobs() -> Values:
    """By kind and state; kinds that no program declares any more are one."""
    found: dict[tuple[str, ...], float] = {}
    for kind, state, count in Job.objects.values_list("kind", "state").annotate(n=Count("pk")).order_by():
        key = (kind if kind in job.kinds else "other", state)
        found[key] = found.get(key, 0) + count
    return list(found.items())


def _age(rows: Any, name: str, now: dt.datetime) -> float:
    oldest = rows.aggregate(oldest=Min(name))["oldest"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def _size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
