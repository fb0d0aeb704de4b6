"""A database of the first version, with rows in every table, comes to this one and works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.server import Moulds

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[1]
ON = os.environ.get("XIAOGUAN_TEST_DATABASE_URL", "")

LOOK = """
import json
import django
django.setup()
from django.apps import apps
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Company, Person, Role
from xiaoguan.config import diagnosis
from xiaoguan.demo.check import check_invariants
from xiaoguan.kit.access import grants, visible
from xiaoguan.kit.action import update
from xiaoguan.kit.history import ChangeRow
from xiaoguan.kit.models import Schedule
from xiaoguan.kit.search.reading import find
people = {person.username: person for person in Person.anybody.all()}
deal = Deal.objects.get()
renamed = update(deal, {"name": "two"}, actor=people["seller"])
manager = Role.objects.get(code="manager")
print(json.dumps({
    "rows": {model._meta.db_table: model._base_manager.count() for model in apps.get_models()},
    "invariants": check_invariants(),
    "sees": {name: visible(Customer, person).count() for name, person in people.items()},
    "found_by": {word: len(find(word, people["boss"])) for word in ("恒岑", "hengcen", "hcgg")},
    "edited": manager.grants["customers.*"],
    "new": {name: grants(people[name]).scope("goals.target", "view") for name in ("seller", "boss")},
    "tokens": grants(people["seller"]).scope("api.token", "create"),
    "webhooks": grants(people["admin"]).scope("webhooks.endpoint", "change"),
    "history": ChangeRow.objects.filter(entity="opportunities.deal", object_id=deal.pk).count(),
    "amount": deal.amount,
    "own_cron": Schedule.objects.get(name="job.prune").own_cron,
    "company": Company.objects.get().idle_hours,
    "schema": [finding.state for finding in diagnosis.examine() if finding.subject == "schema"],
}))
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An empty installation of its own, on the engine under test, as an environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XIAOGUAN_")}
    environment |= {
        "XIAOGUAN_HOME": str(tmp_path / "home"),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "xiaoguan.config.settings",
        "XIAOGUAN_LANGUAGE": "en",
    }
    (tmp_path / "home").mkdir()
    if not ON.startswith("postgres"):
        yield environment
        return
    name = f"old_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(ON, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        yield environment | {"DATABASE_URL": urlunsplit(urlsplit(ON)._replace(path=f"/{name}"))}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _run(home: dict[str, str], *words: str, fails: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, *words], env=home, cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert bool(done.returncode) is fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


def _xiaoguan(home: dict[str, str], *words: str, fails: bool = False) -> str:
    return _run(home, "-m", "xiaoguan.config.cli", *words, fails=fails)


def test_the_first_version_comes_to_this_one(home: dict[str, str], migrated: dict[str, str]) -> None:
    """Nothing is lost, what is derived is right, and roles nobody has changed know the new kinds of records.

    What it is made of is what an empty database is founded with.
    """
    before: dict[str, int] = json.loads(_run(home, "-m", "tests.old_database").splitlines()[-1])
    derived = {"kit_searchentry"}  # made anew
    empty = [table for table, count in before.items() if not count and table not in derived]
    assert not empty, f"the old database has nothing in {empty}"
    said = _xiaoguan(home, "migrate")
    assert "[1/" in said
    assert "role salesperson: " in said
    _xiaoguan(home, "worker", "--once")
    _xiaoguan(home, "doctor", "--rebuild")
    found: dict[str, Any] = json.loads(_run(home, "-c", LOOK).splitlines()[-1])
    after = found["rows"]
    grow = {
        "kit_change",
        "kit_changerow",
        "kit_feed",
        "kit_job",
        "kit_schedule",
        "kit_credit",
        "org_reach",
        "org_unitreach",
    }
    grow |= derived
    assert {t: n for t, n in before.items() if after[t] != n and t not in grow} == {}
    assert all(after[table] >= before[table] for table in grow - {"org_reach", "org_unitreach"})
    assert found["invariants"] == []
    assert found["sees"] == {"seller": 1, "boss": 1, "peer": 0, "admin": 1, "system": found["sees"]["system"]}
    assert found["found_by"] == {"恒岑": 1, "hengcen": 1, "hcgg": 1}
    assert found["edited"] == {"*": "all", "export": "none"}, "what an administrator has changed stays"
    assert found["new"] == {"seller": "team", "boss": "team"}
    assert (found["tokens"], found["webhooks"]) == ("self", "all")
    assert (found["history"], found["amount"], found["own_cron"]) == (1, 12_345_678, "15 4 * * *")
    assert found["company"] == 14 * 24
    assert found["schema"] == ["ok"]
    assert _xiaoguan(home, "migrate").strip().endswith("up to date")
    old, new = (_run(place, "-m", "tests.tables").splitlines() for place in (home, migrated))
    assert len(new) > 3_000
    assert old == new


@pytest.fixture
def migrated(tmp_path: Path, moulds: Moulds) -> dict[str, str]:
    """An installation that has just been made, as an environment."""
    server = moulds.copy(tmp_path / "migrated", "migrate")
    return server.environment | {"DJANGO_SETTINGS_MODULE": "xiaoguan.config.settings", "XIAOGUAN_LANGUAGE": "en"}


@pytest.mark.sqlite
def test_a_copy_is_made_before(migrated: dict[str, str]) -> None:
    """On SQLite, unless it is not wanted; a new installation has nothing to copy."""
    home = migrated
    backups = Path(home["XIAOGUAN_HOME"]) / "backups"
    assert not backups.exists()
    _xiaoguan(home, "manage", "migrate", "notices", "zero", "-v", "0")
    _xiaoguan(home, "migrate", "--no-backup")
    assert not backups.exists()
    _xiaoguan(home, "manage", "migrate", "notices", "zero", "-v", "0")
    _xiaoguan(home, "migrate", "--quiet")
    (made,) = backups.glob("before-upgrade-*.tar.gz")
    with tarfile.open(made) as archive:
        assert set(archive.getnames()) == {"backup.json", "database"}
    _xiaoguan(home, "restore", str(made))
    assert _xiaoguan(home, "migrate").strip().endswith("up to date")


def test_a_newer_database_is_left_alone(migrated: dict[str, str]) -> None:
    """A program that doesn't know all of a database's migrations must not touch it."""
    home = migrated
    later = "from django.db import connection; from django.db.migrations.recorder import MigrationRecorder;"
    _run(
        home,
        "-c",
        f"import django; django.setup(); {later} MigrationRecorder(connection).record_applied('org', '0999_x')",
    )
    said = _xiaoguan(home, "migrate", fails=True)
    assert "newer version" in said
    assert "org.0999_x" in said
