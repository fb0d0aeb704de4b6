"""Expenses are entered in one go, approved along routes, frozen then, and counted on the day they were spent."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils.translation import override
from PIL import Image

from xiaoguan.apps.approvals import deciding
from xiaoguan.apps.approvals.models import Request, State
from xiaoguan.apps.collaboration.models import Attachment
from xiaoguan.apps.commerce.models import Receipt
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.expenses import actions
from xiaoguan.apps.expenses.models import Expense, ExpenseKind, Status
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import COST_OF_SALE, SALES_EXPENSE
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.files import keeping
from xiaoguan.kit import action, clock
from xiaoguan.kit.errors import Denied, Refusal

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON), override("en"):
        yield


def spent(person, amount: int = 300_00, **values) -> Expense:
    kind = ExpenseKind.objects.get(code="meal")
    return action.create(Expense, {"kind": kind, "amount": amount, **values}, actor=person)


def approve(*people) -> None:
    """Everybody asked agrees, in this order."""
    for person in people:
        deciding.approve(Request.objects.get(state=State.PENDING), actor=person)


def cost(person) -> tuple[int | None, int | None]:
    found = figures([SALES_EXPENSE, COST_OF_SALE], Slice(TODAY, TODAY, people=[person.pk]))
    return found.value(SALES_EXPENSE), found.value(COST_OF_SALE)


def test_an_expense_counts_once_it_is_approved(cast):
    expense = spent(cast.seller)
    action.create(Receipt, {"amount": 10_000_00, "received_on": TODAY, "owner": cast.seller}, actor=cast.finance)
    actions.submit([expense], actor=cast.seller)
    assert company.again(expense).status == Status.WAITING
    assert cost(cast.seller) == (0, 0)
    approve(cast.manager)
    assert company.again(expense).status == Status.APPROVED
    assert cost(cast.seller) == (300_00, 3_000)
    actions.pay_back([company.again(expense)], actor=cast.finance)
    assert cost(cast.seller) == (300_00, 3_000)


def test_large_expenses_go_one_step_further(cast):
    expense = spent(cast.seller, 5_000_00)
    actions.submit([expense], actor=cast.seller)
    approve(cast.manager)
    assert company.again(expense).status == Status.WAITING
    approve(cast.director)
    assert company.again(expense).status == Status.APPROVED


def test_what_was_approved_is_frozen_until_it_is_revised(cast):
    expense = spent(cast.seller)
    actions.submit([expense], actor=cast.seller)
    approve(cast.manager)
    with pytest.raises(Refusal, match="can't be changed"):
        action.update(company.again(expense), {"amount": 1}, actor=cast.seller)
    action.update(company.again(expense), {"note": "with two guests"}, actor=cast.seller)
    with pytest.raises(Denied):
        actions.pay_back([company.again(expense)], actor=cast.manager)
    actions.revise(company.again(expense), actor=cast.seller, comment="typed wrong")
    assert cost(cast.seller)[0] == 0
    action.update(company.again(expense), {"amount": 200_00}, actor=cast.seller)
    actions.submit([company.again(expense)], actor=cast.seller)
    approve(cast.manager)
    assert cost(cast.seller)[0] == 200_00
    actions.pay_back([company.again(expense)], actor=cast.finance)
    with pytest.raises(Refusal, match="can't be changed"):
        action.remove(company.again(expense), actor=cast.seller)


def test_the_phone_enters_submits_and_keeps_the_photo(cast):
    """Kind, amount, photo: one form, and all of it is there or nothing."""
    customer = company.customer(cast.seller)
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(made, "PNG")
    photo = keeping.keep(ContentFile(made.getvalue(), name="r.png"), "receipt.png", cast.seller)
    client = Client()
    client.force_login(cast.seller)
    page = client.get(f"/expenses/claim/?customer={customer.pk}")
    assert 'type="radio"' in page.content.decode()
    kind = ExpenseKind.objects.get(code="travel").pk
    data = {"kind": str(kind), "amount": "88.50", "photo": f"{photo.pk}/receipt.png", "customer": str(customer.pk)}
    assert client.post("/expenses/claim/", data | {"amount": ""}).status_code == 422
    assert (
        client.post("/expenses/claim/", data | {"photo": "0192f1aa-0000-7000-8000-000000000000/x"}).status_code == 422
    )
    assert not Expense.objects.exists()
    assert client.post("/expenses/claim/", data).status_code == 302
    expense = Expense.objects.get()
    assert (expense.amount, expense.spent_on, expense.status) == (88_50, TODAY, Status.WAITING)
    assert Attachment.objects.get(about="expenses.expense", object_id=expense.pk).file == photo
    assert "88.50" in client.get(f"/customers/{customer.pk}/tab/expenses/").content.decode()
