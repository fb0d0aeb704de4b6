"""A record's fields as label and value, for its page, its panel and its history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from django.db import models
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString

from xiaoguan.kit import access, columns, render
from xiaoguan.kit.columns import NOTHING, Reading
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.own.kinds import shelves


@dataclass(frozen=True)
class Fact:
    """One field of a record in words."""

    name: str
    label: str
    html: SafeString
    empty: bool = False


def of(record: models.Model, names: Iterable[str], actor: Any, reading: Reading) -> list[Fact]:
    """The named fields of a record; a masked one says so in its place."""
    entity = Entity.of(record)
    return [_fact(record, entity, entity.column(name), actor, reading) for name in names]


def _fact(record: Any, entity: Entity, column: Column, actor: Any, reading: Reading) -> Fact:
    label = columns.heading(column)
    if not access.readable(actor, entity, column.path):
        return Fact(column.path, label, render.masked())
    value = column.value(record)
    return Fact(column.path, label, value_html(column, value, actor, reading), value in (None, ""))


def value_html(column: Column, value: Any, actor: Any, reading: Reading) -> SafeString:
    """A value of a loaded record as HTML: links lead to their record, amounts carry their unit."""
    if value in (None, ""):
        return SafeString(NOTHING)
    if column.field.is_relation:
        return linked(value, actor)
    if column.kind.code == "money":
        return render.money(value)
    if isinstance(column.field, models.TextField):
        return SafeString(linebreaks(str(value), autoescape=True))
    if isinstance(column.field, models.EmailField):
        return SafeString(f'<a href="mailto:{escape(str(value))}">{escape(str(value))}</a>')
    if column.kind.code == "file" and shelves:
        return shelves[0].html(value)
    if column.kind.code == "phone":
        return format_html('<a href="tel:{}">{}</a>', value.partition("-")[0], column.kind.plain(value))
    return SafeString(columns.show(column, reading)(value))


def linked(row: models.Model, actor: Any) -> SafeString:
    """The title of a record, with a link where the actor may open it; words of the process lead nowhere."""
    title = escape(str(row))
    entity = entities.get(row._meta.label_lower)
    if entity is None or entity.scope == "all" or not access.may(actor, "view", row):
        return SafeString(title)
    url = escape(entity.url("detail", row))
    return SafeString(f'<a href="{url}" data-open="{url}">{title}</a>')


def listed(found: Iterable[Fact]) -> SafeString:
    """Facts as the items of a definition list."""
    return format_html_join("", "<dt>{}</dt><dd>{}</dd>", ((fact.label, fact.html) for fact in found))
