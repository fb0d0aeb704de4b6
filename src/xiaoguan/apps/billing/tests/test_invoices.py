"""Invoices: asked for by sellers, issued by finance, frozen then, and taken back by a red one on its own day."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils.translation import override

from xiaoguan.apps.billing import invoicing
from xiaoguan.apps.billing.models import Invoice, InvoiceStatus
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.actions import transfer
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, clock
from xiaoguan.kit.errors import Denied, Invalid, Refusal

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
    customer = company.customer(cast.seller, credit_code="91350100M000100Y43")
    values = {"name": "Canopy", "customer": customer, "amount": 226_00, "signed_on": TODAY - 90 * DAY}
    return action.create(Contract, values, actor=cast.seller)


def asked(cast, contract, amount: int = 113_00) -> Invoice:
    return action.create(Invoice, {"contract": contract, "amount": amount}, actor=cast.seller)


def test_a_seller_asks_and_finance_issues(cast, contract):
    invoice = asked(cast, contract)
    assert (invoice.net, invoice.tax, invoice.title, invoice.tax_number) == (
        100_00, 13_00, contract.customer.name, "91350100M000100Y43",
    )  # fmt: skip
    with pytest.raises(Denied):
        invoicing.issue(invoice, actor=cast.seller, number="1")
    with pytest.raises(Invalid, match="Finance issues"):
        action.update(company.again(invoice), {"number": "1", "issued_on": TODAY}, actor=cast.seller)
    action.update(contract.customer, {"name": "Renamed Steel"}, actor=cast.seller)
    invoicing.issue(company.again(invoice), actor=cast.finance, number="26320001", on=TODAY - DAY)
    stored = company.again(invoice)
    assert (stored.status, stored.title) == (InvoiceStatus.ISSUED, "Hengcen Steel")
    with pytest.raises(Refusal, match="can't be changed"):
        action.update(stored, {"amount": 1}, actor=cast.finance)
    with pytest.raises(Refusal, match="can't be changed"):
        action.remove(company.again(invoice), actor=cast.finance)


def test_a_red_invoice_takes_back_on_its_own_day(cast, contract):
    invoice = asked(cast, contract, 226_00)
    invoicing.issue(invoice, actor=cast.finance, number="A1", on=TODAY - 30 * DAY)
    more = asked(cast, contract, 1)
    with pytest.raises(Refusal, match="can't be issued yet"):
        invoicing.issue(more, actor=cast.finance, number="A2")
    with pytest.raises(Invalid, match="later"):
        invoicing.red_flush(company.again(invoice), actor=cast.finance, number="R1", on=TODAY - 31 * DAY)
    invoicing.red_flush(company.again(invoice), actor=cast.finance, number="R1", comment="wrong title")
    red = Invoice.objects.get(red_of=invoice)
    assert (red.amount, red.net + red.tax, red.issued_on) == (-226_00, -226_00, TODAY)
    assert company.again(invoice).status == InvoiceStatus.RED
    assert invoicing.invoiced([contract.pk])[contract.pk] == 0
    invoicing.issue(company.again(more), actor=cast.finance, number="A2")


def test_a_contract_and_its_invoices_are_handed_over_together(cast, contract):
    invoicing.issue(asked(cast, contract), actor=cast.finance, number="A1")
    transfer(contract.customer, actor=cast.manager, to=cast.peer)
    client = Client()
    client.force_login(cast.peer)
    page = client.get(f"/contracts/{contract.pk}/tab/invoices/").content.decode()
    assert "113.00" in page
    assert "A1" in page
