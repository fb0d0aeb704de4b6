"""Two people edited one record: field by field who wrote what, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from xiaoguan.kit import access, columns, facts, history, kinds, titles
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.controls import raw_of
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.kit.form import read_value
from xiaoguan.kit.models.change import ChangeRow

TAKE = "_take_"
WAS = "_was"
"""What a dragged card said where it was taken up."""
RECENT = 50


@dataclass(frozen=True)
class Clash:
    """One field that somebody else changed: what I wrote, what it is now, who did it; `both` changed it."""

    name: str
    label: str
    mine: SafeString
    theirs: SafeString
    who: str
    both: bool


@dataclass
class Conflict:
    """The comparison, and the values the form goes on with."""

    clashes: list[Clash] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)


def settled(entity: Entity, row: Any, data: Mapping[str, str]) -> dict[str, str]:
    """What was posted, with the record's present value wherever the person chose to take it."""
    found = dict(data)
    for column in entity.columns("form"):
        if data.get(TAKE + column.path) == "theirs":
            found[column.path] = raw_of(column.kind, getattr(row, column.field.attname))
    return found


def compare(entity: Entity, row: Any, data: Mapping[str, str], seen: int, actor: Any) -> Conflict:
    """Set what was typed on version `seen` against the record as it is now.

    A field only they changed takes their value; one only I changed keeps mine; one both changed is asked.
    """
    later = list(
        ChangeRow.objects.filter(entity=entity.name, object_id=row.pk, version__gt=seen)
        .select_related("change__actor")
        .order_by("id")
    )
    was: dict[str, Any] = {}
    who: dict[str, str] = {}
    for each in later:
        for key, value in (each.before or {}).items():
            was.setdefault(key, value)
            who[key] = str(each.change.actor)
    result = Conflict(merged={**data, "_version": str(row.version)}, people=list(dict.fromkeys(who.values())))
    reading = Reading(actor, titles.tokens([entity.model]))
    hidden = access.masked(actor, entity.model)
    for column in entity.columns("form"):
        key = column.field.attname
        if key not in was or column.path in hidden or column.path not in data:
            continue
        clash = _clash(column, row, data[column.path], was[key], who[key], actor, reading)
        if clash is None:
            continue
        result.clashes.append(clash)
        if not clash.both:
            result.merged[column.path] = raw_of(column.kind, getattr(row, key))
    return result


def _clash(column: Column, row: Any, mine_raw: str, was: Any, who: str, actor: Any, reading: Reading) -> Clash | None:
    """The comparison of one field; None where both wrote the same."""
    key = column.field.attname
    now = getattr(row, key)
    base = column.field.to_python(was) if not column.field.is_relation else was
    try:
        mine = read_value(column, mine_raw, actor, now=now)
        shown = facts.value_html(column, mine, actor, reading)
        mine_key = getattr(mine, "pk", mine)
    except (kinds.Unparsable, ValueError):
        shown, mine_key = format_html("{}", mine_raw), mine_raw
    if mine_key == now:
        return None
    return Clash(
        column.path,
        columns.heading(column),
        shown,
        facts.value_html(column, column.value(row), actor, reading),
        who,
        both=mine_key != base,
    )


def last_change(entity: Entity, row: Any, column: Column, since: int = 0) -> ChangeRow | None:
    """Who last wrote a field after a version was seen; None where nobody has."""
    rows = ChangeRow.objects.filter(entity=entity.name, object_id=row.pk, version__gt=since)
    newest = rows.select_related("change__actor").order_by("-id")[:RECENT]
    return next((each for each in newest if column.field.attname in (each.after or {})), None)


def refuse_unseen(entity: Entity, row: Any, name: str, seen: str | None, actor: Any, again: str) -> None:
    """Raise Refusal for a dragged card whose field no longer says what it said where it was taken up.

    `seen` is the raw value of the column it came from, None from where nobody says it; `again` leads to doing it all
    the same.
    """
    column = entity.column(name)
    now = getattr(row, column.field.attname)
    if seen is None or seen == raw_of(column.kind, now):
        return
    change = last_change(entity, row, column)
    value = history.plain(
        facts.value_html(column, column.value(row), actor, Reading(actor, titles.tokens([type(row)])))
    )
    words = {"who": change.change.actor if change else gettext("Somebody"), "field": columns.heading(column)}
    raise Refusal(
        gettext("This was changed meanwhile"),
        gettext("%(who)s set %(field)s to %(value)s.") % {**words, "value": value},
        code="seen.before",
        rule=gettext("What somebody else wrote is not overwritten unseen."),
        ways_out=[
            WayOut(gettext("Change it all the same"), url=again),
            WayOut(gettext("Leave it as it is now"), url=entity.url("detail", row)),
        ],
    )
