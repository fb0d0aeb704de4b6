"""Writing search keys: at once for a few records, by job after many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _, ngettext

from xiaoguan.kit import action, job, schedule
from xiaoguan.kit.access import everything
from xiaoguan.kit.derived import derived
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.models.search import SearchEntry
from xiaoguan.kit.search import grams, store

AT_ONCE = 20
"""So many records of one save are indexed in its own transaction; more would make the person wait."""
CHUNK = 500
WHY = "search keys are written for records, not for a reader"


def keys_of(row: models.Model) -> set[str]:
    """The keys of one record, from the fields its entity names in `find`."""
    found: set[str] = set()
    for column in Entity.of(row).columns("find"):
        value = column.value(row)
        if value not in (None, ""):
            found |= grams.keys(str(value), prose=is_prose(column.field))
    return found


def is_prose(field: models.Field[Any, Any]) -> bool:
    """Whether a field holds sentences rather than a name or number."""
    return isinstance(field, models.TextField)


def index(rows: Sequence[Any]) -> None:
    """Write the keys of loaded records of one model now; deleted records are forgotten."""
    if not rows:
        return
    model = type(rows[0])
    living = [row for row in rows if getattr(row, "deleted_at", None) is None]
    store.write(model, ((row.pk, keys_of(row)) for row in living))
    if len(living) < len(rows):
        store.drop(model, [row.pk for row in rows if row.deleted_at is not None])


def follow(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Keep the index in step with what an action saved; called inside its transaction."""
    entity = entities.get(model._meta.label_lower)
    if entity is None or not entity.names("find"):
        return
    watched = {column.field.column for column in entity.columns("find")} | {"deleted_at"}
    touched = [row for row in rows if not hasattr(row, "_loaded") or watched & set(row.changed_fields())]
    if len(touched) <= AT_ONCE:
        index(touched)
    else:
        job.enqueue("search.index", {"entity": entity.name, "ids": _ranges(row.pk for row in touched)})


action.saved.append(follow)


def _ranges(ids: Iterable[int]) -> list[list[int]]:
    """Ids as [first, last] stretches: an import's thousand rows are one pair."""
    found: list[list[int]] = []
    for pk in sorted(ids):
        if found and found[-1][1] == pk - 1:
            found[-1][1] = pk
        else:
            found.append([pk, pk])
    return found


def _portions(ranges: Sequence[Sequence[int]], size: int) -> Iterator[list[int]]:
    """The ids of stretches, `size` at a time."""
    portion: list[int] = []
    for first, last in ranges:
        for pk in range(first, last + 1):
            portion.append(pk)
            if len(portion) == size:
                yield portion
                portion = []
    if portion:
        yield portion


@job.job("search.index", label=_("Index records for search"))
def index_many(run: job.Run) -> None:
    """Index the records of one bulk change; the cursor counts portions."""
    entity = entities[run.payload["entity"]]
    ranges = run.payload["ids"]
    run.expect(sum(last - first + 1 for first, last in ranges))
    for number, ids in enumerate(_portions(ranges, CHUNK)):
        if number < (run.cursor or 0):
            continue
        with run.chunk(cursor=number + 1, done=len(ids)):
            rows = list(_locked(entity.model, pk__in=ids))
            store.write(entity.model, ((row.pk, keys_of(row)) for row in rows))
            store.drop(entity.model, sorted(set(ids) - {row.pk for row in rows}))


def _locked(model: type[models.Model], **where: Any) -> Any:
    """Living records, held until the chunk commits: a save in between could otherwise lose to our older reading."""
    return everything(model, because=WHY).filter(**where).select_for_update(no_key=True).order_by("pk")


def rebuild(*names: str) -> list[Job]:
    """Start to index entities anew (all that can be found when none is named); for doctor and after upgrades."""
    chosen = [entities[name] for name in names] or [each for each in entities.values() if each.names("find")]
    return [job.enqueue("search.rebuild", {"entity": entity.name}, key=entity.name, again=True) for entity in chosen]


@job.job("search.rebuild", label=_("Rebuild the search index"), slow=True)
def rebuild_one(run: job.Run) -> None:
    """Index every record of an entity in the order of ids and forget what has no record; the cursor is the last id."""
    entity = entities[run.payload["entity"]]
    model = entity.model
    run.expect(everything(model, because=WHY).count())
    refresh_statistics(model)
    while True:
        after = run.cursor or 0
        with run.chunk() as step:
            rows = list(_locked(model, pk__gt=after)[:CHUNK])
            store.write(model, ((row.pk, keys_of(row)) for row in rows))
            last = rows[-1].pk if len(rows) == CHUNK else None
            store.drop_except(model, after, last, [row.pk for row in rows])
            step.cursor, step.done = last, len(rows)
        if last is None:
            break
    refresh_statistics(SearchEntry)


@job.job("search.check", label=_("Check the search index"))
def check(run: job.Run) -> dict[str, list[str]]:
    """Rebuild entities whose records and entries differ in number, and all after the form of the keys has changed.

    Rows that were written past the actions (a restore, a script, a bulk load) get found this way at the latest.
    """
    findable = [each for each in entities.values() if each.names("find")]
    if store.version() == grams.VERSION:
        findable = [each for each in findable if store.count(each.model) != everything(each.model, because=WHY).count()]
    with run.chunk():
        if findable:
            rebuild(*(each.name for each in findable))
        store.set_version(grams.VERSION)
    return {"rebuilt": [each.name for each in findable]}


def astray(model: type[models.Model]) -> tuple[int, int]:
    """How many records of a model have no entry, and how many entries no record."""
    first, rows = store.base(model), everything(model, because=WHY).order_by()
    own = SearchEntry.objects.filter(pk=models.OuterRef("pk") + models.Value(first, models.BigIntegerField()))
    entries = SearchEntry.objects.filter(pk__gt=first, pk__lt=first + (1 << store.SHIFT))
    record = models.F("pk") - models.Value(first, models.BigIntegerField())
    records = rows.filter(pk=models.OuterRef("record"))
    lost = entries.annotate(record=record).filter(~models.Exists(records))
    return rows.filter(~models.Exists(own)).count(), lost.count()


@derived("kit.search", _("Search index"))
def _rebuild_and_tell() -> str:
    """Jobs that index everything anew, for doctor."""
    count = len(rebuild())
    return ngettext("%(count)s job started", "%(count)s jobs started", count) % {"count": count}


schedule.every("40 3 * * *", "search.check", label=_("Check the search index"))


def refresh_statistics(model: type[models.Model]) -> None:
    """Let PostgreSQL count a table anew: after a bulk change its own housekeeping comes too late for good plans."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def catching_up() -> bool:
    """Whether records of a bulk change still wait to be indexed."""
    return Job.objects.filter(kind__in=["search.index", "search.rebuild"], state__in=Job.ACTIVE).exists()
