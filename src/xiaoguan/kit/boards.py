"""Boards: which field makes the columns of an entity's board, and how a card looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from xiaoguan.kit import access, columns
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing

Card = Callable[[Any, Reading], str]


@dataclass(frozen=True)
class BoardColumn:
    """One column: the value its cards carry, and its heading; `refuse` says why nothing may be dropped here.

    More cards than `limit` are marked.
    """

    value: Any
    label: str
    refuse: str = ""
    limit: int | None = None


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
_feet: dict[str, tuple[tuple[str, ...], Card]] = {}


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


def foot(model: type[models.Model], *, needs: str) -> Callable[[Card], Card]:
    """Put safe HTML below every card of a model's board, whoever draws the card; nothing where a need is masked."""

    def add(give: Card) -> Card:
        _feet[model._meta.label_lower] = (tuple(needs.split()), give)
        return give

    return add


def with_foot(
    entity: Entity, reading: Reading, needs: tuple[str, ...], card: Callable[[Any], str]
) -> tuple[tuple[str, ...], Callable[[Any], str]]:
    """What a card needs and how it is drawn, with what stands below it."""
    found = _feet.get(entity.name)
    if found is None or not all(access.readable(reading.actor, entity, name) for name in found[0]):
        return needs, card
    return (*needs, *found[0]), lambda row: f'{card(row)}<div class="board-foot">{found[1](row, reading)}</div>'


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


PARTS = {"p1r": "board-amount", "p2": "board-sub", "p2r": "board-when"}
"""Where the columns of a phone's two-line row stand on a plain card."""


def plain_card(entity: Entity, reading: Reading) -> tuple[tuple[str, ...], Callable[[Any], str]]:
    """A card of an entity without its own: title, figure, a word, a date, and the next step where there is one."""
    wanted = {*entity.names("list"), *entity.names("title"), *entity.names("sums")} - {entity.board}
    shown = [columns.of(entity, name, reading) for name in columns.names(entity, reading.actor) if name in wanted]
    step = next((column for column in shown if column.kind == "step"), None)
    rest = [column for column in shown if column is not step]
    made = [(PARTS[place], column) for column in rest if (place := columns.places(rest)[column.name]) in PARTS]
    title, next_step = rest[0].make(reading), step.make(reading) if step else lambda row: ""
    cells = [(css, column.make(reading)) for css, column in made]
    needs = [need for column in (*(column for _css, column in made), rest[0], step) if column for need in column.needs]

    def card(row: Any) -> str:
        link = f'<a class="board-title" href="{entity.url("detail", row.pk)}">{title(row)}</a>'
        spans = "".join([f'<span class="{css}">{cell(row)}</span>' for css, cell in cells])
        return f'{link}{spans}<div class="board-next">{next_step(row)}</div>'

    return tuple(needs), card


def move_action(entity: Entity, actor: Any) -> Any:
    """The action that a drag runs, if there is one and the actor may run it on some rows."""
    found = entity.actions.get("move")
    return found if found is not None and access.may(actor, found.verb, entity.model) else None


def more_words(n: int) -> str:
    """The link below a column that has more cards."""
    return _("%(n)s more") % {"n": f"{n:,}"}
