"""Attaching the files of a zip one by one, as a job that may be killed at any moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.collaboration.actions import attach
from xiaoguan.apps.enclosures.actions import KIND, largest
from xiaoguan.apps.enclosures.archive import BadArchive, Refused, open_archive, unpack
from xiaoguan.apps.enclosures.models import Enclosure
from xiaoguan.files.keeping import keep
from xiaoguan.kit import access, clock, job, schedule
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.models.job import Job
from xiaoguan.transfer.batches import entity_of

KEPT = dt.timedelta(days=30)


@job.job(KIND, label=_("Attach files from a zip"), slow=True, lease=300)
def lay(run: job.Run) -> dict[str, Any]:
    """Lay each file to its record; file, record and cursor are one transaction, so none is laid twice."""
    row = Enclosure.objects.select_related("batch__actor").get(pk=run.payload["enclosure"])
    actor, model = row.batch.actor, entity_of(row.batch).model
    with row.file.open("rb") as file:
        try:
            archive = open_archive(file, largest=largest())
        except BadArchive as problem:
            raise job.Fail(str(problem)) from problem
        for place, (pk, name) in enumerate(row.plan[run.cursor or 0 :], (run.cursor or 0) + 1):
            with run.chunk(cursor=place, done=1):
                why = _lay_one(archive, name, access.visible(model, actor).filter(pk=pk).first(), actor)
                if why:
                    row.report.setdefault("failed", []).append([name, why])
                else:
                    row.attached += 1
                Enclosure.objects.filter(pk=row.pk).update(attached=row.attached, report=row.report)
    with run.chunk():
        Enclosure.objects.filter(pk=row.pk).update(state=Enclosure.State.DONE)
    return {"attached": row.attached}


def _lay_one(archive: Any, name: str, record: Any, actor: Any) -> str:
    """Attach one file; returns why not: a code of the archive, or a sentence."""
    if record is None:
        return "gone"
    try:
        with unpack(archive, name, largest=largest()) as part:
            stored = keep(part, name.rpartition("/")[2], actor)
        attach(record, [stored], actor=actor, source="import")
    except Refused as problem:
        return str(problem)
    except Denied:
        return "denied"
    except Invalid as problem:
        return " ".join(str(text) for texts in problem.errors.values() for text in texts)
    return ""


def follow(row: Job) -> None:
    """A zip whose job has failed for good has failed."""
    if row.kind == KIND and row.state == Job.State.FAILED:
        Enclosure.objects.filter(pk=row.payload["enclosure"]).update(state=Enclosure.State.FAILED)


job.ended.append(follow)


@job.job("enclosures.prune", label=_("Clear out old zips"))
def prune(run: job.Run) -> dict[str, int]:
    """The zip itself is not kept for longer than somebody may want to look at it."""
    cleared = 0
    old = Enclosure.objects.filter(created_at__lt=clock.machine_now() - KEPT).exclude(file="")
    for row in old.exclude(state=Enclosure.State.RUNNING):
        with run.chunk(done=1):
            row.file.delete(save=False)
            Enclosure.objects.filter(pk=row.pk).update(file="")
            cleared += 1
    return {"cleared": cleared}


schedule.every("50 3 * * *", "enclosures.prune", label=_("Clear out old zips"))
