"""Keeping files: whole under the name they were given, or not at all."""

from __future__ import annotations

import contextlib
import errno
from typing import Any

from django.core.files import File
from django.db import Error as DatabaseError, models
from django.utils.translation import gettext as _

from xiaoguan.kit.errors import KitError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FULL_DATABASE = ("disk is full", "no space left")


class Unstorable(KitError):
    """The storage did not take a file; nothing of it is left behind."""

    def __init__(self, error: OSError) -> None:
        super().__init__(why(error))


def why(error: OSError) -> str:
    """What went wrong with a disk, for people."""
    if error.errno in FULL:
        return _("There is no room left on the disk. Nothing was kept; tell whoever looks after the installation.")
    return _("The file could not be stored: %(reason)s") % {"reason": error.strerror or str(error)}


def disk_is_full(error: DatabaseError) -> bool:
    """Whether the database could not write for want of room."""
    return any(words in str(error).lower() for words in FULL_DATABASE)


def put(row: models.Model, field: str, name: str, content: File[Any]) -> None:
    """Store content as a row's file, in place of one of that name; raises Unstorable. The row is not saved."""
    held = getattr(row, field)
    path = held.field.generate_filename(row, name)
    try:
        held.storage.delete(path)
        held.name = held.storage.save(path, content)
    except OSError as error:
        with contextlib.suppress(OSError):
            held.storage.delete(path)
        raise Unstorable(error) from error
