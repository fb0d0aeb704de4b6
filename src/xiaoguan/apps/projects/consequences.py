"""What saved projects and registrations bring about in the same transaction: what finds them, and conflicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from xiaoguan.apps.org.queries import managers_of_people
from xiaoguan.apps.projects import queries
from xiaoguan.apps.projects.models import Conflict, Project, ProjectGram, Registration, Standing
from xiaoguan.kit import clock
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.collaborator import Collaborator
from xiaoguan.lexicon import projects

CHUNK = 1000
LONG = 90
"""The days protected where no period says otherwise."""


@consequence(Project)
def keep_grams(_work: Work, rows: Sequence[Project], fresh: bool) -> None:
    """A name that is new or changed is found by its new pairs; what is in the bin is not found."""
    watched = {"core", "deleted_at"}
    store(row for row in rows if fresh or watched & set(row.changed_fields()))


def store(rows: Iterable[Project]) -> None:
    """Write the pairs of some projects anew."""
    touched = list(rows)
    ProjectGram.objects.filter(project__in=[row.pk for row in touched]).delete()
    ProjectGram.objects.bulk_create(
        (
            ProjectGram(project_id=row.pk, gram=gram)
            for row in touched
            if row.deleted_at is None
            for gram in sorted(projects.grams(row.core))
        ),
        batch_size=CHUNK,
    )


@consequence(Registration)
def protect(work: Work, rows: Sequence[Registration], fresh: bool) -> None:
    """A new registration holds for the days of its phase, and meets whoever was there before."""
    if not fresh or work.reverting:
        return
    stored = everything(Registration, because="what follows from a registration does not depend on who looks")
    known = {row.pk: row for row in stored.filter(pk__in=[row.pk for row in rows]).select_related("project", "owner")}
    for row in rows:
        made = known[row.pk]
        period = queries.periods(made.registered_on).get(made.project.phase)
        made.protected_until = made.registered_on + dt.timedelta(days=period.days if period else LONG)
        work.derive(made)
        _meet(work, made)
        row.protected_until, row.status, row.version = made.protected_until, made.status, made.version


def _meet(work: Work, made: Registration) -> None:
    """Open a conflict with each registration that protects the same site already."""
    for likeness, rival in queries.rivals(made):
        values = {
            "name": rival.project.name,
            "first": rival,
            "second": made,
            "likeness": int(likeness * RATE_ONE),
            "opened_on": clock.local(work.now).date(),
            "unit_id": queries.common_team(rival.owner_id, made.owner_id),
            "created_at": work.now,
        }
        conflict: Conflict = work.create(Conflict, values)
        work.change.undoable = False  # from here on it concerns somebody else; who lets go of it releases it
        _show(work, conflict)
        for row in (rival, made):
            row.status = Standing.CONFLICT
            work.save(row)
        work.emit("registration.conflict", conflict, appeal=False, source=work.source)


def _show(work: Work, conflict: Conflict) -> None:
    """Let both sides and the manager of each see the conflict."""
    sides = {pk for pk in (conflict.first.owner_id, conflict.second.owner_id) if pk}
    people = sides | {manager.pk for manager in managers_of_people(sides).values()}
    about = {"about": Conflict._meta.label_lower, "object_id": conflict.pk}
    work.create(Collaborator, [{**about, "person_id": person} for person in sorted(people)])
