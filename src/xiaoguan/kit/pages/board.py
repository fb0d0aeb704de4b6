"""The board: one column per stage or choice, cards by urgency, counts and sums of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Count, F, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.kit import access, boards, memo, render, table
from xiaoguan.kit.boards import BoardColumn
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing, Totals
from xiaoguan.kit.pages import answers, list as lists

CARDS = 15
MORE = 40


@dataclass(frozen=True)
class Figures:
    """Count and sums of one column."""

    count: int = 0
    sums: tuple[int, ...] = ()
    apart: int = 0


class BoardData:
    """The columns, figures and first cards of a listing's board."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.entity = listing.entity
        self.board = boards.of(self.entity)
        self.columns = boards.columns_of(listing)
        self.key = self.entity.column(self.entity.board).field.attname
        needs, self.render = self._card()
        self.needs = tuple(dict.fromkeys((*needs, self.key)))

    def _card(self) -> tuple[tuple[str, ...], Any]:
        reading = self.listing.reading
        if self.board.card is None:
            return boards.with_foot(self.entity, reading, *boards.plain_card(self.entity, reading))
        card = self.board.card
        return boards.with_foot(self.entity, reading, self.board.needs, lambda row: card(row, reading))

    @property
    def order(self) -> list[Any]:
        """How cards are sorted: the most urgent next step first, what has none last."""
        names = self.board.order or (("next_due",) if "next_due" in self._fields else ())
        return [*[_last_empty(name) for name in names], "-pk"]

    @property
    def _fields(self) -> set[str]:
        return {field.name for field in self.entity.model._meta.concrete_fields}

    @cached_property
    def figures(self) -> dict[Any, Figures]:
        """Count and sums per column of everything that matches: one query, remembered like those of a list."""
        key = ("board", *self.listing.question)
        if self.listing.q:
            return self._count()
        return memo.remember(key, tuple(sorted(self.listing.tokens.items())), self._count)

    def totals(self) -> Totals:
        """Those of the whole list, added up from its columns."""
        found = self.figures.values()
        sums = {column.path: sum(each.sums[at] for each in found) for at, column in enumerate(self.listing.sum_columns)}
        return Totals(sum(each.count for each in found), sums, sum(each.apart for each in found))

    def _count(self) -> dict[Any, Figures]:
        sums = {f"sum_{i}": Sum(column.path) for i, column in enumerate(self.listing.sum_columns)}
        rows = self.listing.matching.order_by().values(self.key).annotate(n=Count("pk"), **sums)
        found = {row[self.key]: Figures(row["n"], tuple(row[name] or 0 for name in sums)) for row in rows}
        if self.listing.apart is None:
            return found
        for row in self.listing.apart.order_by().values(self.key).annotate(n=Count("pk"), **sums):
            all_ = found[row[self.key]]
            less = tuple(all_.sums[at] - (row[name] or 0) for at, name in enumerate(sums))
            found[row[self.key]] = Figures(all_.count, less, row["n"])
        return found

    def cards(self, figures: dict[Any, Figures]) -> dict[Any, list[Any]]:
        """The first cards of every column: their ids by one query over all columns, their values by another."""
        ids = self._first_ids([column for column in self.columns if column.value in figures])
        rows = self.entity.model._default_manager.filter(pk__in=ids)
        found: dict[Any, list[Any]] = defaultdict(list)
        for row in self._values(rows.order_by(*self.order)):
            found[getattr(row, self.key)].append(row)
        return found

    def _first_ids(self, filled: list[BoardColumn]) -> list[int]:
        """One branch per column, each limited on its own, so that an index on the column serves all of them.

        A window function over the whole table would number every row to show a few, and a search for the
        first cards of an empty column would look at all of them.
        """
        parts: list[str] = []
        params: list[Any] = []
        rows = self.listing.matching
        for column in filled:
            one = rows.filter(**{self.key: column.value}).order_by(*self.order).values("pk")[:CARDS]
            sql, values = one.query.sql_with_params()
            parts.append(f"SELECT * FROM ({sql}) AS c{len(parts)}")
            params += values
        if not parts:
            return []
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            return [row[0] for row in cursor.fetchall()]

    def later(self, value: Any, start: int) -> list[Any]:
        """More cards of one column."""
        rows = self.listing.matching.filter(**{self.key: value}).order_by(*self.order)
        return list(self._values(rows)[start : start + MORE])

    def _values(self, rows: Any) -> Any:
        return rows.values_list("pk", *[name for name in self.needs if name != "pk"], named=True)


def _last_empty(name: str) -> Any:
    path = F(name.removeprefix("-"))
    return path.desc(nulls_last=True) if name.startswith("-") else path.asc(nulls_last=True)


def board_page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The board under the list's own address."""
    listing = lists.read(request, entity)
    if not boards.has(entity, request.user):
        raise Http404
    data = BoardData(listing)
    listing.totals = data.totals()
    context = {
        **lists.frame(request, listing, page="board"),
        "board": _columns(request, data),
        "problems": listing.problems,
        "legend": render.legend() if "next_due" in data._fields else "",
    }
    if answers.targets(request, "list"):
        return TemplateResponse(request, "kit/board_part.html", {**context, "part": True})
    return TemplateResponse(request, lists.template(entity, "board"), context)


def _columns(request: HttpRequest, data: BoardData) -> SafeString:
    figures = data.figures
    cards = data.cards(figures)
    movable = boards.move_action(data.entity, request.user) is not None
    card = _card_renderer(data, movable)
    made = []
    for column in data.columns:
        known = figures.get(column.value, Figures())
        shown = cards.get(column.value, [])
        made.append(
            format_html(
                '<section class="board-col" data-stage="{}" data-refuse="{}" aria-label="{}">{}'
                '<ol class="board-cards">{}</ol>{}</section>',
                column.value,
                column.refuse,
                column.label,
                _heading(data, column, known),
                table.joined(card(row) for row in shown),
                _more(data, column, len(shown), known.count),
            )
        )
    return table.joined(made)


def _heading(data: BoardData, column: BoardColumn, known: Figures) -> SafeString:
    total = ""
    first = data.listing.sum_columns[:1]
    if first and known.sums:
        shown = render.money(known.sums[0]) if first[0].kind.code == "money" else render.number(known.sums[0])
        words = _("%(n)s of them not counted") % {"n": render.number(known.apart)} if known.apart else ""
        total = format_html('<span class="push num" title="{}">{}</span>', words, shown)
    over = ""
    if column.limit is not None and known.count > column.limit:
        over = render.tag(_("more than %(n)s") % {"n": column.limit}, "amber")
    return format_html(
        '<header class="board-head"><h2>{}</h2><span class="count">{}</span>{}{}</header>',
        column.label,
        render.number(known.count),
        over,
        total,
    )


def _more(data: BoardData, column: BoardColumn, shown: int, count: int, *, swap: bool = False) -> SafeString:
    """The link to the cards that are not shown yet; with `swap` it takes the place of the one that was followed."""
    oob = SafeString(' hx-swap-oob="true"') if swap else ""
    if count <= shown:
        return format_html('<span id="more-{}"{}></span>', column.value, oob) if swap else SafeString("")
    url = f"{data.entity.url('board_column')}{data.listing.address(sort=None)}&_column={column.value}&_start={shown}"
    plain = f"{data.entity.url('list')}{data.listing.address(**{data.entity.board: str(column.value)})}"
    return format_html(
        '<a class="board-more" id="more-{}" href="{}" hx-get="{}" hx-target="previous .board-cards"'
        ' hx-swap="beforeend"{}>{}</a>',
        column.value,
        plain,
        url,
        oob,
        boards.more_words(count - shown),
    )


def _card_renderer(data: BoardData, movable: bool) -> Callable[[Any], str]:
    """A function from a row to its card, with the link that does what dragging does."""
    base = data.entity.url("list")
    words = escape(_("Move to…"))
    param = escape(data.board.param)
    dots = render.icon("dots")

    def card(row: Any) -> str:
        url = f"{base}{row.pk}/"
        move, twin = "", ""
        if movable:
            move = f' data-move="{url}do/move/" data-field="{param}"'
            twin = (
                f'<a class="btn btn-icon board-menu" href="{url}do/move/" hx-get="{url}do/move/" hx-target="#dialogs"'
                f' aria-label="{words}" title="{words}">{dots}</a>'
            )
        return f'<li class="board-card" data-record="{row.pk}" data-open="{url}"{move}>{data.render(row)}{twin}</li>'

    return card


def column_page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The next cards of one column."""
    if not boards.has(entity, request.user) or not access.may(request.user, "view", entity.model):
        raise Http404
    params = {name: value for name, value in lists.flat(request.GET).items() if not name.startswith("_")}
    data = BoardData(Listing(entity, request.user, params))
    raw, start = request.GET.get("_column", ""), request.GET.get("_start", "0")
    column = next((each for each in data.columns if str(each.value) == raw), None)
    if column is None or not start.isascii() or not start.isdigit() or len(start) > 8:
        raise Http404
    rows = data.later(column.value, int(start))
    card = _card_renderer(data, boards.move_action(entity, request.user) is not None)
    total = data.figures.get(column.value, Figures()).count
    more = _more(data, column, int(start) + len(rows), total, swap=True)
    return HttpResponse(table.joined([*[card(row) for row in rows], more]))
