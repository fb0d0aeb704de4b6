"""Columns of a list as functions: from a row of plain values to the HTML of a cell.

Rows are named tuples of just the values the visible columns need, so a list loads no model instances;
a page of 80 rows is rendered by a few thousand small calls and no template.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html import escape
from operator import attrgetter
from typing import Any

from django.db import models
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext as _

from xiaoguan.kit import access, clock, filters, render, titles
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Column, Entity, entities

Cell = Callable[[Any], str]
Show = Callable[[Any], str]
NOTHING = "—"


class Reading:
    """What rendering needs to know about the reader, asked once per page."""

    def __init__(self, actor: Any, tokens: dict[str, int]) -> None:
        self.actor = actor
        self.tokens = tokens
        self.today = clock.today()
        self._kept: dict[Any, Any] = {}

    @cached_property
    def zone(self) -> Any:
        """The company's zone, for moments."""
        return clock.zone()

    def titles(self, model: type[models.Model]) -> dict[int, str] | None:
        """Titles of a reference table from memory; None when rows must be joined."""
        if not titles.is_reference(model):
            return None
        token = self.tokens.get(model._meta.label_lower, 0)
        return self.once(model, lambda: titles.of_reference(model, token))

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What cells of one page share, made by the first that asks."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


Make = Callable[[Reading], Cell]


@dataclass(frozen=True)
class ListColumn:
    """A column of a list: what it needs from the database and how its cells are made."""

    name: str
    label: str
    needs: tuple[str, ...]
    make: Make
    kind: str = "text"
    unit: str = ""
    align: str = "start"
    sort: str = ""
    edit: bool = False
    classes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class _Own:
    """A cell registered by an app."""

    func: Callable[[Any, Reading], str] | None
    needs: tuple[str, ...]
    label: Any
    align: str
    unit: str = ""
    make: Make | None = None


_own: dict[tuple[str, str], _Own] = {}


def cell(
    model: type[models.Model], name: str, *, needs: str = "", label: Any = None, align: str = "", unit: str = ""
) -> Callable[[Callable[[Any, Reading], str]], Callable[[Any, Reading], str]]:
    """Render a column of a model's list by your own function of (row, reading).

    `needs` names the stored fields or paths the row must carry, the column's own among them by default.
    The function returns safe HTML.
    """

    def add(func: Callable[[Any, Reading], str]) -> Callable[[Any, Reading], str]:
        _own[model._meta.label_lower, name] = _Own(func, tuple(needs.split()) or (name,), label, align, unit)
        _of.cache_clear()
        return func

    return add


def show(column: Column, reading: Reading) -> Show:
    """A function from a stored value of this column's kind to HTML."""
    return _SHOW.get(column.kind.code, _show_text)(column, reading)


def _show_text(column: Column, _reading: Reading) -> Show:
    told = column.kind.told
    return lambda value: escape(told(value)) if value not in (None, "") else NOTHING


def _show_number(_column: Column, _reading: Reading) -> Show:
    return lambda value: NOTHING if value is None else render.number(value)


def _show_money(_column: Column, _reading: Reading) -> Show:
    return lambda value: NOTHING if value is None else render.amount(value)


def _show_percent(_column: Column, _reading: Reading) -> Show:
    share = lru_cache(maxsize=None)(render.share)  # few rates make a page: each is written once
    return lambda value: NOTHING if value is None else share(value)


def _show_date(_column: Column, reading: Reading) -> Show:
    today, language = reading.today, get_language()
    return lambda value: NOTHING if value is None else _day(value, today, language)


@lru_cache(maxsize=4096)
def _day(value: Any, _today: Any, _language: str | None) -> str:
    """A date in words; what they depend on is part of the key, so that pages share them."""
    return render.day(value)


def next_step(due: Any, text: str, reading: Reading, plan_url: str = "") -> str:
    """A next step as `render.next_step` draws it; what is the same for all of one day is made once."""
    html = _step(due, bool(text), bool(plan_url), reading.today, get_language())
    return html.replace(_WORDS, escape(text or "")).replace(_ADDRESS, plan_url)


_WORDS, _ADDRESS = "\x02", "/plan-it-here/"


@lru_cache(maxsize=4096)
def _step(due: Any, worded: bool, planned: bool, _today: Any, _language: str | None) -> str:
    return render.next_step(due, _WORDS if worded else "", plan_url=_ADDRESS if planned else "")


def _show_moment(_column: Column, _reading: Reading) -> Show:
    return lambda value: NOTHING if value is None else render.moment(value)


def _show_time(_column: Column, _reading: Reading) -> Show:
    return lambda value: NOTHING if value is None else value.strftime("%H:%M")


def _show_yesno(_column: Column, _reading: Reading) -> Show:
    said = {True: escape(_("yes")), False: escape(_("no")), None: NOTHING}
    return lambda value: said[value]


def _show_choice(column: Column, _reading: Reading) -> Show:
    said = {code: escape(str(text)) for code, text in column.field.flatchoices}
    said |= {"": NOTHING, None: NOTHING}
    return lambda value: said.get(value) or escape(str(value))


def _show_choices(column: Column, _reading: Reading) -> Show:
    if marked := getattr(column.field, "marked", None):  # choices that know how they look
        return marked
    said = {code: escape(str(text)) for code, text in column.field.flatchoices}
    return lambda value: render.listed(said.get(code, escape(code)) for code in value) if value else NOTHING


def _show_phone(column: Column, _reading: Reading) -> Show:
    return lambda value: f'<span class="nowrap">{escape(column.kind.plain(value))}</span>' if value else NOTHING


_SHOW: dict[str, Callable[[Column, Reading], Show]] = {
    "number": _show_number,
    "money": _show_money,
    "percent": _show_percent,
    "date": _show_date,
    "moment": _show_moment,
    "time": _show_time,
    "yesno": _show_yesno,
    "choice": _show_choice,
    "choices": _show_choices,
    "phone": _show_phone,
}


def _make_plain(column: Column) -> Make:
    def make(reading: Reading) -> Cell:
        get, said = attrgetter(column.path), show(column, reading)
        return lambda row: said(get(row))

    return make


def _make_remembered(column: Column) -> Make:
    """A link into a small reference table: the id is enough, names come from memory."""
    key = column.key

    def make(reading: Reading) -> Cell:
        get = attrgetter(key)
        names = reading.titles(column.field.related_model) or {}
        said = {pk: escape(name) for pk, name in names.items()} | {None: NOTHING}
        return lambda row: said.get(get(row), NOTHING)

    return make


def _make_joined(column: Column, paths: Sequence[str]) -> Make:
    """A link into a large table: its title's fields come along by a join."""

    def make(_reading: Reading) -> Cell:
        if len(paths) == 1:
            get = attrgetter(paths[0])
            return lambda row: escape(str(get(row))) if get(row) not in (None, "") else NOTHING
        gets = [attrgetter(path) for path in paths]
        return lambda row: escape(titles.join(get(row) for get in gets)) or NOTHING

    return make


def of(entity: Entity, name: str, reading: Reading) -> ListColumn:
    """One column of a list by its name; FieldDoesNotExist when there is none."""
    related = entity.column(name).field.related_model
    remembered = related is not None and reading.titles(related) is not None
    return _of(entity, name, entity.column(name), remembered, get_language(), render.money_unit_code())


@lru_cache(maxsize=4096)
def _of(entity: Entity, name: str, column: Column, remembered: bool, _language: str | None, _unit: str) -> ListColumn:
    """A column as all readers of one language and unit see it."""
    kind = column.kind.code
    own = _own.get((entity.name, name)) or _next_step(entity, name) or _built_in(entity, name)
    needs, make = _source(column, remembered)
    label, unit, align = heading(column), render.money_unit() if kind == "money" else "", column.kind.align
    if own is not None:
        label = capfirst(str(own.label)) if own.label else label
        unit, align, needs = own.unit or unit, own.align or align, own.needs
        make = own.make or _bind(own.func)
    return ListColumn(
        name=name,
        label=label,
        needs=needs,
        make=make,
        kind="step" if name == "next_due" else kind,
        unit=str(unit),
        align=align,
        sort=name,
        edit=_editable(entity, column, own is not None),
    )


def _next_step(entity: Entity, name: str) -> _Own | None:
    """Where a record keeps its next step (`next_due`, `next_note`), the column shows dot, date and words."""
    fields = {field.name for field in entity.model._meta.concrete_fields}
    if name != "next_due" or "next_note" not in fields:
        return None
    needs = ("next_due", "next_note")
    return _Own(None, needs, _("Next step"), "start", make=_make_step)


def _built_in(entity: Entity, name: str) -> _Own | None:
    """A seeded row that nobody has renamed shows its built-in name in the reader's language."""
    if name != "name" or not issubclass(entity.model, Coded):
        return None
    names = entity.model.names

    def shown(row: Any, _reading: Reading) -> str:
        return escape(row.name or str(names.get(row.code or "", row.code or "")))

    return _Own(shown, ("code", "name"), None, "")


def _make_step(reading: Reading) -> Cell:
    return lambda row: next_step(row.next_due, row.next_note, reading)


def _bind(func: Callable[[Any, Reading], str] | None) -> Make:
    assert func is not None
    return lambda reading: lambda row: func(row, reading)


def _source(column: Column, remembered: bool) -> tuple[tuple[str, ...], Make]:
    """What a column reads from the database and how its cells are made from that."""
    if not column.field.is_relation:
        return (column.path,), _make_plain(column)
    if remembered:
        return (column.key,), _make_remembered(column)
    paths = tuple(titles.paths(column.field.related_model, column.path))
    return paths, _make_joined(column, paths)


def heading(column: Column) -> str:
    """The header of a column: the field's own name; of a linked record's title the record's name."""
    head, _mark, leaf = column.path.rpartition("__")
    if head:
        linked = entities.get(column.field.model._meta.label_lower)
        if linked is not None and leaf in linked.names("title"):
            return capfirst(str(column.field.model._meta.verbose_name))
    return capfirst(str(column.label))


def _editable(entity: Entity, column: Column, own: bool) -> bool:
    """Whether a cell may be edited in place: a plain field of the form shown as itself."""
    plain = column.kind.code in ("text", "number", "money", "percent", "date", "choice", "phone", "time")
    return plain and not own and column.path in entity.names("form") and not isinstance(column.field, models.TextField)


PLACES = (
    ("p1r", ("money", "percent", "number")),
    ("p2", ("step", "link", "text", "choice", "person")),
    ("p2r", ("date", "moment")),
)
"""Where a column goes in the two-line row of a phone, with the kinds that go there, the best first."""


def places(columns: Sequence[ListColumn]) -> dict[str, str]:
    """Phone: title and figure above, one word and one date below, the rest left out."""
    found = {column.name: "p1" if index == 0 else "p0" for index, column in enumerate(columns)}
    for place, wanted in PLACES:
        free = [column for column in columns if found[column.name] == "p0" and column.kind in wanted]
        if free:
            found[min(free, key=lambda column: wanted.index(column.kind)).name] = place
    return found


@cache
def _declared(entity: Entity) -> tuple[str, ...]:
    """Every name a column may have by declaration, those of the list first."""
    wanted = list(entity.declared("list"))
    for part in ("form", "subtitle", "filter", "sums"):
        wanted += entity.declared(part)
    wanted += ["owner"] if entity.scope == "owner" else []
    wanted += ["created_at", "updated_at"] if entity.scope != "self" else []
    fields = {each.name for each in entity.model._meta.concrete_fields}
    return tuple(name for name in dict.fromkeys(wanted) if "__" in name or name in fields)


def names(entity: Entity, actor: Any) -> list[str]:
    """Every column the actor may choose, those of the declared list first; masked ones are absent."""
    own = [column.path for column in entity.own_columns()]
    return [name for name in (*_declared(entity), *own) if access.readable(actor, entity, name)]


def label(entity: Entity, name: str) -> str:
    """The name of a column in the column chooser."""
    own = _own.get((entity.name, name))
    if own is not None and own.label:
        return capfirst(str(own.label))
    return filters.label(entity.column(name))
