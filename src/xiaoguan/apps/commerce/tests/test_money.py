"""Contracts, receipts and refunds: what they fill in, what they count for, what they refuse."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db.models import Sum
from django.test import Client

from xiaoguan.apps.commerce import actions
from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.apps.customers.actions import transfer
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities import actions as deals
from xiaoguan.kit import action, clock
from xiaoguan.kit.access import visible
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.models.credit import Credit
from xiaoguan.kit.undo import undo

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON):
        yield


@pytest.fixture
def customer(cast):
    return company.customer(cast.seller)


def net(*facts: str) -> int:
    """The sum of some facts over everybody."""
    return Credit.objects.filter(fact__in=facts).aggregate(sum=Sum("amount"))["sum"] or 0


def signed(cast, customer, amount=26_80_00, **values) -> Contract:
    deal = company.deal(cast.seller, stage_code="contracting", customer=customer, amount=amount)
    return actions.sign(company.again(deal), actor=cast.seller, **values).result


def test_signing_wins_the_deal_and_records_the_contract(cast, customer):
    contract = signed(cast, customer, contract_number="HT-1", signed_on=TODAY - DAY)
    deal = company.again(contract.deal)
    assert (deal.status, deal.won_on) == ("won", TODAY - DAY)
    assert (contract.name, contract.customer, contract.owner, contract.amount) == (
        deal.name, customer, cast.seller, deal.amount,
    )  # fmt: skip
    assert net("contract_signed") == net("won") == 26_80_00


def test_the_signed_amount_becomes_the_deals_unless_products_make_it(cast, customer):
    assert company.again(signed(cast, customer, amount=100).deal).amount == 100
    contract = signed(cast, customer, amount=90_00)
    assert company.again(contract.deal).amount == 90_00
    lines = company.deal(cast.seller, customer=customer, stage_code="contracting")
    model = type(lines)._meta.get_field("lines").related_model
    action.create(model, {"deal": lines, "product": company.product(cast.director)}, actor=cast.seller)
    second = actions.sign(company.again(lines), actor=cast.seller, amount=100_00).result
    assert (company.again(lines).amount, second.amount) == (120_00, 100_00)


def test_signing_without_any_amount_is_refused(cast, customer):
    deal = company.again(company.deal(cast.seller, customer=customer))
    with pytest.raises(Invalid):
        actions.sign(deal, actor=cast.seller)
    assert company.again(deal).is_open


def test_undoing_a_signature_takes_both_back(cast, customer):
    deal = company.again(company.deal(cast.seller, stage_code="contracting", customer=customer, amount=50_00))
    undo(actions.sign(deal, actor=cast.seller).change, actor=cast.seller)
    assert company.again(deal).is_open
    assert not visible(Contract, cast.seller).exists()
    assert net("won", "contract_signed") == 0


def test_a_cancelled_contract_counts_back_on_its_own_day(cast, customer):
    contract = signed(cast, customer, signed_on=TODAY - 40 * DAY)
    actions.cancel(company.again(contract), actor=cast.seller)
    rows = Credit.objects.filter(object_id=contract.pk, entity="commerce.contract").order_by("on")
    assert list(rows.values_list("fact", "on", "amount")) == [
        ("contract_signed", TODAY - 40 * DAY, 26_80_00),
        ("contract_cancelled", TODAY, -26_80_00),
    ]


def test_a_draft_counts_for_nothing(cast, customer):
    values = {"customer": customer, "amount": 5_00, "status": "draft", "signed_on": TODAY}
    action.create(Contract, values, actor=cast.seller)
    assert net("contract_signed") == 0


def test_a_won_deal_under_contract_is_not_taken_back(cast, customer):
    contract = signed(cast, customer)
    deal = company.again(contract.deal)
    for verb, values in ((deals.reopen, {}), (deals.move, {"to": company.stage("needs")})):
        with pytest.raises(Refusal) as refusal:
            verb(company.again(deal), actor=cast.seller, **values)
        assert refusal.value.code == "deal.contract_in_force"
        assert refusal.value.ways_out
    actions.cancel(company.again(contract), actor=cast.seller)
    deals.reopen(company.again(deal), actor=cast.seller)
    assert company.again(deal).is_open


def test_a_receipt_is_its_sellers_whoever_books_it(cast, customer):
    contract = signed(cast, customer)
    receipt = action.create(
        Receipt, {"contract": contract, "amount": 12_80_00, "received_on": TODAY}, actor=cast.finance
    )
    assert (receipt.customer, receipt.deal, receipt.owner) == (customer, contract.deal, cast.seller)
    credit = Credit.objects.get(fact="receipt")
    assert (credit.person, credit.unit, credit.on, credit.amount) == (cast.seller, cast.tigers, TODAY, 12_80_00)
    with pytest.raises(Denied):
        action.create(Receipt, {"customer": customer, "amount": 1, "received_on": TODAY}, actor=cast.seller)


def test_refunds_net_receipts_on_their_own_day_and_never_exceed_them(cast, customer):
    receipt = action.create(
        Receipt, {"customer": customer, "amount": 10_00, "received_on": TODAY - 40 * DAY}, actor=cast.finance
    )
    refund = {"receipt": receipt, "amount": 4_00, "refunded_on": TODAY}
    made = action.create(Refund, refund, actor=cast.finance)
    assert (made.customer, made.owner) == (customer, cast.seller)
    assert net("receipt", "refund") == 6_00
    assert Credit.objects.get(fact="refund").on == TODAY
    with pytest.raises(Invalid):
        action.create(Refund, refund | {"amount": 6_01}, actor=cast.finance)
    action.create(Refund, refund | {"amount": 6_00}, actor=cast.finance)
    assert net("receipt", "refund") == 0
    action.remove(company.again(made), actor=cast.finance)
    assert net("receipt", "refund") == 4_00


def test_amounts_below_nothing_are_refused(cast, customer):
    for model, day in ((Receipt, "received_on"), (Refund, "refunded_on")):
        with pytest.raises(Invalid):
            action.create(model, {"customer": customer, "amount": -1, day: TODAY}, actor=cast.finance)


def test_papers_follow_the_customer_and_credit_stays(cast, customer):
    contract = signed(cast, customer)
    receipt = action.create(Receipt, {"contract": contract, "amount": 7_00, "received_on": TODAY}, actor=cast.finance)
    transfer(company.again(customer), actor=cast.manager, to=cast.peer)
    assert visible(Contract, cast.peer).get() == contract
    assert visible(Receipt, cast.peer).get() == receipt
    assert not visible(Receipt, cast.seller).exists()
    rows = Credit.objects.filter(fact__in=("receipt", "contract_signed", "won"))
    assert set(rows.values_list("person", flat=True)) == {cast.seller.pk}
    values = {"contract": company.again(contract), "amount": 3_00, "received_on": TODAY}
    again = action.create(Receipt, values, actor=cast.finance)
    assert (again.owner, again.credited) == (cast.peer, cast.seller)


@pytest.mark.once
def test_a_receipt_entered_by_finance_counts_for_the_seller(cast):
    """The form leaves the owner to what the money was paid for."""
    customer = company.customer(cast.seller)
    contract = action.create(Contract, {"name": "Canopy", "customer": customer, "amount": 100_00}, actor=cast.seller)
    client = Client()
    client.force_login(cast.finance)
    page = client.get(f"/receipts/new/?contract={contract.pk}").content.decode()
    assert not re.search(rf'<option value="{cast.finance.pk}" selected', page)
    form = {"_form": "1", "contract": contract.pk, "amount": "10", "received_on": "2026-11-01", "owner": ""}
    assert client.post("/receipts/new/", form).status_code == 302
    receipt = Receipt.objects.get()
    assert (receipt.owner, receipt.credited) == (cast.seller, cast.seller)
