"""Into a pool and out of it: what every way has in common, inside a running work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.actions import moves_along
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.pools.models import Pool, PoolEntry, PoolRule, Way
from xiaoguan.kit import clock, event
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work

event.declare("customer.pooled", _("A customer went to the public pool"))
event.declare("customer.claimed", _("A customer left the public pool"))

CUSTOMER = Customer._meta.label_lower
Parting = Callable[[Work, Mapping[int, int | None]], None]
partings: list[Parting] = []
"""What higher apps do when customers go to a pool: gets the running work and the previous owner by customer id."""


def parting(func: Parting) -> Parting:
    """Register what follows when customers lose their owner."""
    partings.append(func)
    return func


def release(
    work: Work,
    customers: Sequence[Customer],
    pools: Mapping[int, Pool],
    *,
    way: Way,
    reason: str = "",
    rules: Mapping[int, PoolRule] | None = None,
) -> list[PoolEntry]:
    """Take the owners off customers and put each into its pool (by customer id); credit for what is done stays.

    Open deals and contracts stay with their owner, and so does what was written down; whoever gets the customer
    gets them along.
    """
    previous = {customer.pk: customer.owner_id for customer in customers}
    before = _claims_before(previous)
    for customer in customers:
        customer.keep_credit()
        customer.owner = None
        customer.unit_id = pools[customer.pk].team_id
    work.save(*customers)
    entries: list[PoolEntry] = work.create(
        PoolEntry,
        [
            {
                "name": customer.name,
                "customer": customer,
                "pool": pools[customer.pk],
                "unit_id": pools[customer.pk].team_id,
                "way": way,
                "rule": (rules or {}).get(customer.pk),
                "reason": reason,
                "entered_on": clock.today(),
                "previous_owner_id": previous[customer.pk],
                "times": before.get(customer.pk, 0),
            }
            for customer in customers
        ],
    )
    for func in partings:
        func(work, previous)
    work.emit("customer.pooled", *customers)
    return entries


def _claims_before(ids: Any) -> dict[int, int]:
    """How often each customer has been taken out of a pool."""
    rows = everything(PoolEntry, because="how often a customer was claimed does not depend on who looks")
    left = rows.filter(customer__in=list(ids), left_on__isnull=False)
    return dict(left.order_by().values_list("customer").annotate(n=Count("pk")))


def hand_out(work: Work, entries: Sequence[PoolEntry], to: Person, *, together: bool = True) -> list[Customer]:
    """Give customers of the pool to somebody, with what their previous owner still had with them.

    The change is one of customers: whoever has them now may take it back.
    """
    work.change.entity = CUSTOMER
    previous = {entry.customer_id: entry.previous_owner_id for entry in entries}
    rows = everything(Customer, because="whoever may claim gets the whole customer")
    customers = list(rows.filter(pk__in=previous).order_by("pk"))
    for customer in customers:
        customer.keep_credit()
        customer.owner = to
    work.save(*customers)
    if together:
        for func in moves_along:
            func(work, previous, to)
    work.emit("customer.claimed", *customers, to=to.pk)
    return customers


def locked(entries: Sequence[PoolEntry]) -> list[PoolEntry]:
    """The entries as they are now, held until the work ends: of two who claim at once the second one sees it."""
    rows = PoolEntry._default_manager.select_for_update(of=("self",)).filter(pk__in=[entry.pk for entry in entries])
    return list(rows.select_related("pool", "customer").order_by("pk"))
