"""Briefings: figures of two periods, causes that add up, and nothing that the reader may not know."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from xiaoguan.apps.briefing.composing import compose
from xiaoguan.apps.briefing.scope import due, scope_of
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.goals.subject import COMPANY, Subject
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org.queries import working_calendar
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


@pytest.mark.once
def test_an_hour_of_ones_own(sold: Cast, client: Client) -> None:
    """Who chose three o'clock is told then and not before work, each period once; the page keeps the choice."""
    client.force_login(sold.seller)
    chosen = {"form": "switches", "way": ["inbox"], "rhythm": "now", "briefing_week-inbox": "on"}
    assert client.post(reverse("inbox_settings"), {**chosen, "hour": "22"}).status_code == 422
    assert client.post(reverse("inbox_settings"), {**chosen, "hour": "15"}).status_code == 302
    assert '<option value="15" selected>' in client.get(reverse("inbox_settings")).content.decode()

    def told(hour: int, payload: dict[str, str]) -> set[int]:
        with clock.at(dt.datetime.combine(MONDAY, dt.time(hour, 0, 5), tzinfo=clock.zone())):
            job.enqueue("briefing.send", payload)
            worker.drain()
        rows = Notice.objects.filter(kind="briefing_week").values_list("person_id", flat=True)
        assert len(rows) == len(set(rows))
        return set(rows)

    early = told(8, {"kind": "week"})
    assert sold.director.pk in early and sold.seller.pk not in early
    assert sold.seller.pk not in told(14, {}) and sold.seller.pk in told(16, {})
    assert told(17, {}) == told(18, {"kind": "week"}) == early | {sold.seller.pk}


@pytest.mark.once
def test_targets_of_the_very_period_and_who_is_behind(sold: Cast) -> None:
    """A week stands against the week's part of the month; whoever is off pace is named with what is to go."""
    month, week = calendar().month(MONDAY), calendar().of("week", MONDAY).previous()
    seller = Subject("person", sold.seller.pk)
    with _at(MONDAY), translation.override("en"):
        set_targets(WON_AMOUNT, {(seller, month): 210_000_000, (COMPANY, month): 420_000_000}, actor=sold.director)
        own = compose(sold.again("seller"), scope_of(sold.again("seller")) or pytest.fail("no scope"), week)
        said = [line.text.replace("\N{NO-BREAK SPACE}", " ") for line in own.moved]
        assert any("500.0 k" in text and "the week's target of 500.0 k" in text for text in said), said
        assert any(text.startswith("The month so far") for text in said) and all(line.url for line in own.moved)
        whole = compose(sold.again("director"), scope_of(sold.again("director")) or pytest.fail("no scope"), week)
        assert any(sold.seller.name in line.text and "behind pace" in line.text and line.url for line in whole.out)


@pytest.mark.once
def test_nothing_is_sent_on_days_off(sold: Cast) -> None:
    """In the holidays of October nothing is due; the first working day tells the last week worked, and the month."""
    with _at(dt.date(2026, 10, 5)):
        assert [due(kind) for kind in ("day", "week", "month")] == [None, None, None]
        back = working_calendar().add(clock.today(), 1)
    with _at(back):
        told = {kind: due(kind) for kind in ("day", "week", "month")}
        assert all(told.values()) and str(told["month"]) != "" and told["month"].code == "2026-09"  # type: ignore[union-attr]
        assert dt.date(2026, 9, 30) in told["week"] and dt.date(2026, 9, 30) in told["day"]  # type: ignore[operator]
