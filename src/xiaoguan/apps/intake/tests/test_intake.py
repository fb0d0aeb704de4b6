"""Folders and addresses read by the clock: who for, what is read again, where files go, and what is refused."""

from __future__ import annotations

import base64
import datetime as dt
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.intake import actions, fetching, folders, reactions
from xiaoguan.apps.intake.models import Arrival, Source, SourceSecret
from xiaoguan.apps.notices.models import Notice
from xiaoguan.kit import clock, job, worker
from xiaoguan.kit.action import create, update
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.models import Change, Job
from xiaoguan.transfer import saved
from xiaoguan.transfer.models import Import

from tests.cast import Cast
from tests.receivers import Receiver, receiver

pytestmark = pytest.mark.django_db
TEXT = "客户编号,客户名称,城市\nC1,恒岑钢构,昆山\nC2,同砌设计院,上海\n"
OLD = time.time() - 3600


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """A root with one folder."""
    (tmp_path / "crm").mkdir()
    settings.INTAKE_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def source(cast: Cast, root: Path) -> Source:
    return made(cast, folder="crm")


def made(cast: Cast, **values: Any) -> Source:
    given = {"name": "From the ERP", "about": "customers.customer", "rhythm": "hour", **values}
    return create(Source, given, actor=cast.administrator)  # type: ignore[no-any-return]


def put(root: Path, name: str = "crm/list.csv", text: str | bytes = TEXT, when: float = OLD) -> Path:
    path = root / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, (when, when))
    return path


def run(source: Source, *, again: bool = False) -> Source:
    actions.start(source, again=again)
    worker.drain()
    source.refresh_from_db()
    return source


def left(root: Path, where: str) -> list[str]:
    folder = root / "crm" / where
    return sorted(each.name for each in folder.iterdir() if each.is_file()) if folder.is_dir() else []


class TestFolder:
    """Files in, imported, put away."""

    def test_a_file_is_imported_and_put_away(self, cast: Cast, root: Path, source: Source) -> None:
        put(root)
        run(source)
        batch = Import.objects.get()
        assert (batch.state, batch.actor, batch.source) == (
            Import.State.DONE,
            cast.administrator,
            f"intake {source.pk}",
        )
        assert Customer.objects.count() == 2
        assert left(root, "") == []
        (name,) = left(root, "done")
        assert name.endswith("list.csv")
        arrival = Arrival.objects.get()
        assert (arrival.state, arrival.batch) == ("done", batch)
        assert "list.csv" in source.outcome
        assert not Notice.objects.filter(kind="intake_failed").exists()
        assert Change.objects.filter(entity="customers.customer", source="import").get().actor == cast.administrator

    def test_again_with_the_same_name_and_content(self, root: Path, source: Source) -> None:
        put(root)
        run(source)
        put(root)
        run(source)
        assert Import.objects.latest("created_at").counts["unchanged"] == 2
        assert len(left(root, "done")) == 2

    def test_only_whole_files_of_the_wanted_names(self, cast: Cast, root: Path) -> None:
        source = made(cast, folder="crm", pattern="list-*.csv, *.xlsx")
        put(root, "crm/list-1.csv", when=time.time())
        put(root, "crm/other.csv")
        put(root, "crm/.hidden.csv")
        put(root, "crm/~$list-2.csv")
        put(root, "crm/list-3.exe")
        (root / "outside.csv").write_text(TEXT, encoding="utf-8")
        (root / "crm" / "list-4.csv").symlink_to(root / "outside.csv")
        run(source)
        assert not Import.objects.exists()
        put(root, "crm/list-1.csv")
        run(source)
        assert Import.objects.get().name == "list-1.csv"

    def test_a_bad_file_fails_and_is_told(self, cast: Cast, root: Path, source: Source) -> None:
        put(root, "crm/bad.xlsx", b"PK\x03\x04 no workbook")
        put(root, "crm/rows.csv", "客户编号,客户名称\nC9,\n")
        run(source)
        assert [name.rpartition(" ")[2] for name in left(root, "failed")] == ["bad.xlsx", "rows.csv"]
        assert {each.state for each in Arrival.objects.all()} == {"failed"}
        assert Notice.objects.filter(kind="intake_failed", person=cast.administrator).exists()
        assert not Customer.objects.exists()

    def test_a_recipe_says_how(self, cast: Cast, root: Path, source: Source) -> None:
        customers = Entity.by_slug("customers")
        recipe = saved.save(customers, "Odd", {"columns": {"甲": "name", "乙": "city"}}, actor=cast.administrator)
        actions.read_by(source, recipe, actor=cast.administrator)
        put(root, text="甲,乙\n恒岑,昆山\n")
        run(source)
        assert Customer.objects.get().city == "昆山"
        assert Import.objects.get().recipe == recipe

    @pytest.mark.parametrize("folder", ["", ".", "..", "../x", "crm/../..", "/etc", "nowhere", "crm/done"])
    def test_no_other_place(self, cast: Cast, root: Path, folder: str) -> None:
        (root / "crm" / "done").mkdir()
        with pytest.raises(Invalid):
            made(cast, folder=folder)

    def test_a_link_out_of_the_root(self, cast: Cast, root: Path, tmp_path_factory: Any) -> None:
        (root / "link").symlink_to(tmp_path_factory.mktemp("elsewhere"))
        with pytest.raises(Invalid):
            made(cast, folder="link")

    def test_without_a_root(self, cast: Cast, settings: Any) -> None:
        settings.INTAKE_ROOT = None
        with pytest.raises(Invalid):
            made(cast, folder="crm")

    def test_a_folder_that_went(self, cast: Cast, root: Path, source: Source) -> None:
        (root / "crm").rmdir()
        run(source)
        assert source.paused_at is not None
        assert source.trouble
        assert Notice.objects.filter(kind="intake_stopped", person=cast.administrator).exists()

    def test_a_file_that_changed_meanwhile_stays(self, root: Path) -> None:
        path = put(root)
        mark = folders.stamp(path)
        folders.check(root / "crm")
        path.write_text("new", encoding="utf-8")
        folders.put_away(path, mark, good=True, now="x")
        assert path.exists()

    def test_killed_before_and_after_the_move(self, root: Path, source: Source) -> None:
        put(root)
        run(source)
        arrival = Arrival.objects.get()
        Arrival.objects.update(state="waiting")  # moved, but the worker died before it said so
        job.enqueue("intake.settle", {"arrival": arrival.pk})
        worker.drain()
        arrival.refresh_from_db()
        assert arrival.state == "done"
        assert len(left(root, "done")) == 1
        assert Import.objects.count() == 1

    def test_a_stopped_import_is_settled_by_the_next_run(self, root: Path, source: Source) -> None:
        put(root)
        actions.start(source)
        worker.work_once(names={"intake.run"})
        assert job.cancel(Import.objects.get().job)
        run(source)
        assert Arrival.objects.earliest("pk").state == "failed"
        assert len(left(root, "failed")) == 1


class TestPerson:
    """It works with the rights of its person, asked at each run."""

    def test_who_left(self, cast: Cast, root: Path, source: Source) -> None:
        Source.objects.update(person=cast.seller)
        cast.seller.is_active = False
        cast.seller.save()
        put(root)
        source.refresh_from_db()
        run(source)
        assert source.paused_at is not None
        assert cast.seller.name in source.trouble
        assert not Import.objects.exists()
        assert left(root, "") == ["list.csv"]
        assert Notice.objects.filter(kind="intake_stopped").exists()

    def test_who_may_not_import_any_more(self, cast: Cast, root: Path, source: Source) -> None:
        Source.objects.update(person=cast.auditor)
        put(root)
        source.refresh_from_db()
        run(source)
        assert source.paused_at is not None

    def test_taken_over_and_resumed(self, cast: Cast, root: Path, source: Source) -> None:
        Source.objects.update(person=cast.auditor, paused_at=clock.now(), trouble="x")
        source = Source.objects.get()
        actions.take_over(source, actor=cast.administrator)
        actions.resume(Source.objects.get(), actor=cast.administrator)
        put(root)
        run(Source.objects.get())
        assert Import.objects.get().actor == cast.administrator

    def test_only_administrators(self, cast: Cast, source: Source) -> None:
        with pytest.raises(Denied):
            actions.run_now(source, actor=cast.director)
        with pytest.raises(Denied):
            actions.set_secret(source, "", "x", actor=cast.auditor)


class TestClock:
    """When it looks."""

    def test_due_once(self, cast: Cast, root: Path, source: Source) -> None:
        assert source.next_run is not None
        assert source.line == "0 * * * *"
        put(root)
        Source.objects.update(next_run=clock.machine_now() - dt.timedelta(hours=5))
        for _twice in range(2):
            job.enqueue("intake.tick")
            worker.drain()
        assert Import.objects.count() == 1
        source.refresh_from_db()
        assert source.next_run > clock.machine_now()

    def test_paused_is_not_due(self, cast: Cast, root: Path, source: Source) -> None:
        actions.pause(source, actor=cast.administrator)
        Source.objects.update(next_run=clock.machine_now() - dt.timedelta(hours=5))
        put(root)
        job.enqueue("intake.tick")
        worker.drain()
        assert not Import.objects.exists()

    def test_lines(self, cast: Cast, root: Path) -> None:
        assert made(cast, folder="crm", rhythm="workdays", at=dt.time(6, 30)).line == "30 6 * * 1-5"
        assert made(cast, folder="crm", rhythm="own", cron="5 4 * * 0").line == "5 4 * * 0"
        with pytest.raises(Invalid):
            made(cast, folder="crm", rhythm="own", cron="every day")
        one = made(cast, folder="crm", rhythm="day")
        before = one.next_run
        update(one, {"at": dt.time(23, 59)}, actor=cast.administrator)
        assert Source.objects.get(pk=one.pk).next_run != before


@pytest.fixture
def other(settings: Any) -> Iterator[Receiver]:
    with receiver() as found:
        settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{found.port}"]
        yield found


def answers(other: Receiver, body: bytes, headers: dict[str, str], status: int = 200) -> None:
    """What the other machine says from now on."""
    other.body, other.headers, other.status = body, headers, status


class TestWeb:
    """A file at an address."""

    def web(self, cast: Cast, other: Receiver, **values: Any) -> Source:
        return made(cast, place="web", url=f"{other.url}/list.csv", **values)

    def test_read_once_while_it_is_unchanged(self, cast: Cast, other: Receiver) -> None:
        source = self.web(cast, other)
        answers(other, TEXT.encode(), {"ETag": '"one"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"})
        run(source)
        assert Import.objects.get().counts["created"] == 2
        assert source.etag == '"one"'
        answers(other, b"", {}, status=304)
        run(source)
        assert other.calls[-1].headers["If-None-Match"] == '"one"'
        assert other.calls[-1].headers["If-Modified-Since"].startswith("Thu")
        assert Import.objects.count() == 1
        answers(other, TEXT.encode(), {})
        run(source)
        assert Import.objects.count() == 1, "the same content without a tag is not read again either"
        run(source, again=True)
        assert Import.objects.count() == 2

    def test_what_it_asks_for(self, cast: Cast, other: Receiver) -> None:
        source = self.web(cast, other)
        answers(other, TEXT.encode(), {})
        actions.set_secret(source, "", "a token", actor=cast.administrator)
        run(source)
        assert other.calls[-1].headers["Authorization"] == "Bearer a token"
        assert "a token" not in SourceSecret.objects.get().value
        actions.set_secret(source, "me", "pass", actor=cast.administrator)
        run(source, again=True)
        assert other.calls[-1].headers["Authorization"] == "Basic " + base64.b64encode(b"me:pass").decode()
        actions.set_secret(source, "", "", actor=cast.administrator)
        assert fetching._credentials(source) == {}
        client = Client()
        client.force_login(cast.administrator)
        page = client.get(f"/scheduled-imports/{source.pk}/?tab=setup").content.decode()
        assert "a token" not in page
        assert 'type="password"' in page

    @pytest.mark.parametrize("status", [302, 401, 403, 404, 500])
    def test_other_answers_are_told(self, cast: Cast, other: Receiver, status: int) -> None:
        source = self.web(cast, other)
        answers(other, b"no", {"Location": "http://127.0.0.1/"}, status=status)
        run(source)
        assert source.outcome
        assert source.paused_at is None, "it may work the next time"
        assert Notice.objects.filter(kind="intake_failed", person=cast.administrator).exists()
        assert not Import.objects.exists()

    def test_no_more_than_there_is_room_for(self, cast: Cast, other: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetching, "Limits", lambda: type("L", (), {"max_bytes": 10}))
        source = self.web(cast, other)
        answers(other, TEXT.encode(), {})
        run(source)
        assert not Import.objects.exists()

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1/x.csv", "http://169.254.169.254/latest", "file:///etc/passwd", "http://[::1]/a.csv"]
    )
    def test_no_inner_machine(self, cast: Cast, url: str) -> None:
        with pytest.raises(Invalid):
            made(cast, place="web", url=url)


def test_pages(cast: Cast, root: Path, source: Source) -> None:
    client = Client()
    client.force_login(cast.administrator)
    put(root)
    client.post(f"/scheduled-imports/{source.pk}/do/run_now/")
    worker.drain()
    assert Import.objects.count() == 1
    assert source.name in client.get("/scheduled-imports/").content.decode()
    for tab in ("setup", "files"):
        assert client.get(f"/scheduled-imports/{source.pk}/?tab={tab}").status_code == 200
    assert "list.csv" in client.get(f"/scheduled-imports/{source.pk}/?tab=files").content.decode()
    assert client.get("/scheduled-imports/new/").status_code == 200
    client.post(f"/scheduled-imports/{source.pk}/secret/", {"user": "", "value": "x"})
    assert SourceSecret.objects.exists()
    client.post(f"/scheduled-imports/{source.pk}/secret/", {"forget": "1"})
    assert not SourceSecret.objects.exists()
    client.post(f"/scheduled-imports/{source.pk}/recipe/", {"recipe": "99"})
    assert client.get("/settings/").status_code == 200
    assert Job.objects.filter(state="failed").count() == 0
    assert reactions.MOST_FILES > 1
