"""`xiaoguan demo --remove`: the company goes, and whoever holds the server gets an administrator's link."""

from __future__ import annotations

import pytest

from xiaoguan import demo
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.config import cli
from xiaoguan.demo.building import SIZES, Size
from xiaoguan.kit import memo

pytestmark = pytest.mark.django_db


def test_it_needs_a_demonstration_and_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Without either it says so and does nothing."""
    assert cli.main(["demo", "--remove", "--company", "Lumen"]) == 1
    assert "no demonstration" in capsys.readouterr().err


@pytest.mark.once
def test_a_new_administrator_gets_a_link(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who was not there before is put on the books of the new company."""
    monkeypatch.setitem(SIZES, "small", Size(36, 0.05, 0.5, False))
    demo.build(size="small", seed=3)
    memo.forget()
    assert cli.main(["demo", "--remove"]) == 1
    assert "--company" in capsys.readouterr().err
    assert cli.main(["demo", "--remove", "--company", "Lumen", "--admin", "chensiyuan"]) == 1
    assert Customer.objects.exists()
    assert cli.main(["demo", "--remove", "--company", "Lumen", "--admin", "boss", "--url", "https://x.example"]) == 0
    said = capsys.readouterr().out
    assert "https://x.example/" in said
    assert not Customer.objects.exists()
    boss = Person.objects.get(system=False)
    assert (boss.username, str(boss.unit)) == ("boss", "Lumen")
    assert boss.roles.get().code == "administrator"
    assert boss.invites.exists()
