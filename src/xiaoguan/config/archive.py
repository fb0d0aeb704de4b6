"""Backups: one archive with the database, the uploaded files and a note of what they belong to."""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from xiaoguan import __version__
from xiaoguan.config.refused import Refused
from xiaoguan.kit import clock

NOTE = "backup.json"
DATABASE = "database"
FILES = "files"


def write(path: Path, *, files: bool = True) -> dict[str, Any]:
    """Write an archive while the product may be running; returns its note. Raises Refused with the reason.

    Without `files` it holds the database alone, and a restore leaves the uploaded files as they are.
    """
    applied = sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)
    note = {
        "version": __version__,
        "engine": connection.vendor,
        "made_at": clock.machine_now().isoformat(),
        "migrations": applied,
    }
    draft = path.with_name(f".{path.name}.part")
    try:
        with _workplace(path.parent) as place:
            (place / NOTE).write_text(json.dumps(note, indent=1), encoding="utf-8")
            _dump(place / DATABASE)
            with tarfile.open(draft, "w:gz", compresslevel=3) as archive:
                archive.add(place / NOTE, NOTE)
                archive.add(place / DATABASE, DATABASE)
                if files and Path(settings.MEDIA_ROOT).is_dir():
                    archive.add(settings.MEDIA_ROOT, FILES)
        draft.chmod(0o600)
        draft.replace(path)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return note


def read(path: Path) -> dict[str, Any]:
    """Put database and files back in place of what is there; returns the note. Raises Refused before any change."""
    settings.XIAOGUAN_HOME.mkdir(parents=True, exist_ok=True)
    try:
        with _workplace(settings.XIAOGUAN_HOME) as place:
            with tarfile.open(path) as archive:
                archive.extractall(place, filter="data")
            note: dict[str, Any] = json.loads((place / NOTE).read_text(encoding="utf-8"))
            _check(note)
            _load(place / DATABASE)
            if (place / FILES).is_dir():
                shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
                shutil.move(place / FILES, settings.MEDIA_ROOT)
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise Refused(f"{path} is not a backup that can be read: {error}") from error
    return note


@contextmanager
def _workplace(parent: Path) -> Iterator[Path]:
    """A folder on the disk that the result will lie on: the system's own may be small, or memory."""
    with tempfile.TemporaryDirectory(dir=parent, prefix=".backup-") as name:
        yield Path(name)


def _check(note: dict[str, Any]) -> None:
    """Refuse what this program or this database could not hold."""
    if note["engine"] != connection.vendor:
        raise Refused(f"The backup is of {note['engine']}, this installation keeps its records in {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(note["migrations"]) - known):
        raise Refused(f"The backup is of version {note['version']}, newer than this program (it knows {unknown[0]}).")


def _dump(path: Path) -> None:
    """Write a consistent copy of the database."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
        return
    _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={path}")


def _load(path: Path) -> None:
    """Replace the database's contents."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            copy.backup(connection.connection)
        return
    words = ["--clean", "--if-exists", "--no-owner", "--single-transaction"]
    _postgres("pg_restore", *words, f"--dbname={connection.settings_dict['NAME']}", str(path), dbname=False)


def _postgres(program: str, *words: str, dbname: bool = True) -> None:
    """Run one of PostgreSQL's own programs against this installation's database."""
    found = shutil.which(program)
    if not found:
        raise Refused(f"{program} is needed for this; it comes with PostgreSQL's client programs.")
    known = connection.settings_dict
    given = {"PGHOST": known["HOST"], "PGPORT": known["PORT"], "PGUSER": known["USER"], "PGPASSWORD": known["PASSWORD"]}
    given |= {f"PG{name.upper()}": str(value) for name, value in known["OPTIONS"].items() if name.startswith("ssl")}
    environment = {**os.environ, **{name: str(value) for name, value in given.items() if value}}
    command = [found, *words, *([known["NAME"]] if dbname else [])]
    connection.close()
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise Refused(f"{program}: {done.stderr.strip()}")
