"""The job that clears away files nothing refers to, and bytes in the storage that nothing knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from xiaoguan.files import keeping, uses
from xiaoguan.files.models import SMALL, StoredFile
from xiaoguan.kit import clock, job, schedule

GRACE = dt.timedelta(days=1)
"""Nobody takes longer from bringing a file to saving the form it belongs to."""
PART = 500
SHELVES = [f"{number:02x}" for number in range(256)]


@job.job("files.clear", label=_("Clear away files that nothing needs"), slow=True)
def clear(run: job.Run) -> dict[str, int]:
    """Forget unneeded files, then sweep the storage shelf by shelf; run again it finds nothing more to do."""
    cleared, swept = 0, 0
    for ids in _old():
        with run.chunk(done=len(ids)):
            needed = uses.needed(ids)
            gone = list(StoredFile.objects.filter(pk__in=[pk for pk in ids if pk not in needed]))
            StoredFile.objects.filter(pk__in=[each.pk for each in gone]).update(cleared_at=clock.machine_now())
        for stored in gone:
            keeping.forget(stored)
        cleared += len(gone)
    for shelf in SHELVES:
        swept += _sweep(f"{keeping.FOLDER}/{shelf}")
        run.beat()
    return {"cleared": cleared, "swept": swept}


def _old() -> Iterator[list[UUID]]:
    """The ids of files past the time of grace, part by part, in the order they came."""
    rows = StoredFile.objects.filter(cleared_at__isnull=True, at__lt=clock.machine_now() - GRACE)
    last: UUID | None = None
    while True:
        part = rows if last is None else rows.filter(pk__gt=last)
        ids = list(part.order_by("pk").values_list("pk", flat=True)[:PART])
        if not ids:
            return
        yield ids
        last = ids[-1]


def _sweep(shelf: str) -> int:
    """Remove what lies on one shelf without a row: left by a crash between bytes and row, or by a rolled-back work."""
    try:
        _folders, names = default_storage.listdir(shelf)
    except (FileNotFoundError, NotADirectoryError):
        return 0
    paths = {f"{shelf}/{name}" for name in names}
    wanted = {path.removesuffix(SMALL) for path in paths}
    known = set(StoredFile.objects.filter(path__in=wanted, cleared_at__isnull=True).values_list("path", flat=True))
    before, swept = clock.machine_now() - GRACE, 0
    for path in (path for path in paths if path.removesuffix(SMALL) not in known):
        try:
            if default_storage.get_modified_time(path) < before:
                default_storage.delete(path)
                swept += 1
        except FileNotFoundError:
            continue
    return swept


schedule.every("15 4 * * *", "files.clear", label=_("Clear away files that nothing needs"))
