"""A group of companies on the page of each of its members, with what the whole group is worth to us."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.calc import layout
from xiaoguan.kit import access, figures, render
from xiaoguan.kit.access import everything
from xiaoguan.kit.entity import Entity

DEEPEST = 8
MOST = 60
WHY = "which companies belong together; only those one may see are named"

Sums = Callable[[Sequence[int], Any], Mapping[int, int]]


@dataclass(frozen=True)
class Column:
    """A figure of the companies of a group: `sums` gives fen by customer, as far as the actor sees them."""

    label: Any
    sums: Sums
    position: int


columns: list[Column] = []


def column(label: Any, *, position: int = 50) -> Callable[[Sums], Sums]:
    """Register a figure that higher apps know of customers."""

    def add(sums: Sums) -> Sums:
        columns.append(Column(label, sums, position))
        columns.sort(key=lambda each: each.position)
        return sums

    return add


def members(customer: Customer) -> dict[int, int | None]:
    """The ids of a customer's whole group with the parent of each; one query a level, at most DEEPEST each way."""
    rows = everything(Customer, because=WHY).order_by()
    top, above = customer.pk, customer.parent_id
    for _level in range(DEEPEST):
        if above is None:
            break
        found = rows.filter(pk=above).values_list("parent_id", flat=True).first()
        if found is None and not rows.filter(pk=above).exists():
            break
        top, above = above, found
    tree: dict[int, int | None] = {top: None}
    level = [top]
    for _level in range(DEEPEST):
        pairs = list(rows.filter(parent__in=level).exclude(pk__in=tree).values_list("pk", "parent_id")[:MOST])
        tree |= dict(pairs)
        level = [pk for pk, _parent in pairs]
        if not level or len(tree) > MOST:
            break
    return tree


@figures.part(Customer, "right", position=60)
def group_card(customer: Customer, actor: Any) -> SafeString:
    """Parent and subsidiaries as a tree; the customer's own line stands out, sums cover what the actor sees."""
    if "parent" in access.masked(actor, Customer):
        return SafeString("")
    tree = members(customer)
    if len(tree) < 2:
        return SafeString("")
    rows = access.covered(actor, *access.visible(Customer, actor).filter(pk__in=tree))
    seen = {row.pk: row for row in rows}
    sums = [(each.label, each.sums(list(seen), actor)) for each in columns]
    heads = format_html_join("", '<th scope="col" class="num">{}</th>', ((label,) for label, _found in sums))
    lines = format_html_join(
        "",
        "{}",
        ((_line(seen[pk], depth, pk == customer.pk, sums),) for pk, depth in layout.order(tree) if pk in seen),
    )
    totals = format_html_join("", '<td class="num">{}</td>', ((render.amount(sum(got.values())),) for _l, got in sums))
    hidden = len(tree) - len(seen)
    more = ngettext("%(n)s company is not visible to you.", "%(n)s companies are not visible to you.", hidden)
    foot = format_html('<p class="card-foot small faint">{}</p>', more % {"n": hidden}) if hidden else ""
    return format_html(
        '<section class="card table-card"><header class="card-head"><h2>{}</h2><span class="fact">{}</span></header>'
        '<div class="table-wrap"><table class="table table-plain"><thead><tr><th scope="col">{}</th>{}</tr></thead>'
        '<tbody>{}</tbody><tfoot><tr class="sums"><td>{}</td>{}</tr></tfoot></table></div>{}</section>',
        pgettext("of companies", "Group"), render.money_unit(), gettext("Company"), heads, lines, gettext("Sum"),
        totals, foot,
    )  # fmt: skip


def _line(row: Customer, depth: int, own: bool, sums: Sequence[tuple[Any, Mapping[int, int]]]) -> SafeString:
    url = Entity.of(Customer).url("detail", row)
    name = (
        format_html("<strong>{}</strong>", row.called) if own else format_html('<a href="{}">{}</a>', url, row.called)
    )
    cells = format_html_join("", '<td class="num">{}</td>', ((render.amount(got.get(row.pk, 0)),) for _l, got in sums))
    return format_html('<tr><td style="padding-left: {}px">{}</td>{}</tr>', 16 + 14 * depth, name, cells)
