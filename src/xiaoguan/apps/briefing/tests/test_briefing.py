"""Briefings: figures of two periods, causes that add up, and nothing that the reader may not know."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.kit import action, clock, job, worker
from xiaoguan.kit.action import create

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 16)
EN = {"accept-language": "en"}


def _at(day: dt.date) -> Any:
    return clock.at(dt.datetime.combine(day, dt.time(10), tzinfo=clock.zone()))


@pytest.fixture
def sold(cast: Cast) -> Cast:
    """The week before last 300,000 yuan by the seller, last week 500,000 by him and 200,000 by his colleague."""
    won = Stage.objects.get(code="after_sales")
    for seller, amount, days in (
        (cast.seller, 30_000_000, 10), (cast.seller, 50_000_000, 4), (cast.other_seller, 20_000_000, 3)
    ):  # fmt: skip
        day = MONDAY - dt.timedelta(days=days)
        with _at(day):
            customer = create(Customer, {"name": f"{seller.name} {days}", "owner": seller}, actor=seller)
            values = {"customer": customer, "owner": seller, "stage": won, "amount": amount, "name": f"Hall {days}"}
            create(Deal, {**values, "opened_on": day, "won_on": day}, actor=seller)
    return cast


def test_a_week_in_sentences(sold: Cast, client: Client) -> None:
    """The director reads 700 k, 400 k more, by whom; the seller his own, by customer; a mask leaves no amount."""
    url = f"{reverse('briefing:page')}?kind=week&of=2026-W46"
    with _at(MONDAY):
        assert client.login(username="director", password=PASSWORD)
        text = client.get(url, headers=EN).content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert "700.0 k" in text and "400.0 k" in text and "Hall 4" in text
        assert f"{sold.other_seller.name} +200.0 k" in text and f"{sold.seller.name} +200.0 k" in text
        assert client.login(username="seller", password=PASSWORD)
        text = client.get(url, headers=EN).content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert "500.0 k" in text and "700.0 k" not in text and "Hall 3" not in text
        assert f"{sold.seller.name} 4 +500.0 k, the others −300.0 k" in text
        role = sold.again("seller").roles.get()
        action.update(role, {"masks": {"opportunities.deal": ["amount"]}}, actor=sold.system)
        text = client.get(url, headers=EN).content.decode()
        assert "500.0" not in text and "Hall 4" not in text
        assert client.get(reverse("briefing:page") + "?kind=week&of=2027-W10").status_code == 404


@pytest.mark.once
def test_briefings_are_sent_by_what_each_may_see(sold: Cast) -> None:
    """One notice for everybody with figures in the week, with the same sentences as the page."""
    with _at(MONDAY):
        job.enqueue("briefing.send", {"kind": "week"})
        worker.drain()
        told = dict(Notice.objects.filter(kind="briefing_week").values_list("person_id", "text"))
    assert {sold.seller.pk, sold.other_seller.pk, sold.manager.pk, sold.director.pk} <= set(told)
    assert sold.other_seller.name in told[sold.director.pk] and sold.other_seller.name not in told[sold.seller.pk]
    assert sold.outsider.pk not in told
