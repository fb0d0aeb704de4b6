"""Plans make the contract, money finds the oldest instalment, what goes back is owed again, and history stays."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from xiaoguan.apps.approvals import deciding
from xiaoguan.apps.approvals.models import Request
from xiaoguan.apps.billing import actions, ledger, waiving
from xiaoguan.apps.billing.actions import Line, set_plan
from xiaoguan.apps.billing.models import Allocation, Instalment, PlanTemplate, State
from xiaoguan.apps.commerce import actions as contracts
from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
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
    customer = company.customer(cast.seller)
    values = {"name": "Canopy", "customer": customer, "amount": 100_001, "signed_on": TODAY - 90 * DAY}
    return action.create(Contract, values, actor=cast.seller)


def template(code: str = "project") -> PlanTemplate:
    return PlanTemplate.objects.get(code=code)


def planned(cast, contract, *amounts: int) -> list[Instalment]:
    """A plan of fixed days, one a month from the signature on."""
    lines = [
        Line("other", amount=amount, due_on=contract.signed_on + 30 * place * DAY)
        for place, amount in enumerate(amounts, 1)
    ]
    set_plan(contract, lines, actor=cast.seller)
    return list(Instalment.objects.filter(contract=contract, deleted_at=None).order_by("position"))


def pay(cast, contract, amount: int, days_ago: int = 0, **values) -> Receipt:
    about = {"contract": contract, "amount": amount, "received_on": TODAY - days_ago * DAY, **values}
    return action.create(Receipt, about, actor=cast.finance)


def paid(contract) -> list[tuple[int, str]]:
    rows = Instalment.objects.filter(contract=contract, deleted_at=None).order_by("position")
    return [(row.paid, str(row.status)) for row in rows]


def test_a_template_makes_the_contract_to_the_fen(cast, contract):
    actions.plan_by_template(contract, actor=cast.seller, template=template())
    rows = list(Instalment.objects.order_by("position"))
    assert sum(row.amount for row in rows) == 100_001
    assert [row.due_on for row in rows] == [contract.signed_on + 7 * DAY, None, None, None]
    assert {(row.owner, row.customer, row.agreed_on) for row in rows} == {
        (cast.seller, contract.customer, contract.signed_on)
    }
    with pytest.raises(Refusal, match="already"):
        actions.plan_by_template(contract, actor=cast.seller, template=template("halves"))


def test_a_milestone_gives_all_that_wait_for_it_their_day(cast, contract):
    actions.plan_by_template(contract, actor=cast.seller, template=template())
    waiting = Instalment.objects.get(kind="acceptance")
    actions.reach(waiting, actor=cast.seller, on=TODAY - 20 * DAY)
    assert company.again(waiting).due_on == TODAY - 5 * DAY
    assert Instalment.objects.get(kind="retention").due_on == TODAY + 345 * DAY
    with pytest.raises(Invalid):
        actions.reach(Instalment.objects.get(kind="delivery"), actor=cast.seller, on=TODAY + DAY)


def test_a_plan_that_does_not_make_the_contract_is_refused(cast, contract):
    with pytest.raises(Invalid, match="short"):
        planned(cast, contract, 100_000)
    with pytest.raises(Invalid, match="more"):
        planned(cast, contract, 60_000, 60_000)
    first, _second = planned(cast, contract, 60_000, 40_001)
    with pytest.raises(Invalid, match="more"):
        action.update(first, {"amount": 60_001}, actor=cast.seller)
    with pytest.raises(Denied):
        set_plan(contract, [], actor=cast.hr)


def test_receipts_pay_the_oldest_and_what_is_too_much_waits(cast, contract):
    early = pay(cast, contract, 30_000, 80)
    planned(cast, contract, 50_000, 50_001)
    assert paid(contract) == [(30_000, "open"), (0, "open")]
    pay(cast, contract, 90_000, 10)
    assert paid(contract) == [(50_000, "paid"), (50_001, "paid")]
    first = Instalment.objects.order_by("position").first()
    assert first.closed_on == TODAY - 10 * DAY
    last = Receipt.objects.latest("pk")
    assert ledger.net_of([last])[last.pk] - ledger.balance([last.pk]).of(last.pk) == 19_999
    action.update(early, {"amount": 10_000}, actor=cast.finance)  # it was typed wrong: the later one fills the hole
    assert (
        paid(contract) == [(49_999 + 1, "paid"), (49_999 + 1 - 1, "open")]
        or sum(p for p, _s in paid(contract)) == 100_000
    )


def test_an_advance_is_allocated_later_and_to_nobody_else(cast, contract):
    receipt = pay(cast, None, 5_000, customer=contract.customer)
    first, second = planned(cast, contract, 3_000, 97_001)
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(cast.finance)
    offered = client.get(f"/receipts/{receipt.pk}/tab/allocations/").content.decode()
    assert f"/receipts/{receipt.pk}/do/allocate/?to={first.pk}" in offered
    assert paid(contract) == [(0, "open"), (0, "open")]
    with pytest.raises(Invalid, match="At most"):
        actions.allocate(receipt, actor=cast.finance, to=first, amount=3_001)
    actions.allocate(receipt, actor=cast.finance, to=first)
    actions.allocate(company.again(receipt), actor=cast.finance, to=second)
    assert paid(contract) == [(3_000, "paid"), (2_000, "open")]
    with pytest.raises(Invalid, match="All of this receipt"):
        actions.allocate(company.again(receipt), actor=cast.finance, to=company.again(second))
    with pytest.raises(Denied):
        actions.allocate(receipt, actor=cast.seller, to=second)
    other = company.customer(cast.peer, "Other Steel")
    foreign = action.create(Receipt, {"customer": other, "amount": 9, "received_on": TODAY}, actor=cast.finance)
    with pytest.raises(Invalid, match="another customer"):
        actions.allocate(foreign, actor=cast.finance, to=company.again(second))


def test_a_wrong_allocation_is_moved_and_history_stays(cast, contract):
    first, second = planned(cast, contract, 50_000, 50_001)
    pay(cast, contract, 20_000, 30)
    entry = Allocation.objects.get()
    done = actions.move(entry, actor=cast.finance, to=second, amount=15_000)
    assert paid(contract) == [(5_000, "open"), (15_000, "open")]
    assert list(Allocation.objects.order_by("pk").values_list("instalment", "amount", "on")) == [
        (first.pk, 20_000, TODAY - 30 * DAY), (first.pk, -15_000, TODAY), (second.pk, 15_000, TODAY),
    ]  # fmt: skip
    undo(done.change, actor=cast.finance)
    assert paid(contract) == [(20_000, "open"), (0, "open")]
    actions.release(company.again(entry), actor=cast.finance)
    assert paid(contract) == [(0, "open"), (0, "open")]


def test_a_refund_is_owed_again_from_its_day(cast, contract):
    planned(cast, contract, 50_000, 50_001)
    receipt = pay(cast, contract, 70_000, 30)
    action.create(Refund, {"receipt": receipt, "amount": 30_000, "refunded_on": TODAY - 5 * DAY}, actor=cast.finance)
    assert paid(contract) == [(40_000, "open"), (0, "open")]
    back = Allocation.objects.filter(reason="refund")
    assert {row.on for row in back} == {TODAY - 5 * DAY}
    assert sum(row.amount for row in back) == -30_000


def test_a_cancelled_contract_ends_what_is_open_and_nothing_before(cast, contract):
    planned(cast, contract, 50_000, 50_001)
    pay(cast, contract, 50_000, 30)
    done = contracts.cancel(contract, actor=cast.seller, on=TODAY - DAY)
    assert paid(contract) == [(50_000, "paid"), (0, "cancelled")]
    assert Instalment.objects.get(status=State.CANCELLED).closed_on == TODAY - DAY
    undo(done.change, actor=cast.seller)
    assert paid(contract) == [(50_000, "paid"), (0, "open")]


def test_a_plan_follows_its_contract(cast, contract):
    planned(cast, contract, 50_000, 50_001)
    pay(cast, contract, 50_000, 30)
    action.update(company.again(contract), {"amount": 120_000}, actor=cast.seller)
    assert [row.amount for row in Instalment.objects.order_by("position")] == [50_000, 70_000]
    with pytest.raises(Invalid, match="paid"):
        action.update(company.again(contract), {"amount": 40_000}, actor=cast.seller)
    transfer(contract.customer, actor=cast.manager, to=cast.peer)
    assert set(Instalment.objects.values_list("owner", flat=True)) == {cast.peer.pk}


def test_paid_instalments_stay(cast, contract):
    first, second = planned(cast, contract, 50_000, 50_001)
    pay(cast, contract, 10, 3)
    with pytest.raises(Refusal, match="can't be deleted"):
        action.remove(company.again(first), actor=cast.seller)
    with pytest.raises(Invalid, match="taken out"):
        set_plan(contract, [Line("other", amount=100_001, due_on=TODAY, pk=second.pk)], actor=cast.seller)
    with pytest.raises(Denied):
        waiving.waive(second, actor=cast.seller, comment="too old")
    waiving.waive(second, actor=cast.finance, comment="too old")
    assert paid(contract) == [(10, "open"), (0, "waived")]


def test_whatever_happens_nothing_is_lost(cast, contract):
    """A long random life of a contract: sums of the ledger hold after every step."""
    chance = random.Random(7)
    planned(cast, contract, 20_000, 30_000, 30_000, 20_001)
    receipts: list[Receipt] = []
    for _step in range(40):
        what = chance.choice("ppprreud")
        if what == "p" or not receipts:
            receipts.append(pay(cast, contract, chance.randint(1, 30_000), chance.randint(0, 60)))
        elif what == "r":
            receipt = chance.choice(receipts)
            left = receipt.amount - sum(Refund.objects.filter(receipt=receipt).values_list("amount", flat=True))
            if left > 0:
                values = {"receipt": receipt, "amount": chance.randint(1, left), "refunded_on": TODAY}
                action.create(Refund, values, actor=cast.finance)
        elif what == "e" and not Refund.objects.filter(receipt=receipts[-1]).exists():
            action.update(receipts[-1], {"amount": chance.randint(1, 20_000)}, actor=cast.finance)
        elif what == "u":
            entry = chance.choice(list(Allocation.objects.filter(amount__gt=0)) or [None])
            open_ = Instalment.objects.filter(status="open").first()
            if entry and open_ and entry.instalment_id != open_.pk:
                part = min(entry.amount, actions._standing(entry), open_.outstanding)
                if part > 0:
                    actions.move(entry, actor=cast.finance, to=open_, amount=part)
        elif what == "d" and not Refund.objects.filter(receipt=receipts[0]).exists():
            action.remove(company.again(receipts.pop(0)), actor=cast.finance)
        _balanced()


def _balanced() -> None:
    """No receipt gives more than it has, no instalment gets more than it asks, and both know the ledger's sums."""
    of_receipt: dict[int, int] = defaultdict(int)
    of_instalment: dict[int, int] = defaultdict(int)
    for entry in Allocation.objects.filter(deleted_at=None):
        of_receipt[entry.receipt_id] += entry.amount
        of_instalment[entry.instalment_id] += entry.amount
    net = ledger.net_of(Receipt.objects.all())
    assert all(0 <= given <= net.get(pk, 0) for pk, given in of_receipt.items())
    for row in Instalment.objects.all():
        assert row.paid == of_instalment[row.pk] <= row.amount
        assert (row.status == "paid") == (row.closed_on is not None) == (row.outstanding == 0)


def test_the_editor_reads_what_it_shows(cast, contract):
    client = Client()
    client.force_login(cast.seller)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(f"/contracts/{contract.pk}/plan/?template={template('halves').pk}")
    assert page.status_code == 200
    data = {"lines": "4"}
    for row in page.context["form"].rows:
        data |= {item.name: item.raw for item in row.inputs}
    assert data["l0_amount"].replace(",", "") == "500.01"
    assert client.post(page.request["PATH_INFO"], data | {"l0_rate": "40"}).status_code == 422
    assert client.post(page.request["PATH_INFO"], data).status_code == 302
    assert [row.amount for row in Instalment.objects.order_by("position")] == [50_001, 50_000]
    again = client.get(page.request["PATH_INFO"])
    assert [row.blank for row in again.context["form"].rows] == [False, False, True, True]
    tab = client.get(f"/contracts/{contract.pk}/tab/plan/").content.decode()
    assert "Makes the whole contract" in tab


@pytest.mark.once
def test_a_large_waiver_is_owed_until_it_was_approved(cast, contract):
    """Approved it is closed and frozen; a payment meanwhile outdates the request; rejected it is owed on."""
    action.update(contract, {"amount": 4_000_00}, actor=cast.seller)
    first, second = planned(cast, contract, 2_000_00, 2_000_00)
    waiving.waive(first, actor=cast.finance, comment="settled for less")
    request = Request.objects.get()
    assert (company.again(first).status, request.snapshot["outstanding"]) == ("open", 2_000_00)
    with pytest.raises(Refusal, match="approval already"):
        waiving.waive(company.again(first), actor=cast.finance, comment="again")
    pay(cast, contract, 500_00, 3)
    assert company.again(request).state == "outdated"
    waiving.waive(company.again(first), actor=cast.finance, comment="the rest of it")
    deciding.approve(Request.objects.latest("pk"), actor=cast.manager)
    stored = company.again(first)
    assert (stored.status, stored.paid, stored.closed_on) == ("waived", 500_00, clock.today())
    with pytest.raises(Refusal) as refused:
        action.update(stored, {"amount": 900_00}, actor=cast.finance)
    assert refused.value.code == "instalment.waived"
    waiving.waive(company.again(second), actor=cast.finance, comment="too old")
    deciding.reject(Request.objects.latest("pk"), actor=cast.manager, note="They can pay.")
    assert company.again(second).status == "open"
