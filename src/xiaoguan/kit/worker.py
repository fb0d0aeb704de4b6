"""The worker: claims jobs and runs them, thread by thread, and looks at the schedules."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import Error as DatabaseError, close_old_connections, connections
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import clock, job, schedule
from xiaoguan.kit.models.job import Job

logger = logging.getLogger("xiaoguan.worker")

SHORTEST_NAP = 0.1
LONGEST_NAP = 1.0
TICK_EVERY = 10.0
LANES: tuple[tuple[Any, ...] | None, ...] = ((Job.Lane.QUICK,), None)
"""One thread for quick jobs alone, one for any: an hour-long import never delays a reaction."""
KEEP_DONE = timedelta(days=30)
KEEP_FAILED = timedelta(days=180)


def work_once(names: Collection[str] | None = None) -> Job | None:
    """Claim and run one job in this thread; returns its row as it stands afterwards, or None without work."""
    row = job.claim(names=names)
    if row is None:
        return None
    job.execute(row)
    row.refresh_from_db()
    return row


def drain(limit: int = 1000) -> list[Job]:
    """Run jobs until none is due, for tests, demo and commands; returns them in the order they ran."""
    ran: list[Job] = []
    while len(ran) < limit and (row := work_once()) is not None:
        ran.append(row)
    return ran


class Worker:
    """A process's worker; `run` blocks until `stop`, which lets each thread finish the chunk it is in."""

    def __init__(self, lanes: tuple[tuple[str, ...] | None, ...] = LANES) -> None:
        self._lanes = lanes
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Work until `stop` is called from a signal handler or another thread."""
        self.start()
        while not self._stopping.wait(1.0):
            self._revive()
        for thread in self._threads:
            thread.join()

    def start(self) -> None:
        """Work in background threads; the caller goes on."""
        self._threads = [self._thread(number) for number in range(len(self._lanes) + 1)]

    def stop(self) -> None:
        """Ask to end: running jobs return to the queue after their chunk, atomic ones finish."""
        self._stopping.set()

    def _thread(self, number: int) -> threading.Thread:
        """One thread per lane, and one for the schedules: no job however long delays another's time."""
        if number < len(self._lanes):
            made = threading.Thread(
                target=self._work, args=(self._lanes[number],), name=f"worker-{number}", daemon=True
            )
        else:
            made = threading.Thread(target=self._watch, name="scheduler", daemon=True)
        made.start()
        return made

    def _revive(self) -> None:
        """Replace a thread that died of something no handler should do, such as SystemExit."""
        for number, thread in enumerate(self._threads):
            if not thread.is_alive() and not self._stopping.is_set():
                logger.error("%s died and is replaced", thread.name)
                self._threads[number] = self._thread(number)

    def _work(self, lanes: Collection[str] | None) -> None:
        """Claim and run until asked to stop; idle workers look less and less often, and never all at once."""
        nap = SHORTEST_NAP
        try:
            while not self._stopping.is_set():
                if self._guarded(self._one, lanes):
                    nap = SHORTEST_NAP
                    continue
                self._stopping.wait(nap * random.uniform(0.8, 1.2))
                nap = min(LONGEST_NAP, nap * 1.5)
        finally:
            connections.close_all()

    def _watch(self) -> None:
        """Start what the schedules say."""
        try:
            self._guarded(schedule.sync)
            while not self._stopping.is_set():
                close_old_connections()
                self._guarded(schedule.tick)
                self._stopping.wait(TICK_EVERY)
        finally:
            connections.close_all()

    def _one(self, lanes: Collection[str] | None) -> bool:
        close_old_connections()
        row = job.claim(lanes=lanes)
        if row is not None:
            job.execute(row, self._stopping.is_set)
        return row is not None

    def _guarded(self, func: Any, *args: Any) -> Any:
        """Outlive a database that is away or locked: say so, drop the connection, try again after a while."""
        try:
            return func(*args)
        except DatabaseError as error:
            logger.warning("the database does not answer: %s", error)
            connections.close_all()
            self._stopping.wait(LONGEST_NAP)
            return None


@job.job("job.prune", label=_("Clear out old jobs"))
def prune(run: job.Run) -> dict[str, int]:
    """Delete jobs that ended long ago; failed ones stay longer, as somebody may still ask."""
    now = clock.machine_now()
    ended = Job.objects.filter(state__in=[Job.State.DONE, Job.State.CANCELLED], finished_at__lt=now - KEEP_DONE)
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__lt=now - KEEP_FAILED)
    with run.chunk():
        return {"deleted": ended.delete()[0] + failed.delete()[0]}


schedule.every("15 3 * * *", "job.prune", label=_("Clear out old jobs"))
