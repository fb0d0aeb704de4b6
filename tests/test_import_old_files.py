"""Workbooks of other kinds than .xlsx: the old .xls, and .ods; damaged and protected ones are refused in words."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit import worker
from xiaoguan.kit.entity import Entity
from xiaoguan.tables.source import open_path
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.transfer import batches, running
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import Options

from tests.cast import Cast
from tests.old_workbooks import begin, cell, compound, old_workbook, record

DEALS: list[list[Any]] = [
    ["商机编号", "客户", "商机名称", "金额", "预计签约", "备注"],
    ["D1", "恒岑钢构", "厂房照明", 128000.5, dt.date(2027, 3, 5), "含税"],
    ["D2", "同砌设计院", "Atrium", 6200, dt.date(2027, 4, 1), "ß € 灯"],
    ["D3", "恒岑钢构", "园区", None, dt.datetime(2027, 5, 6, 14, 30), None],  # noqa: DTZ001
]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(path: Path, name: str = "") -> list[list[Any]]:
    source = open_path(path)
    sheet = source.sheet(name) if name else source.sheets[0]
    return [list(row.cells) for row in sheet.rows()]


def test_cells_of_every_kind(tmp_path: Path) -> None:
    path = written(tmp_path / "deals.xls", old_workbook({"商机": DEALS, "Second": [["x"], [True], [-3]]}))
    source = open_path(path)
    assert (source.kind, [sheet.name for sheet in source.sheets]) == ("xls", ["商机", "Second"])
    rows = read(path)
    assert rows[0] == DEALS[0]
    assert rows[1] == DEALS[1]
    assert rows[2] == DEALS[2]
    assert rows[3] == ["D3", "恒岑钢构", "园区", "", DEALS[3][4], ""]
    assert read(path, "Second") == [["x"], [True], [-3]]


def test_large_sheets(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["编号", "名称"], *([f"C{n}", f"客户{n}"] for n in range(20_000))]
    assert read(written(tmp_path / "many.xls", old_workbook({"a": rows})))[-1] == ["C19999", "客户19999"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (old_workbook({"a": [["x"]]}, locked=True), "encrypted"),
        (old_workbook({"a": DEALS})[:2000], "legacy_xls"),
        (compound(b"\x09\x08\x10\x00nonsense" * 20), "legacy_xls"),
        (compound(b"x" * 5000, "WordDocument"), "not_a_table"),
        (compound(b"x" * 5000, "EncryptedPackage"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 3000, "not_a_table"),
    ],
)
def test_protected_and_damaged_ones(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(written(tmp_path / "bad.xls", content))
    assert caught.value.code == code


def test_every_cut_and_flip_is_refused_or_read(tmp_path: Path) -> None:
    """Nothing but Unreadable ever comes out of a damaged file."""
    whole = old_workbook({"商机": DEALS})
    for at in range(512, len(whole), 331):
        for content in (whole[:at], whole[:at] + b"\xff\x07" + whole[at + 2 :]):
            with contextlib.suppress(Unreadable):
                read(written(tmp_path / "bad.xls", content))


def test_a_cell_far_away_takes_no_memory_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes that ask the reader for a hundred gigabytes end its process, not this one."""
    far = begin(0x10) + cell(0, 0, "a") + cell(65_535, 65_535, "b") + record(0x0A)
    monkeypatch.setattr("tests.old_workbooks.sheet", lambda _rows: far)
    with pytest.raises(Unreadable) as caught:
        read(written(tmp_path / "far.xls", old_workbook({"a": [["x"]]})))
    assert caught.value.code == "legacy_xls"


def open_document(rows: list[list[str]]) -> bytes:
    """An .ods file as small as can be."""
    lines = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{each}</text:p></table:table-cell>' for each in row
        )
        + "</table:table-row>"
        for row in rows
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="客户">{lines}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest '
            'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return out.getvalue()


@pytest.mark.django_db
def test_an_old_workbook_goes_all_the_way(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.administrator)
    file = io.BytesIO(old_workbook({"商机": DEALS}))
    file.name = "商机.xls"
    client.post("/import/?as=deals", {"file": file, "as": "deals"})
    batch = Import.objects.get()
    page = client.get(f"/import/{batch.pk}/map/").content.decode()
    assert "预计签约" in page
    batch.refresh_from_db()
    client.post(f"/import/{batch.pk}/run/", {"mark": batch.preview["mark"]})
    worker.drain()
    found = {deal.number: deal for deal in Deal.objects.all()}
    assert (found["D1"].amount, found["D1"].expected_on) == (12_800_050, dt.date(2027, 3, 5))
    assert (found["D3"].amount, found["D3"].expected_on) == (None, dt.date(2027, 5, 6))
    file = io.BytesIO(old_workbook({"a": [["x"]]}, locked=True))
    file.name = "locked.xls"
    answer = client.post("/import/?as=deals", {"file": file, "as": "deals"})
    assert answer.status_code == 422
    assert "密码" in answer.content.decode() or "password" in answer.content.decode()


@pytest.mark.django_db
def test_an_open_document(cast: Cast) -> None:
    content = open_document([["客户名称", "城市"], ["恒岑钢构", "昆山"], ["同砌设计院", "上海"]])
    batch = batches.take(
        ContentFile(content), "k.ods", Entity.by_slug("customers"), system_actor(), Options().to_json()
    )
    running.start(batch)
    worker.drain()
    assert set(Customer.objects.values_list("name", "city")) == {("恒岑钢构", "昆山"), ("同砌设计院", "上海")}
