"""Everything that points at a record: foreign keys of every table, and rows that name a record by kind and number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import entities
from xiaoguan.kit.record import Record

Twice = Callable[[Work, Any, Any], None]

_left: set[str] = set()
_staying: dict[type[models.Model], Q] = {}
_named: list[tuple[type[models.Model], str, str]] = []
_twice: dict[type[models.Model], Twice] = {}
_made: dict[tuple[type[models.Model], str], str] = {}


def leave(model: type[models.Model]) -> None:
    """Say that rows of a model follow by themselves: they are derived from what is moved."""
    _left.add(model._meta.label_lower)


def stay(model: type[models.Model], where: Q) -> None:
    """Say which rows of a model stay with the record that goes: they tell of a state that ends with it."""
    _staying[model] = where


def named(model: type[models.Model], kind: str, number: str = "object_id") -> None:
    """Say that rows of a model name a record by the columns `kind` and `number`.

    Records with the columns `about` and `object_id` are known to.
    """
    _named.append((model, kind, number))


def by_key(model: type[models.Model], column: str, key: str) -> None:
    """Say that rows of a model are told apart by `key`, a column that is made of the link in `column`.

    What would then stand there twice stays behind, as where the link itself is part of a key.
    """
    _made[model, column] = key


def where_twice(model: type[models.Model]) -> Callable[[Twice], Twice]:
    """Register what a row hands on that has to stay behind: `func(work, there, staying)`."""

    def add(func: Twice) -> Twice:
        _twice[model] = func
        return func

    return add


def hand_on(work: Work, there: Any, staying: Any) -> None:
    """Let the row that is there already take what only the one that stays behind has."""
    if func := _twice.get(type(there)):
        func(work, there, staying)


@dataclass(frozen=True)
class Link:
    """One column that holds ids of records; `kind` is the column beside it with the record's kind, or empty."""

    model: type[models.Model]
    column: str
    kind: str = ""

    @property
    def name(self) -> str:
        """What it is stored under: `app.model.column`."""
        return f"{self.model._meta.label_lower}.{self.column}"

    @property
    def own(self) -> bool:
        """Whether it is an own field, a value in the JSON of a record."""
        return "__" in self.column

    @property
    def logged(self) -> bool:
        """Whether its rows are records: saved by actions, with a history."""
        return issubclass(self.model, Record)

    def rows(self, label: str, ids: Collection[int]) -> QuerySet[Any]:
        """The rows that point at some records of a kind, deleted ones too."""
        found = Q(**{self.kind: label}) if self.kind else Q()
        if self.own:
            which = Q(pk__in=[])
            for pk in ids:
                which |= Q(**{self.column: pk})
            return self.model._default_manager.filter(found & which)
        return self.model._default_manager.filter(found, **{f"{self.column}__in": list(ids)})

    def moving(self, label: str, ids: Collection[int]) -> QuerySet[Any]:
        """Those of them that go along when the records are merged into another one."""
        rows = self.rows(label, ids)
        return rows.exclude(_staying[self.model]) if self.model in _staying else rows

    def keys(self) -> Iterator[tuple[list[str], Q | None]]:
        """The other columns of each key that this column is part of, and the key's condition."""
        if self.own:
            return
        field = next(each for each in self.model._meta.concrete_fields if each.attname == self.column)
        if field.unique:
            yield [], None
        groups: list[tuple[Sequence[str], Q | None]] = [(names, None) for names in self.model._meta.unique_together]
        for each in self.model._meta.constraints:
            if isinstance(each, models.UniqueConstraint) and each.fields:
                groups.append((each.fields, each.condition))
        for names, condition in groups:
            if own := {field.name, _made.get((self.model, self.column))} & set(names):
                yield [name for name in names if name not in own], condition

    def twice(self, label: str, kept: int, others: Collection[int]) -> dict[int, int]:
        """Rows of the others that would break a key beside the kept record's or one another: id → the one there."""
        found: dict[int, int] = {}
        for names, condition in self.keys():
            there: dict[tuple[Any, ...], int] = {}
            for ids, mine in (([kept], True), (others, False)):
                rows = self.rows(label, ids) if mine else self.moving(label, ids)
                rows = rows.filter(condition) if condition is not None else rows
                for pk, *key in rows.order_by("pk").values_list("pk", *names):
                    if None in key:
                        continue
                    first = there.setdefault(tuple(key), pk)
                    if not mine and first != pk:
                        found[pk] = first
        return found


@cache
def _declared(model: type[models.Model]) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for each in model._meta.get_fields(include_hidden=True):
        if each.auto_created and not each.concrete and (each.one_to_many or each.one_to_one):
            link = Link(each.related_model, each.field.attname)
            found[link.name] = link
    for other in apps.get_models():
        columns = {each.name for each in other._meta.concrete_fields}
        if issubclass(other, Record) and {"about", "object_id"} <= columns:
            found[f"{other._meta.label_lower}.object_id"] = Link(other, "object_id", "about")
    for other, kind, number in _named:
        found[f"{other._meta.label_lower}.{number}"] = Link(other, number, kind)
    return tuple(link for link in found.values() if link.model._meta.label_lower not in _left)


def links(model: type[models.Model]) -> list[Link]:
    """Every column that points at records of a model, own fields of any kind of record among them."""
    found = list(_declared(model))
    for entity in entities.values():
        for path, column in entity.own.items():
            if column.field.is_relation and column.field.related_model is model:
                found.append(Link(entity.model, path))
    return found
