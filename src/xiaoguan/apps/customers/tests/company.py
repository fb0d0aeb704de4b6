"""A small sales company for the tests of customers, deals, commerce and activities."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, LossReason, Product, Stage
from xiaoguan.apps.org.actions import Joiner, join_many
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit import action

SINCE = dt.date(2024, 1, 1)


@dataclass
class Staff:
    """Two teams of one company and the offices around them."""

    seller: Person
    peer: Person
    manager: Person
    other_manager: Person
    director: Person
    finance: Person
    service: Person
    auditor: Person
    outsider: Person
    system: Person


def staff() -> Staff:
    """Hire everybody; the outsider has a login and no role."""
    system = system_actor()
    company = action.create(Team, {"name": "Sales", "kind": "company"}, actor=system)
    tiger = action.create(Team, {"name": "Tiger", "parent": company}, actor=system)
    wolf = action.create(Team, {"name": "Wolf", "parent": company}, actor=system)
    people = join_many(
        [
            Joiner("Chen Siyuan", "seller", team=tiger, start=SINCE, roles=["salesperson"]),
            Joiner("Lin Zhixia", "peer", team=tiger, start=SINCE, roles=["salesperson"]),
            Joiner("Zhou Min", "manager", team=tiger, post="manager", start=SINCE, roles=["manager"]),
            Joiner("Gu Yan", "other_manager", team=wolf, post="manager", start=SINCE, roles=["manager"]),
            Joiner("Shen Li", "director", team=company, post="manager", start=SINCE, roles=["director"]),
            Joiner("Fang Xiaolan", "finance", start=SINCE, roles=["finance"]),
            Joiner("Su He", "service", start=SINCE, roles=["service"]),
            Joiner("Xu An", "auditor", start=SINCE, roles=["auditor"]),
            Joiner("Nobody Here", "outsider", start=SINCE, roles=[]),
        ],
        actor=system,
    )
    return Staff(*people, system=system)


def stage(code: str) -> Stage:
    """A seeded stage."""
    return Stage.objects.get(code=code)


def reason(code: str = "price") -> LossReason:
    """A seeded reason for losing."""
    return LossReason.objects.get(code=code)


def product(actor: Any, name: str = "Bollard light", price: int = 120_00) -> Product:
    """An article of the price list."""
    return action.create(Product, {"name": name, "price": price}, actor=actor)


def customer(owner: Person, name: str = "Hengcen Steel", **values: Any) -> Customer:
    """A customer of this person."""
    return action.create(Customer, {"name": name, **values}, actor=owner)


def deal(owner: Person, *, name: str = "Canopy lighting", stage_code: str = "prospecting", **values: Any) -> Deal:
    """A deal of this person."""
    return action.create(Deal, {"name": name, "stage": stage(stage_code), **values}, actor=owner)


def again(row: Any) -> Any:
    """The row as it is stored now."""
    return type(row)._default_manager.get(pk=row.pk)
