"""The second walk over a file: now every row has a record that other rows can point at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xiaoguan.kit import access
from xiaoguan.kit.action import working
from xiaoguan.transfer.importer import Draft
from xiaoguan.transfer.models import Import, ImportRow
from xiaoguan.transfer.session import Session

SOURCE = "import"
"""What change entries of imports carry; consequences know by it that the past is brought in."""


def finish(session: Session, batch: Import) -> None:
    """Hand every imported row with its record to the entity's importer, inside the caller's transaction."""
    importer = session.importer
    ids = dict(ImportRow.objects.filter(batch=batch, object_id__isnull=False).values_list("number", "object_id"))
    found = access.visible(importer.model, batch.actor).in_bulk(set(ids.values()))
    rows = []
    for drafts in session.planner.chunks():
        session.planner.decide(drafts)
        rows += [(draft, found[ids[draft.number]]) for draft in drafts if ids.get(draft.number) in found]
    with working(importer.model, "import", actor=batch.actor, verb="import", source=SOURCE) as work:
        importer.finish(work, rows)


def write(session: Session, batch: Import, drafts: Sequence[Draft]) -> None:
    """Set the links of these rows that name other rows of the file, inside the caller's transaction."""
    planner = session.planner
    planner.decide(drafts)
    wanted = {
        draft.number: {slot: draft.values[slot] for slot in planner.own_links if slot in draft.values}
        for draft in drafts
    }
    ids = dict(
        ImportRow.objects.filter(
            batch=batch, number__in=[number for number, links in wanted.items() if links], object_id__isnull=False
        ).values_list("number", "object_id")
    )
    rows = {row.pk: row for row in access.visible(planner.importer.model, batch.actor).filter(pk__in=ids.values())}
    held = {slot: planner.importer.slots[slot].field.attname for slot in planner.own_links}
    touched: dict[int, Any] = {}
    for number, object_id in ids.items():
        for slot, target in wanted[number].items():
            row = rows.get(object_id)
            if row is None or getattr(row, held[slot]) == target.pk or target.pk == object_id:
                continue
            setattr(row, slot, target)
            touched[object_id] = row
    if touched:
        with working(planner.importer.model, "import", actor=batch.actor, verb="import", source=SOURCE) as work:
            work.save(*touched.values())
