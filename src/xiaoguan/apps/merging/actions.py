"""Making several records one: the kept one takes values and everything that belongs to the others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.merging import choosing, moving
from xiaoguan.apps.merging.models import Merged
from xiaoguan.kit import access
from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid, Refusal, WayOut
from xiaoguan.kit.models.collaborator import Collaborator, Level

NAME = "merge"
MOST = 10
NOTED = "merged"
"""The key under which the history of the kept record tells what was merged into it."""


def merge(
    work: Work,
    records: Sequence[Any],
    *,
    others: Annotated[str, _("Records that are merged into this one")] = "",
    take: Annotated[str, _("Values to take from them")] = "",
    share: Annotated[bool, _("Previous owners stay as collaborators")] = True,
) -> Any:
    """Merge up to nine other records into this one: everything that belongs to them moves, they go to the recycle bin.

    `others` are ids with commas; `take` names whose value a field gets, `phone=12,note=all`. Without it a field keeps
    its own value or, where it is empty, gets the first there is. Undo takes it back for thirty days.
    """
    kept, rest = records[0], [*records[1:], *_named(records[0], others, work.actor)]
    check(kept, rest, work.actor)
    rows = type(kept)._default_manager.select_for_update().filter(pk__in=[row.pk for row in (kept, *rest)])
    locked = {row.pk: row for row in rows.order_by("pk")}
    kept, rest = locked[kept.pk], [locked[row.pk] for row in rest]
    chosen = choosing.choices(kept, rest, work.actor, _taken(take))
    before = {row.pk: row.owner_id for row in rest}
    moved = moving.move(work, kept, rest)
    # In this order no key of a record in the bin stands in the way of the value that is taken from it.
    work.remove(*rest)
    choosing.apply(kept, rest, chosen)
    work.save(kept)
    if share and Entity.of(kept).scope == "owner":
        _share(work, kept, before)
    names = {str(row.pk): str(row) for row in rest}
    work.note(kept, {NOTED: None}, {NOTED: names})
    work.change.save()  # its id is needed now; the work goes on with it
    Merged.objects.bulk_create(
        Merged(
            entity=kept._meta.label_lower, object_id=row.pk, into_id=kept.pk, change=work.change, moved=moved[row.pk]
        )
        for row in rest
    )
    return kept


def _named(kept: Any, text: str, actor: Any) -> list[Any]:
    """The records of ids with commas, in this order; Invalid where the actor sees one of them not."""
    ids = [part.strip() for part in text.split(",") if part.strip()]
    if any(not pk.isascii() or not pk.isdigit() or len(pk) > 18 for pk in ids):
        raise Invalid({"others": [gettext("Name records by their ids, with commas between them.")]})
    wanted = list(dict.fromkeys(int(pk) for pk in ids))
    found = access.visible(type(kept), actor).in_bulk(wanted)
    if missing := [pk for pk in wanted if pk not in found]:
        raise Invalid({"others": [gettext("There is no record %(id)s here.") % {"id": missing[0]}]})
    return [found[pk] for pk in wanted if pk != kept.pk]


def _taken(text: str) -> dict[str, str]:
    found = {}
    for part in re.split(r"[,\s]+", text.strip()) if text.strip() else []:
        name, equals, pk = part.partition("=")
        if not equals:
            raise Invalid({"take": [gettext("Write what to take as field=id, with commas between them.")]})
        found[name] = pk
    return found


def check(kept: Any, rest: Sequence[Any], actor: Any) -> None:
    """Raise Invalid for too few or too many records, Refusal where the actor may not change and delete one of them."""
    entity = Entity.of(kept)
    if not 1 <= len({row.pk for row in rest} - {kept.pk}) <= MOST - 1 or len({kept.pk, *(r.pk for r in rest)}) <= len(
        rest
    ):
        text = gettext("Choose two to ten %(records)s to merge.")
        raise Invalid({"others": [text % {"records": entity.plural.lower()}]})
    for row in (kept, *rest):
        if access.may(actor, "change", row) and (row is kept or access.may(actor, "delete", row)):
            continue
        owner = getattr(row, "owner", None)
        cause = gettext("“%(name)s” belongs to %(owner)s.") % {"name": row, "owner": owner} if owner else str(row)
        raise Refusal(
            gettext("You can't merge these records"),
            cause,
            code="MERGE-RIGHT",
            rule=gettext("Who merges must have the right to change and to delete each of the records."),
            ways_out=[
                WayOut(gettext("Ask a manager who reaches all of them"), icon="users"),
                WayOut(gettext("Merge only your own"), url=entity.url("list"), icon=entity.icon),
            ],
        )


def _share(work: Work, kept: Any, before: Mapping[int, int | None]) -> None:
    """Whoever owned a record that is gone goes on with the kept one."""
    there = Collaborator.objects.filter(about=kept._meta.label_lower, object_id=kept.pk, deleted_at__isnull=True)
    known = {kept.owner_id, None, *there.values_list("person_id", flat=True)}
    for person in dict.fromkeys(before.values()):
        if person not in known:
            about = {"about": kept._meta.label_lower, "object_id": kept.pk, "person_id": person}
            work.create(Collaborator, {**about, "level": Level.EDIT})
