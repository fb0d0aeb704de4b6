"""The first command: what it prints, once, and for whom."""

from __future__ import annotations

import json
from argparse import ArgumentParser

import pytest

from xiaoguan.apps.org import invites
from xiaoguan.apps.org.models import Company, Person
from xiaoguan.config.commands import init
from xiaoguan.kit.errors import Refusal


def run(*words: str) -> int:
    """Run the command as the command line does."""
    parser = ArgumentParser()
    init.arguments(parser)
    return init.run(parser.parse_args(words))


@pytest.mark.django_db
def test_it_founds_the_company_and_prints_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    """Company, administrator and one working link, for the address one names."""
    assert (
        run("--company", "Example Lighting", "--username", "qian", "--name", "Qian Hui", "--url", "https://a.test") == 0
    )
    *_said, link, after = capsys.readouterr().out.splitlines()
    assert after.endswith("xiaoguan serve")
    assert link.startswith("https://a.test/welcome/")
    found = invites.find(link.rstrip("/").rpartition("/")[2])
    assert found
    assert (found.person.username, found.person.name) == ("qian", "Qian Hui")
    assert Company.objects.get().name == "Example Lighting"
    with pytest.raises(Refusal):
        run("--company", "Another")


@pytest.mark.django_db
def test_a_locked_out_administrator_gets_a_new_link(capsys: pytest.CaptureFixture[str]) -> None:
    """For programs as one JSON object; for nobody else than an administrator."""
    run("--company", "Example Lighting")
    capsys.readouterr()
    assert run("--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["username"] == "admin"
    assert set(told) == {"username", "url", "expires_at"}
    Person.objects.create_user("seller")
    with pytest.raises(Refusal):
        run("--admin", "seller")
