"""Changes of a record in readable words: who changed what from which value to which."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.kit import access, columns, kinds, render, timeline, titles
from xiaoguan.kit.columns import NOTHING, Reading
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.extra import PREFIX
from xiaoguan.kit.models.change import Change, ChangeRow
from xiaoguan.kit.timeline import Item

VERBS = {
    "create": gettext_lazy("Created"),
    "update": gettext_lazy("Changed"),
    "delete": gettext_lazy("Deleted"),
    "restore": gettext_lazy("Restored"),
    "undo": gettext_lazy("Undone"),
    "import": gettext_lazy("Imported"),
}
ICONS = {"create": "plus", "update": "pencil", "delete": "trash", "restore": "restore", "undo": "arrow-back-up"}
UNTOLD = ("demo",)
"""Sources whose records tell their own dates: that they were generated just now is no news of the record."""
UNSEEN = frozenset({"deleted_at", "unit_id", "extra", "updated_at", "password", "last_login"})


Telling = Callable[["Reader", Any, Any], Iterable["Difference"]]

tellers: dict[tuple[str, str], Telling] = {}
"""Who tells a stored key that is no plain column, by entity (`*` for all) and key: `tell` registers."""


def tell(entity: str, key: str) -> Callable[[Telling], Telling]:
    """Register how a change of one key reads: the function gets reader, before and after."""

    def add(func: Telling) -> Telling:
        tellers[entity, key] = func
        return func

    return add


@dataclass(frozen=True)
class Difference:
    """One field of one change: label, and both values as safe HTML."""

    name: str
    label: str
    before: SafeString
    after: SafeString


class Reader:
    """Turns stored before and after values of one entity into words for one actor; links in one query per table."""

    def __init__(self, entity: Entity, actor: Any, rows: Sequence[ChangeRow]) -> None:
        self.entity = entity
        self.actor = actor
        wanted = self._linked(rows)
        self.reading = Reading(actor, titles.tokens([entity.model, *wanted]))
        self._titles = {model: self._titles_of(model, ids) for model, ids in wanted.items()}

    def _linked(self, rows: Sequence[ChangeRow]) -> dict[type[models.Model], set[int]]:
        """The ids of linked records by their table."""
        wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        for row in rows:
            for values in (row.before or {}, row.after or {}):
                for key, value in values.items():
                    column = self.column(key)
                    if column is not None and column.field.is_relation and value is not None:
                        wanted[column.field.related_model].update(value if isinstance(value, list) else [value])
        return wanted

    def _titles_of(self, model: type[models.Model], ids: set[int]) -> dict[int, str]:
        """What linked records are called: from memory where everybody may read them."""
        known = self.reading.titles(model)
        return titles.of_ids(model, ids, self.actor) if known is None else known

    def column(self, key: str) -> Column | None:
        """The column behind a stored key such as `stage_id`; None for what people need not see."""
        if key in UNSEEN:
            return None
        if key.startswith(PREFIX):  # what an import could not place is told on its own page
            return self.entity.own.get(key) if access.readable(self.actor, self.entity, key) else None
        try:
            field = self.entity.model._meta.get_field(key)
        except FieldDoesNotExist:
            if not key.endswith("_id"):
                return None
            return self.column(key.removesuffix("_id"))
        if field.name in access.masked(self.actor, self.entity.model) or field.name.endswith(("_key", "_hash")):
            return None
        if not field.editable and field.name not in self.entity.named:
            return None  # worked out and shown nowhere, so nobody could hide it
        if field.many_to_many:
            return Column(field.name, field, kinds.of(field), field.verbose_name)
        return self.entity.column(field.name)

    def differences(self, row: ChangeRow) -> list[Difference]:
        """What a change did to the fields this actor may see."""
        found: list[Difference] = []
        for key in row.after or {}:
            telling = tellers.get((row.entity, key)) or tellers.get(("*", key))
            if telling is not None:
                found += telling(self, (row.before or {}).get(key), row.after[key])
                continue
            column = self.column(key)
            if column is not None:
                before, after = (row.before or {}).get(key), row.after[key]
                found.append(
                    Difference(
                        column.path, columns.heading(column), self.words(column, before), self.words(column, after)
                    )
                )
        return found

    def words(self, column: Column, value: Any) -> SafeString:
        """A stored JSON value as the page shows values of its kind."""
        if value in (None, "", []):
            return SafeString(NOTHING)
        if isinstance(value, list) and column.field.is_relation:
            return format_html_join(", ", "{}", ((self.words(column, one),) for one in value))
        if column.field.is_relation:
            known = self._titles.get(column.field.related_model, {})
            return SafeString(escape(known.get(value, _("not visible to you"))))
        if column.kind.code == "money":
            return render.money(value)
        return SafeString(columns.show(column, self.reading)(typed(column, value)))


def typed(column: Column, value: Any) -> Any:
    """A JSON value as the type of its column."""
    if column.own:
        return column.field.to_python(value)
    if not isinstance(value, str):
        return value
    code = column.kind.code
    parsers: dict[str, Any] = {"date": parse_date, "moment": parse_datetime, "time": parse_time}
    return (parsers[code](value) or value) if code in parsers else value


def verb(row: ChangeRow) -> str:
    """What was done, in words."""
    name = row.change.action
    if row.change.entity == row.entity and row.entity in entities:
        action = entities[row.entity].actions.get(name)
        if action is not None:
            return capfirst(str(action.label))
    if row.change.reverses_id is not None:
        return str(VERBS["undo"])
    if row.before is None:
        return str(VERBS["create"])
    if set(row.after or {}) == {"deleted_at"}:
        return str(VERBS["delete" if row.after["deleted_at"] else "restore"])
    return str(VERBS.get(name, VERBS["update"]))


def for_whom(change: Change) -> Any:
    """Who did it, with whom he stood in for where that alone let him."""
    if change.acting_for_id is None:
        return change.actor
    return _("%(name)s for %(other)s") % {"name": change.actor, "other": change.acting_for}


def icon(row: ChangeRow) -> str:
    """The icon of a change."""
    action = entities[row.entity].actions.get(row.change.action) if row.entity in entities else None
    if action is not None:
        return action.icon
    return ICONS["create"] if row.before is None else ICONS.get(row.change.action, "pencil")


def rows_of(
    model: type[models.Model], ids: Sequence[int], limit: int, before: dt.datetime | None, *, skip: int = 0
) -> list[ChangeRow]:
    """Change rows of some records, newest first by the time of the change."""
    found = ChangeRow.objects.filter(entity=model._meta.label_lower, object_id__in=list(ids))
    found = found.exclude(change__source__in=UNTOLD)
    if before is not None:
        found = found.filter(change__at__lte=before)
    found = found.select_related("change__actor", "change__acting_for").defer(*_unsaid())
    return list(found.order_by("-change__at", "-id")[skip : skip + limit])


@cache
def _unsaid() -> tuple[str, ...]:
    """Columns of the acting person that no title needs: loading them costs more than the changes themselves."""
    person = get_user_model()
    said = {person._meta.pk.name, "system", *titles.paths(person)}
    unsaid = [each.name for each in person._meta.concrete_fields if each.name not in said]
    return tuple(f"change__{who}__{name}" for who in ("actor", "acting_for") for name in unsaid)


def changes_html(found: Iterable[Difference]) -> SafeString:
    """Differences as a list of before and after."""
    return format_html(
        '<ul class="changes">{}</ul>',
        format_html_join(
            "", "<li><span>{}</span><del>{}</del><ins>{}</ins></li>", ((d.label, d.before, d.after) for d in found)
        ),
    )


def entries(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """The timeline source of every entity: its own changes, without those that touched nothing people may see."""
    skip, given = 0, 0
    while given < limit:
        rows = rows_of(model, ids, limit, before, skip=skip)
        for item in _items(model, rows, actor):
            given += 1
            yield item
        if len(rows) < limit:
            return
        skip += limit


def _items(model: type[models.Model], rows: Sequence[ChangeRow], actor: Any) -> Iterator[Item]:
    reader = Reader(Entity.of(model), actor, rows)
    for row in rows:
        differences = reader.differences(row) if row.before is not None else []
        if row.before is not None and not differences and "deleted_at" not in (row.after or {}):
            continue
        yield Item(
            when=row.change.at,
            icon=icon(row),
            title=verb(row),
            kind="change",
            body=changes_html(differences) if differences else _why(row),
            person=for_whom(row.change),
            key=f"change-{row.pk}",
        )


def _why(row: ChangeRow) -> SafeString:
    """The reason noted where a record was made."""
    note = row.change.note if row.before is None and row.change.entity == row.entity else ""
    return format_html('<p class="muted">{}</p>', note) if note else SafeString("")


def _unless_told_otherwise(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """The changes of a record, unless its app tells them by a source of its own."""
    own = [each for each in timeline.of(model) if each.kind == "change"]
    return entries(model, ids, actor, limit, before) if len(own) == 1 else iter(())


def register_all() -> None:
    """Give every entity its changes as a timeline source; called once when all models are known."""
    for entity in entities.values():
        timeline.source(entity.model, "change", gettext_lazy("Changes"), position=90)(_unless_told_otherwise)


def plain(html: SafeString) -> str:
    """A value's HTML as words."""
    return unescape(strip_tags(html))
