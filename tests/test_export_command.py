"""Exports from the command line: the rows of the list, with the rights of whoever is named."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from pathlib import Path

import openpyxl
import pytest

from xiaoguan.apps.customers.models import Customer
from xiaoguan.config.commands import export
from xiaoguan.config.refused import Refused
from xiaoguan.kit.action import create

from tests.cast import Cast


def run(*words: str) -> int:
    """Run the command as the command line does."""
    parser = ArgumentParser()
    export.arguments(parser)
    return export.run(parser.parse_args(words))


@pytest.fixture
def customers(cast: Cast) -> None:
    """Two customers of the seller's, one of a stranger to her."""
    for name, city, owner in (
        ("Hengcen Steel", "Kunshan", cast.seller),
        ("Yuanhe Design", "Suzhou", cast.seller),
        ("Taihu Build", "Kunshan", cast.other_seller),
    ):
        create(Customer, {"name": name, "city": city}, actor=owner)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_everything(cast: Cast, customers: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The system writes all rows; what is told equals what is in the file."""
    path = tmp_path / "all.csv"
    assert run("customers", "--to", str(path), "--columns", "name,city", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(path), "rows": 3}
    found = table(path)
    assert {tuple(row.values()) for row in found} == {
        ("Hengcen Steel", "Kunshan"),
        ("Yuanhe Design", "Suzhou"),
        ("Taihu Build", "Kunshan"),
    }


def test_filters_order_and_rights(cast: Cast, customers: None, tmp_path: Path) -> None:
    """A manager's export holds what she may see, filtered and sorted as the list's address says."""
    path = tmp_path / "some.xlsx"
    assert run("customers", "--to", str(path), "--columns", "name", "--where", "sort=-name", "--by", "manager") == 0
    rows = list(openpyxl.load_workbook(path).active.values)
    assert [row[0] for row in rows[1:]] == ["Yuanhe Design", "Hengcen Steel"]
    assert run("customers", "--to", str(path), "--where", "q=hengcen", "--by", "manager") == 0
    assert len(list(openpyxl.load_workbook(path).active.values)) == 2


def test_refusals(cast: Cast, customers: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written under a filter that is not understood, for nobody, or to a kind of file that is not known."""
    path = tmp_path / "never.csv"
    assert run("customers", "--to", str(path), "--where", "planet=mars") == 2
    assert run("planets", "--to", str(path)) == 2
    assert run("customers", "--to", str(tmp_path / "never.pdf")) == 2
    assert "never.pdf" in capsys.readouterr().err
    with pytest.raises(Refused):
        run("customers", "--to", str(path), "--by", "nobody")
    with pytest.raises(Refused):
        run("customers", "--to", str(path), "--by", "outsider")
    assert not path.exists()
    with pytest.raises(Refused):
        run("customers", "--to", str(tmp_path / "absent" / "never.csv"))
