"""Formula fields: what they may read, in which order they are worked out, and what that comes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _, gettext_lazy, override

from xiaoguan.calc import formula
from xiaoguan.calc.formula import FormulaError, Node, Type, Value
from xiaoguan.kit import columns
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.extra import PREFIX

TYPES: dict[str, Type] = {"number": "number", "money": "number", "percent": "number", "date": "date", "text": "text"}
PLACES = {"money": 2, "percent": 5}
TYPE_WORDS = {
    "number": gettext_lazy("a number"),
    "date": gettext_lazy("a date"),
    "text": gettext_lazy("a text"),
    "truth": gettext_lazy("yes or no"),
}
SENTENCES = {
    "too_long": gettext_lazy("A formula has at most %(limit)s characters."),
    "too_deep": gettext_lazy("There are more than %(limit)s brackets inside each other."),
    "unknown_sign": gettext_lazy("“%(sign)s” is not part of a formula."),
    "open_text": gettext_lazy("This text has no closing quotation mark."),
    "open_name": gettext_lazy("This name has no closing bracket."),
    "unexpected": gettext_lazy("“%(sign)s” was not expected here."),
    "missing": gettext_lazy("“%(sign)s” is missing here."),
    "unfinished": gettext_lazy("The formula ends too early: a value is missing."),
    "unknown_name": gettext_lazy("There is no field “%(name)s” that a formula can read."),
    "unknown_function": gettext_lazy("There is no function “%(name)s”; there are: %(known)s."),
    "arguments": gettext_lazy("%(name)s needs %(n)s values with commas between them."),
    "places": gettext_lazy("Type a whole number of decimals, at most %(limit)s."),
    "needs_number": gettext_lazy("“%(sign)s” needs a number, this is %(found)s."),
    "needs_date": gettext_lazy("“%(sign)s” needs a date, this is %(found)s."),
    "unlike": gettext_lazy("%(left)s can't stand beside %(right)s here: both must be of one kind."),
    "condition": gettext_lazy("The first value of if must be a comparison, such as [A] > 100."),
    "truth": gettext_lazy("A comparison is no value by itself: write if(…, …, …)."),
}


@dataclass(frozen=True)
class Source:
    """A value that a formula may read: money counts in yuan, a rate as a fraction of one."""

    path: str
    type: Type
    places: int
    column: Column
    whole: bool
    """Whether it is stored as a whole number of its last decimal."""

    @property
    def label(self) -> str:
        """What people call it, in the reader's language."""
        return columns.heading(self.column)

    def value(self, row: Any) -> Value:
        """The value of a record."""
        found = getattr(row, self.path)
        if found is None or found == "":
            return None
        if self.type != "number":
            return found if self.type == "date" else str(found)
        return Decimal(found).scaleb(-self.places) if self.whole else Decimal(found)

    def sql(self, stored: str, vendor: str) -> str:
        """The same as SQL, from the stored form."""
        if self.type == "number" and vendor == "postgresql":
            return (
                f"({stored})::numeric * {Decimal(1).scaleb(-self.places):f}" if self.places else f"({stored})::numeric"
            )
        if self.type == "number":
            return f"formula_number({stored}, {self.places if self.whole or self.column.own else 0})"
        declared_date = self.type == "date" and not self.column.own
        return f"to_char({stored}, 'YYYY-MM-DD')" if declared_date and vendor == "postgresql" else stored


def sources(entity: Entity, own: Mapping[str, Column]) -> dict[str, Source]:
    """Everything a formula of an entity may read, by key: a field's name, or `c_` and the code of an own field."""
    found: dict[str, Source] = {}
    for name in dict.fromkeys([*entity.declared("form"), *entity.declared("sums"), *entity.declared("list")]):
        if "__" in name:
            continue
        column = entity.column(name)
        floating = isinstance(column.field, models.FloatField)
        if column.kind.code in TYPES and not column.field.is_relation and not floating:
            decimal = isinstance(column.field, models.DecimalField)
            places = PLACES.get(column.kind.code, 0)
            found[name] = Source(name, TYPES[column.kind.code], places, column, not decimal)
    for path, column in own.items():
        if column.kind.code in TYPES:
            places = PLACES.get(column.kind.code, getattr(column.field, "decimals", 0))
            whole = column.kind.code == "money" or not getattr(column.field, "decimals", 0)
            found[path.removeprefix(PREFIX)] = Source(path, TYPES[column.kind.code], places, column, whole)
    return found


def by_key(known: Mapping[str, Source]) -> formula.Known:
    """Names as they are stored."""
    return lambda name: (name, known[name].type) if name in known else None


def by_label(known: Mapping[str, Source]) -> formula.Known:
    """Names as people type them: labels in any language of the product, or keys."""
    names = {name.lower(): key for key, source in known.items() for name in (source.label, key)}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for key, source in known.items():
                names.setdefault(source.label.lower(), key)

    def find(name: str) -> tuple[str, Type] | None:
        key = names.get(name.lower())
        return None if key is None else (key, known[key].type)

    return find


def stored(text: str, entity: Entity, own: Mapping[str, Column]) -> str:
    """A typed formula with keys for labels, so that it outlives a new label."""
    find = by_label(sources(entity, own))
    return formula.renamed(text, lambda name: found[0] if (found := find(name)) else None)


def shown(text: str, entity: Entity, own: Mapping[str, Column]) -> str:
    """A stored formula with labels, for people."""
    known = sources(entity, own)
    try:
        return formula.renamed(text, lambda name: known[name].label if name in known else None)
    except FormulaError:
        return text


def understood(known: Mapping[str, Source], own: Mapping[str, Column]) -> list[Column]:
    """Read every formula of an entity; those that can be worked out, each after what it reads."""
    for column in own.values():
        if text := column.field.definition.formula:
            try:
                column.field.node = formula.parse(text, by_key(known))
                column.field.reads = frozenset(known[key].path for key in column.field.node.names())
            except FormulaError:
                column.field.node = None
    found: list[Column] = []

    def visit(column: Column, above: frozenset[str]) -> None:
        if column.field.node is None or column in found or column.path in above:
            return
        for path in sorted(column.field.reads & own.keys()):
            visit(own[path], above | {column.path})
        found.append(column)

    for column in own.values():
        visit(column, frozenset())
    return found


def circle(path: str, reads: Iterable[str], own: Mapping[str, Column]) -> list[str]:
    """The way from what a field would read back to itself, as paths; empty when there is none."""
    for each in reads:
        if each == path:
            return [path]
        if each in own and (way := circle(path, own[each].field.reads, own)):
            return [each, *way]
    return []


def result(node: Node, known: Mapping[str, Source], row: Any) -> Value:
    """What a formula comes to for one record."""
    return formula.evaluate(node, {key: known[key].value(row) for key in node.names()})


def as_stored(value: Value, field: Any) -> Any:
    """A result in the form of its field: numbers rounded to its decimals; None where it doesn't fit."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return formula.fitted(value, PLACES.get(field.definition.result, field.definition.decimals))
    return value.isoformat() if isinstance(value, dt.date) else value[: field.max_length]


def sentence(problem: FormulaError, text: str) -> str:
    """What is wrong with a formula, where, and what would be right."""
    words = {name: TYPE_WORDS.get(value, value) for name, value in problem.params.items()}
    said = SENTENCES[problem.code] % words
    return _("Position %(at)s: %(said)s") % {"at": min(problem.at, len(text)) + 1, "said": said}
