"""The table of a list as one string: header, rows, sums; rendered by functions, not by template loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _, ngettext

from xiaoguan.kit import access, columns, render
from xiaoguan.kit.columns import ListColumn
from xiaoguan.kit.grouping import Group, GroupedListing
from xiaoguan.kit.listing import NARROWEST, WIDEST, Listing

PK = "\x01"
"""Stands for a row's id in the template of its list."""
CHECK = 42
"""The width of the column of check boxes where columns have widths of their own."""
NUMERIC = frozenset({"number", "money", "percent"})


def table(listing: Listing, *, choose: bool = True) -> SafeString:
    """The whole `<table>` of a listing's page; `choose` adds the check boxes of bulk actions."""
    widths = listing.widths
    css, style, cols = "table", "", ""
    if len(widths) == len(listing.columns):
        total = sum(widths.values()) + (CHECK if choose else 0)
        css, style = "table table-fixed", f' style="width:{total}px"'
        made = [f'<col style="width:{widths[column.name]}px">' for column in listing.columns]
        made[:0] = [f'<col style="width:{CHECK}px">'] if choose else []
        cols = f"<colgroup>{''.join(made)}</colgroup>"
    if isinstance(listing, GroupedListing) and listing.groups:
        body = _sections(listing, choose)
    else:
        body = f"<tbody>{rows(listing, choose=choose)}</tbody>"
    return mark_safe(
        f'<table class="{css}"{style}>{cols}{_head(listing, choose)}{body}{_foot(listing, choose)}</table>'
    )


def _classes(column: ListColumn, first: bool, place: str) -> str:
    names = ["col-key"] if first else []
    if column.align == "end":
        names.append("num")
    elif not first and column.kind in ("text", "link", "person", "choice"):
        names.append("clip")
    return " ".join([*names, place])


def _head(listing: Listing, choose: bool) -> str:
    cells = []
    if choose:
        words = escape(_("Select all rows of this page"))
        box = f'<input type="checkbox" class="check" data-check-all aria-label="{words}">'
        cells.append(f'<th class="col-check" scope="col">{box}</th>')
    cells += [_header(listing, column, index == 0) for index, column in enumerate(listing.columns)]
    return f'<thead hx-boost="true"><tr>{"".join(cells)}</tr></thead>'


def _header(listing: Listing, column: ListColumn, first: bool) -> str:
    """A header that sorts by its column; again turns the order round."""
    sorted_by = listing.sort.removeprefix("-") == column.sort
    falling = listing.sort.startswith("-")
    if sorted_by:
        state, nxt = ("descending", column.sort) if falling else ("ascending", f"-{column.sort}")
        arrow = render.icon("arrow-down" if falling else "arrow-up")
    else:
        state, arrow = "none", ""
        nxt = f"-{column.sort}" if column.kind in NUMERIC else column.sort
    unit = f' <span class="unit">{escape(column.unit)}</span>' if column.unit else ""
    css = " ".join(name for name in ("col-key" if first else "", "num" if column.align == "end" else "") if name)
    url = escape(listing.address(sort=nxt))
    link = f'<a href="{url}">{escape(column.label)}{unit}{arrow}</a>'
    grip = _grip(column) if listing.page_size > 40 else ""
    return f'<th class="{css}" scope="col" aria-sort="{state}" data-col="{column.name}">{link}{grip}</th>'


def _grip(column: ListColumn) -> str:
    """The edge of a header that is dragged, or moved by arrow keys, to make its column wider or narrower."""
    words = escape(_("Width of %(column)s") % {"column": column.label})
    hint = escape(_("Drag, or arrow keys"))
    return (
        f'<span class="col-grip" id="grip-{column.name}" role="separator" aria-orientation="vertical" tabindex="0"'
        f' aria-label="{words}" title="{hint}" aria-valuenow="0" aria-valuemin="{NARROWEST}" aria-valuemax="{WIDEST}">'
        "</span>"
    )


def rows(listing: Listing, *, choose: bool = True) -> SafeString:
    """The `<tr>` elements of a listing's page."""
    render_row = row_renderer(listing, choose=choose)
    return mark_safe("".join([render_row(row) for row in listing.rows]))


def _sections(listing: GroupedListing, choose: bool) -> str:
    """One table body per group: its heading with count and sums of all its rows, then those of this page."""
    one = row_renderer(listing, choose=choose)
    found = []
    for group, members, _on in listing.sections:
        body = "".join([one(row) for row in members])
        found.append(f"<tbody>{_group_head(listing, group, choose)}{body}</tbody>")
    return "".join(found)


def _group_head(listing: GroupedListing, group: Group, choose: bool) -> str:
    folded = group.code in listing.closed
    arrow = render.icon("chevron-right" if folded else "chevron-down")
    state = "false" if folded else "true"
    name = (
        f'<a class="group-name" href="{escape(listing.toggled(group))}" id="group-{escape(group.code)}"'
        f' aria-expanded="{state}">{arrow}{escape(group.label)} <span class="count">{group.count:,}</span></a>'
    )
    figures = {
        column.name: total(column, group.sums[column.name]) for column in listing.columns if column.name in group.sums
    }
    first = next(iter(figures), "")
    cells = [f'<th class="col-key p1" scope="rowgroup" colspan="{2 if choose else 1}">{name}</th>']
    for column in listing.columns[1:]:
        place = " p1r" if column.name == first else ""
        cells.append(f'<td class="num{place}">{figures[column.name]}</td>' if column.name in figures else "<td></td>")
    return f'<tr class="group" hx-boost="true">{"".join(cells)}</tr>'


def row_renderer(listing: Listing, *, choose: bool = True) -> Callable[[Any], str]:
    """A function from a row of values to its `<tr>`: one template per list, its cells filled in per row."""
    base = listing.entity.url("list")
    place = columns.places(listing.columns)
    editable = access.may(listing.actor, "change", listing.entity.model)
    parts = [f'<tr data-record="{PK}" data-open="{base}{PK}/">']
    if choose:
        pick = escape(_("Select this row")).replace("%", "%%")
        parts.append(
            f'<td class="col-check"><input type="checkbox" class="check" name="ids" form="bulk" value="{PK}"'
            f' aria-label="{pick}"></td>'
        )
    for index, column in enumerate(listing.columns):
        css = _classes(column, index == 0, place[column.name])
        if index == 0:
            parts.append(f'<td class="{css}"><a href="{base}{PK}/">%s</a></td>')
            continue
        edit = f' data-edit="{base}{PK}/cell/?field={column.name}" tabindex="-1"' if column.edit and editable else ""
        parts.append(f'<td class="{css}"{edit}>%s</td>')
    template = "".join([*parts, "</tr>"])
    cells = [column.make(listing.reading) for column in listing.columns]

    def one(row: Any) -> str:
        # The id is put in before the cells: what stands in a cell can't be mistaken for its place.
        return template.replace(PK, str(row.pk)) % tuple([cell(row) for cell in cells])

    return one


def _foot(listing: Listing, choose: bool) -> str:
    """The sums of all matching rows under their columns; nothing when no shown column is summed."""
    summed = listing.totals.sums
    if not any(column.name in summed for column in listing.columns) or not listing.totals.count:
        return ""
    cells = ['<td class="col-check"></td>'] if choose else []
    for index, column in enumerate(listing.columns):
        if column.name in summed:
            cells.append(f'<td class="num">{total(column, summed[column.name])}</td>')
        elif index == 0:
            cells.append(f'<td class="col-key">{escape(_("Sum"))}</td>')
        else:
            cells.append("<td></td>")
    return f'<tfoot><tr class="sums">{"".join(cells)}</tr></tfoot>'


def total(column: ListColumn, value: int) -> str:
    """A sum in the unit that the head of its column names."""
    if column.kind != "money":
        return render.number(value)
    with render.money_in(render.money_unit_code() if column.unit == render.money_unit() else "yuan"):
        return render.amount(value)


def fact(listing: Listing) -> SafeString:
    """The grey words beside the heading: how many, and the first sum."""
    words = [str(count_words(listing.totals.count))]
    for column in listing.sum_columns[:1]:
        if column.kind.code == "money" and listing.totals.count:
            total = render.money_text(listing.totals.sums[column.path])
            words.append(_("%(amount)s in total") % {"amount": total})
    if listing.totals.apart:
        words.append(_("%(n)s of them not counted") % {"n": f"{listing.totals.apart:,}"})
    return mark_safe(escape(_(", ").join(words)))


def count_words(n: int) -> str:
    """`24 records` in the reader's language."""
    return ngettext("%(n)s record", "%(n)s records", n) % {"n": f"{n:,}"}


def joined(parts: Iterable[str]) -> SafeString:
    """Safe pieces of HTML as one."""
    return mark_safe("".join(parts))
