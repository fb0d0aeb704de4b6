"""A company of another shape: a fiscal year from April, quotas by quarter, orders with lines, moves, US dollars.

Everything comes by files as such companies write them; then the year's target is set in one screen, and everybody has
a day.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.billing.models import Order
from xiaoguan.apps.commerce.models import Receipt
from xiaoguan.apps.goals import daily, queries
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import RECEIPTS, WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org import actions, seeding
from xiaoguan.apps.org.models import Company, Person, Role, Team
from xiaoguan.apps.org.queries import subtree_ids, system_actor, working_calendar
from xiaoguan.apps.territories.models import Assignment
from xiaoguan.kit import clock
from xiaoguan.kit.action import create

from tests.test_import_entities import imported

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2025, 11, 18, 4, tzinfo=dt.UTC)

PEOPLE = """Employee ID,Name,Title,Team,Manager,Hire date
E1,Ava Stone,Sales Director,Sales,,2019-04-01
E2,Ben Cole,Sales Manager,North,Ava Stone,2020-04-01
E3,Cara Diaz,Sales Engineer,North,Ben Cole,2021-04-01
E4,Dev Rao,Sales Engineer,North,Ben Cole,2022-04-01
E5,Eli Park,Sales Manager,South,Ava Stone,2020-04-01
E6,Fay Lund,Sales Engineer,South,Eli Park,2021-04-01
"""
RATES = "Currency,Counts from,Exchange rate\nUSD,2025-01-01,7.1234\nUSD,2025-10-01,7.05\n"
CUSTOMERS = "Account,Owner\nHalden Works,Cara Diaz\nOslo Steel,Dev Rao\nBerg Design,Fay Lund\n"
PRODUCTS = "Product,List price\nFloodlight 200,1200\nStreetlight 90,800.5\n"
TERRITORIES = "Name\nCoast\nInland\n"
LOOKING_AFTER = """Territory,Salesperson,Effective from,Effective to
Coast,Cara Diaz,2025-04-01,2025-09-30
Coast,Fay Lund,2025-10-01,
Inland,Dev Rao,2025-04-01,
"""
MOVES = "Name,Team,Position,Start date,End date\nCara Diaz,South,Member,2025-10-01,\n"
DEALS = """Opportunity ID,Account,Sales Rep,Stage,Amount,Currency,Created date,Close date
O1,Halden Works,Cara Diaz,Won,"$10,000.05",,2025-05-05,2025-06-30
O2,Halden Works,Cara Diaz,Won,20000,USD,2025-07-01,2025-10-15
O3,Oslo Steel,Dev Rao,Won,30000,CNY,2025-04-02,2025-04-30
O4,Berg Design,Fay Lund,Won,500000,,2024-10-02,2025-03-31
"""
RECEIPT_ROWS = """Receipt no,Account,Received on,Amount,Sales rep
R1,Halden Works,2025-07-01,USD 5000.5,Cara Diaz
R2,Oslo Steel,2025-05-31,30000,Dev Rao
"""
ORDERS = """Order number,Customer,Order date,Owner
SO-1,Halden Works,2025-07-02,Cara Diaz
SO-2,Oslo Steel,2025-05-02,Dev Rao
"""
LINES = """Order number,Product,Qty,Unit price
SO-1,Floodlight 200,3,1150.25
SO-1,Streetlight 90,2.5,
SO-2,Floodlight 200,1,1200
"""
QUOTAS = """Sales rep,FY25 Q1,FY25 Q2,FY25 Q3,FY25 Q4
Cara Diaz,"100,000.01",120000,130000,150000
Dev Rao,90000,90000,100000,110000
Fay Lund,80000,95000,100000,"105,000"
"""
FILES = (
    ("people", PEOPLE), ("exchange-rates", RATES), ("customers", CUSTOMERS), ("products", PRODUCTS),
    ("territories", TERRITORIES), ("territory-assignments", LOOKING_AFTER), ("deals", DEALS),
    ("receipts", RECEIPT_ROWS), ("orders", ORDERS), ("order-lines", LINES), ("target-lines", QUOTAS),
)  # fmt: skip


@pytest.fixture
def administrator(db: None) -> Person:
    """An empty company whose year begins in April, and its administrator."""
    seeding.ensure(Role, Person.anybody)
    system = system_actor()
    create(Company, {"name": "Lumen Works", "fiscal_year_start": 4}, actor=system)
    create(Team, {"name": "Lumen Works", "kind": "company"}, actor=system)
    return actions.join(actions.Joiner(name="Qian Hui", username="admin", position="administrator"), actor=system)


def test_files_of_another_company_to_everybodys_day(administrator: Person, client: Client) -> None:
    with clock.at(NOON):
        for slug, text in FILES:
            imported(text, slug, administrator)
        people = {person.name: person for person in Person.objects.all()}
        won_so_far(people)
        imported(MOVES, "memberships", administrator)
        after_the_move(people)
        year = queries.calendar().parse("2025")
        assert (year.start, year.end) == (dt.date(2025, 4, 1), dt.date(2026, 3, 31))
        set_the_year(client, people["Ava Stone"], year)
        everybodys_day(client, people, year)


def won_so_far(people: dict[str, Person]) -> None:
    """Amounts to the fen by fiscal quarter, orders as the sum of their lines, territories by day."""
    amounts = dict(Deal.objects.values_list("number", "amount"))
    assert amounts == {"O1": 71_234_36, "O2": 141_000_00, "O3": 30_000_00, "O4": 500_000_00}
    found = figures([WON_AMOUNT], Slice(dt.date(2025, 1, 1), dt.date(2025, 12, 31)), by=["quarter", "person"])
    cara, fay = people["Cara Diaz"].pk, people["Fay Lund"].pk
    assert found.value(WON_AMOUNT, ("2025-04-01", cara)) == 71_234_36
    assert found.value(WON_AMOUNT, ("2025-10-01", cara)) == 141_000_00
    assert figures([WON_AMOUNT], Slice(dt.date(2024, 4, 1), dt.date(2025, 3, 31)), by=["year", "person"]).value(
        WON_AMOUNT, ("2024-04-01", fay)
    ) == 500_000_00  # fmt: skip
    assert Receipt.objects.get(number="R1").amount == 35_620_56  # 5000.5 × 7.1234 = 35620.5617
    received = figures([RECEIPTS], Slice(dt.date(2025, 4, 1), dt.date(2026, 3, 31)))
    assert received.value(RECEIPTS) == 35_620_56 + 30_000_00
    assert dict(Order.objects.values_list("number", "amount")) == {"SO-1": 5_452_00, "SO-2": 1_200_00}
    held = Assignment.objects.filter(territory__name="Coast", start__lte="2025-11-18").order_by("start")
    assert [(row.person.name, str(row.end)) for row in held] == [("Cara Diaz", "2025-09-30"), ("Fay Lund", "None")]


def after_the_move(people: dict[str, Person]) -> None:
    """What was won before somebody moved stays with the team of then."""
    north, south = (Team.objects.get(name=name) for name in ("North", "South"))
    half = Slice(dt.date(2025, 4, 1), dt.date(2025, 9, 30))
    won = [figures([WON_AMOUNT], Slice(half.first, half.last, units=subtree_ids(team))).value(WON_AMOUNT)
           for team in (north, south)]  # fmt: skip
    assert won == [101_234_36, 0]
    people["Cara Diaz"].refresh_from_db()
    assert people["Cara Diaz"].unit == south


def set_the_year(client: Client, director: Person, year: Any) -> None:
    """One number for the company, split down to the people by what they have, over months as they stand."""
    client.force_login(director)
    where = f"?metric=won_amount&year={year.code}"
    page = client.get(reverse("goals:grid") + where)
    assert page.status_code == 200
    answer = client.post(reverse("goals:grid") + where, {f"c|company|{year.code}": "200"})
    assert answer.status_code == 302
    sent = {"subject": "company", "direction": "time", "method": "workdays", "apply": "1"}
    assert client.post(reverse("goals:split") + where, sent).status_code == 302
    told = queries.targets(WON_AMOUNT, year.start, year.end)
    assert told.of("company", year) == 2_000_000_00
    assert None not in [told.of("company", month) for month in year.split("month")]


def everybodys_day(client: Client, people: dict[str, Person], year: Any) -> None:
    """Quotas of quarters are months and days to the fen, and each seller's home tells his day."""
    quotas = {
        "Cara Diaz": (100_000_01, 120_000_00, 130_000_00, 150_000_00),
        "Dev Rao": (90_000_00, 90_000_00, 100_000_00, 110_000_00),
        "Fay Lund": (80_000_00, 95_000_00, 100_000_00, 105_000_00),
    }
    told = queries.targets(WON_AMOUNT, year.start, year.end)
    at = (NOON.date() - year.start).days
    for name, quarters in quotas.items():
        key = queries.person_key(people[name].pk)
        assert tuple(told.of(key, quarter) for quarter in year.split("quarter")) == quarters
        days = daily.vectors(WON_AMOUNT, year, [key])[key]
        assert days.total(0, year.days - 1) == sum(quarters)
        assert working_calendar().works(NOON.date()) and days.values[at] > 0
        client.force_login(people[name])
        home = client.get(reverse("home"))
        assert home.status_code == 200
        assert (home.context["day"].state, home.context["day"].target) == ("set", int(days.values[at]))
