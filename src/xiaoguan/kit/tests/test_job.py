"""Jobs: claimed once, committed chunk by chunk, taken over when a lease runs out, failing visibly."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import F

from xiaoguan.kit import clock, job, worker
from xiaoguan.kit.errors import Refusal
from xiaoguan.kit.models.job import Job, Schedule

pytestmark = pytest.mark.django_db
State = Job.State


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody else's jobs, and no waiting between attempts."""
    monkeypatch.setattr(job, "kinds", {})
    monkeypatch.setattr(job, "FIRST_DELAY", 0)
    yield


def declare(run: Callable[[job.Run], Any], **options: Any) -> None:
    """A kind named after its function."""
    job.job(run.__name__, label=run.__name__, **options)(run)


def mark(number: int) -> None:
    """An effect: one row; written twice for one number it would be an IntegrityError."""
    now = clock.machine_now()
    Schedule.objects.create(name=f"mark {number}", kind="none", cron="* * * * *", next_run=now)


def marks() -> int:
    """How many effects there are."""
    return Schedule.objects.count()


def let_lease_run_out() -> None:
    """As if its worker had been killed a while ago."""
    Job.objects.filter(state=State.RUNNING).update(lease_until=clock.machine_now() - timedelta(seconds=1))


def test_a_job_runs_once_and_keeps_its_result() -> None:
    def add(run: job.Run) -> dict[str, int]:
        return {"sum": run.payload["a"] + run.payload["b"]}

    declare(add)
    row = job.enqueue("add", {"a": 2, "b": 3})
    assert worker.work_once() is not None
    row.refresh_from_db()
    assert (row.state, row.result, row.percent, row.attempts) == (State.DONE, {"sum": 5}, 100, 1)
    assert row.started_at and row.finished_at and not row.holder
    assert worker.work_once() is None


def test_unknown_kinds_are_refused_and_left_to_others() -> None:
    with pytest.raises(LookupError):
        job.enqueue("nobody")
    now = clock.machine_now()
    Job.objects.create(kind="of a newer version", run_after=now, created_at=now)
    assert worker.work_once() is None


def test_a_job_waits_for_its_time_and_for_the_commit() -> None:
    def idle(run: job.Run) -> None:
        pass

    declare(idle)
    job.enqueue("idle", run_after=clock.machine_now() + timedelta(hours=1))
    assert worker.work_once() is None
    with suppress(RuntimeError), transaction.atomic():
        job.enqueue("idle")
        raise RuntimeError
    assert worker.work_once() is None


def test_one_active_job_per_key() -> None:
    def once(run: job.Run) -> None:
        pass

    declare(once)
    first = job.enqueue("once", {"n": 1}, key="a")
    assert job.enqueue("once", {"n": 2}, key="a").pk == first.pk
    assert job.enqueue("once", key="b").pk != first.pk
    worker.drain()
    assert job.enqueue("once", key="a").pk != first.pk


def test_asked_again_while_running_it_runs_once_more() -> None:
    ran = []

    def rebuild(run: job.Run) -> None:
        ran.append(run.cursor)
        with run.chunk(cursor="end", done=1):
            pass
        if len(ran) == 1:
            job.enqueue("rebuild", key="all", again=True)
            job.enqueue("rebuild", key="all", again=True)

    declare(rebuild)
    job.enqueue("rebuild", key="all")
    job.enqueue("rebuild", key="all", again=True)
    worker.drain()
    assert ran == [None, None]
    assert Job.objects.get().state == State.DONE


def test_a_chunk_commits_effect_and_cursor_together() -> None:
    def count(run: job.Run) -> None:
        run.expect(4)
        for number in range(run.cursor or 0, 4):
            with run.chunk(cursor=number + 1, done=1, note=f"at {number}"):
                mark(number)
                if number == 2 and run.row.attempts == 1:
                    raise RuntimeError("the third fails at first")

    declare(count)
    row = job.enqueue("count")
    job.execute(job.claim())
    row.refresh_from_db()
    assert (row.state, row.cursor, row.progress, row.percent, marks()) == (State.QUEUED, 2, 2, 50, 2)
    assert "the third fails" in row.trace
    Job.objects.update(attempts=F("attempts") + 1)
    worker.drain()
    row.refresh_from_db()
    assert (row.state, row.cursor, row.progress, marks()) == (State.DONE, 4, 4, 4)
    assert not row.error


def test_a_worker_that_lost_its_lease_rolls_back() -> None:
    def slow(run: job.Run) -> None:
        for number in range(run.cursor or 0, 3):
            with run.chunk(cursor=number + 1, done=1):
                mark(number)

    declare(slow)
    job.enqueue("slow")
    mine = job.Run(job.claim())
    with mine.chunk(cursor=1, done=1):
        mark(0)
    let_lease_run_out()
    theirs = job.claim()
    assert theirs is not None and theirs.cursor == 1
    with pytest.raises(job.LeaseLost), mine.chunk(cursor=2, done=1):
        mark(1)
    with pytest.raises(job.LeaseLost):
        mine.beat()
    with pytest.raises(job.LeaseLost):
        mine.finish(None)
    mine.fail(RuntimeError("too late"))
    job.execute(theirs)
    theirs.refresh_from_db()
    assert (theirs.state, theirs.progress, marks()) == (State.DONE, 3, 3)


def test_a_live_lease_is_respected_and_a_beat_extends_it() -> None:
    def wait(run: job.Run) -> None:
        pass

    declare(wait, lease=30)
    job.enqueue("wait")
    run = job.Run(job.claim())
    assert job.claim() is None
    Job.objects.update(lease_until=clock.machine_now() + timedelta(seconds=1))
    run.beat("still here")
    row = Job.objects.get()
    assert row.lease_until > clock.machine_now() + timedelta(seconds=20)
    assert row.note == "still here"


def test_a_broad_except_cannot_swallow_a_lost_lease() -> None:
    reached = []

    def careless(run: job.Run) -> None:
        for number in range(2):
            try:
                with run.chunk(cursor=number, done=1):
                    mark(number)
                    Job.objects.update(holder="somebody else")
            except Exception:  # noqa: BLE001  what the test is about
                reached.append(number)
        reached.append("end")

    declare(careless)
    job.enqueue("careless")
    worker.work_once()
    assert reached == []
    assert marks() == 0


def test_failures_are_tried_again_and_end_visibly() -> None:
    def broken(run: job.Run) -> None:
        raise ZeroDivisionError("by design")

    declare(broken, max_attempts=3)
    row = job.enqueue("broken")
    assert len(worker.drain()) == 3
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.FAILED, 3)
    assert "by design" in row.trace and "by design" not in row.error and row.error
    assert job.retry(row)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == (State.QUEUED, 0, "")
    assert not job.retry(row)


def test_delays_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "FIRST_DELAY", 10)
    seconds = [job._delay(attempt).total_seconds() for attempt in range(1, 9)]
    assert 10 <= seconds[0] <= 11
    assert 40 <= seconds[1] <= 44
    assert 3600 <= seconds[-1] <= 3960


def test_a_refusal_is_final_and_told_in_the_persons_words() -> None:
    def refused(run: job.Run) -> None:
        raise Refusal("This month is closed.", "since 1 November", code="locked")

    declare(refused)
    row = job.enqueue("refused")
    worker.drain()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == (State.FAILED, 1, "This month is closed.")


def test_a_job_that_kills_its_worker_each_time_is_given_up() -> None:
    def deadly(run: job.Run) -> None:
        pass

    declare(deadly, max_attempts=2)
    row = job.enqueue("deadly")
    for _death in range(2):
        assert job.claim() is not None
        let_lease_run_out()
    assert job.claim() is None
    row.refresh_from_db()
    assert row.state == State.FAILED and row.error


def test_progress_makes_deaths_count_anew() -> None:
    def long(run: job.Run) -> None:
        pass

    declare(long, max_attempts=2)
    job.enqueue("long")
    for number in range(6):
        row = job.claim()
        assert row is not None
        with job.Run(row).chunk(cursor=number, done=1):
            pass
        let_lease_run_out()
    assert job.claim() is not None


def test_atomic_jobs_undo_their_effect_with_their_failure() -> None:
    def react(run: job.Run) -> None:
        mark(1)
        if run.row.attempts == 1:
            raise RuntimeError

    declare(react, atomic=True)
    row = job.enqueue("react")
    worker.drain()
    row.refresh_from_db()
    assert (row.state, row.attempts, marks()) == (State.DONE, 2, 1)


def test_cancelling_stops_at_the_chunk() -> None:
    def endless(run: job.Run) -> None:
        for number in range(10):
            if number == 3:
                assert job.cancel(run.row)
            with run.chunk(cursor=number, done=1):
                mark(number)

    declare(endless)
    rows = [job.enqueue("endless"), job.enqueue("endless")]
    assert job.cancel(rows[1])
    assert len(worker.drain()) == 1
    assert list(Job.objects.values_list("state", flat=True)) == [State.CANCELLED] * 2
    assert marks() == 3
    assert not job.cancel(rows[0])


def test_a_stopping_worker_gives_the_job_back_after_its_chunk() -> None:
    def paged(run: job.Run) -> None:
        for number in range(run.cursor or 0, 3):
            with run.chunk(cursor=number + 1, done=1):
                mark(number)

    declare(paged, max_attempts=1)
    row = job.enqueue("paged")
    for page in range(3):
        claimed = job.claim()
        assert claimed is not None
        job.execute(claimed, stopping=lambda: True)
        row.refresh_from_db()
        assert (row.state, row.cursor, row.attempts, row.holder) == (State.QUEUED, page + 1, 0, "")
    worker.drain()
    row.refresh_from_db()
    assert (row.state, row.progress, marks()) == (State.DONE, 3, 3)


@pytest.mark.django_db(transaction=True)
def test_rivals_claim_each_job_once() -> None:
    def quick(run: job.Run) -> None:
        pass

    declare(quick)
    for _number in range(60):
        job.enqueue("quick")
    claimed: Counter[int] = Counter()
    start = threading.Barrier(4)

    def rival() -> None:
        start.wait()
        try:
            while (row := job.claim()) is not None:
                claimed[row.pk] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=rival) for _rival in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 60
    assert set(claimed.values()) == {1}


@pytest.mark.django_db(transaction=True)
def test_rivals_enqueue_one_job_per_key() -> None:
    def single(run: job.Run) -> None:
        pass

    declare(single)
    found: set[int] = set()
    start = threading.Barrier(4)

    def rival() -> None:
        start.wait()
        try:
            for _number in range(5):
                found.add(job.enqueue("single", key="k", again=True).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=rival) for _rival in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert Job.objects.count() == 1


def test_lanes_keep_slow_work_apart() -> None:
    def long(run: job.Run) -> None:
        pass

    declare(long, slow=True)
    job.enqueue("long")
    assert job.claim(lanes=[Job.Lane.QUICK]) is None
    assert job.claim(lanes=[Job.Lane.SLOW]) is not None
