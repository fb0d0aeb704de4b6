"""Zips beside a sheet: matched by a column or by folders, and whatever is wrong with one is said and refused."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.collaboration.models import Attachment
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.enclosures import archive as archives
from xiaoguan.apps.enclosures.archive import BadArchive, Refused, open_archive, unpack
from xiaoguan.apps.enclosures.models import Enclosure
from xiaoguan.kit import worker
from xiaoguan.transfer.models import Import

from tests.cast import Cast
from tests.test_import_running import imported

pytestmark = pytest.mark.django_db
SHEET = "客户编号,客户名称,附件\nC1,恒岑钢构,合同.txt; plan.txt\nC2,同砌设计院,说明.txt\nC3,无附件,没有的.txt\n"
MEGABYTE = 1 << 20


def packed(files: dict[str, bytes], *, gbk: bool = False) -> io.BytesIO:
    """A zip of these files; `gbk` packs the names as Chinese Windows does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for number, (name, content) in enumerate(files.items()):
            # The name is put in place of a stand-in of its length: the module itself would only write UTF-8.
            made.writestr(f"{number:03}".ljust(len(name.encode("gb18030")), "x") if gbk else name, content)
    if gbk:
        raw = out.getvalue()
        for number, name in enumerate(files):
            written = name.encode("gb18030")
            raw = raw.replace(f"{number:03}".ljust(len(written), "x").encode(), written)
        out = io.BytesIO(raw)
    out.seek(0)
    out.name = "files.zip"
    return out


@pytest.fixture
def client(cast: Cast) -> Client:
    found = Client()
    found.force_login(cast.administrator)
    return found


@pytest.fixture
def batch(cast: Cast) -> Import:
    return imported(SHEET, "customers", cast.administrator)


def taken(client: Client, batch: Import, zipped: Any, column: str = "附件") -> Enclosure:
    answer = client.post(f"/import/{batch.pk}/files/", {"file": zipped, "column": column})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return Enclosure.objects.latest("created_at")


def laid(client: Client, row: Enclosure) -> set[tuple[str, str]]:
    """Attach, and say which file is at which customer."""
    client.post(f"/import/files/{row.pk}/")
    client.post(f"/import/files/{row.pk}/")
    worker.drain()
    row.refresh_from_db()
    assert row.state == Enclosure.State.DONE, row.job.trace
    names = dict(Customer.objects.values_list("pk", "name"))
    return {(names[each.object_id], each.file.name) for each in Attachment.objects.select_related("file")}


@pytest.mark.parametrize("gbk", [False, True])
def test_by_a_column(client: Client, batch: Import, gbk: bool) -> None:
    assert "/files/" in client.get(f"/import/{batch.pk}/").content.decode()
    page = client.get(f"/import/{batch.pk}/files/").content.decode()
    assert 'value="附件" selected' in page
    files = {"合同.txt": "合同内容".encode(), "sub/plan.txt": b"the plan", "说明.txt": b"hello", "多余.txt": b"x"}
    row = taken(client, batch, packed(files, gbk=gbk))
    assert (row.report["unmatched"], row.report["missing"]) == (["多余.txt"], [[4, "没有的.txt"]])
    shown = client.get(f"/import/files/{row.pk}/").content.decode()
    for word in ("多余.txt", "没有的.txt", "恒岑钢构"):
        assert word in shown
    assert not Attachment.objects.exists(), "nothing before somebody has looked"
    assert laid(client, row) == {
        ("恒岑钢构", "合同.txt"), ("恒岑钢构", "plan.txt"), ("同砌设计院", "说明.txt"),
    }  # fmt: skip
    assert client.get(f"/import/files/{row.pk}/").status_code == 200


def test_by_folders(client: Client, batch: Import) -> None:
    files = {"C1/a.txt": b"a", "all/同砌设计院/deep/b.txt": b"b", "nobody/c.txt": b"c", "d.txt": b"d"}
    row = taken(client, batch, packed(files), column="")
    assert row.report["unmatched"] == ["nobody/c.txt", "d.txt"]
    assert laid(client, row) == {("恒岑钢构", "a.txt"), ("同砌设计院", "b.txt")}


def test_what_is_in_it_is_not_trusted(client: Client, batch: Import) -> None:
    files = {
        "C1/../../evil.txt": b"x", "/C1/abs.txt": b"x", "C:/C1/drive.txt": b"x", "C1\\..\\..\\win.txt": b"x",
        "C1/inner.zip": packed({"a": b"a"}).getvalue(), "C1/hidden.txt": packed({"a": b"a"}).getvalue(),
        "C1/bomb.txt": bytes(8 * MEGABYTE), "C1/page.html": b"<script>alert(1)</script>", "C1/good.txt": b"good",
        "__MACOSX/C1/._good.txt": b"x", "C1/.DS_Store": b"x",
    }  # fmt: skip
    row = taken(client, batch, packed(files), column="")
    assert dict(row.report["refused"]) == {
        "C1/../../evil.txt": "outside", "/C1/abs.txt": "outside", "C:/C1/drive.txt": "outside",
        "C1/../../win.txt": "outside", "C1/inner.zip": "nested", "C1/bomb.txt": "bomb",
    }  # fmt: skip
    found = laid(client, row)
    assert ("恒岑钢构", "good.txt") in found
    assert not {name for _record, name in found} & {"hidden.txt", "evil.txt", "abs.txt", "win.txt", "inner.zip"}
    assert "hidden.txt" in client.get(f"/import/files/{row.pk}/").content.decode()


def test_locked_zips_and_no_zips(client: Client, batch: Import) -> None:
    raw = bytearray(packed({"C1/a.txt": b"aaa"}).getvalue())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.index(mark) + at
        struct.pack_into("<H", raw, place, struct.unpack_from("<H", raw, place)[0] | 1)
    for content in (bytes(raw), b"no zip at all", packed({"a.txt": b"a"}).getvalue()[:40]):
        answer = client.post(f"/import/{batch.pk}/files/", {"file": named(content), "column": ""})
        assert answer.status_code == 422
    assert client.post(f"/import/{batch.pk}/files/", {"column": ""}).status_code == 422
    assert not Enclosure.objects.exists()


def named(content: bytes) -> io.BytesIO:
    found = io.BytesIO(content)
    found.name = "files.zip"
    return found


def test_a_directory_that_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_archive(packed({"a.txt": bytes(300_000)}), largest=MEGABYTE)
    opened.files["a.txt"].file_size = 10
    with pytest.raises(Refused):
        unpack(opened, "a.txt", largest=MEGABYTE)
    monkeypatch.setattr(archives, "MOST_FILES", 1)
    with pytest.raises(BadArchive):
        open_archive(packed({"a": b"", "b": b""}), largest=MEGABYTE)
    monkeypatch.setattr(archives, "MOST_BYTES", 5)
    with pytest.raises(BadArchive):
        open_archive(packed({"a": b"123456"}), largest=MEGABYTE)


def test_killed_in_between_lays_nothing_twice(client: Client, batch: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    row = taken(client, batch, packed({f"C1/{n}.txt": str(n).encode() for n in range(1, 6)}), column="")
    from xiaoguan.apps.enclosures import reactions

    real, calls = reactions._lay_one, []

    def dying(*words: Any) -> str:
        calls.append(1)
        found = real(*words)
        if len(calls) == 3:
            raise RuntimeError("killed after the file was laid, before it was said")
        return found

    monkeypatch.setattr(reactions, "_lay_one", dying)
    client.post(f"/import/files/{row.pk}/")
    worker.drain()
    assert Attachment.objects.count() == 2
    from xiaoguan.kit.models.job import Job

    Job.objects.update(run_after=row.created_at)
    worker.drain()
    assert Attachment.objects.count() == 5


def test_only_ones_own(cast: Cast, client: Client, batch: Import) -> None:
    row = taken(client, batch, packed({"C1/a.txt": b"a"}), column="")
    other = Client()
    other.force_login(cast.director)
    assert other.get(f"/import/files/{row.pk}/").status_code == 404
    assert other.get(f"/import/{batch.pk}/files/").status_code == 404
    assert other.post(f"/import/files/{row.pk}/").status_code == 404
