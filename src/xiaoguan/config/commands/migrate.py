"""Bring the database's schema to this version, after a backup where it is kept in SQLite."""

from argparse import ArgumentParser, Namespace

from django.conf import settings
from django.db import connection

from xiaoguan.config import archive, schema
from xiaoguan.config.refused import Refused
from xiaoguan.kit import clock


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--quiet", action="store_true", help="print nothing unless something goes wrong")
    parser.add_argument("--no-backup", action="store_true", help="make no copy of the database first")


def run(options: Namespace) -> int:
    """Create or update all tables, the cache's included, and tell the built-in roles what is new."""

    def report(text: str) -> None:
        if not options.quiet:
            print(f"  {text}", flush=True)

    if newer := schema.unknown():
        raise Refused(f"This database is of a newer version of Xiaoguan (it has {newer[0]}): install that one.")
    waiting = schema.pending()
    if waiting and not options.no_backup and connection.vendor == "sqlite" and not schema.fresh():
        folder = settings.XIAOGUAN_HOME / "backups"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"before-upgrade-{clock.local(clock.machine_now()):%Y%m%d-%H%M%S}.tar.gz"
        archive.write(path, files=False)
        report(f"backup: {path}")
    schema.upgrade(report)
    report(f"up to date, {len(waiting)} migrations" if waiting else "up to date")
    return 0
