"""Boards: which field makes the columns of an entity's board, and how a card looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from xiaoguan.kit import access, columns, render
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing

Card = Callable[[Any, Reading], str]


@dataclass(frozen=True)
class BoardColumn:
    """One column: the value its cards carry, and its heading; `refuse` says why nothing may be dropped here."""

    value: Any
    label: str
    refuse: str = ""


@dataclass(frozen=True)
class Board:
    """How an entity's board is made; everything has a default.

    `order` sorts the cards of a column, most urgent first; `needs` names the values a card reads;
    `columns` gives the columns of a listing; `param` is the argument of the `move` action.
    """

    model: type[models.Model]
    card: Card | None = None
    needs: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    columns: Callable[[Listing], Sequence[BoardColumn]] | None = None
    param: str = "to"


_boards: dict[str, Board] = {}


def board(
    model: type[models.Model],
    *,
    needs: str = "",
    order: str = "",
    columns: Callable[[Listing], Sequence[BoardColumn]] | None = None,
    param: str = "to",
) -> Callable[[Card], Card]:
    """Draw the cards of a model's board by your own function of (row, reading), which returns safe HTML."""

    def add(card: Card) -> Card:
        found = Board(model, card, tuple(needs.split()), tuple(order.split()), columns, param)
        _boards[model._meta.label_lower] = found
        return card

    return add


def of(entity: Entity) -> Board:
    """The board of an entity: the registered one or the plain one."""
    return _boards.get(entity.name) or Board(entity.model)


def has(entity: Entity, actor: Any) -> bool:
    """Whether the entity has a board this actor may see."""
    return bool(entity.board) and access.readable(actor, entity, entity.board)


def columns_of(listing: Listing) -> list[BoardColumn]:
    """The columns of a listing's board, narrowed by a filter on the board's own field."""
    own = of(listing.entity)
    return list(own.columns(listing)) if own.columns else _plain_columns(listing)


def _plain_columns(listing: Listing) -> list[BoardColumn]:
    """Every choice of the field, or every living row of the linked table in its order."""
    field = listing.entity.column(listing.entity.board).field
    if not field.is_relation:
        return [BoardColumn(code, str(label)) for code, label in field.flatchoices]
    model = field.related_model
    rows = access.visible(model, listing.actor)
    rows = rows.order_by(*(model._meta.ordering or ["pk"]))
    return [BoardColumn(row.pk, str(row)) for row in rows[:40]]


def plain_card(entity: Entity, reading: Reading) -> tuple[tuple[str, ...], Callable[[Any], str]]:
    """A card of an entity without its own: title, figure, two words, next step where there is one."""
    shown = [
        columns.of(entity, name, reading)
        for name in columns.names(entity, reading.actor)
        if name in _card_names(entity)
    ]
    title, rest = shown[0], [column for column in shown[1:] if column.name != entity.board]
    figure = next((column for column in rest if column.kind == "money"), None)
    words = next((column for column in rest if column.kind in ("link", "text", "choice")), None)
    when = next((column for column in rest if column.kind == "date" and column.name != "next_due"), None)
    fields = {field.name for field in entity.model._meta.concrete_fields}
    due = "next_due" in fields and access.readable(reading.actor, entity, "next_due")
    made = {column.name: column.make(reading) for column in (title, figure, words, when) if column}
    needs = tuple(need for column in (title, figure, words, when) if column for need in column.needs)
    needs += ("next_due", "next_note") if due else ()

    def part(column: Any, css: str, row: Any) -> str:
        return f'<span class="{css}">{made[column.name](row)}</span>' if column else ""

    def card(row: Any) -> str:
        step = render.next_step(row.next_due, row.next_note) if due else ""
        return (
            f'<a class="board-title" href="{entity.url("detail", row.pk)}">{made[title.name](row)}</a>'
            f"{part(figure, 'board-amount', row)}{part(words, 'board-sub', row)}{part(when, 'board-when', row)}"
            f'<div class="board-next">{step}</div>'
        )

    return needs, card


def _card_names(entity: Entity) -> set[str]:
    return {*entity.names("list"), *entity.names("title"), *entity.names("subtitle"), *entity.names("sums")}


def move_action(entity: Entity, actor: Any) -> Any:
    """The action that a drag runs, if there is one and the actor may run it on some rows."""
    found = entity.actions.get("move")
    return found if found is not None and access.may(actor, found.verb, entity.model) else None


def more_words(n: int) -> str:
    """The link below a column that has more cards."""
    return _("%(n)s more") % {"n": f"{n:,}"}
