"""Groups of a list: counts and sums per value over all matching rows, and pages that cut across them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext as _

from xiaoguan.kit import clock, columns, filters, kinds, memo, spans, titles
from xiaoguan.kit.entity import Column
from xiaoguan.kit.listing import Listing

MOST = 2000
"""A field with more values than this makes no useful groups."""
KINDS = frozenset({"choice", "link", "person", "date", "moment", "yesno"})


@dataclass(frozen=True)
class Group:
    """One value with what stands behind it; `code` names it in addresses."""

    value: Any
    code: str
    label: str
    count: int
    sums: dict[str, int]


def offered(listing: Listing) -> list[Column]:
    """The fields this reader may group by."""
    found = [listing.entity.column(name) for name in filters.names(listing.entity, listing.actor)]
    return [column for column in found if column.kind.code in KINDS]


class GroupedListing(Listing):
    """A listing under `?group=`: group after group in their order, rows inside in the list's own order.

    `?closed=` names groups whose rows are folded away; pages count only rows that are shown.
    """

    @cached_property
    def by(self) -> Column | None:
        """The field that makes the groups; a masked or unknown one is told and left out."""
        name = self.params.get("group", "")
        found = next((column for column in offered(self) if column.path == name), None)
        if name and found is None:
            self.problems.append(_("This list can't be grouped by “%(name)s”.") % {"name": name[:60]})
        return found

    @cached_property
    def closed(self) -> set[str]:
        """The codes of the groups folded away."""
        return {code for code in self.params.get("closed", "").split(",") if code} if self.by else set()

    @property
    def _monthly(self) -> bool:
        return self.by is not None and self.by.kind.code in ("date", "moment")

    @cached_property
    def groups(self) -> list[Group]:
        """All groups in their order: one query for the figures, one for the names of linked records."""
        if self.by is None:
            return []
        token = (*sorted(self.tokens.items()), get_language())
        key = ("groups", self.by.path, *self.question)
        found = self._found() if self.q else memo.remember(key, token, self._found)
        if not found and self.totals.count:
            self.problems.append(_("There are too many groups by this field."))
        return found

    def _found(self) -> list[Group]:
        assert self.by is not None
        key = TruncMonth(self.by.path, **self._zone) if self._monthly else F(self.by.path)
        sums = {f"sum_{index}": self.adding(column) for index, column in enumerate(self.sum_columns)}
        rows = self.matching.order_by().annotate(group_key=key).values("group_key")
        found = list(rows.annotate(n=Count("pk"), **sums).values_list("group_key", "n", *sums)[:MOST])
        if len(found) == MOST:
            return []
        paths = [column.path for column in self.sum_columns]
        merged: dict[Any, tuple[int, list[int]]] = {}
        for raw, n, *amounts in found:
            value = self._value(raw)
            before = merged.get(value, (0, [0] * len(paths)))
            merged[value] = (before[0] + n, [a + (b or 0) for a, b in zip(before[1], amounts, strict=True)])
        names = self._names([value for value in merged if value is not None])
        order = {value: index for index, value in enumerate(names)}
        return [
            Group(value, _code(value), names.get(value, _("None")), n, dict(zip(paths, amounts, strict=True)))
            for value, (n, amounts) in sorted(merged.items(), key=lambda pair: order.get(pair[0], len(order)))
        ]

    @property
    def _zone(self) -> dict[str, Any]:
        return {"tzinfo": clock.zone()} if self.by and self.by.kind.code == "moment" else {}

    def _value(self, raw: Any) -> Any:
        """Empty text is as good as nothing; a month is its first day."""
        if isinstance(raw, dt.datetime):
            return clock.local(raw).date()
        return None if raw == "" else raw

    def _names(self, values: list[Any]) -> dict[Any, str]:
        """What the groups are called, in the order they stand in."""
        assert self.by is not None
        kind = self.by.kind.code
        if kind == "choice":
            said = {code: str(text) for code, text in self.by.field.flatchoices if code not in ("", None)}
            return said | {value: str(value) for value in values if value not in said}
        if kind == "yesno":
            return {True: _("yes"), False: _("no")}
        if self._monthly:
            return {value: date_format(value, "YEAR_MONTH_FORMAT") for value in sorted(values)}
        model = self.by.field.related_model
        paths = titles.paths(model)
        known = self.reading.titles(model)
        if known is not None:
            ordered = model._default_manager.filter(pk__in=values).values_list("pk", flat=True)
            return {pk: known.get(pk, columns.NOTHING) for pk in ordered}
        rows = model._default_manager.filter(pk__in=values).values_list("pk", *paths)
        return dict(sorted(((pk, titles.join(parts)) for pk, *parts in rows), key=lambda pair: pair[1]))

    # Pages ----------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> int:
        """Rows of open groups only."""
        if not self.groups:
            return self.totals.count
        return sum(group.count for group in self.groups if group.code not in self.closed)

    @cached_property
    def sections(self) -> list[tuple[Group, list[Any], bool]]:
        """The groups of this page with their rows, and whether a group goes on from the page before."""
        start, end = (self.page - 1) * self.page_size, self.page * self.page_size
        cuts: list[tuple[Group, int, int]] = []
        seen = 0
        for group in self.groups:
            if group.code in self.closed:
                if start <= seen < end or (seen == end and self.page == self.pages):
                    cuts.append((group, 0, 0))
                continue
            low, high = max(start - seen, 0), min(end - seen, group.count)
            if low < high:
                cuts.append((group, low, high))
            seen += group.count
        found: dict[str, list[Any]] = {}
        place = self._place(cuts)
        for row in self.of_ids(list(place)):
            found.setdefault(place[row.pk], []).append(row)
        return [(group, found.get(group.code, []), low > 0) for group, low, _high in cuts]

    def _place(self, cuts: list[tuple[Group, int, int]]) -> dict[int, str]:
        """Ids of the page's rows with the group of each: one statement with a branch per group on the page."""
        parts: list[str] = []
        params: list[Any] = []
        codes = [group.code for group, low, high in cuts if low < high]
        for index, (group, low, high) in enumerate(each for each in cuts if each[1] < each[2]):
            one = self.ordered(self.matching.filter(self.condition(group))).values("pk")[low:high]
            sql, values = one.query.sql_with_params()
            parts.append(f"SELECT {index}, c{index}.* FROM ({sql}) AS c{index}")
            params += values
        if not parts:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            return {row[1]: codes[row[0]] for row in cursor.fetchall()}

    def condition(self, group: Group) -> Q:
        """The rows of one group."""
        assert self.by is not None
        path = self.by.path
        if group.value is None:
            empty = Q(**{f"{path}__isnull": True})
            return empty | Q(**{path: ""}) if self.by.kind.code == "choice" else empty
        if self._monthly:
            kind = kinds.DATE if self.by.kind is kinds.DATE else kinds.MOMENT
            return kind.between(path, *spans.month_of(group.value))
        return Q(**{path: group.value})

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of this page, group after group."""
        if not self.groups:
            return super().rows
        return [row for _group, rows, _on in self.sections for row in rows]

    def toggled(self, group: Group) -> str:
        """The address with one group folded or unfolded."""
        return self.address(closed=",".join(sorted(self.closed ^ {group.code})) or None)


def _code(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, dt.date):
        return f"{value:%Y-%m}"
    return str(value)
