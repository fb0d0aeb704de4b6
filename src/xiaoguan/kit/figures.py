"""Figures and notices in the head of a record: an app adds its own to a record of its own or of a lower app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.safestring import SafeString

from xiaoguan.kit import access, columns, render
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Entity


@dataclass(frozen=True)
class Figure:
    """One figure of a head: `value` is safe HTML, `url` leads to the records behind it."""

    label: Any
    value: SafeString
    note: Any = ""
    url: str = ""


Give = Callable[[Any, Any], Figure | None]
Part = Callable[[Any, Any], SafeString | str]

_figures: dict[type[models.Model], list[tuple[int, Give]]] = {}
_parts: dict[tuple[type[models.Model], str], list[tuple[int, Part]]] = {}
MOST = 4


def figure(model: type[models.Model], *, position: int = 50) -> Callable[[Give], Give]:
    """Give a figure to the head of a model's record: `func(record, actor)` answers a Figure or None."""

    def add(give: Give) -> Give:
        found = _figures.setdefault(model, [])
        found.append((position, give))
        found.sort(key=lambda pair: pair[0])
        return give

    return add


def part(model: type[models.Model], place: str, *, position: int = 50) -> Callable[[Part], Part]:
    """Put safe HTML of `func(record, actor)` into a place of a model's record page.

    Places: `head` (beside the figures: the next step, the stage path), `left`, `right` (cards), `brief` (cards
    that the side panel shows as well), `warning`, `menu` (entries of the menu).
    """

    def add(give: Part) -> Part:
        found = _parts.setdefault((model, place), [])
        found.append((position, give))
        found.sort(key=lambda pair: pair[0])
        return give

    return add


def parts(record: Any, place: str, actor: Any) -> list[SafeString]:
    """What apps put into a place of this record's page."""
    found = (give(record, actor) for _position, give in _parts.get((type(record), place), ()))
    return [SafeString(html) for html in found if html]


def of(record: Any, actor: Any, reading: Reading) -> list[Figure]:
    """The figures of a record's head: the registered ones, else its own sums and rates."""
    given = [give(record, actor) for _position, give in _figures.get(type(record), ())]
    found = [each for each in given if each is not None]
    return (found or _own(record, actor, reading))[:MOST]


def _own(record: Any, actor: Any, reading: Reading) -> list[Figure]:
    entity = Entity.of(record)
    names = dict.fromkeys([*entity.names("sums"), *entity.names("list")])
    found = []
    for name in names:
        column = entity.column(name)
        if column.kind.code not in ("money", "percent") or not access.readable(actor, entity, name):
            continue
        value = column.value(record)
        if value is None:
            continue
        html = render.money(value) if column.kind.code == "money" else columns.show(column, reading)(value)
        found.append(Figure(columns.heading(column), SafeString(html)))
    return found
