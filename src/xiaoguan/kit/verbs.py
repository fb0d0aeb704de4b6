"""The form of a verb, made from its annotated arguments."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst

from xiaoguan.kit import access, kinds, problems
from xiaoguan.kit.action import Action
from xiaoguan.kit.controls import CHIPS, LONG, Input, chips, raw_of, yes_no
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.form import fill_options, linked
from xiaoguan.kit.param import Param

SHORT = 3
"""A verb with no more arguments than this shows all of them."""
WORDY = frozenset({"note", "body", "reason", "comment", "text", "summary"})
FEW_CHOICES = 7
"""Up to so many choices stand side by side instead of in a list."""
_PLAIN: dict[type, kinds.Kind] = {
    bool: kinds.YESNO,
    int: kinds.NUMBER,
    dt.datetime: kinds.MOMENT,
    dt.date: kinds.DATE,
    dt.time: kinds.TIME,
    str: kinds.TEXT,
}


class Argument:
    """One argument of a verb: its input, and how its text becomes a value."""

    def __init__(self, param: Param, actor: Any, raw: str | None, row: Any = None) -> None:
        self.param = param
        self.actor = actor
        self.type, self.optional = _without_none(param.type)
        self.kind = _kind(self.type, param.notes)
        self.input = self._input(raw, row)

    def _input(self, raw: str | None, row: Any) -> Input:
        wordy = self.kind is kinds.TEXT and self.param.name in WORDY
        item = Input(
            name=self.param.name,
            label=capfirst(str(self.param.label)),
            kind=LONG if wordy else self.kind.code,
            raw=raw if raw is not None else self._start(row),
            required=self.param.required and self.kind is not kinds.YESNO,
            help=str(self.param.help),
        )
        if self.kind is kinds.CHOICE:
            item.choices = _choices(self.type)
            if len(item.choices) <= FEW_CHOICES:
                item.kind, item.choices = CHIPS, chips(item.choices) if self.optional else item.choices
        elif self.kind is kinds.YESNO:
            item.choices = yes_no()
        elif self.kind is kinds.LINK:
            item.fill = lambda item: fill_options(item, self.type, self.actor, limit=_limit(self.type, row))
        return item

    def _start(self, row: Any) -> str:
        """What stands in the empty form: the default, or for an argument named like a field its value now."""
        if self.param.default not in (None, ""):
            return raw_of(self.kind, getattr(self.param.default, "value", self.param.default))
        fields = {field.name: field.attname for field in row._meta.concrete_fields} if row is not None else {}
        if self.param.name in fields and self.param.name not in access.masked(self.actor, type(row)):
            return raw_of(self.kind, getattr(row, fields[self.param.name]))
        return ""

    def read(self) -> Any:
        """The value of what was typed; raises Unparsable or ValidationError."""
        text = self.input.raw.replace("\x00", "").strip()
        if not text:
            if self.param.required and not self.optional and self.kind is not kinds.YESNO:
                raise kinds.Unparsable("required")
            return False if self.kind is kinds.YESNO else self.param.default if not self.param.required else None
        if self.kind is kinds.LINK:
            return linked(self.type, text, self.actor)
        if self.kind is kinds.CHOICE:
            return _chosen(self.type, text)
        return self.kind.parse(text.replace("T", " ") if self.kind is kinds.MOMENT else text, _NoField())


class _NoField:
    """Stands for the model field that an argument has none of."""

    max_length = None
    blank = True
    flatchoices: tuple[Any, ...] = ()


def _without_none(kind: Any) -> tuple[Any, bool]:
    """`Person | None` as (Person, True)."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        rest = [one for one in typing.get_args(kind) if one is not type(None)]
        return rest[0], len(rest) < len(typing.get_args(kind))
    return kind, False


def _kind(kind: Any, notes: tuple[Any, ...]) -> kinds.Kind:
    for note in notes:
        if isinstance(note, kinds.Kind):
            return note
    if typing.get_origin(kind) is typing.Literal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return kinds.CHOICE
    if isinstance(kind, type) and issubclass(kind, models.Model):
        return kinds.LINK
    return _PLAIN.get(kind, kinds.TEXT)


def _choices(kind: Any) -> list[tuple[str, str]]:
    if typing.get_origin(kind) is typing.Literal:
        return [(str(one), capfirst(str(one))) for one in typing.get_args(kind)]
    return [
        (str(code), str(label)) for code, label in getattr(kind, "choices", [(each.value, each.name) for each in kind])
    ]


def _chosen(kind: Any, text: str) -> Any:
    options = typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else list(kind)
    for option in options:
        if str(getattr(option, "value", option)) == text:
            return option
    raise kinds.Unparsable("not_a_choice", text)


def _limit(model: type[models.Model], row: Any) -> Any:
    """Where the row has a field of this type with limited choices, the argument has the same."""
    if row is None:
        return None
    for field in row._meta.concrete_fields:
        if field.is_relation and field.related_model is model:
            return field.get_limit_choices_to()
    return None


class VerbForm:
    """The arguments of a verb for one actor; `data` is what was posted, `start` what an empty form begins with."""

    def __init__(
        self,
        action: Action,
        actor: Any,
        *,
        row: Any = None,
        data: Mapping[str, str] | None = None,
        start: Mapping[str, str] | None = None,
    ) -> None:
        self.action = action
        self.row = row
        self.data = data
        self.arguments = [
            Argument(param, actor, None if data is None else data.get(param.name), row)
            for param in action.params_of(row, start if data is None else data, actor)
        ]
        if data is None and start:
            for each in self.arguments:
                each.input.raw = start.get(each.param.name, each.input.raw)
        self.errors: list[str] = []

    @property
    def inputs(self) -> list[Input]:
        """The inputs in the order of the arguments, needed ones first."""
        shown = [each.input for each in self.arguments if not each.param.quiet]
        return sorted(shown, key=lambda item: not item.required)

    @property
    def main(self) -> list[Input]:
        """What is seen at once: where something is needed, only that and the words one may add."""
        if len(self.inputs) <= SHORT or not any(item.required for item in self.inputs):
            return self.inputs
        return [item for item in self.inputs if item.required or item.kind == LONG]

    @property
    def more(self) -> list[Input]:
        """What waits behind «More»."""
        return [item for item in self.inputs if item not in self.main]

    @property
    def more_open(self) -> bool:
        """Whether something behind «More» must be seen."""
        return any(item.errors for item in self.more)

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.errors) or any(item.errors for item in self.inputs)

    def missing(self) -> bool:
        """Whether something needed was not sent at all: time to ask for it rather than to complain."""
        return any(
            each.param.required and not (self.data or {}).get(each.param.name, "").strip()
            and not (each.optional or each.kind is kinds.YESNO)
            for each in self.arguments
        )  # fmt: skip

    def unasked(self) -> bool:
        """Whether something needed was in no form so far, as only what was sent told that it is needed."""
        news = [each.param for each in self.arguments if each.param not in self.action.params]
        return any(param.required and param.name not in (self.data or {}) for param in news)

    def values(self) -> dict[str, Any] | None:
        """The arguments' values; None when something is wrong, with the errors beside the inputs."""
        found: dict[str, Any] = {}
        for each in self.arguments:
            if self.data is not None and each.param.name not in self.data and not each.param.required:
                continue
            try:
                found[each.param.name] = each.read()
            except kinds.Unparsable as problem:
                each.input.errors.append(problems.sentence(problem.code, each.kind.code))
            except ValidationError as problem:
                each.input.errors += problem.messages
        return None if self.has_errors else found

    def take(self, problem: Invalid) -> None:
        """Put the messages of a refused write beside their inputs; the rest above the form."""
        by_name = {each.param.name: each.input for each in self.arguments}
        for name, texts in problem.errors.items():
            if name in by_name:
                by_name[name].errors += [str(text) for text in texts]
            else:
                self.errors += [str(text) for text in texts]
