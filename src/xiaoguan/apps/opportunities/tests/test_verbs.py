"""Verbs of deals: what they do, who may, and what taking back leaves."""

from __future__ import annotations

import datetime as dt

import pytest

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities import actions
from xiaoguan.apps.opportunities.models import StageEntry
from xiaoguan.kit import action, clock, event
from xiaoguan.kit.access import visible
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.models.change import Change, ChangeRow
from xiaoguan.kit.models.credit import Credit
from xiaoguan.kit.undo import undo

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON):
        yield


@pytest.fixture
def told(monkeypatch):
    """The events of a test, as (name, ids)."""
    heard = []
    monkeypatch.setattr(event, "emit", lambda name, *, ids=(), **data: heard.append((name, list(ids))))
    return heard


def test_completing_contracting_wins(cast, told):
    deal = company.again(company.deal(cast.seller, stage_code="contracting", amount=26_80_00))
    done = actions.move(deal, actor=cast.seller, to=company.stage("after_sales"), on=TODAY - dt.timedelta(days=1))
    now = company.again(deal)
    assert (now.status, now.won_on, now.probability) == ("won", TODAY - dt.timedelta(days=1), 100_000)
    assert done.change.count == 1
    assert told == [("deal.moved", [deal.pk]), ("deal.won", [deal.pk])]


def test_losing_asks_for_the_reason(cast, told):
    deal = company.again(company.deal(cast.seller))
    with pytest.raises(Invalid) as problem:
        actions.move(deal, actor=cast.seller, to=company.stage("lost"))
    assert "loss_reason" in problem.value.errors
    assert company.again(deal).is_open
    actions.lose(company.again(deal), actor=cast.seller, loss_reason=company.reason(), competitor="Other Lights")
    lost = company.again(deal)
    assert (lost.status, lost.loss_reason.code, lost.competitor) == ("lost", "price", "Other Lights")
    assert told[-1] == ("deal.lost", [deal.pk])


def test_a_day_to_come_closes_nothing(cast):
    deal = company.again(company.deal(cast.seller))
    with pytest.raises(Invalid):
        actions.win(deal, actor=cast.seller, on=TODAY + dt.timedelta(days=1))


def test_reopening_goes_back_where_it_was(cast):
    deal = company.deal(cast.seller, stage_code="needs", amount=5_000_00, expected_on=clock.today())
    actions.move(company.again(deal), actor=cast.seller, to=company.stage("solution"))
    actions.lose(company.again(deal), actor=cast.seller, loss_reason=company.reason())
    actions.reopen(company.again(deal), actor=cast.seller)
    now = company.again(deal)
    assert (now.stage.code, now.status, now.lost_on, now.loss_reason) == ("solution", "open", None, None)
    assert not Credit.objects.filter(object_id=deal.pk, fact__in=("lost", "closed")).exists()


def test_many_deals_move_in_one_change(cast):
    deals = [company.again(company.deal(cast.seller, name=f"Deal {n}")) for n in range(3)]
    before = Change.objects.count()
    done = actions.move(deals, actor=cast.manager, to=company.stage("needs"))
    assert Change.objects.count() == before + 1
    assert done.change.count == 3
    assert StageEntry.objects.filter(left_on__isnull=True, stage__code="needs").count() == 3


@pytest.mark.parametrize("who", ["peer", "other_manager", "hr", "finance", "service", "auditor", "outsider"])
@pytest.mark.parametrize("verb", ["move", "win", "transfer"])
def test_strangers_change_nothing_and_leave_no_trace(cast, who, verb):
    deal = company.again(company.deal(cast.seller, amount=100))
    before = (Change.objects.count(), ChangeRow.objects.count(), StageEntry.objects.count(), Credit.objects.count())
    values = {"move": {"to": company.stage("needs")}, "win": {}, "transfer": {"to": cast.peer}}[verb]
    with pytest.raises(Denied):
        getattr(actions, verb)(deal, actor=getattr(cast, who), **values)
    after = (Change.objects.count(), ChangeRow.objects.count(), StageEntry.objects.count(), Credit.objects.count())
    assert after == before
    assert company.again(deal).version == deal.version


def test_one_foreign_deal_stops_the_whole_move(cast):
    own, foreign = company.deal(cast.seller), company.deal(cast.peer)
    with pytest.raises(Denied):
        actions.move([company.again(own), company.again(foreign)], actor=cast.seller, to=company.stage("needs"))
    assert company.again(own).stage.code == "prospecting"


def test_handing_over_moves_sight_and_keeps_what_was_earned(cast):
    won = company.again(company.deal(cast.seller, stage_code="after_sales", amount=500))
    live = company.again(company.deal(cast.seller, amount=70))
    actions.transfer([won, live], actor=cast.manager, to=cast.peer)
    assert set(visible(type(won), cast.peer)) == {won, live}
    assert not visible(type(won), cast.seller).exists()
    assert Credit.objects.get(object_id=won.pk, fact="won").person == cast.seller
    assert Credit.objects.get(object_id=live.pk, fact="opened").person == cast.peer
    actions.win(company.again(live), actor=cast.peer)
    assert Credit.objects.get(object_id=live.pk, fact="won").person == cast.peer


def test_nothing_is_handed_to_somebody_who_has_left(cast):
    deal = company.again(company.deal(cast.seller))
    cast.peer.is_active = False
    with pytest.raises(Invalid):
        actions.transfer(deal, actor=cast.manager, to=cast.peer)


def test_undoing_a_win_leaves_the_books_as_they_were(cast):
    deal = company.again(company.deal(cast.seller, stage_code="contracting", amount=300, probability=81_000))
    with clock.at(NOON + dt.timedelta(days=3)):
        done = actions.win(company.again(deal), actor=cast.seller)
        undo(done.change, actor=cast.seller)
    now = company.again(deal)
    for name in ("stage_id", "status", "probability", "won_on", "closed_on", "stage_since", "credited_id"):
        assert getattr(now, name) == getattr(deal, name), name
    living = StageEntry.objects.filter(deal=deal, deleted_at__isnull=True)
    assert [(entry.stage.code, entry.left_on, entry.days) for entry in living] == [("contracting", None, None)]
    assert not Credit.objects.filter(object_id=deal.pk, fact="won").exists()


def test_an_edit_cannot_lose_a_deal_in_silence(cast):
    deal = company.again(company.deal(cast.seller))
    with pytest.raises(Invalid):
        action.update(deal, {"stage": company.stage("lost")}, actor=cast.seller)
    deal = company.again(deal)
    action.update(deal, {"stage": company.stage("lost"), "loss_reason": company.reason()}, actor=cast.seller)
    assert company.again(deal).status == "lost"
