"""Records that stand in the same row as the one they hang on: a customer's contacts, one or several, in one sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.utils.text import format_lazy

from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity
from xiaoguan.lexicon import header_groups, headers
from xiaoguan.tables.header import HeaderColumn
from xiaoguan.transfer.slots import Slot, model_slot

MOST = 5
"""How many of one kind a row can hold in columns of their own; several rows may hold more."""


@dataclass(frozen=True)
class Part:
    """One kind of record beside the main one.

    `link` is its field that names the main record, `title` the one that names it there; `fields` are
    the others a column can fill. A part is recognised by its title among those of its main record.
    """

    name: str
    model: type[models.Model]
    link: str
    title: str
    fields: tuple[str, ...]

    @property
    def entity(self) -> Entity:
        """Its own declaration."""
        return Entity.of(self.model)

    def slot_name(self, field: str, number: int) -> str:
        """`contact` and `contact_mobile` for the first, `contact2`, `contact2_mobile` for the second."""
        lead = self.name if number == 1 else f"{self.name}{number}"
        return lead if field == self.title else f"{lead}_{field}"


def slots_of(parts: Iterable[Part], actor: Any) -> dict[str, Slot]:
    """The places that parts offer to whoever may create them, without the masked fields."""
    found: dict[str, Slot] = {}
    for part in parts:
        if not access.may(actor, "create", part.model):
            continue
        hidden = access.masked(actor, part.model)
        noun = part.entity.label
        for number in range(1, MOST + 1):
            lead = noun if number == 1 else format_lazy("{} {}", noun, number)
            for field in (part.title, *part.fields):
                if field in hidden:
                    continue
                slot = model_slot(part.entity, field)
                name = part.slot_name(field, number)
                label = format_lazy("{}: {}", lead, part.entity.column(field).label)
                found[name] = replace(
                    slot, name=name, label=label, required=False, stored=False, part=part.name, number=number, words=()
                )
    return found


def groups(parts: Iterable[Part], used: Iterable[str]) -> Iterator[tuple[Part, dict[str, str]]]:
    """(part, slot → field) for every group of columns in use, in order."""
    wanted = set(used)
    for part in parts:
        for number in range(1, MOST + 1):
            names = {part.slot_name(field, number): field for field in (part.title, *part.fields)}
            if found := {slot: field for slot, field in names.items() if slot in wanted}:
                yield part, found


def guess(
    columns: Sequence[HeaderColumn], claimed: Mapping[int, str], parts: Iterable[Part], slots: Mapping[str, Slot]
) -> dict[int, str]:
    """Slots of parts by column position, for columns that nothing else has claimed (position → slot).

    A header that names the part says by its number which one is meant; what follows it without naming
    anything else (position, mobile) belongs to the same one.
    """
    found: dict[int, str] = {}
    known = set(claimed.values())
    for part in parts:
        place = 0
        for column in columns:
            if column.index in claimed:
                slot = slots[claimed[column.index]]
                place = slot.number if slot.part == part.name else place
                continue
            text = f"{column.group} {column.leaf}" if column.group else column.name
            said = header_groups.read(text, part.entity.slug)
            if said is not None:
                field, place = said.field or part.title, said.number
                name = part.slot_name(field, place)
                if name in known and place == 1 and field == part.title:
                    place = next((n for n in range(2, MOST + 1) if part.slot_name(field, n) not in known), 1)
                    name = part.slot_name(field, place)
            elif place and not column.group:
                field = headers.guess(column.leaf, part.entity.slug)
                name = part.slot_name(field, place) if field in part.fields else ""
            else:
                continue
            if name in slots and name not in known and column.index not in found:
                found[column.index] = name
                known.add(name)
    return found
