"""What to repair first in one's records, and the one tap that does: wrong values, what is missing, who is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.customers import completeness
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics import conditions, faults
from xiaoguan.kit import access, render
from xiaoguan.kit.entity import Entity

WORST = 12
"""Customers of one list of work: those of whom least is known or who waited longest, the best tiers first."""
TAPS = 3
"""What one line offers to fill in: the weightiest."""


@dataclass(frozen=True)
class Tap:
    """One thing to repair: what it is, what stands there now, and where it is entered."""

    label: str
    url: str
    value: str = ""


@dataclass(frozen=True)
class Line:
    """One customer with what is to repair of him."""

    name: str
    url: str
    owner: str
    fact: Any
    taps: list[Tap] = field(default_factory=list)


def incomplete(actor: Any) -> list[Line]:
    """The customers of whom least is known, with the fields that are missing; two queries."""
    hidden = access.masked(actor, Customer)
    rows = access.visible(Customer, actor, "change").annotate(complete=completeness.score(hidden))
    rows = rows.filter(complete__lt=100).select_related("owner").order_by("complete", "tier", "pk")[:WORST]
    found = access.covered(actor, *rows)
    gaps = completeness.unknown([row.pk for row in found], hidden)
    return [_line(row, f"{row.complete}%", _gaps(row.pk, gaps.get(row.pk, []))) for row in found]


def _line(row: Customer, fact: Any, taps: list[Tap]) -> Line:
    return Line(row.name, Entity.of(Customer).url("detail", row), row.owner.name if row.owner else "", fact, taps)


def _gaps(customer: int, items: list[completeness.Item]) -> list[Tap]:
    nobody = any(item is completeness.ITEMS[0] for item in items)
    return [Tap(str(item.label), completeness.where(customer, item, nobody)) for item in items[:TAPS]]


def wrong(actor: Any, ids: Sequence[int]) -> list[Line]:
    """Customers with a number, code, mail address or place that can't be right, the best tiers first; three queries."""
    if not ids:
        return []
    rows = access.visible(Customer, actor, "change").filter(pk__in=ids).select_related("owner")
    found = access.covered(actor, *rows.order_by("tier", "pk")[:WORST])
    told = faults.wrong(actor, [row.pk for row in found])
    return [
        _line(row, "", [Tap(each.label, each.url, each.value) for each in told[row.pk][:TAPS]])
        for row in found
        if row.pk in told
    ]


def forgotten(actor: Any) -> list[Line]:
    """The customers nobody was in touch with for longest, the best tiers first; one query."""
    hidden = access.masked(actor, Customer)
    if hidden & {"last_contact_on", "tier"} or not access.may(actor, "create", FollowUp):
        return []
    rows = access.visible(Customer, actor, "change").filter(conditions.untouched(actor), tier__gt="")
    rows = rows.select_related("owner").order_by("tier", "last_contact_on", "pk")[:WORST]
    return [_line(row, _last(row), [Tap(_("Log a follow-up"), _log(row.pk))]) for row in access.covered(actor, *rows)]


def _last(row: Customer) -> SafeString:
    return render.day(row.last_contact_on) if row.last_contact_on else SafeString(_("never"))


def _log(customer: int) -> str:
    return f"{reverse('activities:log')}?{urlencode({'customer': customer, '_next': reverse('insight:quality')})}"
