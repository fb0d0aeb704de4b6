"""Figures by product: parts to the fen, what is booked later, lines that change, and a way into each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from xiaoguan.apps.commerce.models import Contract, Receipt
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics import crediting, portions
from xiaoguan.apps.metrics.models import Portion
from xiaoguan.apps.metrics.pages import behind
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Measure, Metric, Slice
from xiaoguan.apps.opportunities.models import Deal, DealLine, DealMember, Product, Stage
from xiaoguan.kit import job, worker
from xiaoguan.kit.action import create, remove, update
from xiaoguan.kit.models.credit import Credit

from tests.cast import Cast

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 2, 10)
FEB = Slice(dt.date(2026, 2, 1), dt.date(2026, 2, 28))


@pytest.fixture
def goods(cast: Cast) -> dict[str, Product]:
    """Two lamps of one series and a pole without one."""
    rows = {"spot": "lamps", "strip": "lamps", "pole": ""}
    return {
        name: create(Product, {"name": name, "category": series, "price": 100_00}, actor=cast.administrator)
        for name, series in rows.items()
    }


@pytest.fixture
def deal(cast: Cast, goods: dict[str, Product]) -> Deal:
    """A deal won with two products, of which a colleague has a third; its contract and a payment."""
    customer = create(Customer, {"owner": cast.seller, "name": "Works"}, actor=cast.seller)
    values = {"customer": customer, "owner": cast.seller, "name": "Hall", "opened_on": DAY}
    row = create(Deal, {**values, "stage": Stage.objects.get(code="after_sales"), "won_on": DAY}, actor=cast.seller)
    for name, price in (("spot", 10_00), ("pole", 20_01)):
        create(DealLine, {"deal": row, "product": goods[name], "price": price}, actor=cast.seller)
    row.refresh_from_db()
    member = {"deal": row, "person": cast.peer, "split": 33_333, "start": DAY}
    create(DealMember, member, actor=cast.manager)
    contract = create(Contract, {"deal": row, "amount": 50_00, "signed_on": DAY}, actor=cast.director)
    create(Receipt, {"contract": contract, "amount": 7_77, "received_on": DAY}, actor=cast.finance)
    return row


def _by(code: str, by: str, **only: Any) -> dict[Any, int | None]:
    found = figures([metrics[code]], Slice(FEB.first, FEB.last, only=only), by=[by])
    return {key[0]: found.value(metrics[code], key) for key in found.rows}


def test_money_is_divided_and_a_count_is_whole(cast: Cast, deal: Deal, goods: dict[str, Product]) -> None:
    """Parts of shared credits sum to the deal, its contract and payment; two lamps count once for their series."""
    spot, pole = goods["spot"].pk, goods["pole"].pk
    assert _by("won_amount", "product") == {spot: 10_00, pole: 20_01}
    assert sum(v or 0 for v in _by("receipts", "product").values()) == 7_77 and len(_by("receipts", "product")) == 2
    assert sum(v or 0 for v in _by("contract_amount", "category").values()) == 50_00
    assert _by("won_count", "product") == {spot: 1, pole: 1}
    assert figures([metrics["won_count"]], FEB, by=["product"]).total(metrics["won_count"]) == 1
    for credit in Credit.objects.filter(fact__in=["won", "receipt", "contract_signed"]):
        assert sum(Portion.objects.filter(credit=credit.pk).values_list("amount", flat=True)) == credit.amount
    create(DealLine, {"deal": deal, "product": goods["strip"], "price": 5_00}, actor=cast.seller)
    assert _by("won_count", "category") == {"lamps": 1, "": 1} and _by("won_amount", "category")["lamps"] == 15_00
    assert _by("won_count", "month", category=["lamps"]) == {"2026-02-01": 1}


def test_products_follow_the_lines(cast: Cast, deal: Deal, goods: dict[str, Product]) -> None:
    """Another product, a line taken away, none left: the deal, its contract and what was paid for it follow."""
    spot, strip, pole = (goods[name].pk for name in ("spot", "strip", "pole"))
    line = DealLine.objects.get(product=spot)
    update(line, {"product": goods["strip"]}, actor=cast.seller)
    assert {strip, pole} == set(_by("won_amount", "product")) == set(_by("receipts", "product"))
    remove(DealLine.objects.get(pk=line.pk), actor=cast.seller)
    assert _by("receipts", "product") == {pole: 7_77}
    remove(DealLine.objects.get(product=pole), actor=cast.seller)
    update(Deal.objects.get(pk=deal.pk), {"product": None, "amount": 30_00}, actor=cast.seller)
    assert set(_by("won_amount", "product")) == {0} and not Portion.objects.exists()


LAMPS = Metric("lamps", "lamps", "", Measure(("won", "receipt"), "sum", (("category", ("lamps",)),)))


@pytest.mark.parametrize("part", ["peer", "other_seller", "director"])
def test_shown_and_hidden_are_the_figure(cast: Cast, deal: Deal, goods: dict[str, Product], part: str) -> None:
    """Of one product, of several, of none, and where the metric itself is of a series."""
    actor = cast.again(part)
    spot, pole = goods["spot"].pk, goods["pole"].pk
    for only in ({}, {"product": [spot]}, {"product": [spot, pole]}, {"product": [0]}, {"category": ["lamps"]},
                 {"category": ["", "none"]}, {"product": [pole], "category": ["lamps"]}):  # fmt: skip
        where = Slice(FEB.first, FEB.last, only=only)
        for metric in (LAMPS, metrics["won_amount"], metrics["won_count"], metrics["sales_cycle"]):
            found = behind(actor, metric, where)
            for measure in metric.measures:
                exact = figures([metric], where).exact((), measure)
                assert sum(found.exact(measure)) == exact, (metric.code, only)
            if metric is metrics["won_amount"]:
                assert found.amount + found.hidden_amount == exact
    assert figures([LAMPS], FEB).value(LAMPS) == 10_00 + (_by("receipts", "product")[spot] or 0)


@pytest.mark.once
def test_an_old_database_gets_its_products(deal: Deal) -> None:
    """After an upgrade the job writes what was not kept before; then nothing is left to do."""
    before = sorted(Portion.objects.values_list("product", "amount"))
    Portion.objects.all().delete()
    assert Deal in crediting.lacking()
    job.enqueue(crediting.KIND)
    worker.drain()
    assert sorted(Portion.objects.values_list("product", "amount")) == before and not portions.lacking()
