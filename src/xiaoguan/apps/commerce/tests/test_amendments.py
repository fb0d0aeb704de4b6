"""Supplementary agreements: the difference counts on its own day, and what was signed stays as it was."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Sum
from django.utils.translation import override

from xiaoguan.apps.commerce import actions
from xiaoguan.apps.commerce.models import Amendment, Contract
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, clock
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.models.credit import Credit
from xiaoguan.kit.undo import undo

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON), override("en"):
        yield


@pytest.fixture
def contract(cast):
    with clock.at(NOON - 40 * DAY):
        customer = company.customer(cast.seller)
        values = {"customer": customer, "amount": 100_00, "signed_on": TODAY - 40 * DAY}
        return action.create(Contract, values, actor=cast.seller)


def by_day() -> dict[dt.date, int]:
    rows = Credit.objects.filter(fact__startswith="contract_").order_by("on")
    return dict(rows.values_list("on").annotate(sum=Sum("amount")))


def test_the_difference_counts_on_its_own_day(cast, contract):
    done = actions.amend(
        company.again(contract), actor=cast.seller, amount=130_00, on=TODAY - DAY, reason="more lamps", number="B1"
    )
    assert by_day() == {TODAY - 40 * DAY: 100_00, TODAY - DAY: 30_00}
    stored = company.again(contract)
    assert (stored.amount, stored.signed_amount) == (130_00, 100_00)
    actions.cancel(stored, actor=cast.seller)
    assert by_day()[TODAY] == -130_00
    assert sum(by_day().values()) == 0
    assert done.change.note == "more lamps"


def test_whoever_edits_a_contract_in_force_amends_it(cast, contract):
    other = company.customer(cast.seller, "Other Steel")
    done = action.update(company.again(contract), {"amount": 90_00, "customer": other}, actor=cast.seller)
    amendment = Amendment.objects.get()
    assert (amendment.delta, amendment.agreed_on, amendment.previous_customer) == (-10_00, TODAY, contract.customer)
    assert by_day() == {TODAY - 40 * DAY: 100_00, TODAY: -10_00}
    undo(done.change, actor=cast.seller)
    assert by_day() == {TODAY - 40 * DAY: 100_00}
    assert company.again(contract).amount == 100_00


def test_on_the_day_it_is_entered_a_change_is_a_correction(cast):
    values = {"customer": company.customer(cast.seller), "amount": 100_00, "signed_on": TODAY - 9 * DAY}
    contract = action.create(Contract, values, actor=cast.seller)
    action.update(company.again(contract), {"amount": 10_00}, actor=cast.seller)
    assert by_day() == {TODAY - 9 * DAY: 10_00}
    assert not Amendment.objects.exists()


def test_an_agreement_changes_something_and_not_before_the_signature(cast, contract):
    for wrong in ({"amount": 100_00}, {"amount": 1, "on": TODAY + DAY}, {"amount": 1, "on": TODAY - 41 * DAY}):
        with pytest.raises(Invalid):
            actions.amend(company.again(contract), actor=cast.seller, reason="why", **wrong)
