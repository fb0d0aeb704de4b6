"""Related records on a record's page: the deals of a customer, the receipts of a deal, as one small table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from xiaoguan.kit import access, blocks, render, table
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing

MOST = 40


def listing(
    model: type[models.Model], actor: Any, where: Mapping[str, Any], *, cols: str = "", sort: str = "", most: int = MOST
) -> Listing:
    """The rows of a model under filters as a list's address would name them; only what the actor sees."""
    params = {name: str(value) for name, value in where.items()}
    params |= {"cols": ",".join(cols.split()), "sort": sort}
    return Listing(Entity.of(model), actor, {name: value for name, value in params.items() if value}, page_size=most)


def count(model: type[models.Model], actor: Any, where: Mapping[str, Any]) -> QuerySet[Any] | None:
    """What a tab counts, to be counted with the others of the page; None for who may not see such records at all."""
    return listing(model, actor, where).matching if access.may(actor, "view", model) else None


def counted(asked: Sequence[int | QuerySet[Any] | None]) -> list[int | None]:
    """Numbers as they are, and how many rows each of the others has: one statement for all of them."""
    found = [None if isinstance(each, QuerySet) else each for each in asked]
    texts, params = [], []
    for place, each in enumerate(asked):
        if isinstance(each, QuerySet):
            try:
                text, values = each.order_by().values("pk").query.sql_with_params()
            except EmptyResultSet:
                found[place] = 0
                continue
            texts.append(f"SELECT {place}, COUNT(*) FROM ({text}) AS part{place}")
            params += values
    if texts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(texts), params)
            for place, number in cursor.fetchall():
                found[place] = number
    return found


def card(
    model: type[models.Model],
    actor: Any,
    where: Mapping[str, Any],
    *,
    cols: str,
    sort: str = "",
    title: Any = "",
    empty: Any = "",
    initial: Mapping[str, Any] | None = None,
    most: int = MOST,
    hide_empty: bool = False,
) -> SafeString:
    """A card with the rows, their sums, a link to all of them and one to add another (`initial` fills its form)."""
    if not access.may(actor, "view", model):
        return SafeString("")
    found = listing(model, actor, where, cols=cols, sort=sort, most=most)
    total = found.totals.count
    if not total and hide_empty:
        return SafeString("")
    entity = found.entity
    links = _links(entity, actor, where, total, most, initial)
    body = _table(found) if total else blocks.nothing_here(str(empty or _("Nothing here yet.")))
    return format_html(
        '<section class="card table-card"><header class="card-head"><h2>{}</h2><span class="fact">{}</span>{}</header>'
        "{}</section>",
        title or entity.plural,
        table.count_words(total) if total else "",
        links,
        body,
    )


def _links(
    entity: Entity, actor: Any, where: Mapping[str, Any], total: int, most: int, initial: Mapping[str, Any] | None
) -> SafeString:
    found = ""
    if total > most:
        found += format_html('<a class="more" href="{}?{}">{}</a>', entity.url("list"), urlencode(where), _("All"))
    if initial is not None and entity.names("form") and access.may(actor, "create", entity.model):
        found += format_html(
            '<a class="more" href="{}?{}">{}{}</a>',
            entity.url("new"),
            urlencode(initial),
            render.icon("plus"),
            _("Add"),
        )
    return SafeString(found)


def _table(found: Listing) -> SafeString:
    heads = "".join(
        f'<th scope="col"{" class=num" if column.align == "end" else ""}>{escape(column.label)}'
        f"{f' <span class=unit>{escape(column.unit)}</span>' if column.unit else ''}</th>"
        for column in found.columns
    )
    return mark_safe(
        f'<div class="table-wrap"><table class="table table-plain"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{table.rows(found, choose=False)}</tbody>{_sums(found)}</table></div>"
    )


def _sums(found: Listing) -> str:
    sums = found.totals.sums
    if not any(column.name in sums for column in found.columns) or found.totals.count < 2:
        return ""
    cells = []
    for index, column in enumerate(found.columns):
        if column.name in sums:
            cells.append(f'<td class="num">{table.total(column, sums[column.name])}</td>')
        else:
            cells.append(f"<td>{escape(_('Sum')) if index == 0 else ''}</td>")
    return f'<tfoot><tr class="sums">{"".join(cells)}</tr></tfoot>'
