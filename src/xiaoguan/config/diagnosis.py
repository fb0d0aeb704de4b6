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
from xiaoguan.apps.quotes import fonts
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
        why = _("It can't be reached: %(why)s") % {"why": str(error).strip()}
        return [*found, Finding("database", "fail", why, _("Check DATABASE_URL, and whether the server runs."))]
    return found + [finding for look in DATABASE_LOOKS for finding in look()]


def program() -> Iterator[Finding]:
    """Versions, and variables that nothing reads."""
    versions = {"version": __version__, "python": sys.version.split()[0]}
    yield Finding("program", "ok", _("Xiaoguan %(version)s on Python %(python)s") % versions)
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
        ("translations", PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"),
    ):
        if path.is_file():
            yield Finding(subject, "ok", _("Built"))
        else:
            yield Finding(
                subject, "fail", _("%(file)s is missing") % {"file": path.name},
                _("Install the package anew; from the source: make install."),
            )  # fmt: skip


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
    hint = "" if known else _("Install the package tzdata, or set XIAOGUAN_TIME_ZONE to a zone such as Asia/Shanghai.")
    yield Finding("time zone", "ok" if known else "fail", settings.TIME_ZONE, hint)


def typefaces() -> Iterator[Finding]:
    """A Chinese typeface, without which no quote can be printed."""
    name = fonts.chinese()
    hint = "" if name else _("Install the package fonts-noto-cjk, or name a folder of typefaces with XIAOGUAN_FONTS.")
    text = name or _("None with Chinese characters: quotes can't be printed")
    yield Finding("typefaces", "ok" if name else "warn", text, hint)


def engine() -> Iterator[Finding]:
    """The database engine, its version and the settings that matter."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
            text = _("SQLite %(version)s, journal %(mode)s") % {"version": sqlite3.sqlite_version, "mode": mode}
            hint = (
                "" if mode == "wal" else _("Stop what else has the file open, then start again: wal is set by itself.")
            )
            yield Finding("database", "ok" if mode == "wal" else "fail", text, hint)
            return
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding)"
            " FROM pg_database WHERE datname = current_database()"
        )
        version, encoding = cursor.fetchone()
    good = version // 10_000 >= LEAST_POSTGRES and encoding == "UTF8"
    text = f"PostgreSQL {version // 10_000}, {encoding}"
    hint = "" if good else _("Needed: PostgreSQL %(least)s or newer, a database in UTF8.") % {"least": LEAST_POSTGRES}
    yield Finding("database", "ok" if good else "fail", text, hint)


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


LOOKS: list[Callable[[], Iterator[Finding]]] = [program, generated, home, time, typefaces]
DATABASE_LOOKS: list[Callable[[], Iterator[Finding]]] = [engine, tables]
