"""`migrate`: Django's command, which founds an empty database at once instead of living through its history.

Where it does live through it, the models of every step are made in half the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from inspect import getattr_static
from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.models import Field
from django.utils.functional import cached_property

from xiaoguan.apps.operation import founding


@contextmanager
def fields_are_copied() -> Iterator[None]:
    """Let a field be cloned by copying it, not by taking it to pieces and building it anew.

    Django makes the models of every step of a migration, and all their relatives, out of clones of fields that no
    model holds yet; three quarters of an upgrade's time went there (a hundred steps, two hundred models).
    """
    Field.clone = _copy_of  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Field.clone = _BUILT_ANEW  # type: ignore[method-assign]


_BUILT_ANEW = Field.clone


def _copy_of(field: Any) -> Any:
    """The copy of a field, younger than all others: by their age Django puts the fields of a model in order."""
    if hasattr(field, "model"):  # the copy would belong to that model too
        return _BUILT_ANEW(field)
    made = deepcopy(field)  # shallow, but for what it points at
    for part in (made, made.remote_field):
        for name in _worked_out(type(part)):  # by one who has no model yet
            part.__dict__.pop(name, None)
    made.creation_counter = Field.creation_counter
    Field.creation_counter += 1
    return made


@cache
def _worked_out(kind: type) -> list[str]:
    """What objects of a class keep when they are first asked."""
    return [name for name in dir(kind) if isinstance(getattr_static(kind, name), cached_property)]


class Command(Migrate):
    """Founds an empty database; any other, and whoever asks for one app or a plan only, gets Django's own way."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Found if that is what is asked for, then let Django apply the rest and tell its listeners."""
        asked = ("app_label", "migration_name", "fake", "fake_initial", "plan", "check_unapplied")
        connection = connections[options["database"]]
        if not any(options.get(name) for name in asked) and founding.is_empty(connection):
            founding.found(connection)
        with fields_are_copied():
            super().handle(*args, **options)
