"""The log in a reader's words: actions, record types, sources, and what a change did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.apps.audit import queries
from xiaoguan.kit import history
from xiaoguan.kit.entity import entities
from xiaoguan.kit.history import Difference
from xiaoguan.kit.models import Change, ChangeRow

SOURCES = {
    "page": gettext_lazy("page"),
    "api": gettext_lazy("API"),
    "import": gettext_lazy("import"),
    "job": gettext_lazy("background job"),
    "demo": gettext_lazy("demo data"),
}


@dataclass(frozen=True)
class Touched:
    """One record of a change: its name and address where the reader may open it, and what changed."""

    label: str
    title: str
    url: str
    differences: list[Difference]
    closed: bool = False


@dataclass(frozen=True)
class Line:
    """One change of the log."""

    change: Change
    who: Any
    action: str
    label: str
    count: str
    source: str
    touched: list[Touched] = field(default_factory=list)
    more: int = 0

    @property
    def title(self) -> str:
        """The record, where the change was about one."""
        return self.touched[0].title if self.touched else ""

    @property
    def url(self) -> str:
        """Its address."""
        return self.touched[0].url if self.touched else ""


def lines(changes: Sequence[Change], actor: Any, per_change: int = queries.ROWS) -> list[Line]:
    """Changes with their records, in a fixed number of queries per kind of record."""
    rows = queries.rows_of(changes, per_change)
    readers, titles = queries.readers(rows, actor), queries.titles(rows, actor)
    allowed = queries.readable(actor)
    made = []
    for change in changes:
        found = rows.get(change.pk, [])
        touched = [_touched(row, readers, titles, allowed) for row in found]
        touched.sort(key=lambda each: bool(each.closed))
        said = ngettext("%(n)s record", "%(n)s records", change.count) % {"n": f"{change.count:,}"}
        made.append(
            Line(
                change=change,
                who=history.for_whom(change),
                action=action_word(change, found),
                label=entity_word(change.entity),
                count=said if change.count > 1 else "",
                source=source_word(change.source),
                touched=touched,
                more=max(change.count - per_change, 0),
            )
        )
    return made


def _touched(row: ChangeRow, readers: Any, titles: Any, allowed: set[str]) -> Touched:
    """One record as the reader may see it."""
    label = entity_word(row.entity)
    if row.entity not in allowed:
        return Touched(label, "", "", [], row.entity in entities)
    entity = entities[row.entity]
    title = titles.get((row.entity, row.object_id), "")
    url = entity.url("detail", row.object_id) if title and "deleted_at" not in (row.after or {}) else ""
    return Touched(label, title, url, readers[row.entity].differences(row))


def action_word(change: Change, rows: Sequence[ChangeRow]) -> str:
    """What was done, in words."""
    if change.entity in entities and change.action in entities[change.entity].actions:
        return capfirst(str(entities[change.entity].actions[change.action].label))
    own = [row for row in rows if row.entity == change.entity] or list(rows)
    if own:
        return history.verb(own[0])
    return str(dict(actions()).get(change.action, change.action))


def entity_word(name: str) -> str:
    """A record type in words."""
    if name in entities:
        return entities[name].plural
    try:
        return capfirst(str(apps.get_model(name)._meta.verbose_name_plural))
    except (LookupError, ValueError):
        return name


def source_word(name: str) -> str:
    """Where a change came from, in words."""
    return str(SOURCES.get(name, name))


@cache
def _actions() -> dict[str, list[Any]]:
    """Every kind of action with its labels; known once all apps are loaded."""
    found: dict[str, list[Any]] = {name: [label] for name, label in history.VERBS.items()}
    for entity in entities.values():
        for each in entity.actions.values():
            found.setdefault(each.name, []).append(each.label)
    return found


def actions() -> list[tuple[str, str]]:
    """Actions to choose from, in the order of their words."""
    made = [(name, capfirst(" / ".join(dict.fromkeys(map(str, labels))))) for name, labels in _actions().items()]
    return sorted(made, key=lambda pair: pair[1])


def kinds(actor: Any) -> list[tuple[str, str]]:
    """Record types to choose from."""
    return [(name, entity.plural) for name, entity in entities.items() if entity.nav or entity.names("form")]


def fields(name: str, actor: Any) -> list[tuple[str, str]]:
    """The fields of a record type that this reader may search by."""
    if name not in queries.readable(actor):
        return []
    reader = history.Reader(entities[name], actor, [])
    columns = [reader.column(each.attname) for each in entities[name].model._meta.concrete_fields]
    return [(each.path, capfirst(str(each.label))) for each in columns if each is not None and each.label]


def plain(text: SafeString) -> str:
    """Safe HTML as words, for files."""
    return history.plain(text)


def nobody() -> str:
    """Who isn't known."""
    return _("unknown")
