"""One list: from an actor and an address to rows, chips, columns, sums and pages.

Page, export, board and bulk actions all ask the same Listing, so they can't disagree about what is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from xiaoguan.kit import access, clock, columns, filters, memo, render, search, titles, views, wheres
from xiaoguan.kit.columns import ListColumn, Reading
from xiaoguan.kit.entity import Column, Entity, entities

PAGE = 80
PASSING = ("page", "open", "panel")
"""Parameters of the moment: no link carries them on."""
SORTED, SHARED = 5_000, 4
"""So many rows are sorted in no time; so many of them to a link are too many to walk along the links."""
WIDEST, NARROWEST = 900, 48
PATIENCE = 40
"""A slow count of a tab holds this many times as long as it took: 80 ms of counting are good for two seconds."""
STEADY = 20
"""That of a list itself half as long."""
RESERVED = frozenset(
    {"view", "from", "q", "sort", "page", "cols", "widths", "group", "closed", "open", "panel", "span", "at"}
)
"""Parameters with a meaning of their own; every other one is a filter."""


@dataclass(frozen=True)
class Totals:
    """Count and sums of all matching rows, not of the page."""

    count: int
    sums: dict[str, int]
    apart: int = 0
    """How many of the rows are in no sum, as another one stands for them."""


class Listing:
    """Rows of an entity that an actor sees under the filters, order, columns and page of an address."""

    def __init__(self, entity: Entity, actor: Any, params: Mapping[str, str], *, page_size: int = PAGE) -> None:
        self.entity = entity
        self.actor = actor
        self.page_size = page_size
        self.given = {name: params[name] for name in params}
        self.problems: list[str] = []
        self.views = views.of(entity, actor)
        self.view = self._chosen_view()
        self.params = self._effective()
        self.filters = self._read_filters()
        self.q = self.params.get("q", "").replace("\x00", "").strip()[:200]

    # What the address says ------------------------------------------------------------------------------------

    def _chosen_view(self) -> views.View | None:
        """The named view; without any filter in the address the first one; None for filters of one's own."""
        code = self.given.get("view")
        if code is not None:
            for view in (*self.views, views.EVERYTHING):
                if view.code == code:
                    return view
            self.problems.append(_("There is no view “%(name)s” here.") % {"name": code[:60]})
            return None
        own = set(self.given) - RESERVED
        return None if own or self.given.get("q") else views.default(self.entity, self.actor)

    def _effective(self) -> dict[str, str]:
        """View and address in one: what the address says wins."""
        found = dict(self.view.params) if self.view else {}
        found |= {name: value for name, value in self.given.items() if name not in ("view", "from", "open", "panel")}
        return {name: value for name, value in found.items() if value != ""}

    def _read_filters(self) -> list[filters.Filter]:
        wanted = {name: raw for name, raw in self.params.items() if name not in RESERVED}
        nested = wanted.pop(wheres.PARAM, "")
        found, problems = filters.read(self.entity, wanted, self.actor)
        self.problems += problems
        if nested:
            parts, problems = wheres.read(self.entity, nested, self.actor)
            self.problems += problems
            found += parts
        return found

    # What is kept as a view -----------------------------------------------------------------------------------

    @cached_property
    def base(self) -> views.View | None:
        """The view this list shows, or from which the person came to it by changing filters."""
        if self.view is not None:
            return self.view
        code = self.given.get("from", "")
        return next((each for each in (*self.views, views.EVERYTHING) if each.code == code), None)

    def state(self, mode: str = "list") -> dict[str, str]:
        """What a view would keep of this list: filters, order, columns, widths, group, and the page it is shown on."""
        found = {name: value for name, value in self.params.items() if name not in RESERVED or name in views.KEPT}
        return found | ({} if mode == "list" else {"mode": mode})

    def is_changed(self, mode: str = "list") -> bool:
        """Whether this list is not what its view says."""
        if self.base is None:
            return bool(self.filters)
        if self.base.saved is None:  # which page a built-in view is shown on is no change of it
            return self.state() != self.base.params
        return self.state(mode) != self.base.params | ({} if self.base.mode == "list" else {"mode": self.base.mode})

    def address(self, **changes: Any) -> str:
        """The query string of this list with changes; None drops a parameter. Keeps the view only while it holds."""
        keep = {name: value for name, value in self.given.items() if name not in PASSING}
        if self.view and "view" not in keep:
            keep["view"] = self.view.code
        if any(name not in RESERVED for name in changes):
            # A filter of a view is changed or dropped: from here on the address speaks for itself.
            keep.pop("view", None)
            keep = {**self.params, **keep}
            keep.pop("page", None)
            if self.base is not None:
                keep["from"] = self.base.code
        keep |= changes
        # While a view holds, an empty value says that something of it is put aside.
        own = self.view.params if self.view and "view" in keep else {}
        found = {name: "" if value is None else value for name, value in keep.items() if value or name in own}
        if not set(found) - {"sort", "cols", "page", "from", "widths", "group", "closed", "span", "at"}:
            found["view"] = "all"
            found.pop("from", None)
        return "?" + urlencode(found, safe=",.:!()")

    # Rows -------------------------------------------------------------------------------------------------------

    @cached_property
    def tokens(self) -> dict[str, int]:
        """Feed tokens of everything this list is made from: they prove what is remembered to be current."""
        own = {column.field.related_model for column in self.entity.own_columns()} - {None}
        return titles.tokens({*_concerned(self.entity), *own})

    @cached_property
    def reading(self) -> Reading:
        """What the cells need to know about the reader."""
        return Reading(self.actor, self.tokens)

    @cached_property
    def matching(self) -> QuerySet[Any]:
        """All matching rows in no order: visible to the actor, filtered, searched."""
        rows = access.visible(self.entity.model, self.actor)
        for each in self.filters:
            rows = rows.filter(each.condition)
        return self._searched(rows) if self.q else rows

    def _searched(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        found = search.filter_ids(self.entity, self.q, self.actor)
        if found is not None:
            return rows.filter(pk__in=found)
        either = Q(pk__in=[])
        for column in self.entity.columns("find"):
            if access.readable(self.actor, self.entity, column.path):
                either |= Q(**{f"{column.path}__icontains": self.q})
        return rows.filter(either)

    @cached_property
    def columns(self) -> list[ListColumn]:
        """The chosen columns, or those of the declaration; masked ones are absent."""
        allowed = columns.names(self.entity, self.actor)
        asked = [name for name in self.params.get("cols", "").split(",") if name]
        if unknown := [name for name in asked if name not in allowed]:
            words = {"name": render.listed(unknown)[:60]}
            self.problems.append(_("There is no column “%(name)s” here; it was left out.") % words)
        chosen = [name for name in dict.fromkeys(asked) if name in allowed]
        if not chosen:
            chosen = [name for name in self.entity.names("list") if name in allowed] or allowed[:1]
        return [columns.of(self.entity, name, self.reading) for name in chosen]

    @cached_property
    def widths(self) -> dict[str, int]:
        """The widths in pixels that the address gives to columns; nonsense is passed over."""
        found = {}
        for part in self.params.get("widths", "").split(","):
            name, _mark, raw = part.partition(":")
            if raw.isascii() and raw.isdigit() and len(raw) < 5:
                found[name] = min(max(int(raw), NARROWEST), WIDEST)
        return {column.name: found[column.name] for column in self.columns if column.name in found}

    @cached_property
    def sort(self) -> str:
        """The order: a column's name, `-` in front for falling."""
        for raw in (self.params.get("sort", ""), self.entity.sort):
            name = raw.removeprefix("-")
            if name in ("id", "pk") or name in self._sortable:
                return raw
            if raw and raw == self.params.get("sort"):
                words = {"name": name[:60]}
                self.problems.append(_("There is no column “%(name)s” to sort by.") % words)
        return "-id"

    @cached_property
    def _sortable(self) -> set[str]:
        return {*columns.names(self.entity, self.actor), *filters.names(self.entity, self.actor)}

    def order(self) -> list[Any]:
        """The list's order, ties always broken the same way."""
        falling = self.sort.startswith("-")
        name = self.sort.removeprefix("-")
        last = F("pk").desc() if falling else F("pk").asc()
        if name in ("id", "pk"):
            return [last]
        return [*[_order(path, field, falling) for path, field in sort_fields(self.entity.column(name))], last]

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Rows in the list's order."""
        return rows.order_by(*self.order())

    def values(self, rows: QuerySet[Any], *, chosen: Iterable[ListColumn] | None = None) -> QuerySet[Any]:
        """Rows as named tuples of what the columns need; joins follow the columns."""
        needs = dict.fromkeys(need for column in chosen or self.columns for need in column.needs)
        return rows.values_list("pk", *[need for need in needs if need != "pk"], named=True)

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of this page as named tuples."""
        start = (self.page - 1) * self.page_size
        # Chosen first by id and joined after: a database that sorts wide joined rows sorts all of them.
        ids = self.ordered(self.matching).values_list("pk", flat=True)[start : start + self.page_size]
        filled = self._walked(start) or self._filled_first(start)
        if not filled and connection.vendor != "postgresql":
            return self.of_ids(ids)
        # In one statement PostgreSQL may walk the whole table in the outer order and look each row up in the page.
        places = {pk: place for place, pk in enumerate(filled or ids)}
        page = self.entity.model._default_manager.filter(pk__in=list(places))
        return sorted(self.values(page), key=lambda row: places[row.pk])

    def _walked(self, start: int) -> list[int]:
        """Ids of a page in the order of a link's names, found by walking the linked table in that order.

        Nothing where that takes longer than sorting: few rows match, or each link has many of them. A database that
        begins at the rows because they are filtered sorts all of them by names for every page; with a link each, and
        an index on the names, the first so many links are enough.
        """
        name = self.sort.removeprefix("-")
        column = None if name in ("id", "pk") else self.entity.column(name)
        if column is None or not column.field.many_to_one or "__" in column.path:
            return []
        model, fields = column.field.related_model, sort_fields(column)
        if len(fields) > 1 or self.totals.count < SORTED or self.totals.count > SHARED * _size(model):
            return []
        path = fields[0][0].removeprefix(f"{column.path}__")
        if "__" in path or model._meta.get_field(path).null:
            return []
        sign = "-" if self.sort.startswith("-") else ""
        matched = models.Exists(self.matching.filter(**{column.path: models.OuterRef("pk")}))
        along = model._base_manager.filter(matched).order_by(f"{sign}{path}").values_list("pk", path)
        found = list(along[: start + self.page_size])
        if not found:
            return []
        alike = along.filter(**{path: found[-1][1]})  # of the last name all, as its rows follow each other by id
        near = self.matching.filter(**{f"{column.path}__in": {pk for pk, _name in (*found, *alike)}})
        ids = near.order_by(f"{sign}{column.path}__{path}", f"{sign}pk").values_list("pk", flat=True)
        page = list(ids[start : start + self.page_size])
        return page if len(page) == self.page_size else []

    def _filled_first(self, start: int) -> list[int]:
        """Ids of a page in which every row has a value; nothing where that is not so simple.

        A link that may be empty makes an outer join, which no database begins at the other table, where the order
        is. And PostgreSQL keeps empty values at the high end of an index: it can't be read backwards with them last.
        """
        path = self.sort.removeprefix("-")
        if path in ("id", "pk"):
            return []
        column = self.entity.column(path)
        (path, field), *more = sort_fields(column)
        falling = self.sort.startswith("-")
        if more or not field.null:
            return []
        if path == column.path and (not falling or "__" in path or connection.vendor != "postgresql"):
            return []
        sign = "-" if falling else ""
        rows = self.matching.filter(**{f"{path}__isnull": False}).order_by(f"{sign}{path}", f"{sign}pk")
        found = list(rows.values_list("pk", flat=True)[start : start + self.page_size])
        return found if len(found) == self.page_size else []

    def of_ids(self, ids: Any) -> list[Any]:
        """Chosen rows in the list's order."""
        page = self.entity.model._default_manager.filter(pk__in=ids)
        return list(self.values(self.ordered(page)))

    # Counts ------------------------------------------------------------------------------------------------------

    @cached_property
    def sum_columns(self) -> list[Column]:
        """The columns summed over all matching rows."""
        # An own field is summed where it is shown: there may be many, and reading them takes the whole record.
        shown = {column.name for column in self.columns}
        found = [column for column in self.entity.columns("sums") if not column.own or column.path in shown]
        return [column for column in found if access.readable(self.actor, self.entity, column.path)]

    @cached_property
    def totals(self) -> Totals:
        """Count and sums of all matching rows: one query, remembered until one of the tables changes.

        Where a million rows are counted, and somebody writes one every second, they may lag that long behind.
        """
        if self.q:
            return self._count()
        key = ("totals", *self.question, tuple(column.path for column in self.sum_columns))
        return memo.remember(key, tuple(sorted(self.tokens.items())), self._count, patience=STEADY)

    def count_soon(self) -> int:
        """How many match, for a tab: where counting is slow the figure may lag a little behind a write."""
        token = tuple(sorted(self.tokens.items()))
        return memo.remember(("tab", *self.question), token, self.matching.count, patience=PATIENCE)

    @property
    def question(self) -> tuple[Any, ...]:
        """What decides which rows match, as a key for what is remembered of them."""
        where = tuple(sorted((each.name, each.raw) for each in self.filters))
        return self.entity.name, self.actor.pk, where, clock.today()

    def _count(self) -> Totals:
        sums = {f"sum_{index}": Sum(column.path) for index, column in enumerate(self.sum_columns)}
        found = self.matching.aggregate(n=Count("pk"), **sums)
        apart = self.apart.aggregate(n=Count("pk"), **sums) if self.apart is not None and sums else {"n": 0}
        totals = {
            column.path: (found[f"sum_{i}"] or 0) - (apart.get(f"sum_{i}") or 0)
            for i, column in enumerate(self.sum_columns)
        }
        return Totals(found["n"], totals, apart["n"])

    @property
    def apart(self) -> Any:
        """The matching rows that are in no sum: few, found by an index of their own; None where all are counted.

        Taking them off keeps the sum of all a walk through one index.
        """
        return self.matching.filter(**{self.entity.counted: False}) if self.entity.counted else None

    def adding(self, column: Column) -> Sum:
        """The sum of a column over the rows that count, for groups of rows."""
        only = Q(**{self.entity.counted: True}) if self.entity.counted else None
        return Sum(column.path, filter=only)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.shown // self.page_size))

    @property
    def shown(self) -> int:
        """How many rows all pages show together: a list whose groups can be closed says it anew."""
        return self.totals.count

    @cached_property
    def page(self) -> int:
        """The page shown; beyond the last one is the last one."""
        raw = self.given.get("page", "1")
        wanted = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 1
        return min(max(1, wanted), self.pages)

    @property
    def offset(self) -> int:
        """How many matching rows come before this page."""
        return (self.page - 1) * self.page_size


def _order(path: str, field: Any, falling: bool) -> Any:
    """Empty values last in both directions; a plain name where there are none, so that an index serves."""
    if not field.null or path in ("created_at", "updated_at"):
        return f"-{path}" if falling else path
    return F(path).desc(nulls_last=True) if falling else F(path).asc(nulls_last=True)


def sort_fields(column: Column) -> list[tuple[str, Any]]:
    """What a column is sorted by: itself; a link by its table's own order or else by its title."""
    if not column.field.is_relation:
        return [(column.path, column.field)]
    model = column.field.related_model
    names = [name.removeprefix("-") for name in model._meta.ordering if isinstance(name, str)]
    found = []
    for name in names or titles.paths(model):
        try:
            field = entities[model._meta.label_lower].column(name).field
        except (FieldDoesNotExist, KeyError):
            field = model._meta.get_field("pk" if name == "pk" else name)
        found.append((f"{column.path}__{name}", _Nullable(field.null or column.field.null)))
    return found


def _size(model: type[models.Model]) -> int:
    """About how many rows a table has."""
    return int(memo.remember(("size", model._meta.label), clock.today(), model._base_manager.count))


@dataclass(frozen=True)
class _Nullable:
    null: bool


@cache
def _concerned(entity: Entity) -> tuple[type[models.Model], ...]:
    """The models a list depends on: its own, those its fields and scope point at, and who reaches whom."""
    found: dict[type[models.Model], None] = {entity.model: None}
    for part in ("list", "form", "filter", "find", "sums", "title", "subtitle"):
        for name in entity.declared(part):
            model: Any = entity.model
            for step in name.split("__"):
                model = model._meta.get_field(step).related_model
                if model is None:
                    break
                found[model] = None
    scoped = entity
    while scoped.scope not in ("owner", "all", "self"):
        scoped = Entity.of(scoped.model._meta.get_field(scoped.scope).related_model)
        found[scoped.model] = None
    people = apps.get_app_config(settings.AUTH_USER_MODEL.split(".")[0])
    return tuple(found | dict.fromkeys(people.get_models()))
