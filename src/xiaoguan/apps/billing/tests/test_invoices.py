"""Invoices: asked for by sellers, issued by finance, frozen then, and taken back by a red one on its own day."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils.translation import override

from xiaoguan.apps.billing import invoicing, spreading
from xiaoguan.apps.billing.models import Instalment, Invoice, InvoiceStatus
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.actions import transfer
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, clock
from xiaoguan.kit.errors import Denied, Invalid, Refusal
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


@pytest.mark.once
def test_one_invoice_over_several_instalments(cast, contract):
    """The dialog offers what is not invoiced; parts add up, a red invoice frees them, and none is exceeded."""
    with pytest.raises(Refusal, match="No instalment is left"):
        spreading.ask_for_invoice(contract, actor=cast.seller)
    about = {"contract": contract, "due_on": TODAY}
    first = action.create(Instalment, {**about, "kind": "advance", "amount": 67_81}, actor=cast.finance)
    second = action.create(Instalment, {**about, "kind": "delivery", "amount": 100_00}, actor=cast.finance)
    one, two = f"instalment_{first.pk}", f"instalment_{second.pk}"
    verb = spreading.ask_for_invoice
    offered = {param.name: param.default for param in verb.params_of(contract, {}, cast.seller)}
    assert (offered[one], offered[two]) == (67_81, 100_00)
    with pytest.raises(Invalid, match=r"At most 67\.81"):
        verb(contract, actor=cast.seller, **{one: 67_82})
    with pytest.raises(Invalid, match="which instalment"):
        verb(contract, actor=cast.seller)
    invoice = verb(contract, actor=cast.seller, **{one: 67_81, two: 60_00}).result
    parts = spreading.parts_of([invoice.pk])[invoice.pk]
    assert (invoice.amount, invoice.instalment) == (127_81, None)
    assert [(part.instalment, part.amount) for part in parts] == [(first, 67_81), (second, 60_00)]
    with pytest.raises(Invalid, match="2 instalments"):
        action.update(company.again(invoice), {"amount": 127_80}, actor=cast.seller)
    invoicing.issue(company.again(invoice), actor=cast.finance, number="A1")
    values = {"contract": contract, "instalment": second, "amount": 40_01}
    over = action.create(Invoice, values, actor=cast.seller)
    with pytest.raises(Refusal) as refused:
        invoicing.issue(over, actor=cast.finance, number="A2")
    assert refused.value.code == "invoice.over_instalment"
    action.update(company.again(over), {"amount": 40_00}, actor=cast.seller)
    done = invoicing.issue(company.again(over), actor=cast.finance, number="A2")
    assert spreading.open_plan(contract) == []
    invoicing.red_flush(company.again(invoice), actor=cast.finance, number="R1")
    assert spreading.invoiced_on([first.pk, second.pk]) == {first.pk: 0, second.pk: 40_00}
    undo(done.change, actor=cast.finance)
    assert spreading.invoiced_on([second.pk], issued=True) == {second.pk: 0}
    client = Client()
    client.force_login(cast.finance)
    assert "67.81" in client.get(f"/invoices/{invoice.pk}/").content.decode()


def test_a_contract_and_its_invoices_are_handed_over_together(cast, contract):
    invoicing.issue(asked(cast, contract), actor=cast.finance, number="A1")
    transfer(contract.customer, actor=cast.manager, to=cast.peer)
    client = Client()
    client.force_login(cast.peer)
    page = client.get(f"/contracts/{contract.pk}/tab/invoices/").content.decode()
    assert "113.00" in page
    assert "A1" in page
