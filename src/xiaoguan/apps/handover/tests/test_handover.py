"""Handing over: everything moves by the rule as one change, and three people sign what was handed over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from xiaoguan.apps.activities.models import Task
from xiaoguan.apps.billing.models import Instalment
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.handover import moving, sheets
from xiaoguan.apps.handover.allotment import Rule, groups, preview
from xiaoguan.apps.handover.models import Handover, Sheet
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org.actions import leave
from xiaoguan.apps.projects.models import Project
from xiaoguan.kit import access, action, clock, job, undo, worker
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.models import Change

from tests.cast import Cast

pytestmark = pytest.mark.django_db


def book(cast: Cast) -> dict[str, Customer]:
    """What the seller looks after: three customers, a deal and a task with the first, a task of his own, a project."""
    stage = Stage.objects.filter(outcome="open").order_by("position").first()
    made = {
        name: action.create(Customer, {"name": name, "tier": tier, "city": city}, actor=cast.seller)
        for name, tier, city in (("恒岑钢构", "A", "昆山"), ("禾澜设计院", "B", "杭州"), ("宏砺建工", "B", "昆山"))
    }
    first = made["恒岑钢构"]
    deal = action.create(Deal, {"customer": first, "stage": stage, "amount": 900}, actor=cast.seller)
    due = clock.today()
    action.create(Task, {"title": "送样灯", "customer": first, "deal": deal, "due_on": due}, actor=cast.seller)
    action.create(Task, {"title": "写周报", "due_on": due}, actor=cast.seller)
    action.create(Project, {"name": "恒岑智造园"}, actor=cast.seller)
    return made


def run(cast: Cast, rule: Rule) -> Handover:
    row: Handover = moving.start(cast.seller, rule, reason="moves", actor=cast.manager).result
    worker.drain()
    return Handover.objects.get(pk=row.pk)


def owners() -> dict[str, str]:
    return dict(Customer.objects.values_list("name", "owner__username"))


def test_everything_moves_by_the_rule_and_comes_back_as_one(cast: Cast) -> None:
    made = book(cast)
    rule = Rule("tier", cast.peer.pk, {"A": cast.manager.pk}, {made["宏砺建工"].pk: cast.manager.pk})
    assert [(each.value, each.portion.customers, each.person) for each in groups(cast.seller, rule)] == [
        ("B", 2, 0), ("A", 1, cast.manager.pk),
    ]  # fmt: skip
    found = preview(cast.seller, rule)
    assert (found[cast.manager.pk].customers, found[cast.manager.pk].amount, found[cast.peer.pk].customers) == (
        2,
        900,
        1,
    )
    row = run(cast, rule)
    assert row.status == "moved"
    assert owners() == {"恒岑钢构": "manager", "禾澜设计院": "peer", "宏砺建工": "manager"}
    assert Deal.objects.get().owner == cast.manager
    assert dict(Task.objects.values_list("title", "owner__username")) == {"送样灯": "manager", "写周报": "peer"}
    assert Project.objects.get().owner == cast.peer
    assert set(Customer.objects.values_list("credited", flat=True)) == {cast.seller.pk}
    change = Change.objects.get(action="hand_over")
    undo.undo(change, actor=cast.manager)
    assert set(owners().values()) == {"seller"}
    assert set(Task.objects.values_list("owner", flat=True)) == {cast.seller.pk}
    assert not Sheet.objects.filter(deleted_at=None).exists()


def test_three_sign_what_was_handed_over(cast: Cast, client: Client) -> None:
    made = book(cast)
    due = clock.today() - dt.timedelta(days=3)
    signed = {"signed_on": due - dt.timedelta(days=200), "amount": 1000_00}
    planned, plain = (
        action.create(Contract, {"name": name, "customer": made["恒岑钢构"], **signed}, actor=cast.seller)
        for name in ("有计划", "没计划")
    )
    action.create(Instalment, {"contract": planned, "amount": 700_00, "due_on": due}, actor=cast.seller)
    action.create(Instalment, {"contract": planned, "amount": 300_00, "milestone": "accepted"}, actor=cast.seller)
    row = run(cast, Rule("one", cast.peer.pk))
    sheet = Sheet.objects.get()
    assert [(each["rest"], each["late"]) for each in sheet.content["owed"]] == [(700_00, 3), (300_00, 0)]
    assert [each["contract"] for each in sheet.content["receivables"]] == [plain.name]
    assert [each["what"] for each in sheet.content["promises"]] == ["送样灯"]
    assert {each["name"] for each in sheet.content["customers"]} == {"恒岑钢构", "禾澜设计院", "宏砺建工"}
    assert {each["customer"] for each in sheet.content["quiet"]} == {"恒岑钢构", "禾澜设计院", "宏砺建工"}
    told = set(Notice.objects.filter(kind="handover_sign").values_list("person__username", flat=True))
    assert told == {"seller", "peer", "manager"}
    assert access.visible(Handover, cast.again("peer")).exists()
    assert not access.visible(Handover, cast.again("other_seller")).exists()
    client.force_login(cast.peer)
    text = client.get(f"/handovers/{row.pk}/").content.decode()
    assert "送样灯" in text and "有计划" in text and "700.00" in text
    assert client.post(f"/handovers/sheets/{sheet.pk}/sign/").status_code == 302
    with pytest.raises(Refusal) as problem:
        sheets.sign(Sheet.objects.get(), actor=cast.peer)
    assert problem.value.code == "handover.signer"
    sheets.sign(Sheet.objects.get(), actor=cast.seller)
    with clock.at(clock.now() + dt.timedelta(days=3)):
        Notice.objects.update(read_at=clock.now())
        for _twice in range(2):
            job.enqueue("handover.remind")
            worker.drain()
    again = Notice.objects.filter(kind="handover_sign", read_at=None)
    assert list(again.values_list("person__username", flat=True)) == ["manager"]
    sheets.sign(Sheet.objects.get(), actor=cast.manager)
    assert Handover.objects.get().status == "confirmed"
    Sheet.objects.update(content={"count": 0})
    assert not sheets.is_intact(Sheet.objects.get())


def test_who_leaves_is_handed_over_by_his_manager(cast: Cast, client: Client) -> None:
    book(cast)
    month = (clock.today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    for person, amount in ((cast.seller, 1000), (cast.peer, 500)):
        values = {"level": "person", "person": person, "kind": "month", "start": month, "amount": amount}
        action.create(Target, values, actor=cast.director)
    leave(cast.seller, actor=cast.hr, day=clock.today())
    worker.drain()
    assert Notice.objects.get(kind="handover_due").person == cast.manager
    client.force_login(cast.manager)
    assert f"/people/{cast.seller.pk}/hand-over/" in client.get(f"/people/{cast.seller.pk}/").content.decode()
    sent = {"how": "one", "heir": str(cast.peer.pk), "targets": "1"}
    assert "送样灯" not in client.post(f"/people/{cast.seller.pk}/hand-over/", sent).content.decode()
    assert not Handover.objects.exists()
    assert client.post(f"/people/{cast.seller.pk}/hand-over/", {**sent, "apply": "1"}).status_code == 302
    worker.drain()
    assert set(owners().values()) == {"peer"}
    assert dict(Target.objects.filter(deleted_at=None).values_list("person__username", "amount")) == {"peer": 1500}
    sheet = Sheet.objects.get()
    sheets.sign(sheet, actor=cast.manager)  # for himself, and for who is gone
    sheets.sign(Sheet.objects.get(), actor=cast.peer)
    assert Handover.objects.get().status == "confirmed"


def test_who_may_not_hand_over(cast: Cast, client: Client) -> None:
    for actor in (cast.peer, cast.other_manager, cast.hr):
        with pytest.raises(Denied):
            moving.start(cast.seller, Rule("one", cast.peer.pk), reason="moves", actor=actor)
        client.force_login(actor)
        assert client.get(f"/people/{cast.seller.pk}/hand-over/").status_code == 404
    for heir in (0, cast.seller.pk):
        with pytest.raises(Invalid):
            moving.start(cast.seller, Rule("one", heir), reason="moves", actor=cast.manager)
