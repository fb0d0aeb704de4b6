"""Win probabilities learnt from a company's own deals: by the night, on a move, in the landing, on the page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.forecast import accuracy, evidence, landing, learning, snapshots
from xiaoguan.apps.forecast.models import Chance, Snapshot
from xiaoguan.apps.goals.queries import COMPANY, calendar
from xiaoguan.apps.opportunities.models import Deal, LossReason, Stage
from xiaoguan.kit import clock, job, worker
from xiaoguan.kit.action import create, update

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def _at(day: dt.date) -> Any:
    return clock.at(dt.datetime.combine(day, dt.time(10), tzinfo=clock.zone()))


@pytest.fixture
def history(cast: Cast) -> Cast:
    """Ninety closed deals: the seller wins three of four, his colleague one of four; one open deal of each."""
    today = clock.today()
    needs, won, lost = (Stage.objects.get(code=code) for code in ("needs", "after_sales", "lost"))
    reason = LossReason.objects.order_by("pk").first()
    for seller, wins in ((cast.seller, 3), (cast.other_seller, 1)):
        customer = create(Customer, {"name": f"{seller.name} Works", "owner": seller}, actor=seller)
        base = {"customer": customer, "owner": seller, "stage": needs, "amount": 10_000_000}
        for number in range(45):
            opened = today - dt.timedelta(days=300 - number * 5)
            with _at(opened):
                deal = create(Deal, {**base, "name": f"{seller.name} {number}", "opened_on": opened}, actor=seller)
            closed = opened + dt.timedelta(days=20)
            end = {"stage": won, "won_on": closed} if number % 4 < wins else {"stage": lost, "lost_on": closed}
            with _at(closed):
                update(deal, {**end, **({} if number % 4 < wins else {"loss_reason": reason})}, actor=seller)
        expected = calendar().month(today).end
        create(Deal, {**base, "name": f"Open of {seller.name}", "expected_on": expected}, actor=seller)
    return cast


def test_what_the_night_learns_shows_everywhere(history: Cast, client: Client) -> None:
    """The better seller's deal is likelier, the landing reckons with it, the page tells how good it is."""
    job.enqueue("forecast.learn")
    worker.drain()
    row = learning.lesson()
    assert row is not None and row.used and row.deals == 90
    assert row.report["ours"]["brier"] < row.report["known"]["brier"]
    rates = {one.deal.owner_id: one.rate for one in Chance.objects.select_related("deal")}
    assert rates[history.seller.pk] > 55_000 > 45_000 > rates[history.other_seller.pk]
    month = calendar().month(clock.today())
    wins = landing.open_deals(month.end).of([history.seller.pk])
    assert wins.rates.tolist() == [rates[history.seller.pk]]
    # A deal that moves is told anew by what is already learnt; once closed nothing is told of it.
    deal = Deal.objects.get(name=f"Open of {history.seller.name}")
    update(deal, {"stage": Stage.objects.get(code="solution")}, actor=history.seller)
    assert landing.open_deals(month.end).of([history.seller.pk]).rates.tolist() == [deal.stage.probability]
    worker.drain()
    assert Chance.objects.get(deal=deal).stage.code == "solution"
    assert Deal.objects.get(pk=deal.pk).probability == deal.stage.probability  # what the stage says stays
    # The page: in words, with past months told afterwards.
    kept = Snapshot.objects.filter(subject=COMPANY)
    assert kept.filter(later=True).count() >= 3
    assert client.login(username="director", password=PASSWORD)
    page = client.get(reverse("forecast:calibration"), headers={"accept-language": "en"}).content.decode()
    assert "Brier score" in page and "told afterwards" in page
    told = {record.name for record in accuracy.records(history.again("seller"))[1]}
    assert told <= {history.seller.name}


def test_past_months_are_told_from_what_was_known(history: Cast) -> None:
    """A deal that was put off since, or opened since, does not change what was to be known when a month began."""
    month = calendar().month(clock.today())
    assert landing.as_of(month.start, month.end) == []
    with _at(month.start - dt.timedelta(days=10)):
        seller = history.seller
        values = {"name": "Put off", "owner": seller, "stage": Stage.objects.get(code="needs"), "amount": 500}
        deal = create(Deal, {**values, "expected_on": month.end, "opened_on": clock.today()}, actor=seller)
    update(deal, {"expected_on": month.end + dt.timedelta(days=90), "amount": 900}, actor=history.seller)
    (row,) = landing.as_of(month.start, month.end)
    assert (row["pk"], row["amount"], row["expected_on"]) == (deal.pk, 500, month.end)
    open_wins, _fresh = snapshots.known(month, evidence.closed())
    assert open_wins.amounts.tolist() == [500]
    # Once the month is over and nothing came of it, the next landings reckon with less.
    snapshots.keep(month, evidence.closed())
    found = snapshots.on_time(month.next())
    assert found["due"] == sum(open_wins.rates) > 0 and found["came"] == 0 and found["rate"] < 100_000


@pytest.mark.once
def test_business_that_comes_within_a_month_is_reckoned_with(cast: Cast) -> None:
    """A deal opened and won within an earlier month stands for a twelfth of one; one opened before does not."""
    month = calendar().month(clock.today())
    earlier = month.shift(-2)
    won = Stage.objects.get(code="after_sales")
    customer = create(Customer, {"name": "Works", "owner": cast.seller}, actor=cast.seller)
    base = {"customer": customer, "owner": cast.seller, "stage": won}
    first = month.shift(-12).start
    create(Deal, {**base, "amount": 5, "name": "Old", "opened_on": first, "won_on": earlier.start}, actor=cast.seller)
    create(
        Deal,
        {**base, "amount": 7, "name": "Fresh", "opened_on": earlier.end - dt.timedelta(days=1), "won_on": earlier.end},
        actor=cast.seller,
    )
    found = landing.fresh_deals(month, month.start)
    assert [each.tolist() for each in (found.owners, found.amounts, found.rates)] == [[cast.seller.pk], [7], [8_333]]
