"""`migrate`: Django's command, which founds an empty database at once instead of living through its history."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from xiaoguan.apps.operation import founding


class Command(Migrate):
    """Founds an empty database; any other, and whoever asks for one app or a plan only, gets Django's own way."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Found if that is what is asked for, then let Django apply the rest and tell its listeners."""
        asked = ("app_label", "migration_name", "fake", "fake_initial", "plan", "check_unapplied")
        connection = connections[options["database"]]
        if not any(options.get(name) for name in asked) and founding.is_empty(connection):
            founding.found(connection)
        super().handle(*args, **options)
