"""Made credits for all that is counted: shared and negative ones, leap days, weeks over new year, any customer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.metrics.models import Portion
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import ABOUT, Measure, Metric, Slice
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.territories.models import Placement, Territory
from xiaoguan.calc.share import largest_remainder
from xiaoguan.kit.fact import facts
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.credit import Credit

FIRST, LAST = date(2023, 12, 20), date(2026, 1, 10)
NARROW = Metric(
    "narrow", "narrow", "", Measure(("won", "lost"), "records", (("tier", ("A", "")), ("turn", ("again",)))),
    Measure(("won",), "count", (("region", ("32",)), ("kind", (0,)))), unit="count",
)  # fmt: skip
CUTS = [
    (), ("person",), ("unit", "quarter"), ("territory", "month"), ("kind", "year"), ("tier", "turn"), ("industry",),
    ("region", "source"), ("week",), ("day", "turn"), ("product",), ("category", "month"), ("product", "tier"),
    ("customer", "month"),
]  # fmt: skip


def make(count: int = 1500) -> list[Metric]:
    """Store credits of two years; returns every metric that can be asked of them."""
    chance = random.Random(11)
    teams = [Team.objects.create(name=f"T{n}") for n in range(3)]
    people = [Person.objects.create_user(f"p{n}") for n in range(4)]
    places = [Territory.objects.create(name=f"P{n}") for n in range(2)]
    kinds = [*CustomerKind.objects.order_by("pk")[:2], None]
    customers = [
        Customer.objects.create(
            name=f"C{n}", kind=kinds[n % 3], tier=["A", "B", ""][n % 3],
            industry=["steel", "“a”, \"b\"\r\n", ""][n % 3],
            region=["320500", "310000", ""][n % 3], source=["tender", ""][n % 2],
        )
        for n in range(8)
    ]  # fmt: skip
    turn = date(2024, 7, 1)
    for n, customer in enumerate(customers[:5]):  # the first moved from one territory into the other
        Placement.objects.create(customer=customer, territory=places[n % 2], since=turn, until=turn if n == 0 else None)
    Placement.objects.create(customer=customers[0], territory=places[1], since=turn, counts_from=turn)
    asked = [*metrics.values(), NARROW]
    codes = sorted({fact for metric in asked for measure in metric.measures for fact in measure.facts})
    days = [date(2024, 2, 29), date(2024, 12, 30), date(2025, 1, 1), FIRST, LAST]
    days += [FIRST + timedelta(chance.randrange((LAST - FIRST).days)) for _day in range(60)]
    rows = []
    for number in range(count):
        code = chance.choice(codes)
        model = facts[code].model
        own = {
            "fact": code, "entity": model._meta.label_lower if model else "x", "object_id": chance.randrange(1, 200),
            "on": chance.choice(days), "party": chance.choice([*(row.pk for row in customers), None]),
        }  # fmt: skip
        for split in chance.choice([(RATE_ONE,), (66_667, 33_333), (50_000, 30_000, 20_000)]):
            amount = chance.randrange(-(10**9), 10**11) if number % 50 else 9_000_000_000_000_001
            rows.append(
                Credit(
                    **own, person=chance.choice([*people, None]), unit=chance.choice([*teams, None]), split=split,
                    amount=amount,
                )
            )  # fmt: skip
    Credit.objects.bulk_create(rows)
    goods = [Product.objects.create(name=f"G{n}", category=["lamp", "", 'pole "x"'][n % 3]) for n in range(4)]
    sold = []
    for row in Credit.objects.order_by("pk")[: count // 2]:
        chosen = sorted(chance.sample([0, *(each.pk for each in goods)], k=chance.randrange(1, 4)))
        fact = facts.get(row.fact)
        parts = largest_remainder(row.amount, [1] * len(chosen))
        divides = fact is not None and fact.unit == "money"
        sold += [
            Portion(credit=row.pk, product=product, amount=part if divides else row.amount)
            for product, part in zip(chosen, parts, strict=True)
        ]
    Portion.objects.bulk_create(sold)
    return asked


def slices() -> Iterator[Slice]:
    """All of it and parts of it: days, some people, teams, territories, customers."""
    people = list(Person.objects.filter(username__in=["p0", "p2"]).values_list("pk", flat=True))
    teams = list(Team.objects.filter(name__in=["T0", "T2"]).values_list("pk", flat=True))
    places = list(Territory.objects.filter(name="P1").values_list("pk", flat=True))
    yield Slice(FIRST, LAST)
    yield Slice(date(2024, 2, 10), date(2025, 11, 3), people=people)
    yield Slice(date(2024, 12, 28), date(2025, 2, 3), units=teams, territories=[*places, 0])
    goods = list(Product.objects.filter(name__in=["G0", "G1"]).values_list("pk", flat=True))
    yield Slice(FIRST, LAST, only={"product": [*goods, 0]})
    yield Slice(FIRST, LAST, only={"category": ["lamp", ""]})
    known = list(Customer.objects.filter(name__in=["C1", "C3"]).values_list("pk", flat=True))
    yield Slice(FIRST, LAST, only={"customer": [*known, 0], "tier": ["A", "B"]})
    values = {"customer": known, "kind": [0], "tier": ["A", ""], "industry": ["steel"], "region": ["31", ""],
              "turn": ["again"]}  # fmt: skip
    for code in values.keys() & set(ABOUT):
        yield Slice(FIRST, LAST, only={code: values[code]})
    yield Slice(FIRST, LAST, people=[])
