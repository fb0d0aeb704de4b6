"""Territories on the pages of customers, and on their own page what lies in them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.territories import queries
from xiaoguan.apps.territories.models import Naming, Placement, Territory
from xiaoguan.kit import access, figures, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.figures import Figure
from xiaoguan.kit.panel import panel

MOST = 60


@figures.part(Customer, "left", position=40)
def territory_of(customer: Customer, actor: Any) -> SafeString:
    """Where a customer lies, since when, and who looks after it there."""
    if not access.may(actor, "view", Territory):
        return SafeString("")
    row = Placement.objects.filter(customer=customer, until__isnull=True).select_related("territory").first()
    if row is None:
        return SafeString("")
    people = queries.looking_after().get(row.territory_id, [])
    names = format_html_join("、", "{}", ((each.person,) for each in people[:3]))
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2></header><div class="card-body">'
        '<p>{} <a href="{}">{}</a> <span class="muted">{}</span></p><p class="muted small">{}</p></div></section>',
        gettext("Territory"),
        render.icon("map-pin"),
        Entity.of(Territory).url("detail", row.territory),
        row.territory,
        names or gettext("nobody looks after it"),
        gettext("since %(day)s") % {"day": render.day_edit(row.since)},
    )


def _content(row: Territory, actor: Any) -> queries.Content:
    """What lies in one territory; asked once for a page."""
    known = getattr(row, "_content", None)
    if known is None:
        known = row._content = queries.contents(actor).get(row.pk, queries.Content())  # type: ignore[attr-defined]
    return known  # type: ignore[no-any-return]


@figures.figure(Territory, position=10)
def customers(row: Territory, actor: Any) -> Figure | None:
    """How many customers lie in it, and of which tiers."""
    if not access.may(actor, "view", Customer):
        return None
    found = _content(row, actor)
    tiers = " · ".join(f"{tier} {n}" for tier, n in sorted(found.tiers.items()) if tier)
    return Figure(gettext("Customers"), format_html("{}", f"{found.customers:,}"), tiers)


@figures.figure(Territory, position=20)
def potential(row: Territory, actor: Any) -> Figure | None:
    """What they buy in a year."""
    if not access.may(actor, "view", Customer) or "annual_purchase" in access.masked(actor, Customer):
        return None
    return Figure(gettext("Potential a year"), render.money(_content(row, actor).potential))


@figures.figure(Territory, position=30)
def coverage(row: Territory, actor: Any) -> Figure | None:
    """How many of them somebody was in touch with lately."""
    share = _content(row, actor).coverage if access.may(actor, "view", Customer) else None
    if share is None:
        return None
    return Figure(gettext("Covered in 90 days"), render.share(share))


@figures.figure(Territory, position=40)
def worth(row: Territory, actor: Any) -> Figure | None:
    """The first sum of a higher app: the open deals."""
    sums = _content(row, actor).sums
    code = next(iter(queries.worths), None)
    if code is None or code not in sums:
        return None
    return Figure(queries.worths[code].label, render.money(sums[code]))


@panel(
    Territory,
    "customers",
    _("Customers"),
    count=lambda request, row: _content(row, request.user).customers,
    position=10,
    icon="building",
    shown=lambda request, row: access.may(request.user, "view", Customer),
)
def inside(request: HttpRequest, row: Territory) -> SafeString:
    """The customers in it that the reader sees, the largest potential first; and what was said by name."""
    actor: Any = request.user
    hidden = access.masked(actor, Customer)
    rows = access.visible(Customer, actor).filter(placements__until__isnull=True, placements__territory=row)
    shown = rows.select_related("owner").order_by("-annual_purchase", "pk")[:MOST]
    named = {each.customer_id: each.inside for each in Naming.objects.filter(territory=row, deleted_at__isnull=True)}
    body = "".join(_line(each, hidden, named) for each in shown)
    heads = (gettext("Customer"), gettext("Tier"), gettext("City"), gettext("Yearly purchases"), gettext("Owner"))
    head = format_html(
        '<tr><th>{}</th><th>{}</th><th>{}</th><th class="num">{} <span class="unit">{}</span></th><th>{}</th></tr>',
        *heads[:4], render.money_unit(), heads[4],
    )  # fmt: skip
    more = format_html('<a class="more" href="{}?{}">{}</a>', Entity.of(Customer).url("list"),
                       urlencode({"is": "my_territory"}), gettext("My territory in the list"))  # fmt: skip
    return format_html(
        '<section class="card table-card"><header class="card-head"><h2>{}</h2>{}</header><div class="table-wrap">'
        '<table class="table table-plain"><thead>{}</thead><tbody>{}</tbody></table></div></section>',
        gettext("Customers"), more, head, SafeString(body),
    )  # fmt: skip


def _line(row: Customer, hidden: frozenset[str], named: dict[int, bool]) -> SafeString:
    by_name = format_html(' <span class="tag">{}</span>', gettext("by name")) if row.pk in named else ""
    amount = row.annual_purchase if "annual_purchase" not in hidden else None
    return format_html(
        '<tr><td><a href="{}">{}</a>{}</td><td>{}</td><td>{}</td><td class="num">{}</td><td>{}</td></tr>',
        Entity.of(row).url("detail", row),
        row.name,
        by_name,
        row.tier,
        row.city,
        render.amount(amount) if amount is not None else render.NOTHING,
        row.owner or "",
    )
