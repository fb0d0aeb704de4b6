"""The database's schema: is it this version's, and bring it there."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from xiaoguan.apps.operation import planning
from xiaoguan.apps.operation.management.commands.migrate import Command
from xiaoguan.apps.org import delivery
from xiaoguan.apps.org.models import Role
from xiaoguan.config.refused import Refused
from xiaoguan.kit import job
from xiaoguan.kit.search import writing


def pending() -> list[str]:
    """Return the migrations that wait to be applied, as ``app.name``."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def unknown() -> list[str]:
    """Return the applied migrations that this program does not have: a newer one has been here."""
    loader = MigrationLoader(connection)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    known = loader.disk_migrations.keys() | replaced
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in loader.migrated_apps and (app, name) not in known
    )


def fresh() -> bool:
    """Return whether nothing was ever migrated here."""
    return not MigrationExecutor(connection).loader.applied_migrations


def upgrade(report: Callable[[str], None] = lambda text: None) -> None:
    """Apply what is pending, create the cache's table, tell the built-in roles what is new.

    The home folder is made first. Raises Refused for a database of a newer version.
    """
    settings.XIAOGUAN_HOME.mkdir(parents=True, exist_ok=True)
    if newer := unknown():
        raise Refused(f"This database is of a newer version of Xiaoguan (it has {newer[0]}): install that one.")
    waiting, new = pending(), fresh()
    call_command(_Migrate(waiting, report), interactive=False, verbosity=1, stdout=_Nowhere())
    call_command("createcachetable", verbosity=0)
    if waiting and not new:  # what is derived may be of another form now
        job.enqueue("search.check", key="start")
        job.enqueue(planning.KIND, key="start")  # SQLite makes changed tables anew and forgets what they hold
        job.enqueue("metrics.credits", key="start")
    if new:  # the built-in roles came with a migration, past the actions that keep the index
        writing.index(list(Role.objects.all()))
    for code, names in delivery.deliver().items():
        report(f"role {code}: {', '.join(names)}")


class _Migrate(Command):
    """The command with one line of ours per migration."""

    def __init__(self, waiting: list[str], report: Callable[[str], None]) -> None:
        super().__init__()
        self.waiting, self.report = waiting, report
        self.began = 0.0

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        """Say what is done, how many of how many, and how long it took."""
        if action == "apply_start":
            self.began = time.monotonic()
        elif action == "apply_success":
            name = f"{migration.app_label}.{migration.name}"
            place = self.waiting.index(name) + 1 if name in self.waiting else "-"
            self.report(f"[{place}/{len(self.waiting)}] {name}, {time.monotonic() - self.began:.1f} s")


class _Nowhere:
    """Takes what Django would print."""

    def write(self, text: str) -> None:
        """Say nothing."""
