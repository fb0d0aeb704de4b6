"""Short ways to the records that tests of customers, deals, commerce and activities begin with."""

from __future__ import annotations

from typing import Any

from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.opportunities.models import Deal, LossReason, Product, Stage
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import action


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


def kind(code: str = "steel_company") -> CustomerKind:
    """A seeded kind of customers."""
    return CustomerKind.objects.get(code=code)
