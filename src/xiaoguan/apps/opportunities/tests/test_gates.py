"""Stage gates: what a deal needs before it goes on is asked once, kept with the move, and refused nowhere else."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest

from xiaoguan.apps.activities.models import State, Task
from xiaoguan.apps.collaboration.models import Attachment
from xiaoguan.apps.customers.models import Contact
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities import actions
from xiaoguan.apps.opportunities.models import Asks, Criterion, Deal, DealParty, Duty, Proof, StageEntry
from xiaoguan.files import keeping
from xiaoguan.kit import action, clock
from xiaoguan.kit.errors import Invalid, Refusal
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.models.own import OwnField
from xiaoguan.kit.own.kinds import Reference
from xiaoguan.kit.undo import undo

from tests.cast import Cast
from tests.test_conformance_api import Api
from tests.world import client_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def criterion(cast: Cast, stage: str, asks: str, **values: object) -> Criterion:
    return action.create(Criterion, {"stage": company.stage(stage), "asks": asks, **values}, actor=cast.director)


def test_a_dragged_card_asks_for_what_is_missing_and_saves_it_with_the_move(cast: Cast) -> None:
    deal, client = company.deal(cast.seller, stage_code="needs"), client_of(cast.seller)
    url, to = f"/deals/{deal.pk}/do/move/", company.stage("solution")
    asked = client.post(url, {"to": to.pk}, headers=HTMX)
    page = asked.content.decode()
    assert asked.status_code == 200 and asked["HX-Retarget"] == "#dialogs"
    assert 'name="amount"' in page and 'name="expected_on"' in page and "field-error" not in page
    sent = {"_form": "1", "to": to.pk, "amount": "12万", "expected_on": ""}
    assert client.post(url, sent, headers=HTMX).status_code == 422
    before = Change.objects.count()
    assert client.post(url, sent | {"expected_on": "2026-12-24"}, headers=HTMX).status_code == 200
    now = company.again(deal)
    assert (now.stage.code, now.amount, now.expected_on) == ("solution", 12_000_000, dt.date(2026, 12, 24))
    assert Change.objects.count() == before + 1
    undo(Change.objects.latest("pk"), actor=cast.seller)
    now = company.again(deal)
    assert (now.stage.code, now.amount, now.expected_on) == ("needs", None, None)


def test_what_lies_between_counts_and_a_signature_needs_no_expected_day(cast: Cast) -> None:
    deal = company.deal(cast.seller)
    with pytest.raises(Invalid) as problem:
        actions.move(company.again(deal), actor=cast.seller, to=company.stage("contracting"))
    assert set(problem.value.errors) == {"amount", "expected_on"}
    with pytest.raises(Invalid) as problem:
        actions.win(company.again(deal), actor=cast.seller)
    assert set(problem.value.errors) == {"amount"}
    actions.win(company.again(deal), actor=cast.seller, amount=100)
    assert (company.again(deal).status, company.again(deal).amount) == ("won", 100)


def test_a_form_that_fills_it_in_passes_and_one_that_does_not_says_so(cast: Cast) -> None:
    deal, to = company.deal(cast.seller, stage_code="needs"), company.stage("solution")
    with pytest.raises(Invalid) as problem:
        action.update(company.again(deal), {"stage": to}, actor=cast.seller)
    assert set(problem.value.errors) == {"amount", "expected_on"}
    action.update(company.again(deal), {"stage": to, "amount": 1, "expected_on": clock.today()}, actor=cast.seller)
    assert company.again(deal).stage_id == to.pk


def test_what_no_dialog_can_answer_is_refused_with_every_way_out(cast: Cast) -> None:
    criterion(cast, "prospecting", Asks.CONTACTS, count=2)
    criterion(cast, "prospecting", Asks.PRODUCTS)
    criterion(cast, "prospecting", Asks.CONTRACT)
    customer = company.customer(cast.seller)
    deal = company.deal(cast.seller, customer=customer)
    with pytest.raises(Refusal) as problem:
        actions.move(company.again(deal), actor=cast.seller, to=company.stage("needs"))
    assert len(problem.value.ways_out) == 3 and all(way.url for way in problem.value.ways_out)
    people = [{"name": name, "customer": customer} for name in ("Ma Jun", "Lu Yi")]
    action.create(Contact, people, actor=cast.seller)
    with pytest.raises(Refusal) as problem:
        actions.move(company.again(deal), actor=cast.seller, to=company.stage("needs"))
    assert len(problem.value.ways_out) == 2
    lost = actions.lose(company.again(deal), actor=cast.seller, loss_reason=company.reason())
    assert lost.change is not None  # giving up needs nothing but a reason


def test_who_decides_is_chosen_for_this_deal_alone(cast: Cast) -> None:
    asked = criterion(cast, "prospecting", Asks.DECIDER)
    customer = company.customer(cast.seller)
    person = action.create(Contact, {"name": "Ma Jun", "customer": customer}, actor=cast.seller)
    deal = company.deal(cast.seller, customer=customer)
    with pytest.raises(Invalid):
        actions.move(company.again(deal), actor=cast.seller, to=company.stage("needs"))
    named = {f"criterion_{asked.pk}": person}
    actions.move(company.again(deal), actor=cast.seller, to=company.stage("needs"), **named)
    party = DealParty.objects.get()
    assert (party.deal_id, party.name, party.role) == (deal.pk, customer.name, "decides")
    assert company.again(person).role == ""


def test_a_file_and_a_confirmation_are_kept_with_who_and_when(cast: Cast) -> None:
    drawing = criterion(cast, "prospecting", Asks.FILE, name="Site plan")
    word = criterion(cast, "prospecting", Asks.CONFIRMED, name="Need confirmed")
    deal = company.deal(cast.seller)
    kept = keeping.keep(BytesIO(b"Lamps: 40\n"), "plan.txt", cast.seller)
    foreign = keeping.keep(BytesIO(b"Secret\n"), "other.txt", cast.other_seller)
    values = {f"criterion_{drawing.pk}": Reference(foreign.pk, foreign.name), f"criterion_{word.pk}": "Ma Jun"}
    with pytest.raises(Invalid):
        actions.move(company.again(deal), actor=cast.seller, to=company.stage("needs"), **values)
    assert not Proof.objects.exists()
    values[f"criterion_{drawing.pk}"] = Reference(kept.pk, kept.name)
    done = actions.move(company.again(deal), actor=cast.seller, to=company.stage("needs"), **values)
    said = Proof.objects.get(criterion=word)
    assert (said.said_by, said.on, said.owner) == ("Ma Jun", clock.today(), cast.seller)
    assert Attachment.objects.get(about="opportunities.deal", object_id=deal.pk).file_id == kept.pk
    page = client_of(cast.seller).get(f"/deals/{deal.pk}/").content.decode()
    assert "Ma Jun" in page and "Site plan" in page
    undo(done.change, actor=cast.seller)
    assert not Proof.objects.filter(deleted_at__isnull=True).exists()
    assert not Attachment.objects.filter(deleted_at__isnull=True).exists()


def test_the_way_back_and_over_a_stage_is_ruled(cast: Cast) -> None:
    needs, solution = company.stage("needs"), company.stage("solution")
    deal = company.deal(cast.seller, stage_code="solution", amount=1, expected_on=clock.today())
    may_back = {"nobody": (), "manager": (cast.manager,), "owner": (cast.seller,)}
    for back, allowed in may_back.items():
        action.update(company.again(solution), {"back": back}, actor=cast.director)
        for actor in (cast.manager, cast.seller):
            if actor in allowed:
                undo(actions.move(company.again(deal), actor=actor, to=needs).change, actor=actor)
                continue
            with pytest.raises(Refusal) as problem:
                actions.move(company.again(deal), actor=actor, to=needs)
            assert problem.value.code == "stage.back"
    mine = [str(cast.manager.roles.get().pk)]
    action.update(company.again(solution), {"back": "roles", "back_roles": mine}, actor=cast.director)
    with pytest.raises(Refusal) as problem:
        actions.move(company.again(deal), actor=cast.seller, to=needs)
    assert str(cast.manager.roles.get()) in str(problem.value.cause)
    undo(actions.move(company.again(deal), actor=cast.manager, to=needs).change, actor=cast.manager)
    with pytest.raises(Invalid):
        action.update(company.again(solution), {"back": "roles", "back_roles": None}, actor=cast.director)
    action.update(company.again(solution), {"skippable": False}, actor=cast.director)
    hurried = company.deal(cast.seller, stage_code="needs", amount=1, expected_on=clock.today())
    with pytest.raises(Refusal) as problem:
        actions.win(company.again(hurried), actor=cast.seller)
    assert problem.value.code == "stage.skipped"
    actions.win(company.again(deal), actor=cast.seller)  # it has been there


def test_standard_actions_become_tasks_once_and_are_done_before_the_stage_is_left(cast: Cast) -> None:
    values = {"title": "Measure the site", "manner": "visit", "hours": 6, "required": True}
    duty = action.create(Duty, {"stage": company.stage("needs"), **values}, actor=cast.director)
    boss = {"stage": company.stage("needs"), "title": "Look at it", "doer": "manager", "hours": 48}
    action.create(Duty, boss, actor=cast.director)
    deal = company.deal(cast.seller, amount=1, expected_on=clock.today())
    with clock.at(dt.datetime(2026, 11, 18, 2, 0, tzinfo=dt.UTC)):
        actions.move(company.again(deal), actor=cast.seller, to=company.stage("needs"))
    task = Task.objects.get(duty=duty)
    assert (task.deal_id, task.owner_id, task.kind, task.due_on) == (
        deal.pk, cast.seller.pk, "visit", dt.date(2026, 11, 18),
    )  # fmt: skip
    assert Task.objects.get(title="Look at it").owner_id == cast.manager.pk
    actions.move(company.again(deal), actor=cast.seller, to=company.stage("prospecting"))
    actions.move(company.again(deal), actor=cast.seller, to=company.stage("needs"))
    assert Task.objects.filter(duty__isnull=False).count() == 2
    with pytest.raises(Invalid):
        actions.move(company.again(deal), actor=cast.seller, to=company.stage("solution"))
    done = {f"done_{duty.pk}": "done"}
    actions.move(company.again(deal), actor=cast.seller, to=company.stage("solution"), **done)
    assert company.again(task).state == State.DONE


def test_a_board_of_one_person_marks_a_stage_with_too_many_deals(cast: Cast) -> None:
    action.update(company.stage("needs"), {"limit": 1}, actor=cast.director)
    for name in ("One", "Two"):
        company.deal(cast.seller, stage_code="needs", name=name)
    client = client_of(cast.seller)
    assert "tag-amber" in client.get("/deals/board/?owner=me").content.decode()
    assert "tag-amber" not in client.get("/deals/board/?view=all").content.decode()


def test_what_files_and_the_demonstration_bring_is_asked_nothing(cast: Cast) -> None:
    action.create(Duty, {"stage": company.stage("needs"), "title": "Call", "hours": 4}, actor=cast.director)
    for source in ("import", "demo"):
        row = action.create(Deal, {"name": source, "stage": company.stage("needs")}, actor=cast.seller, source=source)
        action.update(row, {"stage": company.stage("contracting")}, actor=cast.seller, source=source)
    assert StageEntry.objects.filter(stage=company.stage("contracting")).count() == 2
    assert not Task.objects.exists()


def test_the_api_is_told_what_is_missing_and_takes_it_in_the_same_call(cast: Cast) -> None:
    api = Api(cast.seller)
    deal, to = company.deal(cast.seller, stage_code="needs"), company.stage("solution").pk
    where = f"deals/{deal.pk}/actions/move"
    refused = api.ask("POST", where, {"to": to})
    assert refused.status_code == 422
    assert {each["field"] for each in refused.json()["errors"]} == {"amount", "expected_on"}
    moved = api.ask("POST", where, {"to": to, "amount": 88_00, "expected_on": "2026-12-24"})
    assert moved.status_code == 200 and moved.json()["amount"] == 88_00


def test_a_field_of_the_companys_own_is_asked_for_like_any_other(cast: Cast) -> None:
    for code, kind, more in (("roof", "money", {}), ("grade", "choice", {"choices": [{"code": "a", "label": "A"}]})):
        values = {"record": "opportunities.deal", "code": code, "label": code.title(), "kind": kind, **more}
        action.create(OwnField, values, actor=cast.administrator)
        criterion(cast, "prospecting", Asks.FIELD, field=f"extra__c_{code}")
    with pytest.raises(Invalid):
        criterion(cast, "prospecting", Asks.FIELD, field="extra__c_none")
    deal, client, to = company.deal(cast.seller), client_of(cast.seller), company.stage("needs")
    url = f"/deals/{deal.pk}/do/move/"
    page = client.post(url, {"to": to.pk}, headers=HTMX).content.decode()
    assert 'name="extra__c_roof"' in page and 'name="extra__c_grade"' in page
    sent = {"_form": "1", "to": to.pk, "extra__c_roof": "12万", "extra__c_grade": "a"}
    assert client.post(url, sent, headers=HTMX).status_code == 200
    now = company.again(deal)
    assert (now.stage_id, now.extra["c_roof"], now.extra["c_grade"]) == (to.pk, 12_000_000, "a")


def test_proofs_are_handed_in_before_the_move_and_read_by_programs(cast: Cast) -> None:
    drawing = criterion(cast, "prospecting", Asks.FILE, name="Site plan")
    word = criterion(cast, "needs", Asks.CONFIRMED, name="Need confirmed")
    deal, api = company.deal(cast.seller), Api(cast.seller)
    kept = keeping.keep(BytesIO(b"Lamps: 40\n"), "plan.txt", cast.seller)
    where = f"deals/{deal.pk}/actions/hand_in"
    assert api.ask("POST", where, {"criterion": str(word.pk), "said_by": "Ma Jun"}).status_code == 422
    assert api.ask("POST", where, {"criterion": str(drawing.pk)}).status_code == 422
    done = api.ask("POST", where, {"criterion": str(drawing.pk), "file": str(kept.pk)})
    assert done.status_code == 200, done.content
    found = api.ask("GET", f"deals/{deal.pk}/proofs").json()
    assert [(each["criterion"], each["met"]) for each in found["asked"]] == [(drawing.pk, True), (word.pk, False)]
    assert found["data"][0]["file"] == str(kept.pk)
    assert Api(cast.other_seller).ask("GET", f"deals/{deal.pk}/proofs").status_code == 404
    actions.move(company.again(deal), actor=cast.seller, to=company.stage("needs"))
