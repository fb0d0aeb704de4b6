"""Looking by the clock: runs that are due, the files they take, and what is done with a file once it is imported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.intake import fetching, folders
from xiaoguan.apps.intake.actions import start
from xiaoguan.apps.intake.models import Arrival, Place, Source
from xiaoguan.apps.notices.kinds import SYSTEM, declare
from xiaoguan.apps.notices.queries import administrators
from xiaoguan.apps.notices.telling import tell
from xiaoguan.kit import access, clock, job, outbound, schedule
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied, KitError
from xiaoguan.kit.models.job import Job
from xiaoguan.tables.limits import Limits
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.transfer import batches, recipe, running, saved, session
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import BadOptions, Options
from xiaoguan.transfer.problems import said

MOST_FILES = 100
State = Arrival.State

declare(
    "intake_stopped",
    gettext_lazy("A scheduled import stopped"),
    icon="alert-triangle",
    group=SYSTEM,
    one=gettext_lazy("The scheduled import %(text)s"),
    mail=True,
    admin=True,
)
declare(
    "intake_failed",
    gettext_lazy("A file of a scheduled import has problems"),
    icon="alert-triangle",
    group=SYSTEM,
    one=gettext_lazy("Scheduled import %(text)s"),
    mail=True,
    admin=True,
)


class Stopped(KitError):
    """The source can't go on before somebody looks after it."""


# By the clock -------------------------------------------------------------------------------------------------


@job.job("intake.tick", label=gettext_lazy("Look for scheduled imports that are due"))
def tick(run: job.Run) -> dict[str, int]:
    """Start what is due; the new time and the job are one transaction, so a time is never used twice."""
    now, started = clock.machine_now(), 0
    due = Source.objects.filter(deleted_at__isnull=True, paused_at__isnull=True, next_run__lte=now)
    for source in due.select_related("person"):
        with run.chunk(done=1):
            following = schedule.following(source.line, now)
            if Source.objects.filter(pk=source.pk, next_run=source.next_run).update(next_run=following):
                start(source)
                started += 1
    return {"started": started}


schedule.every("* * * * *", "intake.tick", label=gettext_lazy("Look for scheduled imports that are due"))


@job.job("intake.run", label=gettext_lazy("Run a scheduled import"), lease=300)
def look(run: job.Run) -> dict[str, Any]:
    """One look at a source: take what is new. What was taken is imported and settled by jobs of its own."""
    source = Source.objects.select_related("person", "recipe").get(pk=run.payload["source"])
    if source.deleted_at is not None or source.paused_at is not None:
        return {}
    for arrival in source.arrivals.filter(state=State.WAITING).select_related("batch__job"):
        if arrival.batch is None or arrival.batch.job is None or not arrival.batch.job.active:
            _settle_later(arrival)
    taken = 0
    try:
        _check_person(source)
        taken = _from_folder(run, source) if source.place == Place.FOLDER else _from_web(run, source)
        outcome = _("%(count)s files taken") % {"count": taken} if taken else _("Nothing new")
    except (Stopped, folders.NoFolder) as problem:
        outcome = str(problem)
        _stop(run, source, outcome)
    except outbound.Unreachable as problem:
        outcome = str(problem)
        _tell(source, "intake_failed", f"{source.name}: {outcome}")
    with run.chunk():
        Source.objects.filter(pk=source.pk).update(last_run=clock.machine_now(), outcome=outcome[:300])
    return {"taken": taken}


def _check_person(source: Source) -> None:
    """The source works with the rights its person has today; raises Stopped."""
    person, entity = source.person, entities.get(source.about)
    if person is None or not person.is_active or person.deleted_at is not None:
        raise Stopped(_("%(name)s has left; somebody has to take it over.") % {"name": person or "—"})
    if entity is None or not access.may(person, "import", entity.model):
        what = entity.plural if entity else source.about
        raise Stopped(_("%(name)s may not import %(what)s any more.") % {"name": person, "what": what})


def _stop(run: job.Run, source: Source, why: str) -> None:
    """Pause a source that needs somebody, and say so."""
    with run.chunk():
        Source.objects.filter(pk=source.pk).update(paused_at=clock.machine_now(), trouble=why[:300])
        _tell(source, "intake_stopped", _("%(source)s stopped: %(why)s") % {"source": source.name, "why": why})


def _tell(source: Source, kind: str, text: str) -> None:
    people = {*administrators(), source.person_id, source.created_by_id} - {None}
    tell(kind, people, text=text, url=source.entity.url("detail", source), group=f"intake {source.pk}")


# Taking files -------------------------------------------------------------------------------------------------


def _from_folder(run: job.Run, source: Source) -> int:
    folder = folders.inbox(source.folder)
    folders.check(folder)
    taken = 0
    for path in list(folders.waiting(folder, source.pattern))[:MOST_FILES]:
        if source.arrivals.filter(name=path.name, state=State.WAITING).exists():
            continue
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            _take(run, source, file, path.name, fetching.digest_of(file), folders.stamp(path))
        taken += 1
    return taken


def _from_web(run: job.Run, source: Source) -> int:
    if source.arrivals.filter(state=State.WAITING).exists():
        return 0
    fetched = fetching.fetch(source, again=bool(run.payload.get("again")))
    if fetched is None:
        return 0
    with fetched.file as file:
        seen = {"etag": fetched.etag, "modified": fetched.modified, "digest": fetched.digest}
        _take(run, source, file, fetched.name, fetched.digest, "", seen)
    return 1


def _take(
    run: job.Run,
    source: Source,
    file: IO[bytes],
    name: str,
    digest: str,
    stamp: str,
    seen: dict[str, str] | None = None,
) -> None:
    """Keep a file as an import that has started; with its arrival in one transaction. A bad file fails at once."""
    arrival = Arrival(source=source, name=name[-255:], stamp=stamp, digest=digest, at=clock.machine_now())
    options, why = Options(), ""
    try:
        options = _options(source, file, name)
    except (Unreadable, BadOptions) as problem:
        why = said(problem)
    except Denied:
        why = _("You may not import %(entity)s.") % {"entity": entities[source.about].plural}
    file.seek(0)
    with run.chunk(done=1):
        if seen:
            Source.objects.filter(pk=source.pk).update(**seen)
        if why:
            arrival.note = why[:300]
        else:
            entity, mark = entities[source.about], f"intake {source.pk}"
            arrival.batch = batches.take(
                File(file), name, entity, source.person, options.to_json(), recipe=source.recipe, source=mark
            )
        arrival.save(force_insert=True)
        if arrival.batch is not None:
            running.start(arrival.batch)
        else:
            _settle_later(arrival)


def _options(source: Source, file: IO[bytes], name: str) -> Options:
    """The decisions for a file: the recipe's, or those of the last file with these headers; every column fixed."""
    options = saved.options_of(source.recipe) if source.recipe else Options()
    descriptor = file.fileno()

    def opener() -> Any:
        again = os.fdopen(os.dup(descriptor), "rb")
        again.seek(0)
        return again

    entity = entities[source.about]
    prepared = session.prepare(opener, name, entity, source.person, options, limits=Limits())
    if source.recipe is None:
        options = recipe.apply_lasting(options, recipe.find(entity, prepared.layout))
    columns = {each.header: each.slot for each in prepared.maps if each.reason != "period"}
    sheet = prepared.layout.sheet.name if prepared.source.kind != "text" else ""
    return Options.from_json({**options.to_json(), "columns": columns, "sheet": sheet})


# Settling -----------------------------------------------------------------------------------------------------


def follow_imports(row: Job) -> None:
    """An import that has ended settles its file."""
    if row.kind == "transfer.import":
        for arrival in Arrival.objects.filter(batch=row.payload.get("batch"), state=State.WAITING):
            _settle_later(arrival)


job.ended.append(follow_imports)


def _settle_later(arrival: Arrival) -> None:
    job.enqueue("intake.settle", {"arrival": arrival.pk}, key=f"arrival {arrival.pk}")


@job.job("intake.settle", label=gettext_lazy("Put an imported file away"))
def settle(run: job.Run) -> None:
    """Move the file first, then say so: killed in between, it is not there any more and only said once."""
    arrival = Arrival.objects.select_related("source", "batch__job").filter(pk=run.payload["arrival"]).first()
    if arrival is None or arrival.state != State.WAITING:
        return
    good, note = _judged(arrival)
    source, trouble = arrival.source, ""
    if source.place == Place.FOLDER:
        trouble = _put_away(arrival, good)
    with run.chunk():
        arrival.state, arrival.note = (State.DONE if good else State.FAILED), note[:300]
        arrival.save(update_fields=["state", "note"])
        Source.objects.filter(pk=source.pk).update(outcome=f"{arrival.name}: {note}"[:300])
        if not good or (arrival.batch is not None and arrival.batch.counts.get("errors")):
            _tell_problems(arrival, note)
    if trouble:
        _stop(run, source, trouble)


def _judged(arrival: Arrival) -> tuple[bool, str]:
    """Whether a file was imported, and what to say of it."""
    batch = arrival.batch
    if batch is None:
        return False, arrival.note
    if batch.state not in (Import.State.DONE, Import.State.REVERTED):
        return False, (batch.job.error if batch.job else "") or _("The import stopped.")
    counts = batch.counts
    found = {"created": counts["created"], "updated": counts["updated"], "unchanged": counts["unchanged"]}
    note = _("%(created)s new, %(updated)s changed, %(unchanged)s unchanged") % found
    if counts["errors"]:
        note = _("%(said)s, %(errors)s not imported") % {"said": note, "errors": counts["errors"]}
    return counts["rows"] == 0 or counts["errors"] < counts["rows"], note


def _put_away(arrival: Arrival, good: bool) -> str:
    """Move the file into its folder; returns what stands in the way."""
    try:
        path = Path(folders.inbox(arrival.source.folder)) / arrival.name
        now = clock.local(arrival.at).strftime("%Y-%m-%d %H%M%S")
        folders.put_away(path, arrival.stamp, good=good, now=now)
    except folders.NoFolder as problem:
        return str(problem)
    except OSError as error:
        return _("%(file)s can't be moved away: %(why)s") % {"file": arrival.name, "why": error.strerror}
    return ""


def _tell_problems(arrival: Arrival, note: str) -> None:
    source = arrival.source
    url = reverse("import:show", args=[arrival.batch_id]) if arrival.batch_id else ""
    text = f"{source.name}, {arrival.name}: {note}"
    if source.person_id:
        tell("intake_failed", [source.person_id], text=text, url=url or source.entity.url("detail", source))
    others = {*administrators(), source.created_by_id} - {source.person_id, None}
    tell("intake_failed", others, text=text, url=source.entity.url("detail", source))
