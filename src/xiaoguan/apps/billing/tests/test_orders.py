"""Orders follow the contract's products, and their delivery gives the instalments that wait for it their day."""

from __future__ import annotations

import datetime as dt

import pytest

from xiaoguan.apps.billing import actions, ordering
from xiaoguan.apps.billing.models import Instalment, Order, OrderStatus, PlanTemplate
from xiaoguan.apps.commerce import actions as contracts
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities.models import DealLine
from xiaoguan.kit import action, clock
from xiaoguan.kit.errors import Refusal
from xiaoguan.kit.undo import undo

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)
DAY = dt.timedelta(days=1)


@pytest.fixture
def contract(cast):
    with clock.at(NOON):
        deal = company.deal(cast.seller, customer=company.customer(cast.seller), stage_code="contracting")
        line = {"deal": deal, "product": company.product(cast.director), "quantity": "3"}
        action.create(DealLine, line, actor=cast.seller)
        made = contracts.sign(company.again(deal), actor=cast.seller).result
        actions.plan_by_template(made, actor=cast.seller, template=PlanTemplate.objects.get(code="goods"))
        yield made


def test_the_last_delivery_reaches_the_milestone(cast, contract):
    ordering.make_order(contract, actor=cast.seller, order_number="D1", delivery_on=TODAY + 9 * DAY)
    ordering.make_order(contract, actor=cast.seller, order_number="D2")
    first, second = Order.objects.order_by("pk")
    assert (first.amount, first.customer, first.owner) == (360_00, contract.customer, cast.seller)
    ordering.deliver(first, actor=cast.service, on=TODAY - 2 * DAY)
    assert not Instalment.objects.filter(reached_on__isnull=False, milestone="delivered").exists()
    done = ordering.deliver(second, actor=cast.seller, on=TODAY - DAY)
    waiting = Instalment.objects.filter(milestone="delivered").order_by("position")
    assert [row.due_on for row in waiting] == [TODAY + 29 * DAY, TODAY + 364 * DAY]
    with pytest.raises(Refusal):
        action.remove(company.again(contract), actor=cast.seller)
    undo(done.change, actor=cast.seller)
    assert company.again(second).status == OrderStatus.OPEN
    assert {row.due_on for row in waiting.all()} == {None}


def test_an_order_without_lines_follows_what_is_added(cast, contract):
    order = action.create(Order, {"customer": contract.customer}, actor=cast.seller)
    assert order.amount == 0
    line = {"order": order, "product": company.product(cast.director, "Wall light", 50_00), "quantity": "2.5"}
    made = action.create(type(order)._meta.get_field("lines").related_model, line, actor=cast.seller)
    assert company.again(order).amount == 125_00
    action.remove(company.again(made), actor=cast.seller)
    assert company.again(order).amount == 0
