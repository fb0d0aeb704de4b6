"""CONTRIBUTING.md, «An entity in ten minutes», followed to the letter in a throw-away app."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.long, pytest.mark.once]
ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "CONTRIBUTING.md"

SETTINGS = """
from xiaoguan.config.settings import *
INSTALLED_APPS = [*INSTALLED_APPS, "lending"]
"""
APP = """
from django.apps import AppConfig


class LendingConfig(AppConfig):
    name = "lending"

    def ready(self):
        from lending import actions  # noqa: F401
"""
JOURNEY = """
import django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
from django.test import Client
from lending.models import Loan
from tests.cast import make_cast
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import action
from xiaoguan.kit.models import Change

cast = make_cast()
role = Role.objects.get(code="salesperson")
action.update(role, {"grants": {**role.grants, "lending.*": {"*": "self"}}}, actor=cast.system)
customer = action.create(Customer, {"name": "Harbour Steel"}, actor=cast.seller)
seller, peer = Client(), Client()
seller.force_login(cast.seller)
peer.force_login(cast.peer)

form = {"name": "Flood lamp", "customer": customer.pk, "due_on": "2027-01-15", "value": "1,580"}
assert seller.post("/loans/new/", form).status_code == 302
loan = Loan.objects.get()
assert (loan.value, loan.owner) == (158_000, cast.seller)
assert seller.post("/loans/new/", {**form, "state": "kept", "value": ""}).status_code == 422

page = seller.get("/loans/").content.decode()
assert "Flood lamp" in page and "Harbour Steel" in page
assert "Flood lamp" in seller.get("/loans/board/").content.decode()
assert "Harbour Steel" in seller.get(f"/loans/{loan.pk}/").content.decode()
assert "1580" in seller.get("/loans/export/?_format=csv").getvalue().decode()
assert seller.get("/loans/options/?q=Flood").json()[0]["text"] == "Flood lamp"
assert peer.get(f"/loans/{loan.pk}/").status_code == 404
assert "/loans/new/" in seller.get("/customers/").content.decode()

assert seller.post(f"/loans/{loan.pk}/do/take_back/", {"_form": "1", "note": "as new"}).status_code == 302
loan.refresh_from_db()
assert loan.state == "back"
change = Change.objects.get(action="take_back")
assert (change.note, change.count) == ("as new", 1)
assert seller.post(f"/undo/{change.pk}/").status_code == 302
loan.refresh_from_db()
assert (loan.state, loan.back_on) == ("out", None)
print("the journey is done")
"""


def blocks() -> dict[str, str]:
    """The files the document writes, by the name in their first line."""
    text = DOCUMENT.read_text(encoding="utf-8").split("## An entity in ten minutes")[1].split("\n## ")[0]
    found = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        first, rest = code.split("\n", 1)
        found[first.removeprefix("# ")] = rest
    return found


def test_it_is_two_files_of_at_most_eighty_lines() -> None:
    written = blocks()
    assert set(written) == {"models/loan.py", "actions.py"}
    assert sum(bool(line.strip()) for code in written.values() for line in code.splitlines()) <= 80


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app as it stands before the entity, with the document's two files put into it."""
    folder = tmp_path / "lending"
    for name in ("models", "migrations"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    (folder / "__init__.py").touch()
    (folder / "apps.py").write_text(APP)
    (folder / "models" / "__init__.py").write_text("from lending.models.loan import Loan, State\n")
    for name, code in blocks().items():
        (folder / name).write_text(code, encoding="utf-8")
    (tmp_path / "lending_settings.py").write_text(SETTINGS)
    (tmp_path / "journey.py").write_text(JOURNEY)
    return tmp_path


def run(app: Path, *command: str) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("XIAOGUAN_", "DATABASE_URL"))},
        "DJANGO_SETTINGS_MODULE": "lending_settings",
        "PYTHONPATH": f"{app}{os.pathsep}{ROOT}",
        "XIAOGUAN_HOME": str(app / "home"),
        "XIAOGUAN_TEST": "1",
        "DATABASE_URL": "",
    }
    done = subprocess.run(
        [sys.executable, *command], cwd=app, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_stands_there_makes_a_working_entity(app: Path) -> None:
    database = 'from lending_settings import *\nDATABASES["default"]["NAME"] = "lending.sqlite3"\n'
    (app / "lending_file.py").write_text(database)
    run(app, "-m", "django", "makemigrations", "lending", "--settings=lending_file")
    assert [path.name for path in (app / "lending" / "migrations").glob("0*.py")] == ["0001_initial.py"]
    run(app, "-m", "django", "check", "--settings=lending_file")
    run(app, "-m", "django", "migrate", "--settings=lending_file")
    journey = (app / "journey.py").read_text()
    (app / "journey.py").write_text('import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "lending_file"\n' + journey)
    assert "the journey is done" in run(app, "journey.py")
