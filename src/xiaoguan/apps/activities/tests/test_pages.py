"""The day, the quick log, and what customers and deals show of all this."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from xiaoguan.apps.activities import actions
from xiaoguan.apps.activities.models import FollowUp, Task
from xiaoguan.apps.activities.pages import days_ahead
from xiaoguan.apps.commerce.actions import sign
from xiaoguan.apps.commerce.models import Receipt
from xiaoguan.apps.customers.models import Contact
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, clock

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


@pytest.fixture
def deal(cast, customer):
    return company.deal(cast.seller, customer=customer, amount=26_80_00)


@pytest.fixture
def browse(client, cast):
    """Open an address as somebody; the text of the page, or the status where it isn't one."""

    def run(who, url, **query):
        client.force_login(cast.again(who))
        answer = client.get(url, query)
        return answer.content.decode() if answer.status_code == 200 else answer.status_code

    return run


def task(cast, title: str, due: dt.date, **values) -> Task:
    return action.create(Task, {"title": title, "due_on": due, **values}, actor=cast.seller)


def test_the_day_sorts_ones_own_work(cast, browse, deal):
    task(cast, "Call back about the price", TODAY - 3 * DAY, deal=deal)
    task(cast, "Confirm the plan", TODAY, kind="visit", due_time=dt.time(9, 30))
    task(cast, "Send samples", TODAY + 2 * DAY)
    task(cast, "Next year", TODAY + 400 * DAY)
    page = browse("seller", reverse("activities:day"))
    order = [page.index(text) for text in ("Call back about", "Confirm the plan", "Send samples")]
    assert order == sorted(order)
    assert "09:30" in page
    assert "Next year" not in page
    for stranger in ("peer", "other_manager"):
        assert "Confirm the plan" not in browse(stranger, reverse("activities:day"), person=cast.seller.pk)
    assert "Confirm the plan" in browse("manager", reverse("activities:day"), person=cast.seller.pk)
    assert browse("outsider", reverse("tasks:list")) == 404


def test_the_day_costs_the_same_for_one_task_and_for_many(cast, client, deal, django_assert_max_num_queries):
    client.force_login(cast.again("seller"))
    task(cast, "One", TODAY, deal=deal)
    client.get(reverse("activities:day"))
    with django_assert_max_num_queries(40) as few:
        client.get(reverse("activities:day"))
    cost = len(few)
    for n in range(12):
        task(cast, f"Task {n}", TODAY, deal=deal)
    client.get(reverse("activities:day"))
    with django_assert_max_num_queries(cost):
        client.get(reverse("activities:day"))


def test_a_task_is_finished_and_put_off_from_the_day(cast, client, deal):
    one, two = task(cast, "Print plans", TODAY, deal=deal), task(cast, "Buy cable", TODAY)
    client.force_login(cast.again("seller"))
    client.post(reverse("tasks:do", args=[one.pk, "complete"]))
    client.post(reverse("tasks:do", args=[two.pk, "postpone"]), {"to": f"{TODAY + DAY}"})
    assert (company.again(one).state, company.again(two).due_on) == ("done", TODAY + DAY)


def test_the_quick_form_logs_and_plans(cast, client, deal, customer):
    met = action.create(Contact, {"name": "Ma Jun", "customer": customer}, actor=cast.seller)
    client.force_login(cast.again("seller"))
    form = client.get(reverse("activities:log"), {"deal": deal.pk}).content.decode()
    assert "Ma Jun" in form
    answer = client.post(
        reverse("activities:log"),
        {"deal": deal.pk, "kind": "visit", "contact": met.pk, "body": "Plan approved", "result": "forward",
         "next_title": "Send the contract", "next_when": f"{TODAY + 2 * DAY}", "next_kind": "todo",
         "_next": reverse("activities:day")},
    )  # fmt: skip
    assert (answer.status_code, answer["Location"]) == (302, reverse("activities:day"))
    said = FollowUp.objects.get()
    assert (said.kind, said.contact, said.deal, said.result) == ("visit", met, deal, "forward")
    assert company.again(deal).next_due == TODAY + 2 * DAY


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"deal": "999999", "kind": "call"},
        {"customer": "own", "kind": "dance"},
        {"customer": "own", "kind": "call", "next_title": "Call", "next_when": "other", "next_on": "soon"},
        {"customer": "own", "kind": "call", "next_title": "Call", "next_when": "", "next_on": ""},
        {"customer": "own", "kind": "call", "contact": "999999"},
    ],
)
def test_the_quick_form_keeps_what_was_typed(cast, client, customer, values):
    action.create(Contact, {"name": "Ma Jun", "customer": customer}, actor=cast.seller)
    values = {name: str(customer.pk) if value == "own" else value for name, value in values.items()}
    client.force_login(cast.again("seller"))
    answer = client.post(reverse("activities:log"), {**values, "body": "A long story"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "A long story" in page
    assert "field-error" in page
    assert not FollowUp.objects.exists()


def test_nobody_logs_on_a_strangers_deal(cast, client, deal):
    client.force_login(cast.again("peer"))
    answer = client.post(reverse("activities:log"), {"deal": deal.pk, "kind": "call", "body": "Spy"})
    assert answer.status_code == 422
    client.force_login(cast.again("auditor"))
    assert client.get(reverse("activities:log")).status_code in (403, 404)
    assert not FollowUp.objects.exists()


def test_a_foreign_address_is_no_way_back(cast, client, customer):
    client.force_login(cast.again("seller"))
    values = {"customer": customer.pk, "kind": "call", "body": "Fine", "_next": "https://elsewhere.example/"}
    assert client.post(reverse("activities:log"), values)["Location"] == reverse("customers:detail", args=[customer.pk])


def test_days_offered_are_ahead_and_in_order():
    for shift in range(14):
        today = TODAY + shift * DAY
        days = [dt.date.fromisoformat(raw) for raw, _label in days_ahead(today)]
        assert days == sorted(set(days))
        assert all(day > today for day in days)
        assert today + DAY in days


def test_a_customer_page_tells_everything(cast, browse, customer, deal):
    action.create(Contact, {"name": "Ma Jun", "customer": customer, "mobile": "13800001234"}, actor=cast.seller)
    actions.log_on_deal(
        company.again(deal), actor=cast.seller, kind="visit", body="Glare worries the engineer",
        next_title="Send the proof", next_on=TODAY,
    )  # fmt: skip
    other = company.deal(cast.seller, name="Garage lighting", customer=customer, stage_code="contracting", amount=9_90)
    sign(company.again(other), actor=cast.seller)
    action.create(Receipt, {"customer": customer, "amount": 12_80_00, "received_on": TODAY}, actor=cast.finance)
    page = browse("seller", reverse("customers:detail", args=[customer.pk]))
    for text in ("Send the proof", "Glare worries", "Ma Jun", "13800001234", "Canopy lighting", "Garage lighting"):
        assert text in page, text
    for tab in ("deals", "contracts", "receipts", "contacts", "tasks", "follow-ups"):
        assert isinstance(browse("seller", reverse("customers:tab", args=[customer.pk, tab])), str), tab
    assert "13800001234" not in browse("hr", reverse("customers:detail", args=[customer.pk]))
    assert browse("peer", reverse("customers:detail", args=[customer.pk])) == 404


def test_a_deal_page_shows_its_way(cast, browse, deal):
    page = browse("seller", reverse("deals:detail", args=[deal.pk]))
    assert 'class="stages"' in page
    for tab in ("contacts", "contracts", "receipts", "tasks", "follow-ups"):
        assert isinstance(browse("seller", reverse("deals:tab", args=[deal.pk, tab])), str), tab
    assert browse("other_manager", reverse("deals:detail", args=[deal.pk])) == 404


def test_a_deal_of_anothers_customer_hides_the_customer(cast, browse, customer):
    mine = company.deal(cast.peer, name="Peer's deal", customer=customer)
    page = browse("peer", reverse("deals:detail", args=[mine.pk]))
    assert reverse("customers:detail", args=[customer.pk]) not in page


def test_the_board_shows_the_process_and_its_cards(cast, browse, deal):
    stuck = company.deal(cast.seller, name="Long stay", opened_on=TODAY - 60 * DAY)
    lost = company.deal(cast.seller, name="Gone", stage_code="lost")
    actions.plan_on_deal(company.again(deal), actor=cast.seller, title="Send the quote", due=TODAY)
    board = browse("seller", reverse("deals:board"), view="all")
    assert f'data-stage="{company.stage("after_sales").pk}"' in board
    assert f'data-stage="{company.stage("lost").pk}"' not in board
    for text in (deal.name, stuck.name, "Send the quote", "60", "tag-amber"):
        assert text in board, text
    assert lost.name in browse("seller", reverse("deals:board"), status="lost")


def test_lists_show_next_steps_and_stuck_deals(cast, browse, deal, customer):
    company.deal(cast.seller, name="Long stay", opened_on=TODAY - 60 * DAY)
    actions.plan_on_deal(company.again(deal), actor=cast.seller, title="Send the quote", due=TODAY - DAY)
    page = browse("seller", reverse("deals:list"))
    assert "dot-overdue" in page
    assert "dot-none" in page
    assert "60" in page
    assert "Send the quote" in browse("seller", reverse("customers:list"))
    assert "Send the quote" in browse("seller", reverse("tasks:list"))
