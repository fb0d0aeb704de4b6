"""Further looks of ``xiaoguan doctor``: is the data sound, is the machine's own work being done, can it speak."""

from __future__ import annotations

import datetime as dt
import os
import smtplib
import socket
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from xiaoguan.apps.notices.models import Message
from xiaoguan.apps.webhooks.models import Endpoint
from xiaoguan.config.copy_look import columns
from xiaoguan.config.finding import Finding
from xiaoguan.kit import clock, schedule
from xiaoguan.kit.entity import entities
from xiaoguan.kit.models import Credit, Job, Schedule
from xiaoguan.kit.search import writing

NETWORK_DISKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "glusterfs", "ceph"})
BACKUP_DAYS = 8
CLOCK_SECONDS = 5.0
QUIET = dt.timedelta(hours=1)


def integrity() -> Iterator[Finding]:
    """The database file is whole and every link leads somewhere; PostgreSQL watches over both by itself."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        said = [row[0] for row in cursor.execute("PRAGMA quick_check(3)").fetchall()]
        broken = cursor.execute("PRAGMA foreign_key_check").fetchmany(1000)
    if said != ["ok"]:
        yield Finding(
            "integrity", "fail", _("The database file is damaged: %(what)s") % {"what": said[0]},
            _("Stop everything, keep a copy of the file, and restore the last backup: xiaoguan restore FILE --replace"),
        )  # fmt: skip
    elif broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        yield Finding(
            "integrity", "fail",
            _("%(count)s rows point at nothing: %(tables)s") % {"count": len(broken), "tables": tables},
            _("Somebody wrote past the program. Restore the last backup, or ask for help with the tables named."),
        )  # fmt: skip
    else:
        yield Finding("integrity", "ok", _("Whole, and every link leads somewhere"))


def disk() -> Iterator[Finding]:
    """SQLite's locks do not work on a network disk; uploaded files need a place that can be written."""
    if connection.vendor == "sqlite":
        kind = filesystem(Path(str(connection.settings_dict["NAME"])))
        if kind in NETWORK_DISKS:
            yield Finding(
                "disk", "fail", _("The database lies on a network disk (%(kind)s)") % {"kind": kind},
                _("Move XIAOGUAN_HOME to a local disk, or use PostgreSQL: two machines would destroy the file."),
            )  # fmt: skip
    folder = Path(settings.MEDIA_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield Finding(
            "files", "fail", _("Uploads can't be kept: %(why)s") % {"why": error.strerror or error},
            _("Give the service's user the right to write in %(folder)s.") % {"folder": folder},
        )  # fmt: skip
    else:
        yield Finding("files", "ok", _("Uploads can be kept"))


def filesystem(path: Path) -> str:
    """The kind of file system a path lies on, as Linux tells; empty elsewhere."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    where = str(path.absolute())
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _device, point, found, *_rest = line.split(" ")
        inside = where == point or where.startswith(f"{point.rstrip('/')}/")
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind


def backups() -> Iterator[Finding]:
    """The newest archive in the usual place is fresh and can be opened."""
    folder = settings.XIAOGUAN_HOME / "backups"
    found = sorted(folder.glob("xiaoguan-*.tar.gz"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    hint = _("Let cron run: xiaoguan backup. Archives kept elsewhere are not seen here.")
    if not found:
        yield Finding("backup", "warn", _("No backup lies in %(folder)s") % {"folder": folder}, hint)
        return
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromtimestamp(found[-1].stat().st_mtime, dt.UTC)
    if not tarfile.is_tarfile(found[-1]):
        yield Finding("backup", "fail", _("%(file)s can't be opened") % {"file": found[-1].name}, hint)
    elif age.days >= BACKUP_DAYS:
        yield Finding("backup", "warn", _("The last backup is %(days)s days old") % {"days": age.days}, hint)
    else:
        yield Finding("backup", "ok", _("%(file)s, %(days)s days old") % {"file": found[-1].name, "days": age.days})


def work() -> Iterator[Finding]:
    """No job holds a lease that has run out, none has failed lately, the clock's jobs have been started."""
    now = clock.machine_now()
    stuck = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now - dt.timedelta(minutes=10)).count()
    if stuck:
        yield Finding(
            "leases", "warn", _("%(count)s jobs were left by a worker that is gone") % {"count": stuck},
            _("Start a worker: xiaoguan worker. It takes them over where they stood."),
        )  # fmt: skip
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gt=now - dt.timedelta(days=1)).count()
    if failed:
        yield Finding(
            "failed jobs", "warn", _("%(count)s jobs failed since yesterday") % {"count": failed},
            _("Settings, background jobs: each says why, and can go on where it stopped."),
        )  # fmt: skip
    late = Schedule.objects.filter(enabled=True, next_run__lt=now - QUIET, name__in=schedule.declared)
    if names := sorted(late.values_list("name", flat=True)):
        told = ", ".join(f"{schedule.declared[name].label} ({name})" for name in names)
        yield Finding(
            "schedules", "warn", _("Should have started by the clock: %(names)s") % {"names": told},
            _("No worker is looking at the clock. Start one: xiaoguan worker"),
        )  # fmt: skip
    elif not stuck:
        yield Finding("schedules", "ok", _("Started in time"))


def speaking() -> Iterator[Finding]:
    """Webhooks arrive, messages leave, the mail server answers."""
    failing = Endpoint.objects.filter(
        deleted_at__isnull=True, active=True, failing_since__lt=clock.machine_now() - QUIET
    )
    if names := sorted(failing.values_list("name", flat=True)):
        yield Finding(
            "webhooks", "warn", _("Not reached for an hour: %(names)s") % {"names": ", ".join(names)},
            _("Settings, webhooks: the last answer says why. Calls wait and are repeated."),
        )  # fmt: skip
    unsent = Message.objects.filter(state=Message.State.WAITING, created_at__lt=clock.machine_now() - QUIET).count()
    if unsent:
        yield Finding(
            "messages", "warn", _("%(count)s mails or messages have waited for an hour") % {"count": unsent},
            _("Settings, channels: each says why it waits."),
        )  # fmt: skip
    if not settings.MAIL_SERVER:
        yield Finding(
            "mail", "warn", _("No mail server: nobody gets mails"), _("Set XIAOGUAN_MAIL and XIAOGUAN_MAIL_FROM.")
        )
        return
    try:
        kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
        with kind(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException, socket.gaierror) as error:
        yield Finding(
            "mail", "fail", _("The mail server %(server)s does not answer: %(why)s")
            % {"server": settings.MAIL_SERVER, "why": getattr(error, "strerror", "") or error},
            _("Check XIAOGUAN_MAIL and the firewall. Mails wait meanwhile."),
        )  # fmt: skip
    else:
        yield Finding("mail", "ok", settings.MAIL_SERVER)


def clocks() -> Iterator[Finding]:
    """This machine and the database agree what time it is; on SQLite they are one."""
    if connection.vendor == "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = abs((cursor.fetchone()[0] - clock.machine_now()).total_seconds())
    state = "ok" if skew <= CLOCK_SECONDS else "warn"
    text = _("%(seconds)s seconds apart from the database's") % {"seconds": f"{skew:.1f}"}
    yield Finding("clock", state, text, "" if state == "ok" else _("Let both machines follow a time server."))


def figures() -> Iterator[Finding]:
    """Credits belong to records that are there: what points at nothing was written past the program."""
    for name, entity in entities.items():
        if entity.facts:
            lost = Credit.objects.filter(entity=name).exclude(object_id__in=entity.model._base_manager.values("pk"))
            if lost.exists():
                yield Finding(
                    "figures", "fail", _("Figures count %(record)s that are not there") % {"record": entity.plural},
                    _("Make them anew: xiaoguan doctor --rebuild"),
                )  # fmt: skip
                return
    yield Finding("figures", "ok", _("Every figure has its record"))


def search() -> Iterator[Finding]:
    """Every record that can be found has an entry and every entry its record, unless a bulk change is being entered.

    It only warns: the nightly check of the index mends it by itself, as it does for the roles of a new installation.
    """
    if writing.catching_up():
        yield Finding("search", "ok", _("Records are being entered by a job"))
        return
    missing, lost, kinds = 0, 0, []
    for entity in entities.values():
        if entity.names("find") and any(astray := writing.astray(entity.model)):
            missing, lost = missing + astray[0], lost + astray[1]
            kinds.append(entity.plural)
    if kinds:
        counts = {"missing": missing, "lost": lost, "kinds": ", ".join(kinds)}
        yield Finding(
            "search", "warn",
            _("Not to be found: %(missing)s records. Found, but gone: %(lost)s. Of: %(kinds)s") % counts,
            _("Make the entries anew: xiaoguan doctor --rebuild. The worker does it by jobs."),
        )  # fmt: skip
    else:
        yield Finding("search", "ok", _("Every record can be found"))


def rights() -> Iterator[Finding]:
    """Who reaches whom is there for everybody who may sign in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM org_person p WHERE p.is_active AND NOT p.system AND p.deleted_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM org_reach r WHERE r.viewer_id = p.id AND r.person_id = p.id)"
        )
        lost = cursor.fetchone()[0]
    if lost:
        yield Finding(
            "rights", "fail", _("%(count)s people don't reach their own records") % {"count": lost},
            _("Make it anew: xiaoguan doctor --rebuild"),
        )  # fmt: skip
    else:
        yield Finding("rights", "ok", _("Everybody reaches what is his"))


def secrets() -> Iterator[Finding]:
    """Database and backups are for the service's user alone."""
    if os.name != "posix":
        return
    places = [*(settings.XIAOGUAN_HOME / "backups").glob("*.tar.gz")]
    if connection.vendor == "sqlite":
        places.append(Path(str(connection.settings_dict["NAME"])))
    for path in places:
        if path.exists() and path.stat().st_mode & 0o007:
            hint = f"chmod o-rwx {path}"
            yield Finding(
                "secrets", "warn", _("%(file)s can be read by every user of this machine") % {"file": path}, hint
            )


DATABASE: list[Callable[[], Iterator[Finding]]] = [
    integrity, disk, backups, secrets, work, speaking, clocks, figures, search, rights, columns,
]  # fmt: skip
