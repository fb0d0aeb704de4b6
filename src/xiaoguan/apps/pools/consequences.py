"""What a saved customer, deal or contract means for pools: who holds it since when, and when it would go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.merging import links
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.pools import standing
from xiaoguan.apps.pools.models import Exemption, Holding, Pool, PoolEntry, PoolRule
from xiaoguan.kit import clock, job
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence

links.leave(Holding)
MATTERS = frozenset({"owner_id", "tier", "kind_id", "unit_id", "extra", "deleted_at"})


@consequence(Customer)
def keep_holdings(work: Work, customers: Sequence[Customer], fresh: bool) -> None:
    """A customer is held since the day it got its owner; whoever has an owner is in no pool."""
    if fresh:
        standing.begin(customers)
        standing.refresh([each.pk for each in customers if each.owner_id])
        return
    changed = {each.pk: each.changed_fields() for each in customers}
    _keep_entries(work, customers, changed)
    moved = {each.pk: each for each in customers if "owner_id" in changed[each.pk]}
    if moved and not work.reverting:
        held = list(Holding.objects.filter(customer__in=moved).order_by("pk"))
        for each in held:
            each.since, each.told_for = clock.today(), None
            each.previous_id = changed[each.customer_id]["owner_id"][0]
        work.save(*held)
    standing.refresh([pk for pk, names in changed.items() if MATTERS & names.keys()])


def _keep_entries(work: Work, customers: Sequence[Customer], changed: dict[int, Any]) -> None:
    """Close the stay of whom somebody took, follow a new name, go to the recycle bin and come back together."""
    touched = {each.pk: each for each in customers if {"owner_id", "name", "deleted_at"} & changed[each.pk].keys()}
    if not touched:
        return
    waiting = list(PoolEntry._default_manager.filter(customer__in=touched, left_on__isnull=True).order_by("pk"))
    kept = []
    for entry in waiting:
        customer = touched[entry.customer_id]
        before = changed[customer.pk].get("deleted_at", (None, None))[0]
        if entry.deleted_at is not None and (customer.deleted_at is not None or entry.deleted_at != before):
            continue
        entry.deleted_at = customer.deleted_at
        entry.name = customer.name
        if customer.owner_id is not None:
            entry.left_on, entry.taken_by_id = clock.today(), customer.owner_id
            entry.claimed = customer.owner_id == work.actor.pk
        kept.append(entry)
    work.save(*kept)


def _customers_of(rows: Sequence[Any], fresh: bool) -> set[int]:
    found = {row.customer_id for row in rows}
    if not fresh:
        found |= {row._loaded["customer_id"] for row in rows}
    return found - {None}


def look_again(_work: Work, rows: Sequence[Any], fresh: bool) -> None:
    """What happens with deals, contracts and money, and an exemption, puts the day off or brings it."""
    standing.refresh(_customers_of(rows, fresh))


for _model in (Deal, Contract, Receipt, Refund, Exemption):
    consequence(_model)(look_again)


@consequence(PoolRule)
@consequence(Pool)
def look_at_all(_work: Work, _rows: Sequence[Any], _fresh: bool) -> None:
    """Other rules or pools: every customer is looked at anew, beside the work."""
    job.enqueue("pools.foresee", key="foresee", again=True)
