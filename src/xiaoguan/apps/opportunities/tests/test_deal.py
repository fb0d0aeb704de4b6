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


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON):
        yield


def credits_of(deal: Deal, fact: str) -> list[tuple[int | None, dt.date, int]]:
    """Person, day and fen of every credit of a fact."""
    rows = Credit.objects.filter(entity="opportunities.deal", object_id=deal.pk, fact=fact)
    return list(rows.values_list("person_id", "on", "amount"))


def test_new_deal_takes_what_its_stage_says(cast):
    deal = company.deal(cast.seller, stage_code="solution", amount=500_00)
    assert (deal.status, deal.probability, deal.opened_on) == ("open", 55_000, TODAY)
    assert deal.pipeline_id == company.stage("solution").pipeline_id
    assert deal.credited == cast.seller
    assert credits_of(deal, "opened") == [(cast.seller.pk, TODAY, 500_00)]
    entry = StageEntry.objects.get(deal=deal)
    assert (entry.entered_on, entry.left_on, entry.stage.code) == (TODAY, None, "solution")


def test_typed_probability_stays(cast):
    assert company.deal(cast.seller, probability=40_000).probability == 40_000


def test_deal_without_a_name_is_called_after_its_customer(cast):
    customer = company.customer(cast.seller, short_name="Hengcen")
    assert company.deal(cast.seller, name="", customer=customer).name == "Hengcen"
    with pytest.raises(Invalid):
        company.deal(cast.seller, name="")


def test_past_deals_come_in_as_they_ended(cast):
    values = {"won_on": dt.date(2025, 3, 1), "opened_on": dt.date(2025, 1, 5), "amount": 9_00}
    won = company.deal(cast.seller, stage_code="after_sales", **values)
    assert (won.status, won.closed_on, won.stage_since) == ("won", dt.date(2025, 3, 1), dt.date(2025, 3, 1))
    assert credits_of(won, "won") == [(cast.seller.pk, dt.date(2025, 3, 1), 9_00)]
    lost = company.deal(cast.seller, stage_code="lost", closed_on=dt.date(2025, 4, 1))
    assert (lost.status, lost.lost_on, lost.won_on) == ("lost", dt.date(2025, 4, 1), None)
    assert lost.opened_on == dt.date(2025, 4, 1)
    assert credits_of(lost, "closed") == [(cast.seller.pk, dt.date(2025, 4, 1), 0)]


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
def test_contradictions_are_refused_by_name(cast, values, field):
    with pytest.raises(Invalid) as problem:
        company.deal(cast.seller, **values)
    assert field in problem.value.errors
    assert not Deal.objects.exists()


def test_number_is_used_once_and_may_be_empty(cast):
    company.deal(cast.seller, number=" ")
    company.deal(cast.seller, number="")
    company.deal(cast.seller, number="D-1")
    with pytest.raises(Invalid):
        company.deal(cast.peer, number="D-1")


def test_changing_a_closing_date_moves_the_credit(cast):
    deal = company.again(company.deal(cast.seller, stage_code="after_sales", amount=700))
    earlier = TODAY - dt.timedelta(days=40)
    action.update(deal, {"won_on": earlier, "opened_on": earlier}, actor=cast.seller)
    assert company.again(deal).closed_on == earlier
    assert credits_of(deal, "won") == [(cast.seller.pk, earlier, 700)]
    action.update(company.again(deal), {"won_on": None}, actor=cast.seller)
    assert company.again(deal).won_on == earlier


def test_correcting_the_owner_corrects_the_credit(cast):
    deal = company.again(company.deal(cast.seller, stage_code="after_sales", amount=700))
    action.update(deal, {"owner": cast.peer}, actor=cast.manager)
    assert credits_of(deal, "won") == [(cast.peer.pk, TODAY, 700)]


def test_lines_make_the_amount(cast):
    lamp, pole = company.product(cast.director), company.product(cast.director, "Pole", 1_000_05)
    deal = company.deal(cast.seller, amount=5)
    model = Deal._meta.get_field("lines").related_model
    line = action.create(model, {"deal": deal, "product": lamp, "quantity": "2.5"}, actor=cast.seller)
    assert line.amount == 300_00
    action.create(model, {"deal": deal, "product": pole}, actor=cast.seller)
    now = company.again(deal)
    assert (now.amount, now.product) == (1_300_05, pole)
    with pytest.raises(Invalid) as problem:
        action.update(now, {"amount": 1}, actor=cast.seller)
    assert "amount" in problem.value.errors
    action.remove(company.again(line), actor=cast.seller)
    assert company.again(deal).amount == 1_000_05


def test_the_fen_of_a_line_are_rounded_half_up(cast):
    product = company.product(cast.director, "Cable", 1)
    model = Deal._meta.get_field("lines").related_model
    deal = company.deal(cast.seller)
    assert action.create(model, {"deal": deal, "product": product, "quantity": "0.5"}, actor=cast.seller).amount == 1
