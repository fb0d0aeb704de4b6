"""The ageing report: each number is its instalments, as of any day, and no reader sees more than his rows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xiaoguan.apps.billing import ageing, waiving
from xiaoguan.apps.billing.actions import Line, set_plan
from xiaoguan.apps.billing.models import Instalment
from xiaoguan.apps.commerce import actions as contracts
from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, clock, memo

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON):
        yield


def owing(cast, seller, *late: int, amount: int = 100_00, name: str = "Hengcen Steel") -> Contract:
    """A contract signed 300 days ago whose instalments are each so many days late."""
    customer = company.customer(seller, name)
    values = {"name": name, "customer": customer, "amount": amount * len(late), "signed_on": TODAY - 300 * DAY}
    contract = action.create(Contract, values, actor=seller)
    set_plan(contract, [Line("other", amount=amount, due_on=TODAY - days * DAY) for days in late], actor=seller)
    return contract


def whole(actor, on=TODAY, by="customer") -> tuple[int, ...]:
    return ageing.table(actor, on, by).whole.sums


def test_every_day_late_falls_in_its_bucket(cast):
    owing(cast, cast.seller, -5, 0, 1, 30, 31, 60, 61, 90, 91, 180, 181)
    assert whole(cast.seller) == (200_00, 200_00, 200_00, 200_00, 200_00, 100_00)
    assert whole(cast.peer) == (0,) * 6
    assert whole(cast.manager, by="owner") == whole(cast.director, by="kind") == whole(cast.finance, by="unit")


def test_what_was_owed_on_another_day_stays_as_it_was(cast):
    contract = owing(cast, cast.seller, 100, 50)
    receipt = action.create(
        Receipt, {"contract": contract, "amount": 130_00, "received_on": TODAY - 40 * DAY}, actor=cast.finance
    )
    refund = {"receipt": receipt, "amount": 20_00, "refunded_on": TODAY - 10 * DAY}
    action.create(Refund, refund, actor=cast.finance)
    then = {
        TODAY - 301 * DAY: 0, TODAY - 41 * DAY: 200_00, TODAY - 40 * DAY: 70_00, TODAY - 11 * DAY: 70_00,
        TODAY - 10 * DAY: 90_00, TODAY: 90_00,
    }  # fmt: skip
    assert {day: sum(whole(cast.finance, day)) for day in then} == then
    assert whole(cast.finance, TODAY - 41 * DAY) == (0, 100_00, 100_00, 0, 0, 0)
    contracts.cancel(company.again(contract), actor=cast.seller, on=TODAY - DAY)
    assert {day: sum(whole(cast.finance, day)) for day in then} == then | {TODAY: 0}


def test_a_waiver_ends_what_is_owed(cast):
    owing(cast, cast.seller, 20)
    waiving.waive(Instalment.objects.get(), actor=cast.finance, comment="settled", on=TODAY - 2 * DAY)
    assert (sum(whole(cast.seller, TODAY - 3 * DAY)), sum(whole(cast.seller))) == (100_00, 0)


def test_each_number_is_made_of_the_records_behind_it(cast):
    owing(cast, cast.seller, -3, 10, 45)
    owing(cast, cast.other_seller, 10, 400, name="Other Steel")
    client = Client()
    client.force_login(cast.finance)
    for on in (TODAY, TODAY - 20 * DAY):
        found = ageing.table(cast.finance, on, "customer")
        for line in found.lines:
            for bucket, fen in enumerate(line.sums):
                about = {"on": on.isoformat(), "by": "customer", "key": line.key, "bucket": bucket}
                page = client.get("/receivables/behind/", about)
                assert page.context["total"] == fen
    assert client.get("/receivables/behind/", {"by": "customer", "key": "²"}).status_code == 404
    text = client.get("/receivables/file/?as=csv&by=owner").content.decode()
    assert "300.00" in text
    assert text.count("\n") == 4


def test_the_report_costs_the_same_for_one_debtor_and_for_many(cast):
    client = Client()
    client.force_login(cast.director)
    counts = []
    for number in range(3):
        owing(cast, cast.seller, 5, 40, name=f"Debtor {number}")
        memo.forget()
        client.get("/receivables/")
        memo.forget()
        with CaptureQueriesContext(connection) as found:
            client.get(f"/receivables/?on={TODAY - DAY}")
        counts.append(len(found))
    assert counts[0] == counts[-1] <= 12, counts
