"""Companies that are sold to, their kinds, and the people in them."""

from xiaoguan.apps.customers.models.contact import Contact, DecisionRole
from xiaoguan.apps.customers.models.customer import Customer, Source, Tier
from xiaoguan.apps.customers.models.key import CustomerKey
from xiaoguan.apps.customers.models.kind import CustomerKind
from xiaoguan.apps.customers.models.pair import Apart, Pair, PairCheck

__all__ = [
    "Apart",
    "Contact",
    "Customer",
    "CustomerKey",
    "CustomerKind",
    "DecisionRole",
    "Pair",
    "PairCheck",
    "Source",
    "Tier",
]
