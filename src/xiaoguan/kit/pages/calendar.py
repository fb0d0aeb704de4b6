"""The calendar: the rows of a list by the day of one date, a month or a week at a time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from html import escape
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from xiaoguan.kit import (
    access,
    action,
    clock,
    columns,
    conflict,
    controls,
    form,
    kinds,
    problems,
    render,
    spans,
    table,
    toasts,
)
from xiaoguan.kit.controls import Input
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.pages import answers, detail, list as lists

PER_DAY = {"month": 4, "week": 40}


class Calendar:
    """One stretch of days with the rows of a listing on them."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.entity = listing.entity
        self.column = self.entity.column(self.entity.calendar)
        self.span = "week" if listing.given.get("span") == "week" else "month"
        self.at = _day(listing.given.get("at", "")) or clock.today()
        if self.span == "week":
            first = last = self.at
        else:
            first, last = spans.month_of(self.at)
        self.first = first - dt.timedelta(days=first.weekday())
        self.last = last + dt.timedelta(days=6 - last.weekday())

    @property
    def days(self) -> list[dt.date]:
        """Whole weeks, Monday first."""
        return [self.first + dt.timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def title(self) -> str:
        """`November 2026`, or the two ends of a week."""
        if self.span == "month":
            return date_format(self.at, "YEAR_MONTH_FORMAT")
        return _("%(first)s to %(last)s") % {"first": render.day(self.first), "last": render.day(self.last)}

    def beside(self, by: int) -> str:
        """The address of the stretch before or after."""
        if self.span == "week":
            there = self.at + dt.timedelta(weeks=by)
        else:
            there = spans.month_of(self.at, by)[0]
        return self.listing.address(span=self.span, at=there.isoformat())

    @property
    def _within(self) -> Any:
        return self.listing.matching.filter(kinds.DATE.between(self.column.path, self.first, self.last))

    def figures(self) -> dict[dt.date, tuple[int, int | None]]:
        """Count and first sum of each day: one query."""
        sums = {f"sum_{i}": self.listing.adding(column) for i, column in enumerate(self.listing.sum_columns[:1])}
        found = self._within.order_by().values(self.column.path).annotate(n=Count("pk"), **sums)
        return {row[self.column.path]: (row["n"], row.get("sum_0")) for row in found}

    def items(self) -> dict[dt.date, list[str]]:
        """The first rows of each day in the list's order, drawn: two queries."""
        place = Window(RowNumber(), partition_by=F(self.column.path), order_by=self.listing.order())
        ids = self._within.annotate(place=place).filter(place__lte=PER_DAY[self.span]).values_list("pk", flat=True)
        names = [self.entity.names("title")[0], *[column.path for column in self.listing.sum_columns[:1]]]
        shown = [columns.of(self.entity, name, self.listing.reading) for name in names]
        rows = self.entity.model._default_manager.filter(pk__in=list(ids))
        needs = dict.fromkeys([self.column.path, *[need for column in shown for need in column.needs]])
        draw = self._drawer([column.make(self.listing.reading) for column in shown])
        found: dict[dt.date, list[str]] = defaultdict(list)
        values = self.listing.ordered(rows).values_list("pk", *[n for n in needs if n != "pk"], named=True)
        for row in values:
            found[getattr(row, self.column.path)].append(draw(row))
        return found

    def _drawer(self, cells: list[Any]) -> Any:
        movable = may_move(self.entity, self.listing.actor)
        words = escape(_("Move to another day"))
        dots, base = render.icon("dots"), self.entity.url("list")

        def draw(row: Any) -> str:
            url, there = f"{base}{row.pk}/", self.entity.url("calendar_move", row)
            figure = f'<span class="board-amount">{cells[1](row)}</span>' if len(cells) > 1 else ""
            move = f' data-move="{there}" data-field="value"' if movable else ""
            twin = (
                f'<a class="btn btn-icon board-menu" href="{there}" hx-get="{there}" hx-target="#dialogs"'
                f' aria-label="{words}" title="{words}">{dots}</a>'
                if movable
                else ""
            )
            link = f'<a class="board-title" href="{url}">{cells[0](row)}</a>'
            return f'<li class="cal-item" data-record="{row.pk}" data-open="{url}"{move}>{link}{figure}{twin}</li>'

        return draw

    def html(self) -> SafeString:
        """The grid: seven columns with a cell per day."""
        figures, items, today = self.figures(), self.items(), clock.today()
        heads = "".join(
            f'<div class="cal-head" aria-hidden="true">{render.weekday(day)}</div>' for day in self.days[:7]
        )
        cells = [self._cell(day, figures.get(day, (0, None)), items.get(day, []), today) for day in self.days]
        return table.joined([heads, *cells])

    def _cell(self, day: dt.date, figure: tuple[int, int | None], items: list[str], today: dt.date) -> str:
        css = ["cal-day"]
        css += ["is-today"] if day == today else []
        css += ["is-outside"] if self.span == "month" and day.month != self.at.month else []
        css += ["is-empty"] if not items else []
        more, left = "", figure[0] - len(items)
        if left > 0:
            url = self.entity.url("list") + self.listing.address(
                **{self.column.path: day.isoformat()}, span=None, at=None
            )
            words = ngettext("%(n)s more", "%(n)s more", left) % {"n": left}
            more = format_html('<a class="cal-more" href="{}">{}</a>', url, words)
        total = ""
        if figure[1] is not None and self.listing.sum_columns:
            column = self.listing.sum_columns[0]
            total = render.amount(figure[1]) if column.kind.code == "money" else render.number(figure[1])
        current = ' aria-current="date"' if day == today else ""
        label = f"{render.day(day)} {render.weekday(day)}"
        return (
            f'<section class="{" ".join(css)}" data-stage="{day.isoformat()}" data-refuse=""'
            f' aria-label="{escape(label)}"{current}><header class="cal-date"><h2><span class="only-phone">'
            f"{escape(render.weekday(day))} </span>{day.day if self.span == 'month' else render.day(day)}</h2>"
            f'<span class="push num faint">{total}</span></header>'
            f'<ol class="board-cards cal-items">{"".join(items)}</ol>{more}</section>'
        )

    def undated(self) -> tuple[int, str]:
        """How many rows have no day, and the list of them."""
        n = self.listing.matching.filter(**{f"{self.column.path}__isnull": True}).count()
        return n, self.entity.url("list") + self.listing.address(**{self.column.path: "none"}, span=None, at=None)


def _day(raw: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(raw)
    except ValueError:
        return None
    return found if dt.date(1900, 3, 1) < found < dt.date(2200, 1, 1) else None


def has(entity: Entity, actor: Any) -> bool:
    """Whether the entity has a calendar this actor may see."""
    return bool(entity.calendar) and access.readable(actor, entity, entity.calendar)


def may_move(entity: Entity, actor: Any) -> bool:
    """Whether the day is a field of the form that the actor may change on some rows."""
    return entity.calendar in entity.names("form") and access.may(actor, "change", entity.model)


def calendar_page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The calendar under the list's own address; `span` is month or week, `at` a day in it."""
    listing = lists.read(request, entity)
    if not has(entity, request.user):
        raise Http404
    calendar = Calendar(listing)
    undated, undated_url = calendar.undated()
    context = {
        **lists.frame(request, listing, page="calendar"),
        "calendar": calendar.html(),
        "span": calendar.span,
        "title": calendar.title,
        "previous_url": calendar.beside(-1),
        "next_url": calendar.beside(1),
        "today_url": listing.address(span=calendar.span, at=None),
        "month_url": listing.address(span=None, at=calendar.at.isoformat()),
        "week_url": listing.address(span="week", at=calendar.at.isoformat()),
        "by": columns.heading(calendar.column),
        "undated": undated,
        "undated_url": undated_url,
        "problems": listing.problems,
    }
    if answers.targets(request, "list"):
        return TemplateResponse(request, "kit/calendar_part.html", {**context, "part": True})
    return TemplateResponse(request, lists.template(entity, "calendar"), context)


def move_page(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """Ask for another day, or move the record there; what dragging does too."""
    row = detail.load(entity, request.user, pk)
    if not has(entity, request.user) or entity.calendar not in entity.names("form"):
        raise Http404
    if not access.may(request.user, "change", row):
        raise Denied("change", row)
    column = entity.column(entity.calendar)
    item = _input(column, row, request.POST.get("value"))
    if request.method == "POST":
        was = request.POST.get(conflict.WAS)
        conflict.refuse_unseen(entity, row, entity.calendar, was, request.user, request.path)
        try:
            value = form.read_value(column, item.raw, request.user)
            done = action.update(row, {column.path: value}, actor=request.user)
        except kinds.Unparsable as problem:
            item.errors.append(problems.sentence(problem.code, column.kind.code))
        except (ValidationError, Invalid) as problem:
            item.errors += problem.messages if isinstance(problem, ValidationError) else _lines(problem)
        else:
            words = {"name": entity.title_of(row), "day": render.day(value) if value else render.NOTHING}
            text = _("%(name)s is on %(day)s now") % words
            if request.htmx:
                return toasts.attach(HttpResponse(""), text, done.change)
            toasts.tell(request, text, done.change)
            return answers.go(request, entity.url("calendar"))
    context = {"entity": entity, "row": row, "item": item, "page_title": entity.title_of(row), "url": request.path}
    status = 422 if item.errors else 200
    if request.htmx:
        return answers.dialog(request, "kit/calendar_move.html", context, status)
    return TemplateResponse(request, "kit/calendar_move.html", {**context, "dialog": False}, status=status)


def _input(column: Column, row: Any, raw: str | None) -> Input:
    now = controls.raw_of(column.kind, getattr(row, column.field.attname))
    return Input(
        name="value",
        label=columns.heading(column),
        kind="date",
        raw=now if raw is None else raw,
        required=form.is_required(column.field),
    )


def _lines(problem: Invalid) -> list[str]:
    return [str(text) for texts in problem.errors.values() for text in texts]
