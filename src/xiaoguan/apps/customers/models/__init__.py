"""Companies that are sold to, their kinds, the people in them, and what is known of them."""

from xiaoguan.apps.customers.models.contact import Attitude, Contact, DecisionRole, Power
from xiaoguan.apps.customers.models.customer import Customer, Source, Tier
from xiaoguan.apps.customers.models.fact import CustomerFact, FactKind, FactState
from xiaoguan.apps.customers.models.key import CustomerKey
from xiaoguan.apps.customers.models.kind import CustomerKind
from xiaoguan.apps.customers.models.pair import Apart, Pair, PairCheck

__all__ = [
    "Apart", "Attitude", "Contact", "Customer", "CustomerFact", "CustomerKey", "CustomerKind", "DecisionRole",
    "FactKind", "FactState", "Pair", "PairCheck", "Power", "Source", "Tier",
]  # fmt: skip
