"""The team of a deal: its splits share every fact on its own day, to the fen; and packages count once."""

from __future__ import annotations

import datetime as dt

import pytest

from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.apps.customers.models import Contact
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities import actions
from xiaoguan.apps.opportunities.models import Deal, DealMember, DealParty
from xiaoguan.apps.opportunities.packages import choose
from xiaoguan.apps.projects.models import Project
from xiaoguan.kit import access, action, clock
from xiaoguan.kit.errors import Invalid, Refusal
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.models.credit import Credit
from xiaoguan.kit.undo import undo

from tests.cast import Cast
from tests.world import client_of

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)


def shares(fact: str) -> dict[int | None, int]:
    return dict(Credit.objects.filter(fact=fact).values_list("person_id", "amount"))


def test_every_fact_is_shared_by_the_splits_of_its_day(cast: Cast) -> None:
    seller, peer, other = cast.seller.pk, cast.peer.pk, cast.other_seller.pk
    with clock.at(NOON):
        deal = company.deal(cast.seller, amount=1_000_01, expected_on=TODAY)
        ours = [
            {"deal": deal, "person": cast.peer, "split": 33_333},
            {"deal": deal, "person": cast.other_seller, "split": 33_333},
        ]
        action.create(DealMember, ours, actor=cast.seller)
        actions.win(company.again(deal), actor=cast.seller)
        assert shares("won") == {seller: 33_335, peer: 33_333, other: 33_333}
        contract = action.create(Contract, {"deal": company.again(deal), "amount": 900_00}, actor=cast.seller)
        receipt = {"contract": contract, "amount": 300_00, "received_on": TODAY + dt.timedelta(days=20)}
        paid = action.create(Receipt, receipt, actor=cast.finance)
        back = {"receipt": paid, "contract": contract, "amount": 30_00, "refunded_on": TODAY}
        action.create(Refund, back, actor=cast.finance)
        assert shares("receipt") == {seller: 100_00, peer: 100_00, other: 100_00}
        assert sum(shares("refund").values()) == -30_00 and len(shares("refund")) == 3
        before = shares("won"), shares("contract_signed")
    with clock.at(NOON + dt.timedelta(days=2)):  # from then on the peer has nothing: the past stays, what comes changes
        member = DealMember.objects.get(person=cast.peer)
        done = action.update(member, {"end": clock.today()}, actor=cast.seller)
        assert (shares("won"), shares("contract_signed")) == before
        assert shares("receipt") == {seller: 200_00, other: 100_00}
        undo(done.change, actor=cast.seller)
        assert shares("receipt") == {seller: 100_00, peer: 100_00, other: 100_00}


def test_splits_hold_the_whole_and_the_past_is_the_managers(cast: Cast) -> None:
    with clock.at(NOON):
        deal = company.deal(cast.seller)
        action.create(DealMember, {"deal": deal, "person": cast.peer, "split": 60_000}, actor=cast.seller)
        for wrong in ({"person": cast.other_seller, "split": 50_000}, {"person": cast.peer, "split": 1}):
            with pytest.raises(Invalid):
                action.create(DealMember, {"deal": deal, **wrong}, actor=cast.seller)
        early = {"deal": deal, "person": cast.other_seller, "split": 40_000, "start": dt.date(2026, 10, 20)}
        with pytest.raises(Refusal) as problem:
            action.create(DealMember, early, actor=cast.seller)
        assert problem.value.code == "deal.team_past"
        action.create(DealMember, early, actor=cast.manager)
        assert DealMember.objects.count() == 2


def test_members_see_the_deal_as_long_as_they_take_part(cast: Cast) -> None:
    deal = company.deal(cast.seller)

    def sees() -> bool:
        return access.visible(Deal, cast.again("other_seller")).filter(pk=deal.pk).exists()

    assert not sees()
    member = action.create(DealMember, {"deal": deal, "person": cast.other_seller}, actor=cast.seller)
    assert sees()
    action.remove(company.again(member), actor=cast.seller)
    assert not sees()


def test_the_team_is_edited_as_a_whole(cast: Cast) -> None:
    with clock.at(NOON):
        deal = company.deal(cast.seller, amount=100_00)
        client = client_of(cast.seller)
        sent = {"members-0-person": cast.peer.pk, "members-0-part": "technical", "members-0-split": "30",
                "members-1-person": cast.other_seller.pk, "members-1-split": "70"}  # fmt: skip
        assert client.post(f"/deals/{deal.pk}/team/", sent | {"members-1-split": "80"}).status_code == 422
        assert client.post(f"/deals/{deal.pk}/team/", sent).status_code == 302
        first, second = DealMember.objects.order_by("split")
        page = client.get(f"/deals/{deal.pk}/").content.decode()
        assert "30.00" in page and "split-bar" in page
        swapped: dict[str, object] = {}
        for at, (row, split) in enumerate(((first, "70"), (second, "30"))):
            swapped |= {f"members-{at}-id": row.pk, f"members-{at}-version": row.version,
                        f"members-{at}-person": row.person_id, f"members-{at}-split": split}  # fmt: skip
        assert client.post(f"/deals/{deal.pk}/team/", swapped).status_code == 302
        assert company.again(first).split == 70_000
        undo(Change.objects.latest("pk"), actor=cast.seller)
        assert company.again(first).split == 30_000
        assert client_of(cast.peer).get("/deals/999999/team/").status_code == 404


def test_of_several_bids_for_a_project_one_counts(cast: Cast) -> None:
    project = action.create(Project, {"name": "Nanhu plant, phase two"}, actor=cast.seller)
    about = {"project": project, "expected_on": clock.today()}
    small = company.deal(cast.seller, amount=10, **about)
    large = company.deal(cast.seller, amount=20, **about)

    def counted() -> list[int]:
        return list(Deal.objects.filter(counts=True).order_by("pk").values_list("pk", flat=True))

    assert counted() == [large.pk]
    actions.move(company.again(small), actor=cast.seller, to=company.stage("solution"))
    assert counted() == [small.pk]  # likelier
    done = choose(company.again(large), actor=cast.seller)
    assert counted() == [large.pk]
    undo(done.change, actor=cast.seller)
    assert counted() == [small.pk]
    actions.lose(company.again(small), actor=cast.seller, loss_reason=company.reason())
    assert counted() == [small.pk, large.pk]  # what has ended counts for itself
    action.update(company.again(large), {"project": None}, actor=cast.seller)
    assert counted() == [small.pk, large.pk]


def test_a_deal_says_how_often_it_was_pushed_and_what_changed(cast: Cast) -> None:
    deal = company.deal(
        cast.seller, amount=100_00, expected_on=dt.date(2026, 12, 1), customer=company.customer(cast.seller)
    )
    for day in (10, 8, 31):
        action.update(company.again(deal), {"expected_on": dt.date(2026, 12, day)}, actor=cast.seller)
    now = company.again(deal)
    assert (now.pushes, now.pushed_days) == (2, 9 + 23)
    person = action.create(Contact, {"name": "Ma Jun", "customer": deal.customer}, actor=cast.seller)
    action.create(DealParty, {"deal": now, "contact": person, "role": "decides"}, actor=cast.seller)
    for url in (f"/deals/{deal.pk}/", f"/deals/{deal.pk}/?panel=1"):
        page = client_of(cast.seller).get(url).content.decode()
        assert "+32" in page and "<del>" in page
