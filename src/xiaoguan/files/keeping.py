"""Taking a file in: recognised, cleaned, stored whole or not at all."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from xiaoguan.files import content, pictures
from xiaoguan.files.models import SMALL, StoredFile
from xiaoguan.kit import clock
from xiaoguan.kit.errors import Refusal

logger = logging.getLogger("xiaoguan.files")
FOLDER = "stored"
CHUNK = 64 * 1024


def limit() -> int:
    """The largest file that is taken, in bytes."""
    return int(settings.XIAOGUAN_FILE_MB) * 2**20


def keep(upload: Any, name: str, actor: Any, *, declared: str = "") -> StoredFile:
    """Check, clean and store an upload or any binary file; `declared` is the type its sender names.

    The row belongs to nothing until a record refers to it; what nothing refers to is cleared away after a day.
    Raises Invalid (`file`) for what is not taken and Refusal where the storage has no room; then nothing is left.
    """
    file = cast("IO[bytes]", getattr(upload, "file", None) or upload)
    size = _measured(file)
    shown = content.clean_name(name)
    if size == 0:
        raise content.wrong(_("“%(name)s” is empty."), shown)
    if size > limit():
        said = _("“%(name)s” is larger than %(most)s MB.")
        raise content.wrong(said, shown, most=settings.XIAOGUAN_FILE_MB)
    sort, shown = content.recognise(file, name, declared)
    path = _new_path()
    if not sort.picture:
        with _written(file, path) as digest:
            return _row(actor, shown, sort, path=path, size=size, digest=digest)
    picture = pictures.cleaned(file, sort, shown)
    with picture.body, picture.thumb, _written(picture.thumb, f"{path}{SMALL}"), _written(picture.body, path) as digest:
        size = _measured(picture.body)
        measures = {"width": picture.width, "height": picture.height}
        return _row(actor, shown, sort, path=path, size=size, digest=digest, **measures)


def open_stored(stored: StoredFile, *, small: bool = False) -> IO[bytes]:
    """The bytes of a file or of its small picture; FileNotFoundError when they are gone."""
    path = stored.small if small else stored.path
    if stored.cleared_at is not None or not path:
        raise FileNotFoundError(path)
    return cast("IO[bytes]", default_storage.open(path, "rb"))


def forget(stored: StoredFile) -> None:
    """Delete the bytes; doing it twice is doing it once."""
    for path in (stored.path, stored.small):
        if path:
            default_storage.delete(path)


def drop(stored: StoredFile) -> None:
    """Take back a file that was kept a moment ago and that nothing refers to."""
    stored.delete()
    forget(stored)


def _row(actor: Any, name: str, sort: content.Sort, **values: Any) -> StoredFile:
    return StoredFile.objects.create(by=actor, at=clock.now(), name=name, type=sort.type, **values)


def _measured(file: IO[bytes]) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _new_path() -> str:
    """A name that tells nothing and is nobody else's."""
    made = uuid.uuid4().hex
    return f"{FOLDER}/{made[:2]}/{made}"


@contextmanager
def _written(file: IO[bytes], path: str) -> Iterator[str]:
    """Store a file while the block runs; gives its SHA-256, and takes it back if the block fails.

    Storages raise what their services raise, so anything counts as no room; a part that was written is removed.
    """
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(CHUNK):
        digest.update(piece)
    file.seek(0)
    try:
        default_storage.save(path, File(file, name=path))
    except Exception as error:
        _take_back(path)
        logger.exception("a file could not be stored")
        raise Refusal(
            _("The file could not be kept"),
            _("The place where files are kept is full or cannot be reached. Nothing was stored; try again later or"
              " tell your administrator."),
            code="FILES-ROOM",
        ) from error  # fmt: skip
    try:
        yield digest.hexdigest()
    except BaseException:
        _take_back(path)
        raise


def _take_back(path: str) -> None:
    """Remove what may have been written; where even that fails, the daily job finds it."""
    try:
        default_storage.delete(path)
    except Exception:
        logger.exception("%s could not be removed", path)
