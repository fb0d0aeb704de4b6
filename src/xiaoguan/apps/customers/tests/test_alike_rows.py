"""Rows of a file that are like a customer under another spelling: said before, decided by people, never merged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import QueryDict

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.customers.tests import company
from xiaoguan.config import cli
from xiaoguan.kit import worker
from xiaoguan.kit.entity import Entity
from xiaoguan.transfer import batches, decisions, foreseeing, running
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import Options

pytestmark = pytest.mark.django_db(transaction=True)

FILE = "客户名称,城市,电话\n恒岑鋼構(昆山),昆山,0512-1234 5678\n合晟照明设计,,\n完全不同贸易公司,,\n"


@pytest.fixture
def known(cast: Any) -> tuple[Customer, Customer]:
    """One customer of the importing seller, one of a peer that he does not see."""
    return company.customer(cast.seller, "恒岑钢构有限公司", city="昆山市"), company.customer(
        cast.peer, "合晟照明设计院有限公司"
    )


def taken(actor: Any, text: str = FILE, **more: Any) -> Import:
    options = Options(**more).to_json()
    batch = batches.take(ContentFile(text.encode(), name="f.csv"), "f.csv", Entity.of(Customer), actor, options)
    foreseeing.make(batch)
    return batch


def decided(batch: Import, **ways: str) -> Import:
    data = QueryDict(mutable=True)
    data.update({"mark": batch.preview["mark"], **{name.replace("_", "-"): way for name, way in ways.items()}})
    batch.options = decisions.from_mapping(batch, data).to_json()
    batch.save()
    foreseeing.make(batch)
    return batch


def written(batch: Import) -> Import:
    running.start(batch)
    worker.drain()
    batch.refresh_from_db()
    return batch


def test_rows_are_listed_with_what_they_are_like(cast: Any, known: tuple[Customer, Customer]) -> None:
    mine, theirs = known
    batch = taken(cast.seller)
    found = batch.preview["alike"]
    assert [(each["row"], each["id"], each["title"]) for each in found] == [(2, mine.pk, mine.name), (3, None, "")]
    assert theirs.name not in json.dumps(batch.preview, ensure_ascii=False)
    assert batch.preview["codes"] == {"warning:alike": 1, "warning:alike_hidden": 1}
    assert written(batch).counts["created"] == 3  # without a decision all are new, and the report says so
    messages = batch.rows.filter(messages__isnull=False).values_list("number", "messages")
    assert [(number, one["code"]) for number, all_ in messages for one in all_] == [
        (2, "alike"), (3, "alike_hidden")
    ]  # fmt: skip


def test_each_row_or_all_are_decided(cast: Any, known: tuple[Customer, Customer]) -> None:
    mine, _theirs = known
    batch = decided(taken(cast.seller), alike_0="update", alike_1="skip")
    counts = batch.preview["counts"]
    assert (counts["created"], counts["updated"], counts["skipped"]) == (1, 1, 1)
    written(batch)
    mine.refresh_from_db()
    assert (mine.name, mine.phone) == ("恒岑钢构有限公司", "0512-1234 5678")  # its own spelling stays
    assert Customer.objects.filter(owner=cast.seller).count() == 2
    batch = decided(taken(cast.seller, FILE.replace("1234", "9999")), alike_all="update")
    counts = batch.preview["counts"]
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (1, 1, 1)  # what he can't see he can't update
    assert written(batch).counts["updated"] == 1


def test_the_command_warns_or_does_as_it_is_told(
    cast: Any, known: tuple[Customer, Customer], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "f.csv"
    path.write_text(FILE, encoding="utf-8")

    def told(*more: str) -> dict[str, Any]:
        assert cli.main(["import", str(path), "--as", "customers", "--json", "--by", "seller", *more]) == 0
        answer: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        return answer

    warned = told("--dry-run")
    assert warned["created"] == 3 and [each["code"] for each in warned["warnings"]] == ["alike", "alike_hidden"]
    done = told("--alike", "skip")
    assert (done["created"], done["skipped"], done["errors"]) == (1, 2, [])
