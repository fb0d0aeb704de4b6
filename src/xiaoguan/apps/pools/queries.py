"""Who would lose what, and when: for one person, a team or everybody, as far as the reader sees customers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.pools.models import PoolRule
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


def leaving(actor: Any, *, owner: int | None = None) -> QuerySet[Customer]:
    """What goes to a pool within the days of warning, of the customers this person sees."""
    rows = access.visible(Customer, actor).filter(owner__isnull=False, holding__leaves_on__lte=horizon(clock.today()))
    return (rows if owner is None else rows.filter(owner=owner)).order_by()


def tonight() -> Q:
    """The run after midnight takes what is due by then."""
    return Q(holding__leaves_on__lte=clock.today() + DAY)


def shares(rows: QuerySet[Customer], *, owner: int | None = None) -> tuple[list[Share], list[Share]]:
    """How many each owner loses and how many each rule takes, whoever loses most tonight first, in one question.

    With an owner the rules are told for him alone.
    """
    told = rows.values_list("owner", "owner__name", "holding__rule", "holding__rule__name")
    people: dict[int, Share] = {}
    rules: dict[int, Share] = {}
    for person, name, rule, rule_name, now, soon in told.annotate(now=Count("pk", filter=tonight()), soon=Count("pk")):
        _add(people, person, name, now, soon)
        if rule is not None and owner in (None, person):
            _add(rules, rule, rule_name, now, soon)
    return _ordered(people), _ordered(rules)


def _add(found: dict[int, Share], key: int, name: str, now: int, soon: int) -> None:
    before = found.get(key, Share(key, name, 0, 0))
    found[key] = Share(key, name, before.tonight + now, before.soon + soon)


def _ordered(found: dict[int, Share]) -> list[Share]:
    return sorted(found.values(), key=lambda each: (-each.tonight, -each.soon, each.name))


def first(rows: QuerySet[Customer]) -> list[Any]:
    """The customers themselves, the soonest first: named values, as many as a page shows."""
    found = rows.order_by("holding__leaves_on", "pk").values_list(
        "pk", "name", "tier", "owner__name", "last_contact_on", "holding__rule__name", "holding__leaves_on", named=True
    )
    return list(found[:SHOWN])


def rules_in_use() -> list[PoolRule]:
    """The rules as they stand, for the page that says what they would do."""
    rows = access.everything(PoolRule, because="everybody may know the rules he is measured by")
    return list(rows.filter(active=True).select_related("pool", "kind", "team").order_by("position", "pk"))
