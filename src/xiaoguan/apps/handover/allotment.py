"""Who gets which customers: all to one, or by tier, kind, city or territory, with exceptions by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.activities.models import Task
from xiaoguan.apps.activities.models.task import State
from xiaoguan.apps.customers.models import Customer, CustomerKind, Tier
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.territories.models import Placement, Territory
from xiaoguan.kit.access import everything
from xiaoguan.lexicon import regions

WHY = "whoever hands over hands over everything, whoever arranges it"
WAYS = {
    "one": gettext_lazy("All to one"),
    "tier": gettext_lazy("By tier"),
    "kind": gettext_lazy("By kind of customer"),
    "city": gettext_lazy("By city"),
    "territory": gettext_lazy("By territory"),
}


@dataclass
class Rule:
    """`heir` gets the rest; `by` maps a value (a tier, the id of a kind) to a person, `named` a customer."""

    how: str = "one"
    heir: int = 0
    by: dict[str, int] = field(default_factory=dict)
    named: dict[int, int] = field(default_factory=dict)
    targets: bool = True

    def as_json(self) -> dict[str, Any]:
        """As a hand-over keeps it."""
        named = {str(pk): person for pk, person in self.named.items()}
        return {"how": self.how, "heir": self.heir, "by": self.by, "named": named, "targets": self.targets}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Rule:
        """What a hand-over has kept."""
        named = {int(pk): int(person) for pk, person in said.get("named", {}).items()}
        return cls(said.get("how", "one"), int(said.get("heir", 0)), dict(said.get("by", {})), named,
                   bool(said.get("targets", True)))  # fmt: skip

    @property
    def people(self) -> set[int]:
        """Everybody who gets something by this rule."""
        return {self.heir, *self.by.values(), *self.named.values()} - {0}

    def heir_of(self, customer: int, value: str) -> int:
        """Who gets a customer."""
        return self.named.get(customer) or self.by.get(value) or self.heir


def customers_of(person: Person) -> QuerySet[Customer]:
    """What somebody looks after."""
    return everything(Customer, because=WHY).filter(owner=person)


def values(how: str, rows: QuerySet[Customer]) -> dict[int, str]:
    """What each customer is by the chosen way, as text."""
    if how == "territory":
        ids = rows.values("pk")
        placed = Placement.objects.filter(customer__in=ids, until__isnull=True).values_list("customer", "territory")
        found = {pk: str(territory) for pk, territory in placed}
        return {pk: found.get(pk, "") for pk in rows.values_list("pk", flat=True)}
    path = {"tier": "tier", "kind": "kind", "city": "region"}.get(how)
    if path is None:
        return dict.fromkeys(rows.values_list("pk", flat=True), "")
    pairs = rows.values_list("pk", path)
    if how == "city":
        return {pk: f"{code[:4]}00" if code else "" for pk, code in pairs}
    return {pk: str(value or "") for pk, value in pairs}


def allotted(person: Person, rule: Rule) -> dict[int, int]:
    """Who gets each customer of somebody."""
    found = values(rule.how, customers_of(person))
    return {pk: rule.heir_of(pk, value) for pk, value in found.items()}


@dataclass
class Portion:
    """What somebody gets, or what a value of the rule holds: counts, and open deals in fen."""

    customers: int = 0
    deals: int = 0
    amount: int = 0
    tasks: int = 0


def held(person: Person) -> Portion:
    """What somebody looks after now."""
    deals = _deals(person).aggregate(n=Count("pk"), total=Sum("amount"))
    return Portion(customers_of(person).count(), deals["n"], deals["total"] or 0, _tasks(person).count())


def _deals(person: Person) -> QuerySet[Deal]:
    return everything(Deal, because=WHY).filter(owner=person, status=Status.OPEN)


def _tasks(person: Person) -> QuerySet[Task]:
    return everything(Task, because=WHY).filter(owner=person, state=State.OPEN)


def portions(person: Person, keys: Mapping[int, Any], other: Any) -> dict[Any, Portion]:
    """Add up customers, open deals and open tasks by the key of their customer; what has none counts to `other`."""
    found: dict[Any, Portion] = defaultdict(Portion)
    for key in keys.values():
        found[key].customers += 1
    for customer, n, total in _deals(person).order_by().values_list("customer").annotate(
        n=Count("pk"), total=Sum("amount")
    ):  # fmt: skip
        portion = found[keys.get(customer, other)]
        portion.deals += n
        portion.amount += total or 0
    for customer, n in _tasks(person).order_by().values_list("customer").annotate(n=Count("pk")):
        found[keys.get(customer, other)].tasks += n
    return dict(found)


def preview(person: Person, rule: Rule) -> dict[int, Portion]:
    """What each successor would get."""
    return portions(person, allotted(person, rule), rule.heir)


@dataclass(frozen=True)
class Group:
    """One value of the chosen way, with what it holds and who gets it."""

    value: str
    label: str
    portion: Portion
    person: int


def groups(person: Person, rule: Rule) -> list[Group]:
    """The values of the chosen way among somebody's customers, the largest first."""
    keys = values(rule.how, customers_of(person))
    if rule.how == "one":
        return []
    labels = _labels(rule.how, set(keys.values()))
    found = {key: portion for key, portion in portions(person, keys, None).items() if key is not None}
    return [
        Group(value, labels.get(value) or _("none of these"), portion, rule.by.get(value, 0))
        for value, portion in sorted(found.items(), key=lambda pair: (-pair[1].customers, pair[0]))
    ]


def _labels(how: str, wanted: Iterable[str]) -> dict[str, str]:
    if how == "tier":
        return {str(value): str(label) for value, label in Tier.choices}
    if how == "kind":
        return {str(row.pk): str(row) for row in everything(CustomerKind, because=WHY)}
    if how == "territory":
        return {str(row.pk): row.name for row in everything(Territory, because=WHY)}
    return {code: regions.name(code) for code in wanted if code}
