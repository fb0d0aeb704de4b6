"""What lower floors do that somebody is told: posts, stand-ins, one-time links, imports and failed jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from xiaoguan.apps.notices.queries import administrators
from xiaoguan.apps.notices.telling import tell, tell_aloud, tell_each
from xiaoguan.apps.org.models import Deputy, Invite, Membership
from xiaoguan.apps.org.models.membership import LEADING
from xiaoguan.kit import clock, job
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.models.job import Job
from xiaoguan.transfer.models import Import

UNTOLD = frozenset({"demo"})
"""Sources that write history nobody waits for."""


def quiet(work: Work) -> bool:
    """Whether nobody is told of this work: the demonstration's history, or a change taken back."""
    return work.source in UNTOLD or work.reverting


def bundle_of(work: Work) -> str:
    """What belongs together: the chunks of one import are told as one."""
    return f"import {work.actor.pk} {clock.today():%Y-%m-%d}" if work.source == "import" else ""


def new_owners(kind: str) -> Callable[[Work, Sequence[Any], bool], None]:
    """A consequence that tells people what was handed to them, each once with the number of records.

    What changes hands along with something else (the deals of a customer) is not told by itself.
    """

    def follow(work: Work, rows: Sequence[Any], fresh: bool) -> None:
        if quiet(work) or not rows or work.change.entity != rows[0]._meta.label_lower:
            return
        gained: dict[int, list[Model]] = defaultdict(list)
        for row in rows:
            came = fresh or "owner_id" in row.changed_fields()
            if came and row.owner_id is not None and row.owner_id != work.actor.pk:
                gained[row.owner_id].append(row)
        if gained:
            tell_each(kind, gained, actor=work.actor, group=bundle_of(work))

    follow.__qualname__ = f"new_owners({kind})"
    return follow


@consequence(Membership)
def tell_leaders(work: Work, rows: Sequence[Membership], fresh: bool) -> None:
    """Whoever gets a leading post is told."""
    if quiet(work):
        return
    for row in rows:
        if row.post in LEADING and (fresh or "post" in row.changed_fields()) and row.deleted_at is None:
            tell("lead", [row.person_id], actor=work.actor, row=row.team)


@consequence(Deputy)
def tell_stand_ins(work: Work, rows: Sequence[Deputy], fresh: bool) -> None:
    """Whoever stands in for somebody is told for whom."""
    if not fresh or quiet(work):
        return
    for row in rows:
        tell("stand_in", [row.deputy_id], actor=work.actor, row=row.person, text=row.person.name)


@consequence(Invite)
def tell_inviters(work: Work, rows: Sequence[Invite], fresh: bool) -> None:
    """Whoever made a one-time link is told that it was used."""
    if fresh:
        return
    for row in rows:
        if "used_at" in row.changed_fields() and row.used_at is not None and row.created_by_id:
            tell("invited", [row.created_by_id], actor=work.actor, row=row.person)


def follow_jobs(row: Job) -> None:
    """Imports and exports tell who started them; other jobs that fail tell the administrators, once while unread."""
    failed = row.state == Job.State.FAILED
    if row.kind == "transfer.import" and row.actor is not None:
        url = _address("import:show", row.payload.get("batch"))
        if failed:
            tell("import_failed", [row.actor], text=row.error, url=url)
        elif (batch := Import.objects.filter(pk=row.payload.get("batch")).first()) and not batch.source:
            counts = row.result if isinstance(row.result, dict) else {}
            tell("import_done", [row.actor], text=batch.name, url=url, count=int(counts.get("rows", 0)))
    elif row.kind == "transfer.export" and row.actor is not None:
        url, found = _address("exports:list"), row.result if isinstance(row.result, dict) else {}
        if failed:
            tell("export_failed", [row.actor], text=row.error, url=url)
        else:
            tell("export_done", [row.actor], text=found.get("name", ""), url=url, count=int(found.get("rows", 0)))
    elif failed:
        tell("job_failed", administrators(), text=row.kind, url=_address("job", row.pk), group=f"failed {row.kind}")
        if not row.kind.startswith("notices."):
            tell_aloud("job_failed", [], text=row.kind)


def _address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


job.ended.append(follow_jobs)
