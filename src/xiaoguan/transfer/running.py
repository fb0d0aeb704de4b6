"""Writing what was planned, chunk by chunk, as a job that may be killed at any moment and goes on where it stood."""

from __future__ import annotations

import errno
import time
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.db import DataError, Error as DatabaseError, IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import access, clock, guard, job
from xiaoguan.kit.action import Work, working
from xiaoguan.kit.append import append
from xiaoguan.kit.errors import Denied, Invalid, KitError, Refusal, Stale
from xiaoguan.tables.sheet import cell_text
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.transfer import own_links, recipe
from xiaoguan.transfer.batches import entity_of, session_of
from xiaoguan.transfer.importer import Candidate, Draft
from xiaoguan.transfer.links import instance_values
from xiaoguan.transfer.models import Import, ImportRow
from xiaoguan.transfer.problems import ERROR, Problem, said
from xiaoguan.transfer.session import Session
from xiaoguan.transfer.storing import disk_is_full, why
from xiaoguan.transfer.tally import add_counts, empty_counts

ROWS, LINKS, LAST = "rows", "links", "last"
FIRST_CHUNK, LEAST_CHUNK, MOST_CHUNK = 200, 20, 2000
CHUNK_SECONDS = 0.6
REFUSED = (IntegrityError, DataError)
"""What a database says of one row; anything else is about the database and stops the import, not the row."""


class Failed(KitError):
    """The import as a whole can't go on; the text is for the person who started it."""


def start(batch: Import) -> job.Job:
    """Queue the import; pressing the button twice starts it once."""
    with transaction.atomic():
        row = job.enqueue("transfer.import", {"batch": str(batch.pk)}, actor=batch.actor, key=str(batch.pk))
        Import.objects.filter(pk=batch.pk).exclude(state=Import.State.DONE).update(
            state=Import.State.RUNNING, job=row, counts=batch.counts or empty_counts()
        )
    batch.refresh_from_db()
    return row


@job.job("transfer.import", label=_("Import a file"), slow=True)
def run_import(run: job.Run) -> dict[str, Any]:
    """Import the rest of a file; the cursor is the phase and the number of the last row that is written."""
    batch = Import.objects.select_related("actor").get(pk=run.payload["batch"])
    try:
        session = session_of(batch)
    except (Unreadable, Denied) as problem:
        raise job.Fail(said(problem)) from problem
    run.expect(session.rows)
    try:
        return _go_on(run, session, batch)
    except DatabaseError as error:
        if disk_is_full(error):
            raise job.Fail(why(OSError(errno.ENOSPC, ""))) from error
        raise


def _go_on(run: job.Run, session: Session, batch: Import) -> dict[str, Any]:
    """Rows, then links among them, then what needs all of them."""
    done = run.cursor or [ROWS, 0]
    if done[0] == ROWS:
        _write_rows(run, Writer(session, batch), done[1])
        done = [LINKS, 0]
    if done[0] == LINKS and session.planner.own_links:
        _write_links(run, session_of(batch), batch, done[1])
    if done[0] != LAST and session.importer.finishes:
        with run.chunk(cursor=[LAST, 0]):
            own_links.finish(session_of(batch), batch)
    batch.refresh_from_db()
    if batch.counts.get("rows", 0) != session.rows:
        raise AssertionError(f"{session.rows} rows to account for, {batch.counts} accounted for")
    with run.chunk():
        recipe.remember(entity_of(batch), session.layout, session.maps, session.importer.options, batch.actor)
        Import.objects.filter(pk=batch.pk).update(state=Import.State.DONE, finished_at=clock.now())
    return dict(batch.counts)


def _write_rows(run: job.Run, writer: Writer, after: int) -> None:
    """Every row beyond `after`, chunk by chunk."""
    chunks = Chunks(writer.session, after)
    while drafts := chunks.take():
        begun = time.monotonic()
        with run.chunk(cursor=[ROWS, drafts[-1].number], done=len(drafts)):
            writer.write(drafts)
        chunks.adapt(time.monotonic() - begun)


def _write_links(run: job.Run, session: Session, batch: Import, after: int) -> None:
    """Links among the file's own rows, set once all of them are there."""
    chunks = Chunks(session, after)
    while drafts := chunks.take():
        with run.chunk(cursor=[LINKS, drafts[-1].number]):
            own_links.write(session, batch, drafts)


class Chunks:
    """Hands out drafts in pieces that take about CHUNK_SECONDS each, so that others can write between them."""

    def __init__(self, session: Session, after: int) -> None:
        self._rows = (draft for drafts in session.planner.chunks(after, MOST_CHUNK) for draft in drafts)
        self._size = FIRST_CHUNK

    def take(self) -> list[Draft]:
        """The next piece; empty at the end."""
        return list(islice(self._rows, self._size))

    def adapt(self, seconds: float) -> None:
        """Larger pieces when they were quick, smaller ones when they were slow."""
        wanted = self._size * CHUNK_SECONDS / max(seconds, 0.01)
        self._size = int(min(MOST_CHUNK, max(LEAST_CHUNK, wanted, self._size / 2), self._size * 2))


class Writer:
    """Writes decided drafts for one import, inside the caller's transaction."""

    def __init__(self, session: Session, batch: Import) -> None:
        self.session = session
        self.planner = session.planner
        self.importer = session.importer
        self.batch = batch

    def write(self, drafts: list[Draft]) -> None:
        """Decide and write a chunk and note what became of each row; one bad row never stops the rest."""
        self.planner.forget()
        self.planner.trusting = True
        self.planner.decide(drafts)
        try:
            with transaction.atomic():
                change = self._write(drafts)
            changes = dict.fromkeys((draft.number for draft in drafts), change)
        except (KitError, *REFUSED):
            drafts[:] = [self._again(draft) for draft in drafts]
            changes = {draft.number: self._write_alone(draft) for draft in drafts}
        self._note(drafts, changes)

    def _again(self, draft: Draft) -> Draft:
        """The row as it was before anything was decided about it."""
        if draft.skipped and not draft.candidates:
            return draft
        fresh = Draft(draft.number, draft.cells)
        if draft.failed and not draft.candidates:
            fresh.problems = draft.problems
        return fresh

    def _write_alone(self, draft: Draft) -> Any:
        """Decide and write one row by itself; what stops it becomes its finding."""
        self.planner.reset()
        self.planner.trusting = False
        self.planner.decide([draft])
        try:
            with transaction.atomic():
                return self._write([draft])
        except (KitError, *REFUSED) as problem:
            draft.problems += _findings(problem, draft.number)
            self.planner.reset()
            return None

    def _write(self, drafts: Sequence[Draft]) -> Any:
        """One change entry for everything the chunk does; returns its id, or None when nothing changed."""
        live = [each for draft in drafts if not draft.failed for each in draft.candidates]
        created = [each for each in live if each.action == "created"]
        updated = [each for each in live if each.action == "updated" and each.onto is None]
        model, actor = self.importer.model, self.batch.actor
        if not created and not updated and not any(draft.candidates for draft in drafts):
            return None
        with working(model, "import", actor=actor, verb="import", source=own_links.SOURCE) as work:
            self._make_links(work, [*created, *updated])
            self._create(work, created)
            self._update(work, updated)
            self.importer.after(work, [each for each in live if each.action != "skipped"])
            self.planner.hanging.write(work, drafts)
        return work.change.pk

    def _make_links(self, work: Work, candidates: Sequence[Candidate]) -> None:
        """Create the records that these rows need and nobody has."""
        wanted = {id(value) for each in candidates for value in each.values.values()}
        for linker in self.planner.linkers.values():
            linker.make(work, wanted)

    def _create(self, work: Work, candidates: Sequence[Candidate]) -> None:
        if not candidates:
            return
        name = self.importer.entity.name
        if not access.may(work.actor, "create", self.importer.model):
            raise Denied("create", self.importer.model)
        values = [instance_values(each.values) for each in candidates]
        guard.check(f"{name}.create", work=work, rows=[], values=values)
        for candidate, row in zip(candidates, self.importer.create(work, candidates), strict=True):
            candidate.row = row

    def _update(self, work: Work, candidates: Sequence[Candidate]) -> None:
        """Save the last state of every changed record once."""
        rows = {}
        for each in candidates:
            for name, value in instance_values(each.changes).items():
                setattr(each.row, name, value)
            rows[each.row.pk] = each.row
        if rows:
            guard.check(f"{self.importer.entity.name}.update", work=work, rows=list(rows.values()), values={})
            work.save(*rows.values())

    def _note(self, drafts: Sequence[Draft], changes: dict[int, Any]) -> None:
        """Keep what became of every row, and the counts that add up."""
        append(ImportRow, [self._row(draft, changes.get(draft.number)) for draft in drafts])
        self.batch.counts = add_counts(self.batch.counts or empty_counts(), drafts)
        Import.objects.filter(pk=self.batch.pk).update(counts=self.batch.counts)

    def _row(self, draft: Draft, change: Any) -> ImportRow:
        first = draft.candidates[0] if draft.candidates and not draft.failed else None
        first = (first and first.onto) or first
        raw = [cell_text(cell) for cell in draft.cells] if draft.problems else None
        return ImportRow(
            batch=self.batch,
            number=draft.number,
            result=draft.result,
            object_id=first.row.pk if first is not None and first.row is not None else None,
            change_id=change if draft.writes else None,
            raw=raw,
            messages=[problem.stored() for problem in draft.problems] or None,
        )


def _findings(problem: Exception, row: int) -> list[Problem]:
    """What a refused write says about its row."""
    if isinstance(problem, Invalid):
        return [
            Problem(ERROR, "invalid", row, slot=name, params={"reason": str(text)})
            for name, texts in problem.errors.items()
            for text in texts
        ]
    if isinstance(problem, Refusal):
        return [Problem(ERROR, "refused", row, params={"reason": f"{problem.title}: {problem.cause}"})]
    if isinstance(problem, Stale):
        return [Problem(ERROR, "stale", row)]
    if isinstance(problem, Denied):
        return [Problem(ERROR, "may_not_change" if problem.verb == "change" else "may_not_create", row)]
    if isinstance(problem, DatabaseError):
        return [Problem(ERROR, "taken", row)]
    return [Problem(ERROR, "refused", row, params={"reason": str(problem)})]
