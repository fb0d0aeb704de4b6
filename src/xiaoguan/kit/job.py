"""Background jobs: a table, a lease and a cursor; the same on SQLite and PostgreSQL, with nothing else to install.

A worker claims a job by a conditional UPDATE and holds it by a lease. Work goes chunk by chunk: a chunk's effect,
the cursor, the progress and the longer lease are one transaction that ends with a check that the lease is still
ours. A worker that was killed loses nothing but its open chunk; one that only seemed dead rolls its chunk back.
Safety rests on that check alone; clocks decide only how soon another worker takes over.
"""

from __future__ import annotations

import logging
import random
import traceback
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import clock
from xiaoguan.kit.errors import KitError
from xiaoguan.kit.models.job import Job

logger = logging.getLogger("xiaoguan.job")

State = Job.State
CANDIDATES = 8
"""How many due jobs a worker looks at before it gives up a round to its rivals."""
FIRST_DELAY = 10
LAST_DELAY = 3600
UNCHANGED: Any = object()


class Fail(KitError):
    """Raised by a handler to end its job for good; the text is for the person who started it."""


class Interrupted(BaseException):
    """Ends a handler from outside; not an Exception, so that «one bad row never stops the rest» can't swallow it."""


class LeaseLost(Interrupted):
    """Somebody else owns the job now, or it was cancelled; the open chunk is rolled back."""


class Paused(Interrupted):
    """The worker is asked to stop; the chunk is committed and the job goes back to the queue."""


@dataclass(frozen=True)
class Kind:
    """One declared kind of job."""

    name: str
    label: Any
    run: Callable[[Run], Any]
    max_attempts: int
    lease: timedelta
    lane: Any
    atomic: bool


kinds: dict[str, Kind] = {}
"""Every declared kind by its name."""

ended: list[Callable[[Job], None]] = []
"""Called, in the transaction that ends it, with a job that is done or failed for good."""


def job(
    name: str,
    *,
    label: Any,
    max_attempts: int = 3,
    lease: int = 60,
    slow: bool = False,
    atomic: bool = False,
) -> Callable[[Callable[[Run], Any]], Callable[[Run], Any]]:
    """Declare a kind of job; the decorated function gets a `Run` and returns its result as JSON values or None.

    `lease` in seconds must outlast one chunk. `slow` work has its own lane. An `atomic` job runs in one
    transaction together with its end: its effects happen exactly once; keep those short, they can't chunk.
    """

    def declare(run: Callable[[Run], Any]) -> Callable[[Run], Any]:
        if name in kinds:
            raise ValueError(f"the job {name} is declared twice")
        lane = Job.Lane.SLOW if slow else Job.Lane.QUICK
        kinds[name] = Kind(name, label, run, max_attempts, timedelta(seconds=lease), lane, atomic)
        return run

    return declare


def enqueue(
    name: str,
    payload: dict[str, Any] | None = None,
    *,
    actor: Any = None,
    key: str | None = None,
    again: bool = False,
    run_after: datetime | None = None,
    total: int | None = None,
) -> Job:
    """Store a job; it can be claimed once the surrounding transaction has committed.

    With a `key` there is one active job of that kind and key, and its row is returned instead of a second one.
    `again` says that a run already under way may have missed what this call is about, so it runs once more after.
    Raises LookupError for an undeclared kind.
    """
    kind = kinds.get(name)
    if kind is None:
        raise LookupError(f"the job {name} is not declared")
    now = clock.machine_now()
    row = Job(
        kind=name,
        key=key,
        lane=kind.lane,
        payload=payload or {},
        actor=actor,
        language=translation.get_language() or "",
        run_after=run_after or now,
        max_attempts=kind.max_attempts,
        total=total,
        created_at=now,
    )
    if key is None:
        row.save(force_insert=True)
        return row
    return _enqueue_once(row, again)


def _enqueue_once(row: Job, again: bool) -> Job:
    """Insert, or join the active job of the same key; the loop ends as one of the two must hold."""
    while True:
        try:
            with transaction.atomic():
                row.save(force_insert=True)
                return row
        except IntegrityError:
            row.pk = None
            found = _join(Job.objects.filter(kind=row.kind, key=row.key, state__in=Job.ACTIVE), again)
            if found is not None:
                return found


def _join(active: Any, again: bool) -> Job | None:
    """The active job, marked to run again if it runs already; None when it has just ended.

    The waiting row is written too: that holds it until our transaction commits, so a worker can't
    start it before it could see what we are about to commit.
    """
    if again and not (
        active.filter(state=State.QUEUED).update(again=False) or active.filter(state=State.RUNNING).update(again=True)
    ):
        return None
    return active.first()


def done(name: str, payload: dict[str, Any], result: Any, *, actor: Any) -> Job:
    """Keep what was done at once, without a worker, as a job that has ended: its result can be looked at later."""
    now = clock.machine_now()
    row = Job(kind=name, lane=kinds[name].lane, payload=payload, actor=actor, state=State.DONE, result=result)
    row.created_at = row.run_after = row.started_at = row.finished_at = now
    row.save(force_insert=True)
    return row


def cancel(row: Job) -> bool:
    """Stop a job: a waiting one never starts, a running one rolls back its open chunk; False when it has ended."""
    return bool(
        Job.objects.filter(pk=row.pk, state__in=Job.ACTIVE).update(
            state=State.CANCELLED, holder="", lease_until=None, finished_at=clock.machine_now()
        )
    )


def retry(row: Job) -> bool:
    """Put a failed job back into the queue where its cursor stands; False when it isn't failed or is replaced."""
    try:
        with transaction.atomic():
            return bool(
                Job.objects.filter(pk=row.pk, state=State.FAILED).update(
                    state=State.QUEUED, attempts=0, run_after=clock.machine_now(), finished_at=None, error="", trace=""
                )
            )
    except IntegrityError:
        return False


# --- Claiming ---------------------------------------------------------------------------------------------------


def claim(*, lanes: Collection[str] | None = None, names: Collection[str] | None = None) -> Job | None:
    """Take one due job, or one whose worker has let its lease run out; None when there is none for us."""
    known = set(kinds) if names is None else set(kinds) & set(names)
    while True:
        now = clock.machine_now()
        due = Job.objects.filter(_due(now), kind__in=known)
        if lanes is not None:
            due = due.filter(lane__in=lanes)
        rows = list(due.order_by("run_after", "pk")[:CANDIDATES])
        for row in rows:
            if _spent(row):
                _bury(row, now)
            elif _take(row, now):
                return Job.objects.select_related("actor").get(pk=row.pk)
        if len(rows) < CANDIDATES:
            return None


def _due(now: datetime) -> Q:
    return Q(state=State.QUEUED, run_after__lte=now) | Q(state=State.RUNNING, lease_until__lt=now)


def _spent(row: Job) -> bool:
    return row.state == State.RUNNING and row.attempts >= row.max_attempts


def _take(row: Job, now: datetime) -> bool:
    """Become the holder; the database lets one of several rivals pass, as each repeats what it has read."""
    mine = Job.objects.filter(_due(now), pk=row.pk, holder=row.holder).update(
        state=State.RUNNING,
        holder=uuid.uuid4().hex,
        lease_until=now + kinds[row.kind].lease,
        attempts=F("attempts") + 1,
        started_at=Coalesce("started_at", now),
    )
    return mine == 1


def _bury(row: Job, now: datetime) -> None:
    """Give up a job that took its worker down each time without any progress."""
    error = str(_("The worker was stopped several times while doing this."))
    with transaction.atomic():
        buried = Job.objects.filter(_due(now), pk=row.pk, holder=row.holder).update(
            state=State.FAILED, holder="", lease_until=None, finished_at=now, error=error
        )
        if buried:
            logger.error("job %s (%s) failed: its worker died %s times", row.pk, row.kind, row.attempts)
            _tell_end(row.pk)


def _tell_end(pk: int) -> None:
    """Let listeners know how a job ended; one that fails only shows in the log."""
    if not ended:
        return
    row = Job.objects.select_related("actor").get(pk=pk)
    for listener in ended:
        try:
            with transaction.atomic():
                listener(row)
        except Exception:
            logger.exception("%s failed on the end of job %s", listener.__qualname__, pk)


# --- Running ----------------------------------------------------------------------------------------------------


@dataclass
class Step:
    """What a chunk leaves behind; a handler may set it inside the block, once it knows."""

    cursor: Any
    done: int
    note: str


class Run:
    """A running job as its handler sees it."""

    def __init__(self, row: Job, stopping: Callable[[], bool] = lambda: False) -> None:
        self.row = row
        self.kind = kinds[row.kind]
        self._stopping = stopping

    @property
    def payload(self) -> dict[str, Any]:
        """What `enqueue` was given."""
        return self.row.payload

    @property
    def actor(self) -> Any:
        """The person who started the job, or None."""
        return self.row.actor

    @property
    def cursor(self) -> Any:
        """Where the last committed chunk ended; None at the start."""
        return self.row.cursor

    @property
    def progress(self) -> int:
        """How much is done, in the handler's own unit."""
        return self.row.progress

    @contextmanager
    def chunk(self, *, cursor: Any = UNCHANGED, done: int = 0, note: str = "") -> Iterator[Step]:
        """Commit an effect together with cursor, progress and lease, or nothing of it.

        Raises LeaseLost (rolled back) when the job is no longer ours, Paused (committed) when the worker stops.
        """
        step = Step(self.row.cursor if cursor is UNCHANGED else cursor, done, note)
        with transaction.atomic(durable=True):
            yield step
            self._hold(
                cursor=step.cursor,
                progress=F("progress") + step.done,
                attempts=1,
                **({"note": step.note} if step.note else {}),
            )
        self.row.cursor = step.cursor
        self.row.progress += step.done
        if self._stopping():
            raise Paused

    def beat(self, note: str = "") -> None:
        """Extend the lease between chunks of long reading or computing; raises LeaseLost when it is gone."""
        self._hold(**({"note": note} if note else {}))

    def expect(self, total: int) -> None:
        """Say how much there is to do."""
        self._hold(total=total)
        self.row.total = total

    def _hold(self, **values: Any) -> None:
        """Write to our own row and extend the lease; the one place where a lost lease shows."""
        until = clock.machine_now() + self.kind.lease
        if not self._mine().update(lease_until=until, **values):
            raise LeaseLost

    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.row.pk, state=State.RUNNING, holder=self.row.holder)

    def finish(self, result: Any) -> None:
        """End the job, or put it back at its start when somebody asked for another run meanwhile."""
        now = clock.machine_now()
        left = {"holder": "", "lease_until": None, "result": result, "error": "", "trace": ""}
        with transaction.atomic():
            if self._mine().filter(again=False).update(state=State.DONE, finished_at=now, note="", **left):
                _tell_end(self.row.pk)
                return
        fresh = {"again": False, "cursor": None, "progress": 0, "attempts": 0, "run_after": now}
        if not self._mine().update(state=State.QUEUED, **left, **fresh):
            raise LeaseLost

    def give_back(self) -> None:
        """Return to the queue as it stands, for the next worker."""
        now = clock.machine_now()
        self._mine().update(state=State.QUEUED, holder="", lease_until=None, attempts=0, run_after=now)

    def fail(self, error: BaseException) -> None:
        """Record an error: try again later, or never when it is final or was tried often enough."""
        self.row.refresh_from_db(fields=["attempts"])
        final = isinstance(error, KitError) or self.row.attempts >= self.row.max_attempts
        now = clock.machine_now()
        outcome: dict[str, Any] = {"state": State.FAILED, "finished_at": now}
        if not final:
            outcome = {"state": State.QUEUED, "run_after": now + _delay(self.row.attempts)}
        told = str(error) if isinstance(error, KitError) else str(_("It stopped on an unexpected error."))
        trace = "".join(traceback.format_exception(error))[-8000:]
        with transaction.atomic():
            if self._mine().update(holder="", lease_until=None, error=told, trace=trace, **outcome) and final:
                _tell_end(self.row.pk)


def _delay(attempts: int) -> timedelta:
    """10 s, 40 s, 160 s … up to an hour, spread by a tenth so that jobs that failed together don't return together."""
    seconds = min(LAST_DELAY, FIRST_DELAY * 4 ** (attempts - 1))
    return timedelta(seconds=seconds * random.uniform(1, 1.1))


def execute(row: Job, stopping: Callable[[], bool] = lambda: False) -> None:
    """Run a claimed job to its end, pause or failure; what happens is in its row, nothing is raised."""
    run = Run(row, stopping)
    try:
        with translation.override(row.language or None):
            if run.kind.atomic:
                with transaction.atomic(durable=True):
                    run.finish(run.kind.run(run))
            else:
                run.finish(run.kind.run(run))
    except LeaseLost:
        logger.warning("job %s (%s): lease lost, the open chunk is rolled back", row.pk, row.kind)
    except Paused:
        run.give_back()
    except Exception as error:
        logger.warning("job %s (%s): attempt %s failed", row.pk, row.kind, row.attempts, exc_info=error)
        with translation.override(row.language or None):
            run.fail(error)
