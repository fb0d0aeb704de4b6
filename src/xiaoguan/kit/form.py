"""The form of a record, built from the entity's groups: shows, reads, validates, keeps what was typed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import NOT_PROVIDED
from django.utils.text import capfirst

from xiaoguan.kit import access, columns, kinds, problems
from xiaoguan.kit.controls import LONG, Input, raw_of, yes_no
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.fields import uuid7

Suggest = Callable[[Any, Callable[[str], str]], Sequence[str]]

suggested: dict[tuple[type[models.Model], str], Suggest] = {}
"""What a text field may be, by model and name: a function of the actor and of what the form's other fields say."""

FEW = 60
"""Up to so many rows a link is a plain list; beyond, a type-ahead."""


class RecordForm:
    """Fields of one record for one actor; `data` is what was posted, `row` the record being edited."""

    def __init__(
        self,
        entity: Entity,
        actor: Any,
        *,
        row: Any = None,
        data: Mapping[str, str] | None = None,
        initial: Mapping[str, str] | None = None,
        prefix: str = "",
        names: Iterable[str] | None = None,
    ) -> None:
        self.entity = entity
        self.actor = actor
        self.row = row
        self.data = data
        self.initial = dict(initial or {})
        self.prefix = prefix
        self.uid = self._uid()
        hidden = access.masked(actor, entity.model)
        wanted = entity.names("form") if names is None else list(names)
        self.columns = [entity.column(name) for name in wanted if name not in hidden]
        self.inputs = {column.path: self._input(column) for column in self.columns}
        self.errors: list[str] = []
        self._values: dict[str, Any] | None = None

    def _uid(self) -> uuid.UUID:
        """The new record's identity, made with the empty form: the same form sent twice is one record."""
        try:
            return uuid.UUID((self.data or {}).get(f"{self.prefix}_uid", ""))
        except ValueError:
            return uuid7()

    # Showing -----------------------------------------------------------------------------------------------

    def _input(self, column: Column) -> Input:
        field = column.field
        item = Input(
            name=self.prefix + column.path,
            label=capfirst(str(column.label)),
            kind=_control_kind(column),
            raw=self._raw(column),
            required=is_required(field),
            help=str(field.help_text or ""),
            max_length=field.max_length if column.kind is kinds.TEXT else None,
        )
        if give := suggested.get((self.entity.model, column.path)):
            item.suggest = lambda: give(self.actor, self._said)
        if column.kind.code in ("choice", "choices"):
            item.choices = [(str(code), str(label)) for code, label in field.flatchoices]
        elif column.kind is kinds.YESNO:
            item.choices = yes_no()
        elif field.is_relation:
            item.fill = lambda item: fill_options(
                item, field.related_model, self.actor, now=self._current(column), limit=field.get_limit_choices_to()
            )
        return item

    def _raw(self, column: Column) -> str:
        name = self.prefix + column.path
        if self.data is not None and name in self.data:
            return self.data[name]
        if self.row is not None:
            key = column.field.attname
            return raw_of(column.kind, getattr(self.row, key))
        if column.path in self.initial:
            return self.initial[column.path]
        if column.path == "owner":  # left empty where the record takes it from what it hangs on
            return str(self.actor.pk) if getattr(self.entity.model, "owner_defaults", True) else ""
        if column.path == self.entity.board and is_required(column.field):
            return self._first_choice(column)
        default = column.field.default
        return "" if default is NOT_PROVIDED or callable(default) else raw_of(column.kind, default)

    def _said(self, name: str) -> str:
        """What a field of the form says now; empty for one that isn't there."""
        item = self.inputs.get(name)
        return item.raw if item else ""

    def _first_choice(self, column: Column) -> str:
        """What a record starts as on its board: the first column."""
        field = column.field
        if not field.is_relation:
            return str(field.flatchoices[0][0]) if field.flatchoices else ""
        rows = in_order(access.visible(field.related_model, self.actor), Entity.of(field.related_model))
        first = rows.values_list("pk", flat=True).first()
        return "" if first is None else str(first)

    @property
    def groups(self) -> list[list[Input]]:
        """Inputs group by group; what is needed in a later group moves to the first."""
        found: list[list[Input]] = []
        for names in self.entity.groups():
            group = [self.inputs[name] for name in names if name in self.inputs]
            if group:
                found.append(group)
        if not found:
            return []
        needed = [item for group in found[1:] for item in group if item.required]
        first = [*found[0], *needed]
        rest = [[item for item in group if not item.required] for group in found[1:]]
        return [first, *[group for group in rest if group]]

    @property
    def main(self) -> list[Input]:
        """What is seen at once."""
        return self.groups[0] if self.groups else []

    @property
    def more(self) -> list[Input]:
        """What waits behind «More»."""
        return [item for group in self.groups[1:] for item in group]

    @property
    def more_open(self) -> bool:
        """Whether something behind «More» must be seen."""
        return any(item.errors for item in self.more)

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.errors) or any(item.errors for item in self.inputs.values())

    # Reading -----------------------------------------------------------------------------------------------

    def valid(self) -> bool:
        """Read what was posted; False when a value can't be read or a needed one is missing."""
        values: dict[str, Any] = {}
        for column in self.columns:
            item = self.inputs[column.path]
            if self.data is None or item.name not in self.data:
                if self.row is None and item.required and item.raw == "":
                    item.errors.append(problems.sentence("required"))
                elif self.row is None and item.raw != "":
                    self._read_into(values, column, item)
                continue
            self._read_into(values, column, item)
        self._values = values
        return not self.has_errors

    def _read_into(self, values: dict[str, Any], column: Column, item: Input) -> None:
        try:
            values[column.path] = read_value(column, item.raw, self.actor, now=self._current(column))
        except kinds.Unparsable as problem:
            item.errors.append(problems.sentence(problem.code, column.kind.code))
        except ValidationError as problem:
            item.errors += problem.messages

    def _current(self, column: Column) -> Any:
        return getattr(self.row, column.field.attname) if self.row is not None else None

    @property
    def values(self) -> dict[str, Any]:
        """Field names to values, after `valid`; only what was posted."""
        assert self._values is not None
        return self._values

    @property
    def changed(self) -> dict[str, Any]:
        """The values that differ from the record being edited."""
        found = {}
        for column in self.columns:
            if column.path in self.values:
                value = self.values[column.path]
                if getattr(value, "pk", value) != self._current(column):
                    found[column.path] = value
        return found

    def take(self, problem: Invalid) -> None:
        """Put the messages of a refused write beside their fields; the rest above the form."""
        for name, texts in problem.errors.items():
            item = self.inputs.get(name) or self.inputs.get(name.removesuffix("_id"))
            if item is not None:
                item.errors += [str(text) for text in texts]
            else:
                lead = self._field_label(name)
                self.errors += [f"{lead}{text}" for text in texts]

    def _field_label(self, name: str) -> str:
        if not name:
            return ""
        try:
            return f"{columns.label(self.entity, name)}: "
        except models.FieldDoesNotExist:
            return ""


def _control_kind(column: Column) -> str:
    if isinstance(column.field, models.TextField):
        return LONG
    if isinstance(column.field, models.EmailField):
        return "email"
    return column.kind.code


def is_required(field: Any) -> bool:
    """Whether a form must have a value for this field."""
    if isinstance(field, models.BooleanField):
        return False
    return not field.blank and field.default is NOT_PROVIDED


def read_value(column: Column, raw: str, actor: Any, *, now: Any = None) -> Any:
    """The value of a posted text; links give the visible record. Raises Unparsable or ValidationError.

    `now` is the id a link holds already: it may stay even where the actor can't see that record.
    """
    field, text = column.field, raw.replace("\x00", "").strip()
    if field.is_relation:
        if not text:
            return _empty(field)
        return linked(field.related_model, text, actor, now=now)
    if not text:
        return _empty(field)
    if isinstance(field, models.DecimalField | models.FloatField | models.JSONField | models.UUIDField):
        return field.to_python(text)
    value = column.kind.parse(text.replace("T", " ") if column.kind is kinds.MOMENT else text, field)
    if isinstance(value, int) and abs(value) >= 2**63:
        raise kinds.Unparsable("too_large", text)
    return value


def _empty(field: Any) -> Any:
    if isinstance(field, models.BooleanField):
        return None if field.null else False
    if is_required(field):
        raise kinds.Unparsable("required")
    if field.null:
        return None
    if field.default is not NOT_PROVIDED:
        return field.get_default()
    return ""


def linked(model: type[models.Model], text: str, actor: Any, *, now: Any = None) -> Any:
    """The record of an id, visible to the actor; raises Unparsable otherwise."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise kinds.Unparsable("not_a_record", text)
    if now is not None and int(text) == now:
        return model._default_manager.filter(pk=now).first()
    found = list(access.visible(model, actor).filter(pk=int(text)).order_by()[:1])
    if not found:
        raise kinds.Unparsable("not_a_record", text)
    return found[0]


def fill_options(item: Input, model: type[models.Model], actor: Any, *, now: Any = None, limit: Any = None) -> None:
    """Give a link its list: all rows of a small table, else the chosen one and an address to ask for others.

    `now` is the id the link holds in the database: it is named even where the actor can't see that record.
    """
    if model._meta.label_lower not in entities:
        return
    entity = Entity.of(model)
    rows = access.visible(model, actor)
    if limit:
        rows = rows.complex_filter(limit)
    if entity.scope == "all":
        small = list(in_order(rows, entity)[: FEW + 1])
        if len(small) <= FEW:
            item.choices = [(str(row.pk), entity.title_of(row)) for row in small]
    if not item.choices:
        item.options_url = entity.url("options")
    if item.raw.isdecimal() and len(item.raw) < 19 and all(value != item.raw for value, _label in item.choices):
        named = model._default_manager.all() if item.raw == str(now) else rows
        chosen = named.filter(pk=int(item.raw)).first()
        if chosen is not None:
            item.choices = [*item.choices, (item.raw, entity.title_of(chosen))]


def in_order(rows: Any, entity: Entity) -> Any:
    """Rows in the order people expect in a list to choose from."""
    order = entity.model._meta.ordering or [entity.sort if entity.scope == "all" else "pk"]
    return rows.order_by(*order)
