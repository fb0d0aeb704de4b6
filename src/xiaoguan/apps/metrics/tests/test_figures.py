"""Every shipped metric, by every dimension, equals a computation by hand over the same credits."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.metrics import portions, rollups
from xiaoguan.apps.metrics.models import Portion
from xiaoguan.apps.metrics.queries import credits_behind, figures
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import DIMENSIONS, Measure, Metric, Slice
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.territories.models import Placement, Territory
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.credit import Credit

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2025, 1, 1), date(2026, 3, 31)
NARROW = Metric(
    "narrow", "narrow", "", Measure(("won", "lost"), "records", (("tier", ("A", "")), ("turn", ("again",)))),
    Measure(("won",), "count", (("region", ("32",)),)), unit="count",
)  # fmt: skip
LAMPS = Metric(
    "lamps", "lamps", "", Measure(("won", "receipt"), "sum", (("category", ("lamps",)), ("tier", ("A", "B")))),
    Measure(("won", "lost"), "count", (("category", ("lamps", "")),)),
)  # fmt: skip
OURS = (NARROW, LAMPS)
FACTS = ("won", "lost", "receipt", "refund", "contract_signed", "contract_cancelled", "new_customer")


@pytest.fixture
def rows_of_credit() -> list[Credit]:
    """A year and a quarter of credits of three people in two teams, some shared, some negative."""
    chance = random.Random(7)
    teams = [Team.objects.create(name=f"T{n}") for n in range(2)]
    people = [Person.objects.create_user(f"p{n}") for n in range(3)]
    goods = [
        Product.objects.create(name=name, category=series, name_key=name)
        for name, series in (("spot", "lamps"), ("strip", "lamps"), ("pole", ""))
    ]
    places = [Territory.objects.create(name=f"P{n}") for n in range(2)]
    kinds = list(CustomerKind.objects.order_by("pk")[:2])
    customers = [
        Customer.objects.create(
            name=f"C{n}", kind=[*kinds, None][n % 3], tier=["A", "B", ""][n % 3], industry=["steel", ""][n % 2],
            region=["320500", "310000", ""][n % 3], source=["tender", ""][n % 2],
        )
        for n in range(4)
    ]  # fmt: skip
    turn = FIRST + timedelta(days=200)
    for n, customer in enumerate(
        customers[:3]
    ):  # the first moved from one territory into the other, the last is in none
        end = turn if n == 0 else None
        Placement.objects.create(customer=customer, territory=places[n % 2], since=turn, until=end)
    Placement.objects.create(customer=customers[0], territory=places[1], since=turn, counts_from=turn)
    rows = []
    for number in range(900):
        fact = chance.choice(FACTS)
        day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days + 1))
        amount = chance.randrange(1, 9_000_000_00) * (-1 if fact in ("refund", "contract_cancelled") else 1)
        split = chance.choice([RATE_ONE, RATE_ONE // 2, 33_333])
        rows.append(
            Credit(
                fact=fact,
                entity="opportunities.deal",
                object_id=number,
                person=chance.choice(people),
                unit=chance.choice([*teams, None]),
                on=day,
                party=chance.choice([*(customer.pk for customer in customers), None]),
                split=split,
                amount=amount,
            )
        )
    rows = Credit.objects.bulk_create(rows)
    for row in rows[::3]:
        sold = {product.pk: chance.randrange(1, 9) for product in chance.sample(goods, chance.randrange(1, 4))}
        sold |= {0: 2} if chance.random() < 0.3 else {}
        parts = portions.portions(sold, row.amount, divides=True)
        Portion.objects.bulk_create(Portion(credit=row.pk, product=product, amount=part) for product, part in parts)
    return rows


def _place(row: Credit) -> int:
    """The territory of a credit by reading every stay."""
    for stay in Placement.objects.filter(customer=row.party or 0):
        if stay.counts_from <= row.on and (stay.until is None or row.on < stay.until):
            return stay.territory_id
    return 0


def _first(rows: list[Credit]) -> dict[Any, Any]:
    """The first of each fact about each customer."""
    found: dict[Any, Any] = {}
    for row in rows:
        at = (row.on, row.object_id)
        found[row.party, row.fact] = min(found.get((row.party, row.fact), at), at)
    return found


def _about(row: Credit, customers: dict[int, Customer], first: dict[Any, Any]) -> dict[str, Any]:
    """What is asked of whom a credit is about, by reading its customer."""
    one = customers.get(row.party or 0, Customer())
    turn = "first" if first[row.party, row.fact] == (row.on, row.object_id) else "again"
    return {"customer": row.party or 0, "kind": one.kind_id or 0, "tier": one.tier, "industry": one.industry,
            "region": one.region[:2], "source": one.source, "turn": turn if row.party else ""}  # fmt: skip


def _key(row: Credit, by: tuple[str, ...], about: dict[str, Any]) -> tuple[Any, ...]:
    quarter = date(row.on.year, (row.on.month - 1) // 3 * 3 + 1, 1)
    known = {
        "person": row.person_id,
        "unit": row.unit_id,
        "territory": _place(row) if "territory" in by else 0,
        **about,
        "day": row.on.isoformat(),
        "week": (row.on - timedelta(days=row.on.weekday())).isoformat(),
        "month": row.on.replace(day=1).isoformat(),
        "quarter": quarter.isoformat(),
        "year": f"{row.on.year}-01-01",
    }
    return tuple(known[name] for name in by)


def _parts(rows: list[Credit], customers: dict[int, Customer]) -> list[tuple[Credit, dict[str, Any], int]]:
    """Each credit as often as it has portions, with what is asked of it and the money of each."""
    first, series = _first(rows), dict(Product.objects.values_list("pk", "category"))
    held: dict[int, list[Portion]] = defaultdict(list)
    for portion in Portion.objects.all():
        held[portion.credit].append(portion)
    found = []
    for row in rows:
        about = _about(row, customers, first)
        pairs = [(one.product, one.amount) for one in held[row.pk]] or [(0, row.amount)]
        assert sum(amount for _product, amount in pairs) == row.amount
        for product, amount in pairs:
            found.append((row, {**about, "product": product, "category": series.get(product, "")}, amount))
    return found


def _by_hand(
    rows: list[tuple[Credit, dict[str, Any], int]], measure: Measure, by: tuple[str, ...]
) -> dict[tuple[Any, ...], int]:
    found: dict[tuple[Any, ...], int] = defaultdict(int)
    seen: dict[tuple[Any, ...], dict[Any, int]] = defaultdict(dict)
    for row, about, amount in rows:
        if row.fact not in measure.facts or any(about[code] not in values for code, values in measure.where):
            continue
        key = _key(row, by, about)
        if measure.how == "sum":
            found[key] += amount
        elif measure.how == "count":
            seen[key][row.pk] = row.split
        elif one := row.party if measure.how == "customers" else row.object_id:
            seen[key][one] = RATE_ONE
        else:
            seen[key]
    return found | {key: sum(those.values()) for key, those in seen.items()}


@pytest.mark.parametrize(
    "by",
    [
        (),
        *[(name,) for name in DIMENSIONS],
        ("territory", "month"),
        ("unit", "quarter"),
        ("tier", "turn"),
        ("product", "month"),
        ("person", "category"),
    ],
    ids=str,
)
def test_every_metric_by_every_dimension(rows_of_credit: list[Credit], by: tuple[str, ...]) -> None:
    """One query for all metrics, exact to the fen."""
    where = Slice(date(2025, 2, 3), date(2026, 2, 17))
    parts = _parts(rows_of_credit, Customer.objects.in_bulk())
    inside = [part for part in parts if where.first <= part[0].on <= where.last]
    found = figures([*metrics.values(), *OURS], where, by)
    used = {measure for metric in (*metrics.values(), *OURS) for measure in metric.measures}
    for measure in used:
        if set(measure.facts) & set(FACTS):
            expected = _by_hand(inside, measure, by)
            assert {key: found.exact(key, measure) for key in expected} == expected
            assert sum(found.exact(key, measure) for key in found.rows) == sum(expected.values())


def test_people_and_teams_restrict(rows_of_credit: list[Credit]) -> None:
    """Ids pass as one parameter; an empty list is nobody, None is everybody."""
    metric = metrics["won_amount"]
    someone, somewhere = rows_of_credit[0].person_id, next(row.unit_id for row in rows_of_credit if row.unit_id)
    won = [row for row in rows_of_credit if row.fact == "won"]
    whole = Slice(FIRST, LAST)
    assert figures([metric], whole).value(metric) == sum(row.amount for row in won)
    mine = Slice(FIRST, LAST, people=[someone])
    assert figures([metric], mine).value(metric) == sum(row.amount for row in won if row.person_id == someone)
    team = Slice(FIRST, LAST, units=[somewhere])
    assert figures([metric], team).value(metric) == sum(row.amount for row in won if row.unit_id == somewhere)
    assert figures([metric], Slice(FIRST, LAST, people=[])).value(metric) == 0


def test_a_territory_holds_what_lay_in_it_that_day(rows_of_credit: list[Credit]) -> None:
    """Figures of territories add up to the whole, and the credits behind each are its figure."""
    metric, whole = metrics["won_amount"], Slice(FIRST, LAST)
    parts = figures([metric], whole, by=["territory"])
    assert len(parts.rows) == 3 and parts.total(metric) == figures([metric], whole).value(metric)
    for (place,) in parts.rows:
        where = replace(whole, territories=[place])
        found = sum(credits_behind(metric, where).values_list("amount", flat=True))
        assert found == figures([metric], where).value(metric) == parts.value(metric, (place,)) != 0


def test_a_ratio_is_made_of_its_sums(rows_of_credit: list[Credit]) -> None:
    """The win rate of a team is not the mean of its people's rates; without a closed deal there is none."""
    metric = metrics["win_rate"]
    found = figures([metric], Slice(FIRST, LAST), by=["person"])
    won = sum(row.split for row in rows_of_credit if row.fact == "won")
    lost = sum(row.split for row in rows_of_credit if row.fact == "lost")
    assert found.total(metric) == round(won * RATE_ONE / (won + lost))
    assert figures([metric], Slice(date(2001, 1, 1), date(2001, 1, 31))).value(metric) is None


def test_one_query_and_constant_text(rows_of_credit: list[Credit], django_assert_num_queries: Any) -> None:
    """Whatever is asked at once is one query."""
    known = list(metrics.values())
    rollups.in_use()  # asked once for a page
    with django_assert_num_queries(1):
        where = Slice(FIRST, LAST, people=[1, 2, 3], only={"tier": ["A"], "turn": ["again", ""]})
        figures(known, where, by=["person", "month"])


def test_nonsense_is_refused() -> None:
    """A metric sums or counts; an unknown dimension has no SQL; a code is an identifier."""
    with pytest.raises(ValueError):
        Measure(("won",), "average")
    with pytest.raises(ValueError):
        figures([metrics["won_amount"]], Slice(FIRST, LAST), by=["colour"])
    bad = Metric("x", "x", "x", Measure(("won'; --",)))
    with pytest.raises(ValueError):
        figures([bad], Slice(FIRST, LAST))
