"""An empty database gets its tables as they are today, not as they came about: docs/decisions/founding.md."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder

Key = tuple[str, str]


def is_empty(connection: BaseDatabaseWrapper) -> bool:
    """Whether nothing was ever migrated or made here."""
    return not MigrationLoader(connection).applied_migrations and not connection.introspection.table_names()


def found(connection: BaseDatabaseWrapper) -> int:
    """Make every table and put in what the migrations deliver, all or nothing; returns how many they are.

    The tables are those of the migrations' final state. Of their programs those run that put something in; whatever
    only turns old rows into new ones says so itself (`elidable`), as it does for a squash.
    """
    loader = MigrationLoader(connection)
    state = loader.project_state()
    plan = _in_order(loader)
    with connection.schema_editor() as editor:
        for model in state.apps.get_models(include_swapped=False):
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
        for migration in plan:
            for operation in _delivering(migration):
                operation.database_forwards(migration.app_label, editor, state, state)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    recorder.migration_qs.bulk_create([recorder.Migration(app=each.app_label, name=each.name) for each in plan])
    return len(plan)


def _in_order(loader: MigrationLoader) -> list[Migration]:
    """Every migration after those it needs."""
    keys: dict[Key, None] = {}
    for leaf in loader.graph.leaf_nodes():
        keys |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return [loader.graph.nodes[key] for key in keys]


def _delivering(migration: Migration) -> list[Operation]:
    """The programs of a migration that an empty database needs as well."""
    return [each for each in migration.operations if isinstance(each, (RunPython, RunSQL)) and not each.elidable]
