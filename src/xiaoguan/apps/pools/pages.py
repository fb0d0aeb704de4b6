"""What goes to the pool tonight and in the days after, by person and by rule."""

from __future__ import annotations

from html import escape
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.pools import queries
from xiaoguan.apps.pools.models import PoolEntry, PoolRule
from xiaoguan.apps.pools.navigation import has_rules
from xiaoguan.kit import access, clock, nav, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied


def tonight(request: HttpRequest) -> HttpResponse:
    """Who would lose what: sums by person and rule, and the customers, the soonest first. `?owner=` narrows."""
    actor: Any = request.user
    if not access.may(actor, "view", Customer):
        raise Denied("view", Customer)
    raw = request.GET.get("owner", "")
    owner = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else None
    everybodys = queries.leaving(actor)
    people, rules = queries.shares(everybodys, owner=owner)
    rows = queries.leaving(actor, owner=owner) if owner is not None else everybodys
    found = queries.first(rows)
    loggable = access.visible(Customer, actor, "log").filter(pk__in=[each.pk for each in found])
    may_log = set(loggable.order_by().values_list("pk", flat=True))
    address = Entity.of(Customer).url("list")
    hidden = access.masked(actor, Customer)
    lines = [_line(each, address, hidden, each.pk in may_log) for each in found]
    shown = [each for each in people if owner in (None, each.key)]
    now, soon = sum(each.tonight for each in shown), sum(each.soon for each in shown)
    others = access.grants(actor).scope("customers.customer", "view") in ("team", "all")
    words = {"now": f"{now:,}", "soon": f"{soon:,}"}
    context = {
        "page_title": _("Goes to the pool"),
        "siblings": nav.siblings(PoolEntry.entity, actor, request.path),
        "chapters": nav.others(PoolEntry.entity, actor),
        "page_fact": _("%(now)s tonight, %(soon)s within the days of warning") % words,
        "people": people[: queries.MOST] if others else [],
        "rules": rules,
        "lines": SafeString("".join(lines)),
        "owner": owner,
        "shown": next((each.name for each in people if each.key == owner), ""),
        "more": max(0, soon - len(lines)),
        "now": now,
        "soon": soon,
        "in_use": has_rules(actor),
        "all_rules": [_rule(each) for each in queries.rules_in_use()],
        "may_set": access.may(actor, "change", PoolRule),
        "list_url": f"{Entity.of(Customer).url('list')}?view=all&is=pool_soon"
        + (f"&owner={owner}" if owner is not None else ""),
    }
    return TemplateResponse(request, "pools/tonight.html", context)


def _line(row: Any, address: str, hidden: frozenset[str], may_log: bool) -> str:
    """One customer that will go: how soon, by which rule, and whether the reader can do something about it."""
    days = (row.holding__leaves_on - clock.today()).days
    words = (
        render.tag(_("tonight"), "red")
        if days <= 1
        else render.tag(ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}, "amber")
    )
    url = f"{address}{row.pk}/"
    act = (
        f'<a class="btn btn-small" href="{url}do/log/" hx-get="{url}do/log/" hx-target="#dialogs"'
        f' hx-swap="innerHTML">{escape(_("Log a follow-up"))}</a>'
        if may_log
        else ""
    )
    last = render.day(row.last_contact_on) if row.last_contact_on else "—"
    last = render.masked() if "last_contact_on" in hidden else last
    tier = render.masked() if "tier" in hidden else row.tier or "—"
    name = render.masked() if "name" in hidden else escape(row.name)
    return (
        f'<tr><td class="col-key p1"><a href="{url}">{name}</a></td>'
        f'<td class="p0">{tier}</td><td class="p2">{escape(row.owner__name)}</td>'
        f'<td class="p0">{last}</td><td class="p0">{escape(row.holding__rule__name or "")}</td>'
        f'<td class="p1r">{words}</td><td class="p2r">{act}</td></tr>'
    )


def _rule(rule: PoolRule) -> SafeString:
    """A rule in one sentence."""
    about = [
        rule.get_tier_display() if rule.tier else "",
        str(rule.kind) if rule.kind else "",
        str(rule.team) if rule.team else "",
    ]
    whom = " · ".join(part for part in about if part) or _("all customers")
    return format_html(
        '<li><b>{}</b> <span class="muted">{} · {}</span></li>',
        rule.name,
        whom,
        _("told %(n)s days before") % {"n": rule.warn_days},
    )
