"""Large exports: a job, a link for a week, rights asked again, nothing half-kept, and back in by import."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.test import Client
from xlsxwriter import Workbook

from xiaoguan.apps.audit.models import AccessEntry
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import clock, job, worker
from xiaoguan.kit.action import create, update
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.models.job import Job
from xiaoguan.transfer import batches, outgoing, running
from xiaoguan.transfer.models import Export, Import
from xiaoguan.transfer.options import Options

from tests.cast import Cast
from tests.test_import_running import counts, imported

pytestmark = pytest.mark.django_db
LIST = "/customers/export/?view=all&cols=number,name,city,phone,owner&sort=name"


@pytest.fixture(autouse=True)
def _few(settings: Any) -> None:
    settings.EXPORT_AT_ONCE = 3


@pytest.fixture
def customers(cast: Cast) -> list[Customer]:
    values = [
        {"number": f"C{n}", "name": name, "city": "=1+1", "phone": "0512-1"}
        for n, name in enumerate(("Alder", "Birch", "=cmd|' /C calc'!A0", "Doum", "+Elm"))
    ]
    return list(create(Customer, values, actor=cast.seller))


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def asked(client: Client, form: str = "csv") -> Export:
    """Ask for the list; the answer leads to my exports."""
    answer = client.get(f"{LIST}&_format={form}")
    assert (answer.status_code, answer["Location"]) == (302, "/exports/")
    return Export.objects.latest("created_at")


def written(client: Client, form: str = "csv") -> Export:
    row = asked(client, form)
    worker.drain()
    row.refresh_from_db()
    assert row.state == Export.State.DONE, row.job.trace
    return row


def link(row: Export) -> str:
    return f"/exports/{row.pk}/file/?key={outgoing.key_of(row)}"


def test_from_the_list_to_the_file(cast: Cast, customers: list[Customer]) -> None:
    client = signed_in(cast.seller)
    row = asked(client)
    assert Export.objects.count() == 1
    asked(client)
    assert Export.objects.count() == 1, "the same list is not written twice at a time"
    assert "0" in client.get("/exports/").content.decode()
    worker.drain()
    row.refresh_from_db()
    assert (row.rows, row.job.progress, row.job.total) == (5, 5, 5)
    page = client.get("/exports/").content.decode()
    assert f"/exports/{row.pk}/file/" in page
    assert client.get(f"/exports/{row.pk}/", headers={"HX-Request": "true"}).status_code == 200
    answer = client.get(link(row))
    assert answer["Cache-Control"] == "private, no-store"
    found = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert sorted(line[1] for line in found[1:]) == sorted(["Alder", "Birch", "Doum", "'+Elm", "'=cmd|' /C calc'!A0"])
    assert {line[2] for line in found[1:]} == {"'=1+1"}
    notice = Notice.objects.get(kind="export_done")
    assert (notice.person, notice.count, notice.url) == (cast.seller, 5, "/exports/")
    entry = AccessEntry.objects.get(how="export")
    assert (entry.actor, entry.count, entry.entity) == (cast.seller, 5, "customers.customer")


def test_few_rows_come_at_once(cast: Cast, customers: list[Customer], settings: Any) -> None:
    settings.EXPORT_AT_ONCE = 5
    assert signed_in(cast.seller).get(LIST).status_code == 200
    assert not Export.objects.exists()


def test_a_workbook_holds_no_formula(cast: Cast, customers: list[Customer]) -> None:
    client = signed_in(cast.seller)
    row = written(client, "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(link(row)).getvalue())).active
    assert sheet.max_row == 6
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value is not None} == {"s"}


def test_the_link_is_one_persons(cast: Cast, customers: list[Customer]) -> None:
    row = written(signed_in(cast.seller))
    assert signed_in(cast.director).get(link(row)).status_code == 404
    assert Client().get(link(row)).status_code == 302
    other = written(signed_in(cast.manager))
    mixed = f"/exports/{row.pk}/file/?key={outgoing.key_of(other)}"
    assert signed_in(cast.seller).get(mixed).status_code >= 400
    assert signed_in(cast.seller).get(f"/exports/{row.pk}/file/").status_code >= 400
    assert signed_in(cast.director).post(f"/exports/{row.pk}/delete/").status_code == 404


def test_the_link_expires_and_the_file_goes(cast: Cast, customers: list[Customer]) -> None:
    client = signed_in(cast.seller)
    row = written(client)
    path, storage = row.file.name, row.file.storage
    later = clock.machine_now() + dt.timedelta(days=7, minutes=1)
    Export.objects.update(expires_at=later - dt.timedelta(days=8))
    assert client.get(link(row)).status_code >= 400
    assert storage.exists(path)
    job.enqueue("transfer.export.prune")
    worker.drain()
    row.refresh_from_db()
    assert (row.state, row.file.name, storage.exists(path)) == (Export.State.GONE, "", False)
    assert client.get("/exports/").status_code == 200


def change_role(cast: Cast, **values: Any) -> None:
    """Give the managers' role other rights."""
    update(Role.objects.get(code="manager"), values, actor=cast.system)


def test_rights_are_asked_again(cast: Cast, customers: list[Customer]) -> None:
    client = signed_in(cast.manager)
    row = written(client)
    assert client.get(link(row)).status_code == 200
    change_role(cast, masks={"customers.customer": ["phone"]})
    assert client.get(link(row)).status_code in (403, 409, 422), "a column is hidden now"
    change_role(cast, masks={}, grants={"customers.customer": {"view": "self", "export": "self"}})
    assert client.get(link(row)).status_code in (403, 409, 422), "the reach is smaller now"
    change_role(cast, grants={"customers.customer": {"view": "team"}})
    assert client.get(link(row)).status_code in (403, 404), "no export at all"


def test_the_job_asks_for_the_right_too(cast: Cast, customers: list[Customer]) -> None:
    row = asked(signed_in(cast.manager))
    change_role(cast, grants={"customers.customer": {"view": "team"}})
    worker.drain()
    row.refresh_from_db()
    assert (row.state, row.file.name) == (Export.State.FAILED, "")
    assert Notice.objects.get(kind="export_failed").person == cast.manager


def full(*_args: Any, **_kwargs: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


class Filling:
    """A storage whose disk is full after a few bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = FileSystemStorage._save

        def save(storage: Any, name: str, content: Any) -> str:
            plain(storage, name, ContentFile(b"half"))
            return str(full())

        monkeypatch.setattr(FileSystemStorage, "_save", save)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_full_disk_leaves_no_half_file(
    cast: Cast, customers: list[Customer], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(cast.seller)
    row = asked(client, form)
    with monkeypatch.context() as patched:
        Filling(patched)
        worker.drain()
    row.refresh_from_db()
    assert row.state == Export.State.FAILED
    assert "磁盘" in row.job.error or "disk" in row.job.error
    path = row.file.field.generate_filename(row, f"{row.pk}.{form}")
    assert not row.file.storage.exists(path)
    page = client.get("/exports/").content.decode()
    assert row.job.error in page
    client.post(f"/jobs/{row.job_id}/retry/")
    worker.drain()
    row.refresh_from_db()
    assert (row.state, row.rows) == (Export.State.DONE, 5)


def test_a_full_disk_while_the_workbook_is_packed(
    cast: Cast, customers: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = asked(signed_in(cast.seller), "xlsx")
    monkeypatch.setattr(Workbook, "close", full)
    worker.drain()
    row.refresh_from_db()
    assert (row.state, row.file.name) == (Export.State.FAILED, "")


def test_an_upload_to_a_full_disk_is_refused_in_words(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(cast.seller)
    Filling(monkeypatch)
    file = io.BytesIO("客户名称\n恒岑\n".encode())
    file.name = "k.csv"
    answer = client.post("/import/?as=customers", {"file": file, "as": "customers"})
    assert answer.status_code == 422
    assert "磁盘" in answer.content.decode() or "disk" in answer.content.decode()
    assert not Import.objects.exists()


def test_deleting_stops_and_clears(cast: Cast, customers: list[Customer]) -> None:
    client = signed_in(cast.seller)
    row = asked(client)
    client.post(f"/exports/{row.pk}/delete/")
    assert not Export.objects.exists()
    assert Job.objects.get(pk=row.job_id).state == Job.State.CANCELLED
    row = written(client)
    path = row.file.name
    client.post(f"/exports/{row.pk}/delete/")
    assert not row.file.storage.exists(path)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_goes_out_comes_back_unchanged(cast: Cast, customers: list[Customer], form: str, tmp_path: Any) -> None:
    client = signed_in(cast.administrator)
    row = written(client, form)
    content = client.get(link(row)).getvalue()
    batch = batches.take(
        ContentFile(content), row.name, Entity.by_slug("customers"), cast.administrator, Options().to_json()
    )
    running.start(batch)
    worker.drain()
    batch.refresh_from_db()
    assert counts(batch) == (0, 0, 5, 0, 0)
    assert imported("客户名称\nZelkova\n").counts["created"] == 1
