"""Verbs, bulk, deleting, undo, history and the board, as pages made from an entity."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, override

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, LossReason, Stage, StageEntry
from xiaoguan.kit import access, action, guard, history, memo, timeline, undo
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Refusal, WayOut
from xiaoguan.kit.models import Change

from tests.cast import Cast

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def seller(cast: Cast) -> Client:
    return signed_in(cast.seller)


@pytest.fixture
def stages(cast: Cast) -> dict[str, Stage]:
    return {stage.code: stage for stage in Stage.objects.all()}


@pytest.fixture
def deal(cast: Cast, stages: dict[str, Stage]) -> Deal:
    return action.create(Deal, {"name": "Hall", "stage": stages["prospecting"], "amount": 1_000_000}, actor=cast.seller)


# Verbs --------------------------------------------------------------------------------------------------------------


def test_a_verb_asks_what_it_needs_as_a_page_and_as_a_dialog(seller: Client, deal: Deal) -> None:
    page = seller.get(f"/deals/{deal.pk}/do/lose/")
    assert b"<html" in page.content
    dialog = seller.get(f"/deals/{deal.pk}/do/lose/", headers=HTMX)
    assert dialog["HX-Retarget"] == "#dialogs"
    assert dialog.content.lstrip().startswith(b"<dialog")
    assert b'name="loss_reason"' in dialog.content
    assert seller.get(f"/deals/{deal.pk}/do/nothing/").status_code == 404


def test_a_drag_moves_at_once_and_offers_undo(seller: Client, deal: Deal, stages: dict[str, Stage]) -> None:
    answer = seller.post(f"/deals/{deal.pk}/do/move/", {"to": stages["needs"].pk}, headers=HTMX)
    assert answer.status_code == 204
    assert "HX-Retarget" not in answer
    toast = json.loads(answer["HX-Trigger"])["toast"]
    assert toast["undo"].startswith("/undo/")
    with override("en"):
        assert "Hall" in toast["text"]
    back = seller.post(toast["undo"], headers=HTMX)
    assert back.status_code == 204
    deal.refresh_from_db()
    assert deal.stage == stages["prospecting"]
    open_entries = StageEntry.objects.filter(deal=deal, left_on__isnull=True, deleted_at__isnull=True)
    assert [entry.stage for entry in open_entries] == [stages["prospecting"]]


def test_a_drag_that_needs_more_opens_a_dialog(seller: Client, deal: Deal) -> None:
    answer = seller.post(f"/deals/{deal.pk}/do/move/", {}, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#dialogs")
    assert Change.objects.filter(action="move").count() == 0


def test_a_refused_value_comes_back_beside_its_field(seller: Client, deal: Deal, stages: dict[str, Stage]) -> None:
    data = {"_form": "1", "_version": "1", "to": stages["lost"].pk, "competitor": "Bright and dear", "loss_reason": ""}
    answer = seller.post(f"/deals/{deal.pk}/do/move/", data, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#dialogs")
    assert b"Bright and dear" in answer.content
    assert b'id="id_loss_reason_error"' in answer.content
    assert Deal.objects.get().stage == stages["prospecting"]


def test_a_verb_by_a_plain_form(seller: Client, deal: Deal, stages: dict[str, Stage]) -> None:
    reason = LossReason.objects.first()
    answer = seller.post(f"/deals/{deal.pk}/do/lose/", {"_form": "1", "_version": "1", "loss_reason": reason.pk})
    assert answer.status_code == 302
    deal.refresh_from_db()
    assert (deal.status, deal.loss_reason) == ("lost", reason)
    missing = seller.post(f"/deals/{deal.pk}/do/transfer/", {"_form": "1", "to": ""})
    assert missing.status_code in (403, 422)


def test_the_same_form_of_a_verb_sent_twice_is_done_once(seller: Client, cast: Cast) -> None:
    customer = action.create(Customer, {"name": "Harbour Steel"}, actor=cast.seller)
    url = f"/customers/{customer.pk}/do/log/"
    page = seller.get(url)
    data = {item.name: item.raw for item in page.context["form"].inputs}
    data |= {"_form": "1", "_key": str(page.context["key"]), "_version": str(customer.version)}
    data |= {name: "Called about the drawings" for name in ("subject", "body", "note") if name in data}
    refused = seller.post(url, data | {"_version": "99"})
    assert refused.status_code == 409
    for _index in range(2):
        assert seller.post(url, data).status_code == 302
    assert FollowUp.objects.filter(customer=customer).count() == 1


def test_a_verb_that_is_not_offered_to_the_actor_is_denied(cast: Cast, deal: Deal) -> None:
    assert signed_in(cast.auditor).post(f"/deals/{deal.pk}/do/win/", {"_form": "1"}).status_code == 403
    assert signed_in(cast.other_seller).post(f"/deals/{deal.pk}/do/win/", {"_form": "1"}).status_code == 404
    assert Deal.objects.get().status == "open"


def test_a_refusal_names_the_rule_and_the_ways_out(
    seller: Client, deal: Deal, stages: dict[str, Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "guards", {})

    @guard.register("opportunities.deal.move", code="gate", label="gate")
    def gate(attempt: guard.Attempt) -> None:
        ways = [WayOut("Ask Lin Qing", "/deals/", "usually within two hours")]
        raise Refusal("Not yet", "The drawing is missing.", code="STAGE-GATE", rule="Clause 3", ways_out=ways)

    page = seller.post(f"/deals/{deal.pk}/do/move/", {"to": stages["needs"].pk})
    assert page.status_code == 409
    for words in (b"Not yet", b"The drawing is missing.", b"Clause 3", b"STAGE-GATE", b"Ask Lin Qing"):
        assert words in page.content
    card = seller.post(f"/deals/{deal.pk}/do/move/", {"to": stages["needs"].pk}, headers=HTMX)
    assert (card.status_code, card["HX-Retarget"]) == (409, "#dialogs")
    assert card.content.lstrip().startswith(b"<dialog")
    assert Deal.objects.get().stage == stages["prospecting"]


# Bulk ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(cast: Cast, stages: dict[str, Stage]) -> list[Deal]:
    values = {"stage": stages["prospecting"], "amount": 100}
    return [action.create(Deal, {**values, "name": f"Hall {n}"}, actor=cast.seller) for n in range(4)]


def test_bulk_asks_first_and_then_is_one_change(seller: Client, many: list[Deal], stages: dict[str, Stage]) -> None:
    ids = [deal.pk for deal in many[:3]]
    asked = seller.post("/deals/bulk/move/?view=mine", {"ids": ids})
    assert asked.context["n"] == 3
    assert not Change.objects.filter(action="move").exists()
    data = {"ids": ids, "_confirmed": "1", "to": stages["needs"].pk}
    assert seller.post("/deals/bulk/move/?view=mine", data).status_code == 302
    change = Change.objects.get(action="move")
    assert change.count == 3
    assert seller.post(f"/undo/{change.pk}/").status_code == 302
    assert set(Deal.objects.values_list("stage__code", flat=True)) == {"prospecting"}


def test_bulk_on_all_that_match(seller: Client, many: list[Deal]) -> None:
    data = {"all": "1", "_confirmed": "1"}
    assert seller.post("/deals/bulk/delete/?name=Hall+1", data).status_code == 302
    assert Deal.objects.filter(deleted_at__isnull=True).count() == 3
    assert seller.post("/deals/bulk/delete/?nonsense=1", data).status_code == 422
    assert Deal.objects.filter(deleted_at__isnull=True).count() == 3


def test_bulk_leaves_out_what_the_actor_may_not_touch(cast: Cast, many: list[Deal], stages: dict[str, Stage]) -> None:
    theirs = action.create(Deal, {"name": "Other", "stage": stages["prospecting"]}, actor=cast.other_seller)
    data = {"ids": [many[0].pk, theirs.pk], "_confirmed": "1"}
    assert signed_in(cast.seller).post("/deals/bulk/delete/", data).status_code == 302
    theirs.refresh_from_db()
    assert theirs.deleted_at is None
    assert signed_in(cast.seller).post("/deals/bulk/delete/", {"ids": [theirs.pk]}).status_code == 422


def test_bulk_with_a_wrong_argument_says_so(seller: Client, many: list[Deal]) -> None:
    data = {"ids": [many[0].pk], "_confirmed": "1", "to": "999999"}
    answer = seller.post("/deals/bulk/move/", data)
    assert answer.status_code == 422
    assert any(item.errors for item in answer.context["inputs"])


# Deleting and undoing -----------------------------------------------------------------------------------------------


def test_the_recycle_bin_brings_back(seller: Client, cast: Cast, deal: Deal) -> None:
    assert seller.post(f"/deals/{deal.pk}/delete/").status_code == 302
    assert seller.get(f"/deals/{deal.pk}/").status_code == 404
    assert [title for _row, title in seller.get("/deals/bin/").context["rows"]] == ["Hall"]
    assert signed_in(cast.other_seller).get("/deals/bin/").context["rows"] == []
    assert signed_in(cast.other_seller).post(f"/deals/{deal.pk}/restore/").status_code == 404
    assert seller.post(f"/deals/{deal.pk}/restore/").status_code == 302
    assert seller.get(f"/deals/{deal.pk}/").status_code == 200


def test_undo_of_a_creation_removes_and_can_itself_be_undone(seller: Client, deal: Deal) -> None:
    created = Change.objects.get(action="create", entity="opportunities.deal")
    assert seller.post(f"/undo/{created.pk}/").status_code == 302
    assert seller.get(f"/deals/{deal.pk}/").status_code == 404
    reverse = Change.objects.get(reverses=created)
    assert seller.post(f"/undo/{reverse.pk}/").status_code == 302
    assert seller.get(f"/deals/{deal.pk}/").status_code == 200


def test_undo_twice_is_refused(seller: Client, deal: Deal, cast: Cast) -> None:
    done = action.update(deal, {"amount": 5}, actor=cast.seller)
    assert seller.post(f"/undo/{done.change.pk}/").status_code == 302
    assert seller.post(f"/undo/{done.change.pk}/").status_code == 409


def test_undo_after_another_change_shows_that_change(seller: Client, cast: Cast, deal: Deal) -> None:
    first = action.update(Deal.objects.get(), {"amount": 500_000}, actor=cast.seller)
    action.update(Deal.objects.get(), {"competitor": "Bright & Sons"}, actor=cast.manager)
    answer = seller.post(f"/undo/{first.change.pk}/")
    assert answer.status_code == 409
    assert str(cast.manager).encode() in answer.content
    assert b"Bright &amp; Sons" in answer.content
    assert Deal.objects.get().amount == 500_000


def test_undo_needs_the_rights_of_what_it_does(cast: Cast, deal: Deal) -> None:
    done = action.update(Deal.objects.get(), {"amount": 5}, actor=cast.seller)
    with pytest.raises(Http404):
        undo.undo(done.change, actor=cast.again("other_seller"))
    with pytest.raises(Denied):
        undo.undo(done.change, actor=cast.again("auditor"))
    assert undo.undo(done.change, actor=cast.again("manager")).change.reverses == done.change
    assert Deal.objects.get().amount == 1_000_000


def test_undo_of_what_is_final_is_refused(cast: Cast, deal: Deal) -> None:
    done = action.update(Deal.objects.get(), {"amount": 5}, actor=cast.seller)
    Change.objects.filter(pk=done.change.pk).update(undoable=False)
    with pytest.raises(Refusal):
        undo.undo(Change.objects.get(pk=done.change.pk), actor=cast.seller)


def test_undo_puts_every_kind_of_value_back(cast: Cast, deal: Deal, stages: dict[str, Stage]) -> None:
    customer = action.create(Customer, {"name": "Harbour Steel"}, actor=cast.seller)
    before = Deal.objects.values().get()
    values = {"customer": customer, "amount": None, "expected_on": "2027-01-15", "probability": 77_000, "note": "n"}
    row = Deal.objects.get()
    values["expected_on"] = Deal._meta.get_field("expected_on").to_python("2027-01-15")
    done = action.update(row, values, actor=cast.seller)
    undo.undo(done.change, actor=cast.seller)
    after = Deal.objects.values().get()
    moved = {"version", "updated_at"}
    assert {k: v for k, v in after.items() if k not in moved} == {k: v for k, v in before.items() if k not in moved}


# History ------------------------------------------------------------------------------------------------------------


def test_history_speaks_in_words(cast: Cast, deal: Deal, stages: dict[str, Stage]) -> None:
    action.update(Deal.objects.get(), {"amount": 26_800_000, "stage": stages["needs"]}, actor=cast.manager)
    with override("en"):
        items = list(history.entries(Deal, [deal.pk], cast.seller, 10, None))
        assert [str(item.title) for item in items] == ["Changed", "Created"]
        said = history.plain(items[0].body)
        assert "Prospecting" in said
        assert "Needs analysis" in said
        assert "268.0" in said
    assert items[0].person == cast.manager


def test_history_hides_masked_fields_and_what_machines_keep(cast: Cast, deal: Deal, monkeypatch: Any) -> None:
    action.update(Deal.objects.get(), {"amount": 5}, actor=cast.seller)
    monkeypatch.setattr(access, "masked", lambda actor, model: frozenset({"amount"}))
    items = list(history.entries(Deal, [deal.pk], cast.seller, 10, None))
    assert all("amount" not in str(item.body).lower() for item in items)
    assert len(items) == 1


def test_history_does_not_name_a_linked_record_out_of_sight(cast: Cast, deal: Deal) -> None:
    customer = action.create(Customer, {"name": "Whispering Pines"}, actor=cast.other_seller)
    action.update(Deal.objects.get(), {"customer": customer}, actor=cast.director)
    items = list(history.entries(Deal, [deal.pk], cast.seller, 10, None))
    assert "Whispering" not in str(items[0].body)
    assert gettext("not visible to you") in str(items[0].body)


def test_the_timeline_pages_through_changes_without_gap(cast: Cast, deal: Deal) -> None:
    for amount in range(7):
        action.update(Deal.objects.get(), {"amount": amount}, actor=cast.seller)
    seen, cursor = [], None
    while True:
        page = timeline.read(deal, cast.seller, limit=3, before=cursor, kinds=["change"])
        seen += [item.key for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 8


# Board --------------------------------------------------------------------------------------------------------------


def test_the_board_counts_all_and_shows_the_most_urgent(seller: Client, cast: Cast, stages: dict[str, Stage]) -> None:
    deals = [
        action.create(Deal, {"name": f"Hall {n:02}", "stage": stages["needs"], "amount": 1_000_000}, actor=cast.seller)
        for n in range(20)
    ]
    today = deals[0].opened_on
    Deal.objects.filter(pk=deals[13].pk).update(next_due=today)
    page = seller.get("/deals/board/?view=mine").content.decode()
    column = page.split(f'data-stage="{stages["needs"].pk}"')[1].split("</section>")[0]
    assert '<span class="count">20</span>' in column
    assert column.count('class="board-card"') == 15
    assert column.index("Hall 13") == min(column.index(f"Hall {n}") for n in (13, 19, 18))
    more = seller.get(f"/deals/board/more/?view=mine&_column={stages['needs'].pk}&_start=15").content.decode()
    assert more.count('class="board-card"') == 5
    shown = {n for n in range(20) if f"Hall {n:02}" in column} | {n for n in range(20) if f"Hall {n:02}" in more}
    assert shown == set(range(20))


def test_the_board_costs_the_same_queries_however_many_cards(
    seller: Client, cast: Cast, stages: dict[str, Stage]
) -> None:
    def queries() -> int:
        memo.forget()
        with CaptureQueriesContext(connection) as found:
            assert seller.get("/deals/board/?view=mine").status_code == 200
        return len(found)

    action.create(Deal, {"name": "Hall", "stage": stages["needs"]}, actor=cast.seller)
    one = queries()
    for n in range(12):
        action.create(Deal, {"name": f"Hall {n}", "stage": stages["needs"]}, actor=cast.seller)
    assert queries() == one <= 20


def test_a_stranger_to_the_board_finds_nothing(cast: Cast, deal: Deal) -> None:
    assert b"Hall" not in signed_in(cast.other_seller).get("/deals/board/?view=all").content
    assert signed_in(cast.outsider).get("/deals/board/").status_code == 404
    assert signed_in(cast.outsider).get("/deals/board/more/?_column=1").status_code == 404
    assert signed_in(cast.seller).get("/customers/board/").status_code == 404
    assert Entity.of(Customer).board == ""
