"""Keeps which customer lies in which territory: on every save of a customer, and for all after a change of rules.

Placements are derived: they carry no history of their own, and are made anew from rules and names at any time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from django.db import transaction

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.territories import queries
from xiaoguan.apps.territories.models import Placement
from xiaoguan.calc.territory import Map
from xiaoguan.kit import clock
from xiaoguan.kit.access import everything

CHUNK = 2000
FEW = 3000
"""Up to so many customers are placed at once when rules change; more are placed by a job."""

Moves = Callable[[Collection[int]], None]
_followers: list[Moves] = []


def follow_moves(func: Moves) -> Moves:
    """Register who is told, in the same transaction, which customers lie elsewhere now."""
    _followers.append(func)
    return func


def _tell(ids: Collection[int]) -> None:
    for follower in _followers if ids else ():
        follower(ids)


def place(ids: Iterable[int], current: Map | None = None) -> int:
    """Place some customers anew; returns how many have moved. What is in the recycle bin lies nowhere."""
    wanted = sorted(set(ids))
    if not wanted:
        return 0
    current = current or queries.cut()
    rows = everything(Customer, because=queries.WHY).filter(pk__in=wanted)
    values = rows.values_list("pk", "region", "industry", "kind")
    found = {pk: current.of(pk, queries.place(region, industry, kind)) for pk, region, industry, kind in values}
    return _store({pk: found.get(pk) for pk in wanted})


def _store(wanted: dict[int, int | None]) -> int:
    """Write the differences: a stay that ends the day it began never was."""
    today = clock.today()
    held = {row.customer_id: row for row in Placement.objects.filter(customer__in=wanted, until__isnull=True)}
    moved = {pk: to for pk, to in wanted.items() if (held[pk].territory_id if pk in held else None) != to}
    if not moved:
        return 0
    ended = [held[pk] for pk in moved if pk in held]
    never = [row.pk for row in ended if row.since >= today]
    Placement.objects.filter(pk__in=never).delete()
    Placement.objects.filter(pk__in=[row.pk for row in ended if row.since < today]).update(until=today)
    _open({pk: to for pk, to in moved.items() if to is not None}, today)
    _tell(moved)
    return len(moved)


def _open(moved: dict[int, int], today: dt.date) -> None:
    """Begin stays; one that ended today in the same territory goes on (a change that was taken back)."""
    again = {
        row.customer_id: row.pk
        for row in Placement.objects.filter(customer__in=moved, until=today)
        if moved[row.customer_id] == row.territory_id
    }
    Placement.objects.filter(pk__in=again.values()).update(until=None)
    stayed = set(Placement.objects.filter(customer__in=moved).values_list("customer", flat=True))
    Placement.objects.bulk_create(
        (
            Placement(customer_id=pk, territory_id=to, since=today, counts_from=today if pk in stayed else dt.date.min)
            for pk, to in moved.items()
            if pk not in again
        ),
        batch_size=CHUNK,
    )


def portions(after: int = 0, size: int = 0) -> Iterator[list[int]]:
    """The ids of all customers, some thousands at a time (or `size`), in order."""
    while True:
        rows: Any = everything(Customer, because=queries.WHY).filter(pk__gt=after).order_by("pk")
        part = list(rows.values_list("pk", flat=True)[: size or CHUNK])
        if not part:
            return
        yield part
        after = part[-1]


def is_small() -> bool:
    """Whether all customers can be placed at once."""
    return everything(Customer, because=queries.WHY).order_by()[: FEW + 1].count() <= FEW


def place_all() -> int:
    """Place every customer; returns how many have moved."""
    current = queries.cut()
    moved = 0
    for part in portions():
        with transaction.atomic():
            moved += place(part, current)
    lift_deleted()
    return moved


def lift_deleted() -> None:
    """What is in the recycle bin lies nowhere."""
    rows = Placement.objects.filter(customer__deleted_at__isnull=False, until__isnull=True)
    with transaction.atomic():
        _tell(list(rows.values_list("customer", flat=True)))
        rows.delete()
