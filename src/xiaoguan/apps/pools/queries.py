"""Who would lose what, and when: for one person, a team or everybody, as far as the reader sees customers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.pools.models import Holding, PoolRule
from xiaoguan.apps.pools.standing import horizon
from xiaoguan.kit import access, clock

MOST = 100
SHOWN = 60
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Share:
    """One line of a sum: how many go tonight, and within the time looked at."""

    key: int
    name: str
    tonight: int
    soon: int


def leaving(actor: Any, *, owner: int | None = None) -> QuerySet[Holding]:
    """What goes to a pool within the days of warning, of the customers this person sees."""
    seen = access.visible(Customer, actor).filter(owner__isnull=False)
    if owner is not None:
        seen = seen.filter(owner=owner)
    rows = Holding.objects.filter(leaves_on__isnull=False, leaves_on__lte=horizon(clock.today()))
    return rows.filter(customer__in=seen.order_by().values("pk"))


def tonight() -> Q:
    """The run after midnight takes what is due by then."""
    return Q(leaves_on__lte=clock.today() + DAY)


def by_owner(rows: QuerySet[Holding]) -> list[Share]:
    """How many each owner loses, those who lose most tonight first."""
    return _shares(rows, "customer__owner", "customer__owner__name")


def by_rule(rows: QuerySet[Holding]) -> list[Share]:
    """How many each rule takes."""
    return _shares(rows.filter(rule__isnull=False), "rule", "rule__name")


def _shares(rows: QuerySet[Holding], key: str, name: str) -> list[Share]:
    found = rows.order_by().values_list(key, name).annotate(now=Count("pk", filter=tonight()), all=Count("pk"))
    return [Share(*line) for line in found.order_by("-now", "-all", name)[:MOST]]


def first(rows: QuerySet[Holding]) -> list[Any]:
    """The customers themselves, the soonest first: named values, as many as a page shows."""
    found = rows.order_by("leaves_on", "customer__tier", "customer__name", "pk").values_list(
        "customer_id", "customer__name", "customer__tier", "customer__owner__name", "customer__last_contact_on",
        "rule__name", "leaves_on", named=True,
    )  # fmt: skip
    return list(found[:SHOWN])


def rules_in_use() -> list[PoolRule]:
    """The rules as they stand, for the page that says what they would do."""
    rows = access.everything(PoolRule, because="everybody may know the rules he is measured by")
    return list(rows.filter(active=True).select_related("pool", "kind", "team").order_by("position", "pk"))
