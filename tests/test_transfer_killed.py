"""Workers killed at random points of imports and exports: nothing is lost, nothing doubled, the counts add up."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.intake import actions
from xiaoguan.apps.intake.models import Arrival, Source
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit import clock, worker
from xiaoguan.kit.action import create
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.models import Job
from xiaoguan.transfer import batches, outgoing, revert, running
from xiaoguan.transfer.models import Export, Import, ImportRow
from xiaoguan.transfer.options import Options
from xiaoguan.transfer.tally import assert_complete

from tests.nursery import Nursery, nursery
from tests.test_import_running import database_url

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.long]
KILLS = 15
ROWS = 2000


def kill_again_and_again(workers: Nursery, kills: int, longest: float, *kinds: str) -> int:
    """Kill a worker `kills` times while there is work; returns how often it was in the middle of a job.

    What a death leaves is what the lease's end would find: it is only not waited for.
    """
    randomly = random.Random(20261129)
    hits = 0
    for _kill in range(kills):
        pid = workers.start()
        wait_until_claimed(kinds)
        time.sleep(randomly.uniform(0.0, longest))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        workers.wait()
        held = Job.objects.filter(kind__in=kinds, state=Job.State.RUNNING)
        hits += held.update(lease_until=clock.machine_now(), attempts=0)
    return hits


def wait_until_claimed(kinds: tuple[str, ...]) -> None:
    """Until the new worker has the job, however slow the machine is; not for ever, as the work may be done."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        if Job.objects.filter(kind__in=kinds, state=Job.State.RUNNING, lease_until__gt=clock.machine_now()).exists():
            return
        time.sleep(0.005)


def go_to_the_end(workers: Nursery, patience: float = 60) -> None:
    """Let a worker finish what is left."""
    deadline = time.monotonic() + patience
    while Job.objects.filter(state__in=Job.ACTIVE, kind__in=KINDS, run_after__lte=clock.machine_now()).exists():
        assert time.monotonic() < deadline, list(Job.objects.filter(kind__in=KINDS).values_list("kind", "state"))
        workers.start()
        workers.wait()
    failed = Job.objects.filter(state=Job.State.FAILED)
    assert not failed.exists(), list(failed.values("kind", "error", "trace"))


KINDS = ("transfer.import", "transfer.import.revert", "transfer.export", "intake.run", "intake.settle")


def test_an_import_and_taking_it_back(tmp_path: Path) -> None:
    """Names are never compared, so whatever is written twice shows; every customer brings a contact."""
    head = "客户名称,城市,年采购额,联系人,联系人手机\n"
    text = head + "".join(f"客户{n},昆山,{n},联系人{n},138{n:08}\n" for n in range(ROWS))
    file = ContentFile(text.encode(), name="file.csv")
    options = Options(key="none").to_json()
    batch = batches.take(file, "file.csv", Entity.by_slug("customers"), system_actor(), options)
    running.start(batch)
    with nursery(tmp_path / "home", database_url(), *KINDS) as workers:
        hits = kill_again_and_again(workers, KILLS, 0.8, "transfer.import")
        assert hits >= KILLS // 2, "done before it was killed: give it more rows"
        go_to_the_end(workers)
        batch.refresh_from_db()
        assert batch.state == Import.State.DONE
        assert_complete(batch.counts)
        assert (batch.counts["rows"], batch.counts["created"]) == (ROWS, ROWS)
        assert batch.counts["parts"] == {"contact": {"created": ROWS}}
        names = list(Customer.objects.values_list("name", flat=True))
        assert len(names) == len(set(names)) == ROWS
        people = list(Contact.objects.values_list("customer__name", "name"))
        assert {(f"客户{n}", f"联系人{n}") for n in range(ROWS)} == set(people)
        assert len(people) == ImportRow.objects.filter(batch=batch).count() == ROWS
        revert.start(batch)
        kill_again_and_again(workers, 5, 0.5, "transfer.import.revert")
        go_to_the_end(workers)
    batch.refresh_from_db()
    assert (batch.state, batch.preview["kept"]) == (Import.State.REVERTED, [])
    assert not Customer.objects.filter(deleted_at__isnull=True).exists()
    assert not Contact.objects.filter(deleted_at__isnull=True).exists()


@pytest.mark.parametrize(("form", "kills", "count"), [("csv", KILLS, 20_000), ("xlsx", 4, 6000)])
def test_an_export(tmp_path: Path, form: str, kills: int, count: int) -> None:
    """However often its worker dies, there is one file, and it is whole."""
    actor = system_actor()
    create(Customer, [{"name": f"Customer {n}", "city": "Kunshan"} for n in range(count)], actor=actor)
    Job.objects.all().delete()
    listing = Listing(Entity.of(Customer), actor, {"view": "all", "cols": "name,city", "sort": "name"})
    row = outgoing.start(listing, form)
    before = files()
    with nursery(tmp_path / "home", database_url(), *KINDS) as workers:
        hits = kill_again_and_again(workers, kills, 0.1 if form == "csv" else 0.5, "transfer.export")
        assert hits >= kills // 3
        go_to_the_end(workers)
    row.refresh_from_db()
    assert (row.state, row.rows) == (Export.State.DONE, count)
    assert files() - before == {f"{row.pk}.{form}"}
    if form == "csv":
        found = list(csv.reader(io.StringIO(row.file.open("rb").read().decode("utf-8-sig"))))
        assert [line[0] for line in found[1:]] == sorted(f"Customer {n}" for n in range(count))
    outgoing.drop(row)


def files() -> set[str]:
    """What lies in the folder of exports."""
    return set(default_storage.listdir("exports")[1]) if default_storage.exists("exports") else set()


def test_a_scheduled_import(tmp_path: Path, settings: Any) -> None:
    """Killed while it takes, imports or puts away: each file comes in once and lies where it belongs."""
    settings.INTAKE_ROOT = str(tmp_path)
    folder = tmp_path / "crm"
    folder.mkdir()
    actor = system_actor()
    source = create(
        Source, {"name": "ERP", "about": "customers.customer", "folder": "crm", "rhythm": "hour"}, actor=actor
    )
    assert isinstance(source.person, Person)
    for number in range(4):
        text = "客户名称,城市\n" + "".join(f"文件{number}客户{n},昆山\n" for n in range(200))
        path = folder / f"{number}.csv"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (time.time() - 3600,) * 2)
    Job.objects.all().delete()
    actions.start(source)
    with nursery(tmp_path / "home", database_url(), *KINDS, XIAOGUAN_INTAKE=str(tmp_path)) as workers:
        kill_again_and_again(workers, 10, 0.4, "transfer.import", "intake.run", "intake.settle")
        go_to_the_end(workers)
    assert Import.objects.count() == Arrival.objects.filter(state="done").count() == 4
    assert Customer.objects.count() == 800
    assert sorted(each.name.split()[-1] for each in (folder / "done").iterdir()) == [f"{n}.csv" for n in range(4)]
    assert not [each for each in folder.iterdir() if each.is_file()]
    assert worker.work_once(names=set(KINDS)) is None
