"""Money in other currencies: dated rates, amounts exact to the fen, sheets with a currency in a cell or a column."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from xiaoguan.apps.commerce.models import Contract, Receipt
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import RECEIPTS, WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org.models import ExchangeRate
from xiaoguan.kit import access
from xiaoguan.kit.action import create, update
from xiaoguan.kit.errors import Invalid

from tests.cast import Cast
from tests.test_import_entities import imported

pytestmark = pytest.mark.django_db


@pytest.fixture
def rates(cast: Cast) -> None:
    """Two rates of the dollar, entered by finance, and one of the yen."""
    first = dt.date(2026, 1, 1)
    for currency, day, rate in (
        ("USD", first, "7.1234"),
        ("USD", dt.date(2026, 7, 1), "7.05"),
        ("JPY", first, "0.047215"),
    ):
        values = {"currency": currency, "counts_from": day, "rate": Decimal(rate)}
        create(ExchangeRate, values, actor=cast.finance)


def test_amounts_follow_the_rate_of_their_day(cast: Cast, rates: None) -> None:
    """Half up to the fen, once; kept when rates change; another amount or rate moves it; figures only add yuan."""
    paid = {
        "received_on": dt.date(2026, 6, 30),
        "currency": "USD",
        "original": Decimal("1000.05"),
        "owner": cast.seller,
    }
    row = create(Receipt, paid, actor=cast.finance)
    assert (row.amount, row.exchange_rate) == (712_376, Decimal("7.1234"))  # 7123.75617 yuan
    late = create(Receipt, {**paid, "received_on": dt.date(2026, 7, 1)}, actor=cast.finance)
    assert late.amount == 705_035
    yen = create(Receipt, {**paid, "currency": "JPY", "original": Decimal(1_000_000)}, actor=cast.finance)
    assert yen.amount == 47_215_00
    create(
        ExchangeRate, {"currency": "USD", "counts_from": dt.date(2026, 6, 1), "rate": Decimal(8)}, actor=cast.finance
    )
    row = Receipt.objects.get(pk=row.pk)
    row = update(row, {"note": "checked"}, actor=cast.finance).result[0]
    assert row.amount == 712_376
    row = update(Receipt.objects.get(pk=row.pk), {"exchange_rate": Decimal("7.5")}, actor=cast.finance).result[0]
    assert row.amount == 750_038
    whole = Slice(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert figures([RECEIPTS], whole).value(RECEIPTS) == 750_038 + 705_035 + 47_215_00


@pytest.mark.parametrize(
    ("given", "field"),
    [({"currency": "EUR", "original": Decimal(5)}, "exchange_rate"), ({"currency": "USD"}, "original"),
     ({"original": Decimal(5)}, "currency"), ({"currency": "JPY", "original": Decimal("0.5")}, "original"),
     ({"currency": "USD", "original": Decimal(5), "amount": 1}, "amount"), ({}, "amount")],
)  # fmt: skip
def test_half_an_amount_is_refused(cast: Cast, rates: None, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(Receipt, {"received_on": dt.date(2026, 6, 30), **given}, actor=cast.finance)
    assert field in refused.value.errors
    assert not Receipt.objects.exists()


def test_another_amount_of_a_contract_is_an_amendment_in_yuan(cast: Cast, rates: None) -> None:
    """The amount in yuan can't be typed against its currency; a deal won in dollars counts in yuan."""
    won = Stage.objects.get(code="after_sales")
    deal = {"name": "Hall", "stage": won, "won_on": dt.date(2026, 3, 1), "currency": "USD", "original": Decimal(100)}
    row = create(Deal, deal, actor=cast.seller)
    assert row.amount == 712_34
    found = figures([WON_AMOUNT], Slice(dt.date(2026, 3, 1), dt.date(2026, 3, 31)))
    assert found.value(WON_AMOUNT) == 712_34
    with pytest.raises(Invalid):
        update(Deal.objects.get(pk=row.pk), {"amount": 5}, actor=cast.seller)
    moved = update(
        Deal.objects.get(pk=row.pk), {"currency": "", "original": None, "amount": 5}, actor=cast.seller
    ).result[0]
    assert (moved.amount, moved.exchange_rate) == (5, None)


def test_sheets_with_foreign_amounts(cast: Cast, rates: None) -> None:
    """A sign in the cell, a column of its own, a rate beside it; yuan stays yuan; again it changes nothing."""
    text = (
        '合同编号,客户名称,合同金额,币种,汇率,签订日期\nF1,恒岑,"US$1,000.05",,,2026-06-30\nF2,恒岑,2000,USD,,2026-07-02\n'
        "F3,恒岑,3000,美元,7.2,2026-07-02\nF4,恒岑,4000,人民币,,2026-07-02\nF5,恒岑,￥5000,,,2026-07-02\n"
    )
    imported("客户名称\n恒岑\n", "customers", cast.administrator)
    imported(text, "contracts", cast.administrator)
    found = dict(Contract.objects.values_list("number", "amount"))
    assert found == {"F1": 712_376, "F2": 14_100_00, "F3": 21_600_00, "F4": 4_000_00, "F5": 5_000_00}
    assert Contract.objects.get(number="F3").currency == "USD"
    again = imported(text, "contracts", cast.administrator)
    assert again.counts["unchanged"] == 5


def test_a_masked_amount_is_masked_in_every_currency(cast: Cast, rates: None) -> None:
    """A role that hides the amount of receipts hides what it was in dollars too."""
    role = cast.seller.roles.get()
    type(role).objects.filter(pk=role.pk).update(masks={"commerce.receipt": ["amount"]})
    assert access.masked(cast.again("seller"), Receipt) == {"amount", "original"}
    assert "original" not in access.masked(cast.again("finance"), Receipt)
