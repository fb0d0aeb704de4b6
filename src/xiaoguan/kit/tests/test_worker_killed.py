"""Workers that are killed in the middle of a chunk: nothing is lost, nothing doubled."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from xiaoguan.kit import clock
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.tests.counting import NUMBERS
from xiaoguan.kit.tests.killing import environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
KILLS = 4
PATIENCE = 60


_started: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    """A failed test leaves no worker behind either."""
    yield
    for process in _started:
        process.kill()
        process.wait()
    _started.clear()


@pytest.fixture
def effects() -> Iterator[None]:
    """A table without any constraint: whatever is done twice shows."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE effect (job bigint, number integer)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE effect")


def start(home: Path) -> subprocess.Popen[str]:
    """A worker process, ready to claim."""
    program = [sys.executable, "-m", "xiaoguan.kit.tests.counting"]
    process = subprocess.Popen(program, env=environment(home), stdout=subprocess.PIPE, text=True)
    _started.append(process)
    assert process.stdout and process.stdout.readline() == "ready\n"
    return process


def enqueue(count: int) -> list[int]:
    """Jobs of the kind that only the worker processes know."""
    now = clock.machine_now()
    rows = [Job(kind="test.count", run_after=now, created_at=now, max_attempts=3) for _number in range(count)]
    return [row.pk for row in Job.objects.bulk_create(rows)]


def wait_until_done(ids: list[int]) -> None:
    """Until every job has ended, or the test's patience has."""
    deadline = time.monotonic() + PATIENCE
    while Job.objects.filter(pk__in=ids, state__in=Job.ACTIVE).exists():
        assert time.monotonic() < deadline, list(Job.objects.values("state", "progress", "attempts", "trace"))
        time.sleep(0.05)


def assert_counted_once(ids: list[int]) -> None:
    """Each job wrote each number once, and says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT job, number FROM effect")
        found = sorted(cursor.fetchall())
    assert found == sorted((pk, number) for pk in ids for number in range(NUMBERS))
    for row in Job.objects.filter(pk__in=ids):
        assert (row.state, row.progress, row.result) == (Job.State.DONE, NUMBERS, {"numbers": NUMBERS})


def test_killed_again_and_again(effects: None, tmp_path: Path) -> None:
    ids = enqueue(5)
    randomly = random.Random(20261123)
    slowly = tmp_path / "slowly"
    slowly.touch()
    workers = [start(tmp_path), start(tmp_path)]
    for _kill in range(KILLS):
        time.sleep(randomly.uniform(0.05, 0.35))
        assert Job.objects.filter(state__in=Job.ACTIVE).exists(), "all done before the last kill: give it more work"
        victim = workers.pop(0)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        workers.append(start(tmp_path))
    slowly.unlink()
    wait_until_done(ids)
    for process in workers:
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert_counted_once(ids)


def test_stopped_politely(effects: None, tmp_path: Path) -> None:
    """SIGTERM ends a worker at once after its chunk; the next one goes on without waiting for a lease."""
    ids = enqueue(1)
    slowly = tmp_path / "slowly"
    slowly.touch()
    process = start(tmp_path)
    while not Job.objects.get().progress:
        time.sleep(0.01)
    process.terminate()
    assert process.wait(timeout=20) == 0
    row = Job.objects.get()
    assert (row.state, row.holder, row.attempts) == (Job.State.QUEUED, "", 0)
    assert 0 < row.progress < NUMBERS
    slowly.unlink()
    process = start(tmp_path)
    wait_until_done(ids)
    process.terminate()
    process.wait(timeout=20)
    assert_counted_once(ids)
