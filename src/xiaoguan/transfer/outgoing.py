"""Large exports: written by a job, kept for a week, for whoever asked for them and only while he may see them."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from typing import Any

from django.core import signing
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy
from xlsxwriter.exceptions import XlsxWriterException

from xiaoguan.kit import access, clock, export, job, schedule
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.models.job import Job
from xiaoguan.transfer import storing
from xiaoguan.transfer.models import Export

KIND = "transfer.export"
KEPT = dt.timedelta(days=7)
SALT = "transfer.export"
State = Export.State


class Portions(export.Sheet):
    """A sheet read in portions, so that a job can say how far it is and nobody waits for it."""

    def __init__(self, listing: Listing, run: job.Run) -> None:
        super().__init__(listing)
        self._run = run
        self.count = 0

    def rows(self) -> Iterator[list[Any]]:
        """The rows that match when it begins, in the list's order; one that goes meanwhile is left out."""
        names = [name for name in self._needs if name != "pk"]
        matching = self.listing.matching
        wanted = list(self.listing.ordered(matching).values_list("pk", flat=True))
        self._run.expect(len(wanted))
        for begin in range(0, len(wanted), export.CHUNK):
            part = wanted[begin : begin + export.CHUNK]
            found = matching.filter(pk__in=part).order_by().values_list("pk", *names, named=True)
            rows = {row.pk: row for row in found}
            for pk in part:
                if pk in rows:
                    self.count += 1
                    yield [plain(rows[pk]) for plain in self._plains]
            with self._run.chunk(done=len(part)):
                pass


def start(listing: Listing, form: str) -> Export:
    """Ask for a file of a list; the same list asked for twice while it is being made is one file. Raises Denied."""
    actor, entity = listing.actor, listing.entity
    if not access.may(actor, "export", entity.model):
        raise Denied("export", entity.model)
    now = clock.machine_now()
    same = Export.objects.filter(actor=actor, entity=entity.name, form=form, params=listing.given)
    if waiting := same.filter(state=State.WAITING, job__state__in=Job.ACTIVE).first():
        return waiting
    with transaction.atomic():
        row = Export(actor=actor, entity=entity.name, form=form, params=dict(listing.given), created_at=now)
        row.name = export.file_name(listing, form)[-200:]
        row.expires_at = now + KEPT
        row.job = job.enqueue(KIND, {"export": str(row.pk)}, actor=actor)
        row.save(force_insert=True)
    return row


@job.job(KIND, label=gettext_lazy("Export a list"), slow=True, lease=120)
def write(run: job.Run) -> dict[str, Any]:
    """Write the file; one that was begun by a worker that died is written anew."""
    row = Export.objects.select_related("actor").get(pk=run.payload["export"])
    entity = entities[row.entity]
    if not row.actor.is_active or not access.may(row.actor, "export", entity.model):
        raise job.Fail(_("You may not export %(entity)s.") % {"entity": entity.plural})
    listing = Listing(entity, row.actor, row.params)
    sheet = Portions(listing, run)
    if listing.sort and listing.problems:  # a dropped filter would write more than was asked for
        raise job.Fail(" ".join(map(str, listing.problems)))
    run.row.progress = 0
    try:
        size = _write(sheet, row)
    except (OSError, XlsxWriterException) as error:
        told = error if isinstance(error, OSError) else OSError(0, str(error))
        raise job.Fail(storing.why(told)) from error
    except storing.Unstorable as problem:
        raise job.Fail(str(problem)) from problem
    with run.chunk():
        now = clock.machine_now()
        Export.objects.filter(pk=row.pk).update(
            state=State.DONE, file=row.file.name, rows=sheet.count, size=size, finished_at=now,
            expires_at=now + KEPT, shown=[each.path for each in sheet.columns], rights=_rights(row.actor, row.entity),
        )  # fmt: skip
    return {"rows": sheet.count, "name": row.name}


def _write(sheet: Portions, row: Export) -> int:
    """Write beside the storage and hand the whole file over; returns its size."""
    with tempfile.TemporaryFile() as out:
        if row.form == "csv":
            for text in export.csv_lines(sheet):
                out.write(text.encode())
        else:
            export.write_xlsx(sheet, out)
        size = out.tell() if row.form == "csv" else out.seek(0, 2)
        out.seek(0)
        storing.put(row, "file", f"{row.pk}.{row.form}", File(out))
    return size


def follow(row: Job) -> None:
    """An export whose job has failed for good has failed."""
    if row.kind == KIND and row.state == Job.State.FAILED:
        Export.objects.filter(pk=row.payload["export"]).exclude(state=State.DONE).update(state=State.FAILED)


job.ended.append(follow)


# Handing it out ------------------------------------------------------------------------------------------------


def _rights(actor: Any, name: str) -> dict[str, Any]:
    """What the actor's reach for an entity rests on: scope, masks, and the people it comes down to."""
    rights = access.grants(actor)
    scope = rights.scope(name, "view")
    people = sorted(access.policy().people(actor)) if scope in ("self", "team") else []
    return {"scope": scope, "masked": sorted(rights.masked(name)), "people": people}


def still_allowed(row: Export) -> bool:
    """Whether the person may see today everything that the file was made with."""
    entity = entities.get(row.entity)
    if entity is None or not access.may(row.actor, "export", entity.model):
        return False
    then, now = row.rights, _rights(row.actor, row.entity)
    if access.SCOPES.index(now["scope"]) < access.SCOPES.index(then["scope"]):
        return False
    if now["scope"] in ("self", "team") and not set(then["people"]) <= set(now["people"]):
        return False
    return all(access.readable(row.actor, entity, path) for path in row.shown)


def key_of(row: Export) -> str:
    """What a link carries: good for this file, this person and a week."""
    return signing.dumps([str(row.pk), row.actor_id], salt=SALT, compress=False)


def opens(row: Export, key: str) -> bool:
    """Whether a link's key is this file's, this person's, and still good."""
    try:
        found = signing.loads(key, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return False
    return bool(found == [str(row.pk), row.actor_id])


def is_there(row: Export) -> bool:
    """Whether the file can be fetched: written, not expired, not cleared away."""
    return row.state == State.DONE and row.expires_at > clock.machine_now() and bool(row.file)


def drop(row: Export) -> None:
    """Delete a file and its line; a job under way is stopped."""
    if row.job is not None and row.job.active:
        job.cancel(row.job)
    _clear(row)
    row.delete()


def _clear(row: Export) -> None:
    """Delete the file, also one that a killed job left without saying so."""
    held = row.file
    held.storage.delete(held.name or held.field.generate_filename(row, f"{row.pk}.{row.form}"))


@job.job("transfer.export.prune", label=gettext_lazy("Clear out old exports"))
def prune(run: job.Run) -> dict[str, int]:
    """Files are there for a week, what is known of them for a month."""
    now, cleared = clock.machine_now(), 0
    for row in Export.objects.filter(expires_at__lt=now).exclude(state=State.GONE):
        with run.chunk(done=1):
            _clear(row)
            Export.objects.filter(pk=row.pk).update(file="", state=State.GONE)
            cleared += 1
    with run.chunk():
        Export.objects.filter(expires_at__lt=now - 4 * KEPT).delete()
    return {"cleared": cleared}


schedule.every("15 4 * * *", "transfer.export.prune", label=gettext_lazy("Clear out old exports"))
