"""What today asks for, and who hears that the month is off pace."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.insight import asked, outlook, telling
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.kit import clock, job, worker
from xiaoguan.kit.action import create

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
DAY, MONDAY = dt.date(2026, 11, 18), dt.date(2026, 11, 16)


def _at(day: dt.date) -> Any:
    return clock.at(dt.datetime.combine(day, dt.time(10), tzinfo=clock.zone()))


@pytest.fixture
def aimed(cast: Cast) -> Cast:
    """Twenty visits made four wins of 100,000 yuan last year; a target of 900,000 yuan this month, nothing won yet."""
    seller, won = cast.seller, Stage.objects.get(code="after_sales")
    with _at(DAY - dt.timedelta(days=200)):
        customer = create(Customer, {"name": "Works", "owner": seller}, actor=seller)
        for number in range(20):
            create(FollowUp, {"kind": "visit", "customer": customer, "owner": seller, "body": "talk"}, actor=seller)
            if number % 5 == 0:
                values = {
                    "customer": customer,
                    "owner": seller,
                    "stage": won,
                    "amount": 10_000_000,
                    "name": f"{number}",
                }
                create(Deal, {**values, "opened_on": clock.today(), "won_on": clock.today()}, actor=seller)
    with _at(DAY):
        month = calendar().month(DAY)
        set_targets(WON_AMOUNT, {(Subject("person", seller.pk), month): 90_000_000}, actor=cast.director)
    return cast


def test_the_day_by_hand_and_ticked_off(aimed: Cast, client: Client) -> None:
    """900,000 over nine days at 100,000 a win: one win a day, five visits; a visit logged is one less."""
    seller = aimed.seller
    with _at(DAY):
        month = calendar().month(DAY)
        assert working_calendar().progress(month, DAY).left == 9
        one = outlook.of_people(seller, month, [seller.pk])[seller.pk]
        plan = asked.of_one(seller, one)
        assert plan is not None and plan.each == 10_000_000 and plan.need.amount == 10_000_000
        (visits,) = plan.asks
        assert (visits.code, visits.count, visits.done) == ("visit", 5, 0)
        assert (visits.step.before, visits.step.after) == (20, 4)
        customer = Customer.objects.get(name="Works")
        create(FollowUp, {"kind": "visit", "customer": customer, "owner": seller, "body": "now"}, actor=seller)
        again = asked.of_one(seller, one)
        assert again is not None and again.asks[0].done == 1
        assert client.login(username="seller", password=PASSWORD)
        assert "1 / 5" in client.get("/").content.decode()
        assert client.login(username="manager", password=PASSWORD)
        assert "1 / 5" in client.get("/").content.decode()


@pytest.mark.once
def test_off_pace_is_told_once_a_week_to_both(aimed: Cast) -> None:
    """The person hears his gap and what would close it, the manager the name; on the first working day of a week."""
    first = Stage.objects.filter(pipeline__isnull=False).order_by("position").first()
    values = {"customer": Customer.objects.get(), "owner": aimed.seller, "amount": 30_000_000, "name": "Bridge"}
    values |= {"stage": first}
    with _at(DAY):
        create(Deal, {**values, "expected_on": DAY, "next_due": DAY, "next_note": "call"}, actor=aimed.seller)
        job.enqueue("insight.off_pace")
        worker.drain()
        assert not Notice.objects.filter(kind__startswith="off_pace").exists(), "a Wednesday"
    with _at(MONDAY):
        job.enqueue("insight.off_pace")
        worker.drain()
        told = dict(Notice.objects.filter(kind__startswith="off_pace").values_list("kind", "person_id"))
        assert told == {"off_pace": aimed.seller.pk, "off_pace_team": aimed.manager.pk}
        (names,) = Notice.objects.filter(kind="off_pace_team").values_list("text", flat=True)
        assert aimed.seller.name in names and "Bridge" in names
        assert "Bridge" in Notice.objects.get(kind="off_pace").text
        early = outlook.of_people(aimed.seller, calendar().month(DAY).next(), [aimed.seller.pk])[aimed.seller.pk]
        assert not telling.off_pace(early)
