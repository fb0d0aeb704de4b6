"""Removes the demonstration company, as a job: what stays is a fresh installation and what people made themselves.

The provenance says what came along: entries of the history whose source is the demonstration. A chunk takes some of
these records and whatever hangs on them, found at that moment, so a killed job goes on where its last chunk ended
and a record made meanwhile is not overlooked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection, models
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.approvals.clearing import forget_gone
from xiaoguan.apps.operation import queries, uprooting
from xiaoguan.apps.org import reach, seeding, sessions
from xiaoguan.apps.org.models import Company, Person, Role, Team
from xiaoguan.apps.org.queries import company
from xiaoguan.kit import clock, feed, job, memo
from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import entities
from xiaoguan.kit.models import Change, ChangeRow, Job, OwnField, SearchEntry
from xiaoguan.kit.models.own import FieldKind
from xiaoguan.kit.search.writing import refresh_statistics
from xiaoguan.transfer.models import ImportRow

KIND = "operation.clear_demo"
FIRST_CHUNK = 500
also: list[Callable[[], None]] = []
"""What apps above forget once the records are gone: settings that came with the demonstration."""
LONGEST = 1.5
"""Seconds a chunk should take at most: meanwhile nobody else can write on SQLite."""


def start(heir: Person, name: str, *, actor: Person | None = None) -> Job:
    """Begin to remove the demonstration company; the heir gets what its people leave behind."""
    return job.enqueue(KIND, {"heir": heir.pk, "company": name}, key="demo", actor=actor)


@job.job(KIND, label=gettext_lazy("Remove the demonstration company"), slow=True, lease=600)
def clear(run: job.Run) -> dict[str, Any]:
    """Close the doors, take the records, the people, the traces; then name the company. The cursor is the next step."""
    heir = Person.objects.get(pk=run.payload["heir"])
    if run.cursor is None:
        with run.chunk(cursor="records"):
            _close_doors(heir)
    if run.cursor == "records":
        _records(run)
    if run.cursor == "people":
        with run.chunk(cursor="traces", note=_("History and messages")):
            _people(heir)
    if run.cursor == "traces":
        with run.chunk(cursor="name"):
            forget_gone()
            for forget in also:
                forget()
            _traces(run.row.pk)
    if run.cursor == "name":
        with run.chunk(cursor="done"):
            _name(heir, run.payload["company"])
        memo.forget()
        refresh_statistics(SearchEntry)
    return {"url": reverse("org:chart")}


def _close_doors(heir: Person) -> None:
    """From now on nobody comes in as one of these people, and the sign-in page offers none."""
    people = queries.brought_people(heir)
    for person in Person.objects.filter(pk__in=people):
        sessions.end(person)
    Person.objects.filter(pk__in=people).update(is_active=False)
    Company.objects.update(demo="")
    memo.forget()


def _records(run: job.Run) -> None:
    """Every record that came along, in chunks of about the same time, and at last the words that nobody uses.

    What hangs on others goes first: the checks of the database then find emptied tables.
    """
    left = sum(queries.came_along(model).count() for model in queries.orders())
    run.expect(run.progress + left)
    words = [model for model in queries.orders() if queries.is_word(model)]
    for model in reversed([model for model in queries.orders() if model not in words]):
        _kind(run, model)
        _tidy(model)
    with run.chunk(cursor="people", note=_("People and teams")) as step:
        for model in words:
            ids = set(queries.came_along(model).values_list("object_id", flat=True))
            step.done += uprooting.uproot({model: queries.unused(model, ids)})


def _kind(run: job.Run, model: type[models.Model]) -> None:
    """The records of one kind that came along, and whatever hangs on them."""
    size = FIRST_CHUNK
    while ids := queries.brought(model, size):
        began = time.monotonic()
        with run.chunk(note=str(model._meta.verbose_name_plural)) as step:
            found = uprooting.everything_on({model: set(ids)})
            uprooting.uproot(found)
            step.done = len(ids)
        size = max(FIRST_CHUNK, min(round(size * LONGEST / (time.monotonic() - began + 0.001)), size * 2))


def _tidy(model: type[models.Model]) -> None:
    """Let PostgreSQL give back the room of deleted rows at once: its own housekeeping comes too late for us."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE) {connection.ops.quote_name(model._meta.db_table)}")


def _people(heir: Person) -> None:
    """The people and teams, with what is theirs alone; what they wrote in records that stay is passed on."""
    root = queries.root_team()
    people = queries.brought_people(heir)
    teams = set(queries.came_along(Team).values_list("object_id", flat=True)) - {root.pk if root else 0}
    gone: uprooting.Found = {Person: people, Team: teams}
    found = uprooting.everything_on(gone)
    files = [f"audit/{pk}.{ending}" for pk in found.get(Job, ()) for ending in ("csv", "xlsx")]
    if root is not None:
        uprooting.pass_on(gone, {Person: heir.pk, Team: root.pk})
    uprooting.uproot(found)
    ChangeRow.objects.filter(change__in=Change.objects.filter(source=queries.SOURCE).values("pk")).delete()
    for file in files:
        if default_storage.exists(file):
            default_storage.delete(file)


def _traces(running: int) -> None:
    """The history, messages, calls and files' rows that tell of records which are not there any more."""
    Job.objects.filter(actor=None).exclude(pk=running).exclude(state=Job.State.RUNNING).delete()
    records = [entity.model for entity in entities.values()]
    uprooting.sweep(records)
    for model in records:
        rows = ImportRow.objects.filter(batch__entity=model._meta.label_lower, object_id__isnull=False)
        rows.exclude(object_id__in=model._base_manager.values("pk")).update(object_id=None)
    empty = Change.objects.exclude(pk__in=ChangeRow.objects.values("change"))
    uprooting.uproot(uprooting.everything_on({Change: set(empty.values_list("pk", flat=True))}))
    for field in OwnField.objects.filter(kind__in=(FieldKind.PERSON, FieldKind.RECORD)):
        _forget_links(field)
    for name in entities:
        feed.stir(name)


def _forget_links(field: OwnField) -> None:
    """Empty the values of an own field that lead to somebody or something that is not there any more."""
    entity = entities.get(field.record)
    target: type[models.Model] | None = Person if field.kind == FieldKind.PERSON else None
    if target is None and field.target in entities:
        target = entities[field.target].model
    if entity is None or target is None:
        return
    there = set(target._base_manager.values_list("pk", flat=True))
    for row in entity.model._base_manager.filter(**{f"extra__{field.key}__isnull": False}).only("pk", "extra"):
        if row.extra.get(field.key) not in there:
            row.extra.pop(field.key)
            entity.model._base_manager.filter(pk=row.pk).update(extra=row.extra)


def _name(heir: Person, name: str) -> None:
    """The company and its first team get their name, the heir a place in it; from here on history is one's own."""
    seeding.ensure(Role, Person.anybody)
    root = queries.root_team()
    own = company()
    work = Work(heir, "clear_demo", Company._meta.label_lower, "page", undoable=False)
    if name and name != own.name:
        own.name, own.short_name, own.city = name, "", ""
        work.save(own)
    if root is not None and name and root.name != name:
        root.name = name
        work.save(root)
    work.note(own, {"demo": "1"}, {"demo": ""})
    work.finish()
    reach.rebuild(clock.today())
