"""What ``xiaoguan doctor`` looks at; each look is one function that yields findings."""

import os
import shutil
import sqlite3
import sys
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from xiaoguan import __version__
from xiaoguan.config import environment, inner_looks, schema
from xiaoguan.config.finding import Finding
from xiaoguan.kit import clock
from xiaoguan.kit.models.job import Job

PACKAGE = Path(__file__).resolve().parent.parent
LEAST_POSTGRES = 15
LEAST_SPACE = 2**30
LATE = timedelta(minutes=10)


def examine() -> list[Finding]:
    """Return what every look found; a look that needs the database is left out when that cannot be reached."""
    found = [finding for look in LOOKS for finding in look()]
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return [*found, Finding("database", "fail", f"cannot be reached: {error}".strip())]
    return found + [finding for look in DATABASE_LOOKS for finding in look()]


def program() -> Iterator[Finding]:
    """Versions, and variables that nothing reads."""
    yield Finding("program", "ok", f"Xiaoguan {__version__} on Python {sys.version.split()[0]}")
    for name in environment.misspelt():
        yield Finding(
            "environment",
            "warn",
            _("%(name)s is set, but no such knob exists") % {"name": name},
            _("Look for its name in docs/production.md."),
        )
    if settings.DEBUG:
        yield Finding(
            "environment", "warn", _("DEBUG is on: pages show their insides to everybody"), _("Start without DEBUG.")
        )


def generated() -> Iterator[Finding]:
    """What the build makes: the browser's files and the compiled messages."""
    for subject, path in (
        ("browser files", PACKAGE / "static" / "dist" / "app.css"),
        ("messages", PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"),
    ):
        there = path.is_file()
        yield Finding(subject, "ok" if there else "fail", "built" if there else f"{path.name} is missing: install anew")


def home() -> Iterator[Finding]:
    """The home folder: writable, roomy, its key for the owner alone."""
    folder = settings.XIAOGUAN_HOME
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        yield Finding(
            "home",
            "fail",
            _("%(folder)s cannot be written") % {"folder": folder},
            _("Give the service's user the right to write in %(folder)s.") % {"folder": folder},
        )
        return
    free = shutil.disk_usage(folder).free
    state = "ok" if free >= LEAST_SPACE else "warn"
    text = _("%(folder)s, %(free)s GiB free") % {"folder": folder, "free": f"{free / 2**30:.1f}"}
    yield Finding("home", state, text, "" if state == "ok" else _("Make room, or move XIAOGUAN_HOME."))
    key = folder / "secret_key"
    if os.name == "posix" and key.exists() and key.stat().st_mode & 0o077:
        yield Finding(
            "home", "warn", _("%(file)s can be read by every user of this machine") % {"file": key}, f"chmod 600 {key}"
        )


def time() -> Iterator[Finding]:
    """The company's time zone is one the system knows."""
    known = settings.TIME_ZONE in zoneinfo.available_timezones()
    yield Finding("time zone", "ok" if known else "fail", settings.TIME_ZONE)


def engine() -> Iterator[Finding]:
    """The database engine, its version and the settings that matter."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
            state = "ok" if mode == "wal" else "fail"
            yield Finding("database", state, f"SQLite {sqlite3.sqlite_version}, journal {mode}")
            return
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding)"
            " FROM pg_database WHERE datname = current_database()"
        )
        version, encoding = cursor.fetchone()
    good = version // 10_000 >= LEAST_POSTGRES and encoding == "UTF8"
    text = f"PostgreSQL {version // 10_000}, {encoding}"
    yield Finding("database", "ok" if good else "fail", text if good else f"{text}; needed: 15 or newer, UTF8")


def tables() -> Iterator[Finding]:
    """The schema is this version's and the cache can be used."""
    waiting = schema.pending()
    if waiting:
        yield Finding(
            "schema",
            "fail",
            _("%(count)s migrations wait (first %(name)s)") % {"count": len(waiting), "name": waiting[0]},
            "xiaoguan migrate",
        )
        return
    yield Finding("schema", "ok", _("Up to date"))
    try:
        cache.get("doctor")
    except DatabaseError:
        yield Finding("cache", "fail", _("The cache's table is missing"), "xiaoguan migrate")
    else:
        yield from jobs()
        for look in inner_looks.DATABASE:
            yield from look()


def jobs() -> Iterator[Finding]:
    """Somebody works on what is due."""
    late = Job.objects.filter(state=Job.State.QUEUED, run_after__lt=clock.machine_now() - LATE).count()
    if late:
        yield Finding(
            "jobs",
            "warn",
            _("%(count)s jobs wait for more than ten minutes") % {"count": late},
            _("Start a worker: xiaoguan worker"),
        )
    else:
        yield Finding("jobs", "ok", _("No job waits too long"))


LOOKS: list[Callable[[], Iterator[Finding]]] = [program, generated, home, time]
DATABASE_LOOKS: list[Callable[[], Iterator[Finding]]] = [engine, tables]
