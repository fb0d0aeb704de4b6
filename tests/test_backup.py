"""What was backed up comes back, on the machine's own engine, and nothing is replaced by accident."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Moulds, Server

COUNT = "from xiaoguan.apps.org.models import Person; print(Person.objects.count())"


@pytest.fixture
def company(tmp_path: Path, moulds: Moulds) -> Server:
    """An installation with one administrator and one uploaded file."""
    server = moulds.copy(tmp_path / "first", "migrate")
    done = server.run("init", "--company", "Lumen Works", "--username", "qian")
    assert done.returncode == 0, done.stderr
    (server.home / "files" / "2026").mkdir(parents=True)
    (server.home / "files" / "2026" / "plan.txt").write_text("of the canopy", encoding="utf-8")
    return server


@pytest.fixture
def other(tmp_path: Path, moulds: Moulds) -> Iterator[Server]:
    """An empty installation elsewhere."""
    return moulds.copy(tmp_path / "second", "migrate")


def people(server: Server) -> int:
    """How many people an installation knows."""
    done = server.run("manage", "shell", "--no-imports", "-c", COUNT)
    return int(done.stdout.split()[-1])


@pytest.mark.slow
def test_there_and_back(company: Server, other: Server, tmp_path: Path) -> None:
    """Records and files arrive on another installation; a second time only on purpose."""
    archive = tmp_path / "kept.tar.gz"
    told = json.loads(company.run("backup", "--to", str(archive), "--json").stdout)
    assert told["file"] == str(archive)
    assert told["bytes"] == archive.stat().st_size
    assert archive.stat().st_mode & 0o077 == 0, "others may not read it"
    with tarfile.open(archive) as found:
        assert "secret_key" not in " ".join(found.getnames())

    assert people(other) == 0
    done = other.run("restore", str(archive))
    assert done.returncode == 0, done.stderr
    assert people(other) == 1
    assert (other.home / "files" / "2026" / "plan.txt").read_text("utf-8") == "of the canopy"

    again = other.run("restore", str(archive))
    assert again.returncode == 1
    assert "--replace" in again.stderr
    assert other.run("restore", str(archive), "--replace").returncode == 0
    assert people(other) == 1


@pytest.mark.slow
def test_what_is_no_backup_changes_nothing(company: Server, tmp_path: Path) -> None:
    """A file that cannot be read, or of a version from the future, is refused before anything is touched."""
    rubbish = tmp_path / "rubbish.tar.gz"
    rubbish.write_bytes(b"not an archive")
    note = tmp_path / "backup.json"
    done = company.run("restore", str(rubbish), "--replace")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)

    archive = tmp_path / "kept.tar.gz"
    made = json.loads(company.run("backup", "--to", str(archive), "--json").stdout)
    content = {"version": "9", "engine": made["engine"], "made_at": "", "migrations": ["org.0999_future"]}
    note.write_text(json.dumps(content), encoding="utf-8")
    future = tmp_path / "future.tar.gz"
    with tarfile.open(future, "w:gz") as file:
        file.add(note, "backup.json")
    done = company.run("restore", str(future), "--replace")
    assert done.returncode == 1
    assert "org.0999_future" in done.stderr
    assert people(company) == 1
    assert not [path.name for path in company.home.iterdir() if path.name.startswith(".backup")]
