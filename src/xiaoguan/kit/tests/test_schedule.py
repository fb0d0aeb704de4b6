"""Schedules: start once, however many look; missed times count as one."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from xiaoguan.kit import clock, job, schedule
from xiaoguan.kit.models.job import Job, Schedule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One schedule of our own and nobody else's."""
    monkeypatch.setattr(job, "kinds", {})
    monkeypatch.setattr(schedule, "declared", {})
    job.job("ring", label="Ring")(lambda run: None)
    schedule.every("0 8 * * 1-5", "ring", label="Ring", payload={"loud": True})
    schedule.sync()
    yield


def make_due() -> None:
    """As if its time had come a while ago."""
    Schedule.objects.update(next_run=clock.machine_now() - timedelta(days=3))


def test_declared_schedules_get_a_row_once() -> None:
    schedule.sync()
    row = Schedule.objects.get()
    assert row.name == "ring"
    assert row.next_run > clock.machine_now()
    assert row.next_run.astimezone(clock.zone()).hour == 8
    assert schedule.tick() == 0


def test_a_due_schedule_enqueues_once_and_moves_on() -> None:
    make_due()
    assert schedule.tick() == 1
    assert schedule.tick() == 0
    row = Schedule.objects.get()
    assert row.next_run > clock.machine_now()
    assert row.last_run is not None
    started = Job.objects.get()
    assert (started.kind, started.payload) == ("ring", {"loud": True})


def test_the_last_run_still_going_is_not_doubled() -> None:
    make_due()
    schedule.tick()
    make_due()
    schedule.tick()
    assert Job.objects.count() == 1


def test_a_disabled_schedule_rests() -> None:
    schedule.reschedule(Schedule.objects.get(), cron="", enabled=False)
    make_due()
    assert schedule.tick() == 0


def test_own_times_outlast_a_new_declaration() -> None:
    schedule.reschedule(Schedule.objects.get(), cron="30 6 * * *", enabled=True)
    schedule.declared.clear()
    schedule.every("0 9 * * *", "ring", label="Ring")
    schedule.sync()
    row = Schedule.objects.get()
    assert (row.cron, row.own_cron) == ("0 9 * * *", "30 6 * * *")
    assert row.next_run.astimezone(clock.zone()).strftime("%H:%M") == "06:30"


def test_unreadable_times_are_refused() -> None:
    with pytest.raises(ValueError):
        schedule.every("61 * * * *", "ring", label="x", name="bad")
    with pytest.raises(ValueError):
        schedule.reschedule(Schedule.objects.get(), cron="whenever", enabled=True)


def test_an_unknown_kind_is_reported() -> None:
    schedule.every("0 0 * * *", "dance", label="Dance")
    assert [problem.id for problem in schedule.check_schedules()] == ["kit.E013"]


def test_times_follow_the_wall_clock_through_summer_time(monkeypatch: pytest.MonkeyPatch) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    monkeypatch.setattr(clock, "_zone_source", [lambda: berlin])
    moment = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    for day in (29, 30, 31):
        moment = schedule.following("0 8 * * *", moment)
        assert moment.astimezone(berlin).strftime("%d %H:%M") == f"{day} 08:00"


@pytest.mark.django_db(transaction=True)
def test_rivals_start_each_time_once() -> None:
    """Many schedules, four rivals: as many jobs as schedules."""
    for number in range(20):
        schedule.every("0 8 * * *", "ring", label="Ring", name=f"ring {number}")
    schedule.sync()
    make_due()
    start = threading.Barrier(4)
    counts: list[int] = []

    def rival() -> None:
        start.wait()
        try:
            counts.append(schedule.tick())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=rival) for _rival in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 21
    assert Job.objects.count() == 21
