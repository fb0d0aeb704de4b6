"""What a deal derives from its stage, dates and owner."""

from __future__ import annotations

import datetime as dt

import pytest

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities.models import Deal, StageEntry
from xiaoguan.kit import action, clock
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.models.credit import Credit

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)


@pytest.fixture
def house():
    return company.staff()


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON):
        yield


def credits_of(deal: Deal, fact: str) -> list[tuple[int | None, dt.date, int]]:
    """Person, day and fen of every credit of a fact."""
    rows = Credit.objects.filter(entity="opportunities.deal", object_id=deal.pk, fact=fact)
    return list(rows.values_list("person_id", "on", "amount"))


def test_new_deal_takes_what_its_stage_says(house):
    deal = company.deal(house.seller, stage_code="solution", amount=500_00)
    assert (deal.status, deal.probability, deal.opened_on) == ("open", 55_000, TODAY)
    assert deal.pipeline_id == company.stage("solution").pipeline_id
    assert deal.credited == house.seller
    assert credits_of(deal, "opened") == [(house.seller.pk, TODAY, 500_00)]
    entry = StageEntry.objects.get(deal=deal)
    assert (entry.entered_on, entry.left_on, entry.stage.code) == (TODAY, None, "solution")


def test_typed_probability_stays(house):
    assert company.deal(house.seller, probability=40_000).probability == 40_000


def test_deal_without_a_name_is_called_after_its_customer(house):
    customer = company.customer(house.seller, short_name="Hengcen")
    assert company.deal(house.seller, name="", customer=customer).name == "Hengcen"
    with pytest.raises(Invalid):
        company.deal(house.seller, name="")


def test_past_deals_come_in_as_they_ended(house):
    values = {"won_on": dt.date(2025, 3, 1), "opened_on": dt.date(2025, 1, 5), "amount": 9_00}
    won = company.deal(house.seller, stage_code="after_sales", **values)
    assert (won.status, won.closed_on, won.stage_since) == ("won", dt.date(2025, 3, 1), dt.date(2025, 3, 1))
    assert credits_of(won, "won") == [(house.seller.pk, dt.date(2025, 3, 1), 9_00)]
    lost = company.deal(house.seller, stage_code="lost", closed_on=dt.date(2025, 4, 1))
    assert (lost.status, lost.lost_on, lost.won_on) == ("lost", dt.date(2025, 4, 1), None)
    assert lost.opened_on == dt.date(2025, 4, 1)
    assert credits_of(lost, "closed") == [(house.seller.pk, dt.date(2025, 4, 1), 0)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"won_on": TODAY}, "won_on"),
        ({"lost_on": TODAY}, "lost_on"),
        ({"stage_code": "after_sales", "won_on": dt.date(2025, 1, 1), "opened_on": TODAY}, "won_on"),
        ({"number": "x" * 41}, "number"),
        ({"probability": 100_001}, "probability"),
    ],
)
def test_contradictions_are_refused_by_name(house, values, field):
    with pytest.raises(Invalid) as problem:
        company.deal(house.seller, **values)
    assert field in problem.value.errors
    assert not Deal.objects.exists()


def test_number_is_used_once_and_may_be_empty(house):
    company.deal(house.seller, number=" ")
    company.deal(house.seller, number="")
    company.deal(house.seller, number="D-1")
    with pytest.raises(Invalid):
        company.deal(house.peer, number="D-1")


def test_changing_a_closing_date_moves_the_credit(house):
    deal = company.again(company.deal(house.seller, stage_code="after_sales", amount=700))
    earlier = TODAY - dt.timedelta(days=40)
    action.update(deal, {"won_on": earlier, "opened_on": earlier}, actor=house.seller)
    assert company.again(deal).closed_on == earlier
    assert credits_of(deal, "won") == [(house.seller.pk, earlier, 700)]
    action.update(company.again(deal), {"won_on": None}, actor=house.seller)
    assert company.again(deal).won_on == earlier


def test_correcting_the_owner_corrects_the_credit(house):
    deal = company.again(company.deal(house.seller, stage_code="after_sales", amount=700))
    action.update(deal, {"owner": house.peer}, actor=house.manager)
    assert credits_of(deal, "won") == [(house.peer.pk, TODAY, 700)]


def test_lines_make_the_amount(house):
    lamp, pole = company.product(house.director), company.product(house.director, "Pole", 1_000_05)
    deal = company.deal(house.seller, amount=5)
    model = Deal._meta.get_field("lines").related_model
    line = action.create(model, {"deal": deal, "product": lamp, "quantity": "2.5"}, actor=house.seller)
    assert line.amount == 300_00
    action.create(model, {"deal": deal, "product": pole}, actor=house.seller)
    now = company.again(deal)
    assert (now.amount, now.product) == (1_300_05, pole)
    with pytest.raises(Invalid) as problem:
        action.update(now, {"amount": 1}, actor=house.seller)
    assert "amount" in problem.value.errors
    action.remove(company.again(line), actor=house.seller)
    assert company.again(deal).amount == 1_000_05


def test_the_fen_of_a_line_are_rounded_half_up(house):
    product = company.product(house.director, "Cable", 1)
    model = Deal._meta.get_field("lines").related_model
    deal = company.deal(house.seller)
    assert action.create(model, {"deal": deal, "product": product, "quantity": "0.5"}, actor=house.seller).amount == 1
