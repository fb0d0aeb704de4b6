"""Which value of which record the merged one gets, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from xiaoguan.kit import access, columns
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.errors import Invalid

ALL = "all"
"""Taken from all: several choices are joined, long texts are put one after the other."""
EMPTY = (None, "", [])


@dataclass
class Choice:
    """One field: what each record says, and whose value is taken (a record's id, or `all`)."""

    column: Column
    values: dict[int, Any]
    taken: str
    together: bool
    groups: list[list[int]] = field(default_factory=list)
    """Records that say the same, the empty ones left out."""

    @property
    def path(self) -> str:
        """The name of the field."""
        return self.column.path

    @property
    def label(self) -> str:
        """What the field is called."""
        return columns.heading(self.column)

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.groups) > 1

    @property
    def value(self) -> Any:
        """What is stored for what was taken."""
        if self.taken != ALL:
            return self.values[int(self.taken)]
        said = [self.values[group[0]] for group in self.groups]
        if isinstance(self.column.field, models.TextField):
            return "\n\n".join(str(text).strip() for text in said)
        return list(dict.fromkeys(code for codes in said for code in codes))


def names(entity: Entity, actor: Any) -> Iterator[Column]:
    """The fields that are chosen: those of the form, own ones and tags too, but none hidden from the actor."""
    hidden = access.masked(actor, entity.model)
    for name in entity.names("form"):
        column = entity.column(name)
        if name not in hidden and not column.field.many_to_many:
            yield column


def _key(column: Column) -> str:
    return column.path if column.own else str(column.field.attname)


def choices(kept: Any, others: Sequence[Any], actor: Any, take: Mapping[str, str] | None = None) -> list[Choice]:
    """Every field with what is taken: what was named, else the kept record's value, else the first there is.

    Raises Invalid for names of fields or records that are not there.
    """
    wanted, found = dict(take or {}), []
    rows = [kept, *others]
    for column in names(Entity.of(kept), actor):
        values = {row.pk: getattr(row, _key(column)) for row in rows}
        groups: list[list[int]] = []
        for pk, value in values.items():
            if value in EMPTY:
                continue
            same = next((group for group in groups if values[group[0]] == value), None)
            if same is None:
                groups.append([pk])
            else:
                same.append(pk)
        together = len(groups) > 1 and (column.kind.code == "choices" or isinstance(column.field, models.TextField))
        start = ALL if together else str(groups[0][0] if groups else kept.pk)
        taken = wanted.pop(column.path, start)
        if taken not in {str(row.pk) for row in rows} | ({ALL} if together else set()):
            raise Invalid({"take": [_("“%(name)s” can't be taken from there.") % {"name": columns.heading(column)}]})
        found.append(Choice(column, values, taken, together, groups))
    if wanted:
        raise Invalid({"take": [_("There is no field “%(name)s” here.") % {"name": next(iter(wanted))[:60]}]})
    return found


def apply(kept: Any, others: Sequence[Any], chosen: Sequence[Choice]) -> None:
    """Set what was taken on the kept record; a link to one of the merged records becomes empty."""
    ids = {kept.pk, *(row.pk for row in others)}
    for each in chosen:
        value = each.value
        if each.column.field.related_model is type(kept) and value in ids:
            value = None
        if value != getattr(kept, _key(each.column)):
            setattr(kept, _key(each.column), value)
    for own in kept._meta.concrete_fields:  # what no form shows, but would now lead to itself
        if own.related_model is type(kept) and own.null and getattr(kept, own.attname) in ids:
            setattr(kept, own.attname, None)
