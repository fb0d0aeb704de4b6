"""Moves what belongs to some records to another one, with its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.merging.links import Link, hand_on, leave, links, named, where_twice
from xiaoguan.apps.merging.models import Merged
from xiaoguan.kit.action import Work
from xiaoguan.kit.errors import Invalid, Refusal
from xiaoguan.kit.models import Collaborator, Shelved
from xiaoguan.kit.models.collaborator import Level

PORTION = 1000

Moved = dict[int, dict[str, list[int]]]
"""Rows without a history that were moved: the record they came from → `app.model.column` → ids."""

named(Shelved, "entity")
leave(Merged)


@where_twice(Shelved)
def keep_star(_work: Work, there: Shelved, staying: Shelved) -> None:
    """Who marked the other record with a star finds the kept one among his favourites."""
    if staying.starred_at and not there.starred_at:
        Shelved.objects.filter(pk=there.pk).update(starred_at=staying.starred_at)


@where_twice(Collaborator)
def keep_level(work: Work, there: Collaborator, staying: Collaborator) -> None:
    """Who works on both keeps the wider right and the later day."""
    order = Level.values.index
    level = max(there.level, staying.level, key=order)
    until = None if None in (there.until, staying.until) else max(there.until, staying.until)  # type: ignore[type-var]
    if (there.level, there.until) != (level, until):
        there.level, there.until = level, until
        work.save(there)


def move(work: Work, kept: Any, others: Sequence[Any]) -> Moved:
    """Let everything that points at the others point at the kept record; what would be there twice stays behind.

    Raises Refusal where a rule holds one of the records in its place.
    """
    label, ids = kept._meta.label_lower, [row.pk for row in others]
    moved: Moved = defaultdict(dict)
    for link in links(type(kept)):
        staying = link.twice(label, kept.pk, ids)
        _hand_on(work, link, staying)
        if link.logged:
            _save(work, link, kept, ids, staying)
        else:
            for pk in ids:
                rows = list(link.moving(label, [pk]).exclude(pk__in=list(staying)).values_list("pk", flat=True))
                if rows:
                    moved[pk][link.name] = rows
                    link.model._default_manager.filter(pk__in=rows).update(**{link.column: kept.pk})
    return moved


def _hand_on(work: Work, link: Link, staying: dict[int, int]) -> None:
    if not staying:
        return
    rows = link.model._default_manager.in_bulk({*staying, *staying.values()})
    for pk, there in staying.items():
        hand_on(work, rows[there], rows[pk])
    if link.logged:
        gone = [rows[pk] for pk in staying if rows[pk].deleted_at is None]
        work.remove(*gone)


def _save(work: Work, link: Link, kept: Any, ids: Collection[int], staying: Collection[int]) -> None:
    rows = link.moving(kept._meta.label_lower, ids).exclude(pk__in=list(staying)).order_by("pk")
    if link.model is type(kept):  # links among the merged records themselves say nothing any more
        rows = rows.exclude(pk__in=[kept.pk, *ids])
    while part := list(rows[:PORTION]):
        for row in part:
            setattr(row, link.column, kept.pk)
        try:
            work.save(*part)
        except Invalid as problem:
            raise _held(part, problem) from problem


def _held(rows: Sequence[Any], problem: Invalid) -> Refusal:
    texts = [str(text) for each in problem.errors.values() for text in each]
    return Refusal(
        _("These records can't be merged yet"),
        _("What belongs to them can't be moved: “%(name)s”. %(why)s") % {"name": rows[0], "why": " ".join(texts)},
        code="MERGE-HELD",
        rule=_("Everything that belongs to merged records moves along."),
    )
