"""The folders that files are taken from: below one root, never outside of it, and only files that are whole."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.errors import KitError

DONE, FAILED = "done", "failed"
ENDINGS = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
QUIET = 10.0
"""Seconds for which a file must not have changed before it is taken to be whole."""


class NoFolder(KitError):
    """A folder that can't be watched."""


def inbox(name: str) -> Path:
    """The folder of that name below the root; raises NoFolder for any other place."""
    root = settings.INTAKE_ROOT
    if root is None:
        raise NoFolder(_("This installation has set no folder aside for files: see XIAOGUAN_INTAKE."))
    base = Path(root).resolve()
    try:
        found = (base / name).resolve()
    except (OSError, ValueError) as error:
        raise NoFolder(_("There is no such folder.")) from error
    if not name or found == base or not found.is_relative_to(base):
        raise NoFolder(_("The folder must lie below the one that the installation has set aside."))
    if found.name in (DONE, FAILED):
        raise NoFolder(_("“done” and “failed” hold the files that have been read."))
    if not found.is_dir():
        raise NoFolder(_("There is no such folder."))
    return found


def check(folder: Path) -> None:
    """Make sure that files can be moved away once they are read; raises NoFolder."""
    try:
        for name in (DONE, FAILED):
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise NoFolder(_("Nothing can be written into the folder.")) from error
    if not all(os.access(each, os.W_OK | os.X_OK) for each in (folder, folder / DONE, folder / FAILED)):
        raise NoFolder(_("Nothing can be written into the folder."))


def waiting(folder: Path, pattern: str = "") -> Iterator[Path]:
    """The files to take, the oldest first: whole ones of the wanted names; no links, no leftovers of programs."""
    found = []
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            if not entry.is_file(follow_symlinks=False) or not _is_table(entry.name, pattern):
                continue
            changed = entry.stat(follow_symlinks=False).st_mtime
            if time.time() - changed >= QUIET:
                found.append((changed, entry.path))
    return (Path(path) for _changed, path in sorted(found))


def _is_table(name: str, pattern: str) -> bool:
    if name.startswith((".", "~$")) or Path(name).suffix.lower() not in ENDINGS:
        return False
    wanted = [each.strip() for each in pattern.split(",") if each.strip()]
    return not wanted or any(fnmatch(name.lower(), each.lower()) for each in wanted)


def stamp(path: Path) -> str:
    """What tells a file from another one of the same name."""
    found = path.lstat()
    return f"{found.st_mtime_ns}-{found.st_size}"


def put_away(path: Path, mark: str, *, good: bool, now: str) -> None:
    """Move a file that has been read; one that is gone, or has been replaced meanwhile, is left alone."""
    try:
        if stamp(path) != mark:
            return
    except FileNotFoundError:
        return
    target = path.parent / (DONE if good else FAILED) / f"{now} {path.name}"
    number = 1
    while target.exists():
        number += 1
        target = target.with_name(f"{now} {number} {path.name}")
    path.replace(target)
