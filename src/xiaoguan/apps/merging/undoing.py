"""Taking a merge back: what it moved goes where it came from; what was changed or added since stays."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from xiaoguan.apps.merging.links import links
from xiaoguan.apps.merging.models import Merged
from xiaoguan.kit import clock
from xiaoguan.kit.action import Done, Work
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.kit.extra import PREFIX, put
from xiaoguan.kit.models import Change, ChangeRow

KEPT = dt.timedelta(days=30)
Records = Mapping[tuple[str, int], Any]


def take_back(change: Change, rows: Sequence[ChangeRow], records: Records, actor: Any, source: str) -> Done:
    """Undo a merge whose rights were checked; `rows` are the newest first. Raises Refusal where it is too late."""
    merged = list(Merged.objects.filter(change=change))
    check(change, merged, records)
    kept = records[change.entity, merged[0].into_id]
    staying = since(kept, change)
    with transaction.atomic():
        work = Work(actor, "undo", change.entity, source, undoable=False)
        work.change.reverses, work.reverting = change, True
        left = sum(_save(work, batch) for batch in _batches(rows, records))
        for each in merged:
            for name, ids in each.moved.items():
                label, _dot, column = name.rpartition(".")
                model = apps.get_model(label)
                model._default_manager.filter(pk__in=ids, **{column: kept.pk}).update(**{column: each.object_id})
        Merged.objects.filter(pk__in=[each.pk for each in merged]).delete()
        work.change.note = said(kept, staying, left)
        return Done(work.finish(), records)


def check(change: Change, merged: Sequence[Merged], records: Records) -> None:
    """Raise Refusal for a merge that is too old, or whose kept record was merged itself since."""
    if change.at < clock.now() - KEPT:
        raise Refusal(
            _("This merge can't be undone any more"),
            _("It was more than %(days)s days ago.") % {"days": KEPT.days},
            code="MERGE-LATE",
            rule=_("A merge can be undone for %(days)s days.") % {"days": KEPT.days},
        )
    if not merged:
        raise Refusal(_("This is undone already"), _("Somebody has taken this change back."), code="UNDONE")
    later = Merged.objects.filter(entity=change.entity, object_id=merged[0].into_id).first()
    if later is not None:
        entity = entities[change.entity]
        raise Refusal(
            _("This merge can't be undone yet"),
            _("The record that was kept has been merged into another one since."),
            code="MERGE-LATER",
            rule=_("Merges are undone in the reverse order."),
            ways_out=[WayOut(_("Open the record it is part of now"), url=entity.url("detail", later.into_id))],
        )


def since(kept: Any, change: Change) -> Counter[str]:
    """How many living records were added to the kept one after the merge, by the label of their kind."""
    found: Counter[str] = Counter()
    for link in links(type(kept)):
        if link.logged and link.model._meta.label_lower in entities:
            rows = link.rows(kept._meta.label_lower, [kept.pk])
            added = rows.filter(created_at__gt=change.at, deleted_at__isnull=True).count()
            found += Counter({link.model._meta.label_lower: added})
    return found


def said(kept: Any, staying: Mapping[str, int], left: int) -> str:
    """What stays as it is, in one sentence; empty where nothing does."""
    parts = [f"{entities[label].plural} {count}" for label, count in staying.items() if count]
    texts = []
    if parts:
        added = {"name": kept, "what": _(", ").join(parts)}
        texts.append(_("Added since and staying with %(name)s: %(what)s.") % added)
    if left:
        texts.append(_("Values changed since and left as they are: %(n)s.") % {"n": left})
    return " ".join(texts)


def _batches(rows: Sequence[ChangeRow], records: Records) -> Iterator[list[tuple[ChangeRow, Any]]]:
    """Rows that are saved together: one kind after the other, each record once, the merged ones one by one."""
    batch: list[tuple[ChangeRow, Any]] = []
    for row in rows:
        alone = row.entity == row.change.entity
        taken = {(each.entity, each.object_id) for each, _record in batch}
        if batch and (alone or batch[0][0].entity != row.entity or (row.entity, row.object_id) in taken):
            yield batch
            batch = []
        batch.append((row, records[row.entity, row.object_id]))
    if batch:
        yield batch


def _save(work: Work, batch: Sequence[tuple[ChangeRow, Any]]) -> int:
    """Put the values of one batch back; how many were changed since and stay."""
    left = sum(_put_back(work, row, record) for row, record in batch)
    touched = [record for _row, record in batch if record.changed_fields()]
    work.save(*touched)
    return left


def _put_back(work: Work, row: ChangeRow, record: Any) -> int:
    if row.before is None:  # made by the merge: a collaborator
        record.deleted_at = record.deleted_at or work.now
        return 0
    left: defaultdict[str, int] = defaultdict(int)
    columns = {field.attname: field for field in record._meta.concrete_fields}
    told: dict[str, Any] = {}
    for key, value in row.before.items():
        after = (row.after or {}).get(key)
        if key.startswith(PREFIX):
            if record.extra.get(key.removeprefix(PREFIX)) == after:
                put(record, key, value)
            else:
                left[key] += 1
        elif key not in columns:
            told[key] = value
        elif _stored(getattr(record, key)) == after:
            setattr(record, key, columns[key].to_python(value))
        else:
            left[key] += 1
    if told:
        work.note(record, {key: (row.after or {}).get(key) for key in told}, told)
    if left:
        record.prepare()  # what is derived from values of which only some went back
    return sum(key not in columns or columns[key].editable for key in left)


def _stored(value: Any) -> Any:
    """A value as the history keeps it."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
