"""What this installation counts for Prometheus. Names of routes and states are labels, never a person or a record.

Web and worker processes of a machine write into files of one folder (`PROMETHEUS_MULTIPROC_DIR`, set by the settings),
so whichever process is asked tells of all. What the database knows anyway is asked there: `gathered.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from xiaoguan.apps.operation import gathered
from xiaoguan.kit import job
from xiaoguan.kit.models import Job

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOWHERE = "none"

own = CollectorRegistry()
REQUESTS = Counter("xiaoguan_requests", "Requests answered.", ["route", "method", "status"], registry=own)
SECONDS = Histogram(
    "xiaoguan_request_seconds",
    "Time to answer a request.",
    ["route"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=own,
)
STATEMENTS = Histogram(
    "xiaoguan_request_statements",
    "Database statements of a request.",
    ["route"],
    buckets=(5, 10, 20, 40, 80, 160, 320),
    registry=own,
)
JOB_SECONDS = Histogram(
    "xiaoguan_job_seconds",
    "Time from the start of a background job to its end.",
    ["kind", "state"],
    buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200),
    registry=own,
)


def observe(route: str, method: str, status: int, seconds: float, statements: int) -> None:
    """Count one request."""
    where = route or NOWHERE
    REQUESTS.labels(where, method if method in METHODS else "OTHER", str(status)).inc()
    SECONDS.labels(where).observe(seconds)
    STATEMENTS.labels(where).observe(statements)


def observe_job(row: Job) -> None:
    """Count one job that has ended."""
    if row.kind in job.kinds and row.started_at and row.finished_at:
        JOB_SECONDS.labels(row.kind, row.state).observe((row.finished_at - row.started_at).total_seconds())


def text() -> bytes:
    """Everything in the format that Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(gathered.Gathered())
    told = generate_latest(registry)
    if os.environ.get(FOLDER):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
        return told + generate_latest(counted)
    return told + generate_latest(own)


def tidy(folder: Path) -> None:
    """Drop the files of processes that are gone; called before new ones start, as their counts begin at nothing."""
    for file in folder.glob("*.db"):
        number = file.stem.rpartition("_")[2]
        if not number.isdecimal() or not _lives(int(number)):
            file.unlink(missing_ok=True)


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def names() -> set[str]:
    """The names under which there is something to ask for, in dashboards and rules too."""
    found: set[str] = set()
    collectors: list[Any] = [gathered.Gathered(), *(REQUESTS, SECONDS, STATEMENTS, JOB_SECONDS)]
    for collector in collectors:
        for family in collector.describe():
            endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",))
            found |= {f"{family.name}{ending}" for ending in endings}
    return found
