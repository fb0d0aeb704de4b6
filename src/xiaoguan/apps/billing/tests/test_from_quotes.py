"""From the accepted quote to contract and order: the same lines, the same fen, one verb each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.billing import ordering
from xiaoguan.apps.billing.models import Order, OrderLine
from xiaoguan.apps.commerce import making
from xiaoguan.apps.commerce.actions import cancel
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities.models import Deal, Status as DealStatus
from xiaoguan.apps.quotes import actions
from xiaoguan.apps.quotes.models import Quote, QuoteLine, Status
from xiaoguan.kit import clock
from xiaoguan.kit.action import create
from xiaoguan.kit.errors import Refusal
from xiaoguan.kit.undo import undo

from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def accepted(cast: Cast) -> Quote:
    """Odd prices, a discount on a line and one on the whole, a free text; nothing that needs approval."""
    lamp = company.product(cast.director, "Line lamp", 33_33)
    deal = company.deal(cast.seller, customer=company.customer(cast.seller), stage_code="contracting")
    quote = create(Quote, {"deal": deal, "whole_discount": 1_500}, actor=cast.seller)
    lines: list[dict[str, Any]] = [
        {"product": lamp, "quantity": Decimal("7.5"), "discount": 3_000},
        {"product": lamp, "quantity": Decimal(13)},
        {"name": "Guided installation", "unit_name": "day", "quantity": Decimal(3), "price": 999_99},
    ]
    create(QuoteLine, [{"quote": quote, "position": n, **line} for n, line in enumerate(lines)], actor=cast.seller)
    actions.submit(company.again(quote), actor=cast.seller)
    actions.accept(company.again(quote), actor=cast.seller)
    found: Quote = company.again(quote)
    assert found.status == Status.ACCEPTED
    return found


def test_the_contract_is_what_was_accepted_and_undo_takes_it_back(cast: Cast, accepted: Quote) -> None:
    end = clock.today() + dt.timedelta(days=365)
    done = making.make_contract(accepted, actor=cast.seller, contract_number="HT-1", ends_on=end)
    contract = done.result
    assert (contract.amount, contract.quote, contract.edition, contract.ends_on) == (accepted.amount, accepted, 1, end)
    assert company.again(accepted.deal).status == DealStatus.WON
    with pytest.raises(Refusal) as refused:
        making.make_contract(accepted, actor=cast.seller)
    assert refused.value.code == "quote.has_contract"
    client = Client()
    client.force_login(cast.manager)
    page = client.get(f"/contracts/{contract.pk}/?tab=lines").content.decode()
    assert "Guided installation" in page and f"/quotes/{accepted.pk}/" in page
    undo(done.change, actor=cast.seller)
    assert company.again(accepted.deal).status == DealStatus.OPEN
    assert not Contract.objects.filter(deleted_at__isnull=True).exists()
    second = making.make_contract(accepted, actor=cast.seller).result
    cancel(company.again(second), actor=cast.seller)
    third = making.make_contract(accepted, actor=cast.seller).result
    assert (third.amount, third.name, third.signed_on) == (accepted.amount, "Canopy lighting", clock.today())


def test_an_order_has_the_lines_of_the_quote_to_the_fen(cast: Cast, accepted: Quote) -> None:
    """With a contract or without one, from the quote or from the contract, also after the quote went on."""
    loose = ordering.order_of_quote(accepted, actor=cast.seller).result
    contract = making.make_contract(accepted, actor=cast.seller).result
    actions.revise(company.again(accepted), actor=cast.seller)
    QuoteLine.objects.filter(quote=accepted, name="Line lamp").update(price=1)
    bound = ordering.make_order(contract, actor=cast.seller, order_number="D1").result
    assert (loose.contract, bound.contract, bound.quote, bound.customer) == (None, contract, accepted, loose.customer)
    for order in Order.objects.all():
        lines = OrderLine.objects.filter(order=order).order_by("pk")
        assert order.amount == sum(line.amount for line in lines) == contract.amount
        assert [line.name for line in lines] == ["Line lamp", "Line lamp", "Guided installation"]
        assert [line.product_id is None for line in lines] == [False, False, True]
    with pytest.raises(Refusal) as refused:
        ordering.order_of_quote(company.again(accepted), actor=cast.seller)
    assert refused.value.code == "quote.not_accepted"
    assert Deal.objects.get().status == DealStatus.WON
