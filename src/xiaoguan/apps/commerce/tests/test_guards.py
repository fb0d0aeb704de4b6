"""What contracts, money and deals hold in place."""

from __future__ import annotations

import datetime as dt

import pytest

from xiaoguan.apps.commerce import actions
from xiaoguan.apps.commerce.models import Receipt
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities.models import Stage
from xiaoguan.kit import action, clock
from xiaoguan.kit.errors import Refusal
from xiaoguan.kit.models.change import Change

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON):
        yield


def refused(code: str, func, *args, **values) -> Refusal:
    """Run something that must be refused by this rule and leave no trace."""
    before = Change.objects.count()
    with pytest.raises(Refusal) as found:
        func(*args, **values)
    assert found.value.code == code
    assert found.value.rule
    assert found.value.ways_out[0].url
    assert Change.objects.count() == before
    return found.value


def test_what_others_hang_on_is_not_deleted(cast):
    customer = company.customer(cast.seller)
    deal = company.deal(cast.seller, customer=customer, amount=100, stage_code="contracting")
    refused("customer.has_deals", action.remove, company.again(customer), actor=cast.seller)
    contract = actions.sign(company.again(deal), actor=cast.seller).result
    refused("deal.has_contract", action.remove, company.again(deal), actor=cast.seller)
    receipt = action.create(Receipt, {"contract": contract, "amount": 100, "received_on": TODAY}, actor=cast.finance)
    refused("contract.has_money", action.remove, company.again(contract), actor=cast.seller)
    action.remove(company.again(receipt), actor=cast.finance)
    action.remove(company.again(contract), actor=cast.seller)
    action.remove(company.again(deal), actor=cast.seller)
    action.remove(company.again(customer), actor=cast.seller)


def test_a_stage_in_use_stays_what_it_is(cast):
    company.deal(cast.seller)
    used, unused = company.stage("prospecting"), company.stage("needs")
    refused("stage.in_use", action.remove, used, actor=cast.director)
    refused("stage.outcome", action.update, company.again(used), {"outcome": "won"}, actor=cast.director)
    action.update(company.again(used), {"expected_days": 9, "name": "First talks"}, actor=cast.director)
    action.update(company.again(unused), {"outcome": "won"}, actor=cast.director)
    action.remove(company.again(unused), actor=cast.director)
    refused("pipeline.in_use", action.remove, used.pipeline, actor=cast.director)
    assert Stage.objects.get(pk=used.pk).outcome == "open"


def test_the_form_takes_no_signed_deal_back(cast):
    deal = company.deal(cast.seller, amount=100, stage_code="contracting")
    actions.sign(company.again(deal), actor=cast.seller)
    refused(
        "deal.contract_in_force", action.update, company.again(deal), {"stage": company.stage("needs")},
        actor=cast.seller,
    )  # fmt: skip
    action.update(company.again(deal), {"note": "Delivered in two lots"}, actor=cast.seller)
