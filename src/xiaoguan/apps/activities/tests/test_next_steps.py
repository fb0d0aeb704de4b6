"""Follow-ups and tasks, and what they tell about their customer and deal."""

from __future__ import annotations

import datetime as dt

import pytest

from xiaoguan.apps.activities import actions
from xiaoguan.apps.activities.models import FollowUp, Task
from xiaoguan.apps.customers.actions import transfer
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities.actions import transfer as transfer_deal
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import action, clock, feed
from xiaoguan.kit.access import visible
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.models.credit import Credit
from xiaoguan.kit.undo import undo

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
    return company.deal(cast.seller, customer=customer)


def step(row) -> tuple:
    """Next step and day of a record as stored."""
    now = company.again(row)
    return now.next_due, now.next_note


def test_the_earliest_open_task_is_the_next_step(cast, customer, deal):
    plan = actions.plan_on_deal
    plan(company.again(deal), actor=cast.seller, title="Send the quote", due=TODAY + 2 * DAY)
    assert step(deal) == step(customer) == (TODAY + 2 * DAY, "Send the quote")
    done = actions.plan_on_customer(company.again(customer), actor=cast.seller, title="Ask about phase two", due=TODAY)
    assert step(deal) == (TODAY + 2 * DAY, "Send the quote")
    assert step(customer) == (TODAY, "Ask about phase two")
    actions.drop(company.again(done.result), actor=cast.seller)
    assert step(customer) == (TODAY + 2 * DAY, "Send the quote")


def test_tasks_of_one_day_are_taken_by_time_then_weight(cast, customer):
    for title, values in {
        "whenever": {},
        "noon": {"due_time": dt.time(12)},
        "morning": {"due_time": dt.time(9), "priority": 3},
        "urgent morning": {"due_time": dt.time(9), "priority": 1},
    }.items():
        action.create(Task, {"title": title, "customer": customer, "due_on": TODAY, **values}, actor=cast.seller)
    assert step(customer) == (TODAY, "urgent morning")


def test_every_way_a_task_changes_keeps_the_next_step(cast, customer):
    task = action.create(Task, {"title": "Call", "customer": customer, "due_on": TODAY}, actor=cast.seller)
    actions.postpone(company.again(task), actor=cast.seller, to=TODAY + DAY)
    assert step(customer) == (TODAY + DAY, "Call")
    actions.complete(company.again(task), actor=cast.seller)
    assert step(customer) == (None, "")
    actions.resume(company.again(task), actor=cast.seller)
    assert step(customer) == (TODAY + DAY, "Call")
    action.remove(company.again(task), actor=cast.seller)
    assert step(customer) == (None, "")
    action.restore(company.again(task), actor=cast.seller)
    assert step(customer) == (TODAY + DAY, "Call")
    other = company.customer(cast.seller, "Xilan Tourism")
    action.update(company.again(task), {"customer": other}, actor=cast.seller)
    assert (step(customer), step(other)) == ((None, ""), (TODAY + DAY, "Call"))


def test_a_next_step_changes_no_version_and_yet_is_noticed(cast, customer):
    version, token = company.again(customer).version, feed.version("customers.customer")
    actions.plan_on_customer(company.again(customer), actor=cast.seller, title="Visit", due=TODAY)
    assert company.again(customer).version == version
    assert feed.version("customers.customer") > token


def test_logging_records_and_plans_in_one_go(cast, deal, customer):
    done = actions.log_on_deal(
        company.again(deal), actor=cast.seller, kind="visit", body="Point plan approved.\nCanopy at 3000 K.",
        result="forward", next_title="Send the contract", next_on=TODAY + 2 * DAY,
    )  # fmt: skip
    said = done.result
    assert (said.customer, said.on, said.subject) == (customer, TODAY, "Point plan approved.")
    assert step(deal) == (TODAY + 2 * DAY, "Send the contract")
    assert company.again(customer).last_contact_on == company.again(deal).last_contact_on == TODAY
    facts = set(Credit.objects.filter(entity="activities.followup").values_list("fact", "person"))
    assert facts == {(code, cast.seller.pk) for code in ("followup", "visit", "report_on_time")}
    undo(done.change, actor=cast.seller)
    assert step(deal) == (None, "")
    assert company.again(customer).last_contact_on is None
    assert not visible(FollowUp, cast.seller).exists()
    assert not Credit.objects.filter(entity="activities.followup").exists()


def test_a_note_is_no_contact(cast, customer):
    actions.log_on_customer(company.again(customer), actor=cast.seller, kind="note", body="Moves in spring.")
    assert company.again(customer).last_contact_on is None
    assert not Credit.objects.filter(fact="followup").exists()
    with pytest.raises(Invalid):
        actions.log_on_customer(company.again(customer), actor=cast.seller, kind="note", body=" ")


def test_the_day_of_a_late_evening_call_is_the_companys(cast, customer):
    late = dt.datetime(2026, 11, 17, 17, 30, tzinfo=dt.UTC)
    said = actions.log_on_customer(company.again(customer), actor=cast.seller, happened_at=late).result
    assert said.on == TODAY
    earlier = dt.datetime(2026, 11, 10, 2, 0, tzinfo=dt.UTC)
    actions.log_on_customer(company.again(customer), actor=cast.seller, happened_at=earlier)
    assert company.again(customer).last_contact_on == TODAY


def test_a_next_step_needs_a_day(cast, customer):
    with pytest.raises(Invalid) as problem:
        actions.log_on_customer(company.again(customer), actor=cast.seller, body="Fine", next_title="Call again")
    assert "next_on" in problem.value.errors
    assert not FollowUp.objects.exists()


def test_completing_a_visit_records_it_and_plans_on(cast, deal):
    task = actions.plan_on_deal(
        company.again(deal), actor=cast.seller, title="Confirm the second tender", due=TODAY, kind="visit"
    ).result
    actions.complete(
        company.again(task), actor=cast.seller, body="All fine", next_title="Send samples", next_on=TODAY + DAY
    )
    said = FollowUp.objects.get()
    assert (said.kind, said.subject, said.deal) == ("visit", "Confirm the second tender", deal)
    assert company.again(task).done_on == TODAY
    assert step(deal) == (TODAY + DAY, "Send samples")
    assert Credit.objects.filter(fact="task_done", person=cast.seller).count() == 1


def test_completing_an_errand_records_only_what_was_said(cast, deal):
    errand = actions.plan_on_deal(company.again(deal), actor=cast.seller, title="Print plans", due=TODAY).result
    actions.complete(company.again(errand), actor=cast.seller)
    assert not FollowUp.objects.exists()


def test_undoing_a_completion_brings_the_task_back(cast, deal):
    task = actions.plan_on_deal(company.again(deal), actor=cast.seller, title="Call", due=TODAY, kind="call").result
    done = actions.complete(company.again(task), actor=cast.seller, next_title="Again", next_on=TODAY + DAY)
    undo(done.change, actor=cast.seller)
    assert company.again(task).is_open
    assert step(deal) == (TODAY, "Call")
    assert not visible(Task, cast.seller).filter(title="Again").exists()
    assert not visible(FollowUp, cast.seller).exists()


def test_strangers_log_and_finish_nothing(cast, deal, customer):
    task = action.create(Task, {"title": "Call", "deal": deal, "due_on": TODAY}, actor=cast.seller)
    for who in (cast.peer, cast.other_manager, cast.auditor, cast.outsider):
        for verb, row, values in (
            (actions.log_on_deal, deal, {"body": "x"}),
            (actions.log_on_customer, customer, {"body": "x"}),
            (actions.plan_on_deal, deal, {"title": "x", "due": TODAY}),
            (actions.complete, task, {}),
            (actions.postpone, task, {"to": TODAY + DAY}),
        ):
            with pytest.raises(Denied):
                verb(company.again(row), actor=who, **values)
    assert (FollowUp.objects.count(), Task.objects.count()) == (0, 1)


def test_open_tasks_and_what_was_said_follow_a_customer(cast, customer, deal):
    actions.log_on_deal(company.again(deal), actor=cast.seller, kind="call", body="Fine")
    mine = actions.plan_on_deal(company.again(deal), actor=cast.seller, title="Quote", due=TODAY).result
    colleagues = action.create(Task, {"title": "Help", "customer": customer, "due_on": TODAY}, actor=cast.peer)
    with clock.at(NOON + dt.timedelta(minutes=1)):
        done = transfer(company.again(customer), actor=cast.manager, to=cast.other_seller)
    assert visible(Customer, cast.other_seller).get() == customer
    assert visible(Deal, cast.other_seller).get() == deal
    assert visible(Task, cast.other_seller).get() == mine
    assert visible(FollowUp, cast.other_seller).count() == 1
    assert company.again(colleagues).owner == cast.peer
    assert Credit.objects.get(fact="call").person == cast.seller
    undo(done.change, actor=cast.director)
    assert {company.again(row).owner for row in (customer, deal, mine)} == {cast.seller}
    assert company.again(mine).unit == cast.tigers


def test_a_deal_alone_takes_its_tasks_along(cast, customer, deal):
    task = actions.plan_on_deal(company.again(deal), actor=cast.seller, title="Quote", due=TODAY).result
    transfer_deal(company.again(deal), actor=cast.manager, to=cast.peer)
    assert company.again(task).owner == cast.peer
    assert company.again(customer).owner == cast.seller


def test_open_tasks_leave_and_return_with_their_deal(cast, customer, deal):
    kept = action.create(Task, {"title": "Annual visit", "customer": customer, "due_on": TODAY}, actor=cast.seller)
    gone = actions.plan_on_deal(company.again(deal), actor=cast.seller, title="Quote", due=TODAY - DAY).result
    done = actions.plan_on_deal(company.again(deal), actor=cast.seller, title="Done", due=TODAY - DAY).result
    actions.complete(company.again(done), actor=cast.seller)
    change = action.remove(company.again(deal), actor=cast.seller).change
    assert set(visible(Task, cast.seller)) == {kept, done}
    assert step(customer) == (TODAY, "Annual visit")
    action.restore(company.again(deal), actor=cast.seller)
    assert gone in visible(Task, cast.seller)
    assert step(customer) == (TODAY - DAY, "Quote")
    change = action.remove(company.again(deal), actor=cast.seller).change
    undo(change, actor=cast.seller)
    assert gone in visible(Task, cast.seller)
