"""The database's schema: is it this version's, and bring it there."""

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def pending() -> list[str]:
    """Return the migrations that wait to be applied, as ``app.name``."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def fresh() -> bool:
    """Return whether nothing was ever migrated here."""
    return not MigrationExecutor(connection).loader.applied_migrations


def upgrade(verbosity: int = 0) -> None:
    """Apply what is pending and create the cache's table; the home folder is made first."""
    settings.XIAOGUAN_HOME.mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", verbosity=verbosity)
