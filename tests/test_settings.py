"""What an installation reads from its environment, and that the documentation knows all of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from xiaoguan.config import database, environment, secret

ROOT = Path(__file__).parents[1]
HOME_FILE = Path("/somewhere/xiaoguan.sqlite3")


def test_sqlite_is_the_default() -> None:
    """Without DATABASE_URL the database is a file in the home folder."""
    assert database.parse("", HOME_FILE)["NAME"] == str(HOME_FILE)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///var/my.sqlite3", "var/my.sqlite3"),
        ("sqlite:////srv/a%20b.sqlite3", "/srv/a b.sqlite3"),
        ("sqlite://:memory:", ":memory:"),
    ],
)
def test_sqlite_addresses(url: str, path: str) -> None:
    """Three slashes are relative, four absolute."""
    assert database.parse(url, HOME_FILE)["NAME"] == path


def test_postgres_address() -> None:
    """Every part of the URL arrives, percent-encoded ones decoded."""
    found = database.parse("postgresql://ann:p%40ss@db.example:6432/sales?sslmode=require", HOME_FILE)
    wanted = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "sales",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require", "options": database.NO_JIT},
    }
    assert {key: found[key] for key in wanted} == wanted


def test_postgres_socket() -> None:
    """A folder as host is a unix socket."""
    found = database.parse("postgres://ann@/sales?host=/var/run/postgresql", HOME_FILE)
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("/var/run/postgresql", "", {"options": database.NO_JIT})


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann@db/sales",
        "postgresql://ann@db",
        "postgresql://ann@db:port/sales",
        "postgresql://ann@db/sales?sslmod=require",
        "sqlite://relative/file",
        "sqlite:///",
        "sqlite:///file?mode=ro",
    ],
)
def test_unreadable_addresses_are_refused(url: str) -> None:
    """A misspelt address stops the start instead of falling back to something else."""
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database.parse(url, HOME_FILE)


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_takes_the_write_lock_first() -> None:
    """Deferred transactions of two writers fail at once; the suite must run with what production uses."""
    options = connection.settings_dict["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert not connection.settings_dict["ATOMIC_REQUESTS"]
    with connection.cursor() as cursor:
        found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys")]
    assert found == ["wal", 1]


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_flags(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    """Yes and no in the usual spellings."""
    monkeypatch.setenv("DEBUG", text)
    assert environment.flag("DEBUG", default=not value) is value


def test_unreadable_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the variable."""
    monkeypatch.setenv("KNOB", "maybe")
    with pytest.raises(ImproperlyConfigured, match="KNOB"):
        environment.flag("KNOB")
    with pytest.raises(ImproperlyConfigured, match="KNOB"):
        environment.number("KNOB", 1)
    with pytest.raises(ImproperlyConfigured, match="KNOB"):
        environment.choice("KNOB", "text", ("text", "json"))
    monkeypatch.setenv("KNOB", "ftp://example.com")
    with pytest.raises(ImproperlyConfigured, match="KNOB"):
        environment.address("KNOB", ("http", "https"))


def test_the_key_is_made_once(tmp_path: Path) -> None:
    """The first start writes it for its owner alone, later ones read it; a given key is used as it is."""
    first = secret.secret_key("", tmp_path / "home")
    assert len(first) >= 50
    assert secret.secret_key("", tmp_path / "home") == first
    assert secret.secret_key("given", tmp_path / "home") == "given"
    if os.name == "posix":
        assert (tmp_path / "home" / "secret_key").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret_key"]


def test_every_knob_is_documented() -> None:
    """Both pages on production name every variable that the program reads."""
    reading = re.compile(r'environment\.\w+\(\s*"(\w+)"')
    read = {name for path in (ROOT / "src").rglob("*.py") for name in reading.findall(path.read_text("utf-8"))}
    for page in ("production.md", "production.zh.md"):
        known = set(re.findall(r"`([A-Z0-9_]+)`", (ROOT / "docs" / page).read_text("utf-8")))
        assert read - known == {"XIAOGUAN_TEST"}, page


def test_every_dependency_is_explained() -> None:
    """docs/dependencies.md has a line on why for each pinned package, Python's and the browser's."""
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    known = {
        name.strip() for line in text.splitlines() if line.startswith("| ") for name in line.split("|")[1].split(",")
    }
    project = (ROOT / "pyproject.toml").read_text("utf-8").partition("[project.scripts]")[0]
    pinned = set(re.findall(r'"([a-z0-9-]+)(?:\[\w+\])?==', project))
    browser = set(re.findall(r'"([@\w./-]+)": "\d', (ROOT / "package.json").read_text("utf-8")))
    assert pinned | browser <= known, f"without a line: {sorted((pinned | browser) - known)}"


def test_production_settings_pass_djangos_own_check(tmp_path: Path) -> None:
    """With an https address nothing of Django's deployment checklist is left open."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("XIAOGUAN_", "DJANGO_"))}
    changed = {"XIAOGUAN_HOME": str(tmp_path), "XIAOGUAN_URL": "https://sales.example.com", "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "xiaoguan.config.cli", "manage", "check", "--deploy", "--fail-level", "WARNING"],
        env=plain | changed,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
