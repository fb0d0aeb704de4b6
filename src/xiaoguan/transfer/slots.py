"""What a column of a file can be put into: the fields of an entity, and what its importer adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.text import capfirst

from xiaoguan.kit import access, kinds
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.extra import PREFIX
from xiaoguan.kit.form import is_required


@dataclass(frozen=True)
class Slot:
    """One place for a column's values.

    `field` is the model field that stores and checks it; a slot without `stored` is read by the
    entity's own importer and never set on the row by itself. `model` is what a link points at.
    `part` and `number` say that it belongs to a record beside the main one, and to which (transfer.parts).
    """

    name: str
    label: Any
    kind: kinds.Kind
    field: models.Field[Any, Any]
    required: bool = False
    model: type[models.Model] | None = None
    stored: bool = True
    words: tuple[str, ...] = field(default=())
    part: str = ""
    number: int = 1

    @property
    def is_link(self) -> bool:
        """Whether values name another record."""
        return self.model is not None

    @property
    def is_person(self) -> bool:
        """Whether values name a person."""
        return self.kind is kinds.PERSON

    @property
    def is_listed(self) -> bool:
        """Whether values are words of a short list."""
        return self.kind is kinds.CHOICE or (self.model is not None and issubclass(self.model, Coded))

    @property
    def is_date(self) -> bool:
        """Whether values are days or moments."""
        return self.kind in (kinds.DATE, kinds.MOMENT)

    @property
    def is_amount(self) -> bool:
        """Whether a unit such as ten thousand yuan can apply."""
        return self.kind is kinds.MONEY


def model_slot(entity: Entity, name: str) -> Slot:
    """The slot of one stored field of an entity."""
    column = entity.column(name)
    stored: Any = column.field
    model = stored.related_model if stored.is_relation else None
    label = capfirst(str(column.label))
    # What our own files call it: see kit.export.
    words = {"money": (f"{label} (CNY)",), "percent": (f"{label} (%)",)}.get(column.kind.code, ())
    return Slot(name, label, column.kind, stored, is_required(stored), model, words=words)


def free_slot(
    name: str, label: Any, stored: models.Field[Any, Any], *, words: Sequence[str] = (), required: bool = False
) -> Slot:
    """A slot beyond the entity's own fields; `stored` lends its kind and limits, `words` are further headers."""
    model = stored.related_model if stored.is_relation else None
    return Slot(name, label, kinds.of(stored), stored, required, model, stored=False, words=tuple(words))


def entity_slots(entity: Entity, actor: Any, more: tuple[str, ...] = ()) -> dict[str, Slot]:
    """The slots an actor may fill: key and form fields and `more`, without the masked ones."""
    hidden = access.masked(actor, entity.model)
    names = dict.fromkeys([*entity.names("key"), *entity.names("form"), *more])
    return {
        name: model_slot(entity, name)
        for name in names
        if name not in hidden and (name.startswith(PREFIX) or "__" not in name)
    }
