"""Events: heard after the commit, never after a rollback; answers survive a crash and each other."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import pytest
from django.db import transaction

from xiaoguan.kit import event, worker
from xiaoguan.kit.models.job import Job

heard: list[event.Happening] = []


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An event of our own and nobody else's answers."""
    monkeypatch.setattr(event, "events", {})
    monkeypatch.setattr(event, "reactions", {})
    event.declare("lamp.lit", "Lamp lit")
    yield
    heard.clear()


def hear(happening: event.Happening) -> None:
    """Remember what was told."""
    heard.append(happening)


def burn(happening: event.Happening) -> None:
    """Write something and then fail."""
    Job.objects.create(kind="trace", state="done", run_after=happening.at, created_at=happening.at)
    raise RuntimeError("burnt")


@pytest.mark.django_db(transaction=True)
def test_inline_answers_wait_for_the_commit() -> None:
    event.on("lamp.lit", inline=True)(hear)
    with transaction.atomic():
        event.emit("lamp.lit", actor_id=None, ids=[7, 8], on=date(2026, 11, 23))
        assert not heard
    assert heard[0].ids == (7, 8)
    assert heard[0].data == {"on": "2026-11-23"}


@pytest.mark.django_db
def test_a_rollback_tells_nobody() -> None:
    event.on("lamp.lit", inline=True)(hear)
    event.on("lamp.lit")(hear)
    with suppress(RuntimeError), transaction.atomic():
        event.emit("lamp.lit", ids=[1])
        raise RuntimeError
    assert not heard
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_job_answers_with_the_same_happening() -> None:
    event.on("lamp.lit")(hear)
    event.emit("lamp.lit", ids=[3], watts=40)
    assert not heard
    worker.drain()
    assert (heard[0].name, heard[0].ids, heard[0].data) == ("lamp.lit", (3,), {"watts": 40})


@pytest.mark.django_db(transaction=True)
def test_a_failing_answer_leaves_no_trace_and_harms_no_other() -> None:
    event.on("lamp.lit", inline=True)(burn)
    event.on("lamp.lit")(burn)
    event.on("lamp.lit")(hear)
    event.emit("lamp.lit", ids=[3])
    Job.objects.filter(kind="trace").delete()
    worker.drain()
    assert len(heard) == 1
    assert not Job.objects.filter(kind="trace").exists()
    assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "queued"]


@pytest.mark.django_db
def test_undeclared_events_are_refused() -> None:
    with pytest.raises(LookupError):
        event.emit("lamp.stolen")
    event.on("lamp.stolen")(hear)
    problems = event.check_reactions()
    assert [problem.id for problem in problems] == ["kit.E010"]
    assert "lamp.stolen" in problems[0].msg
    with pytest.raises(ValueError, match="twice"):
        event.declare("lamp.lit", "again")


@pytest.mark.django_db
def test_an_answer_that_was_removed_fails_visibly() -> None:
    event.on("lamp.lit")(hear)
    event.emit("lamp.lit")
    event.reactions.clear()
    worker.drain()
    assert Job.objects.get().state == Job.State.FAILED
