"""Working with lists: views of one's own and of others, nested filters, bulk changes, cells, the calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import (
    access,
    action,
    bulk,
    clock,
    errors,
    expression,
    guard,
    job,
    keeping,
    memo,
    render,
    undo,
    views,
    wheres,
)  # fmt: skip
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.models import Change, ChangeRow, Feed, Job, SavedView

from tests.cast import Cast
from tests.test_conformance import signed_in

pytestmark = pytest.mark.django_db
DEALS = Entity.of(Deal)


@pytest.fixture
def deals(cast: Cast) -> list[Deal]:
    """Six deals of the seller, growing amounts, in two stages."""
    first, second = Stage.objects.order_by("position")[:2]
    values = [
        {"name": f"Hall {index}", "stage": second if index % 2 else first, "amount": index * 1_000_000, "source": ""}
        for index in range(6)
    ]
    return [action.create(Deal, each, actor=cast.seller) for each in values]


def kept(person: Any, name: str = "Large", *, shared: str = "", state: dict[str, str] | None = None) -> SavedView:
    return keeping.save(DEALS, name, state or {"amount": "2万.."}, actor=person, shared=shared)[0]


def tabs(person: Any) -> list[str]:
    return [str(each.label) for each in views.of(DEALS, person)]


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_page_in_the_order_of_links_is_the_same_however_it_is_found(
    cast: Cast, deals: list[Deal], monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    """Walked along the customers or sorted: of one name by id, those without a customer last."""
    firms = [action.create(Customer, {"name": name}, actor=cast.seller) for name in ("North", "East", "South", "West")]
    Customer.objects.filter(pk=firms[2].pk).update(name="North")
    for number, deal in enumerate(deals[:5]):
        Deal.objects.filter(pk=deal.pk).update(customer=firms[number % 4])

    def pages() -> list[list[int]]:
        asked = [{"sort": f"{sign}customer", "status": "open", "page": str(page)} for page in (1, 2, 3)]
        return [[row.pk for row in Listing(DEALS, cast.seller, one, page_size=2).rows] for one in asked]

    sorted_ones, walked = pages(), []
    walk = Listing._walked
    monkeypatch.setattr("xiaoguan.kit.listing.SORTED", 0)
    monkeypatch.setattr(Listing, "_walked", lambda self, start: walked.append(walk(self, start)) or walked[-1])
    assert pages() == sorted_ones
    assert walked == [*sorted_ones[:2], []]


def test_a_view_is_seen_by_those_it_is_shared_with(cast: Cast) -> None:
    kept(cast.seller, "Private")
    kept(cast.manager, "For tigers", shared="team")
    kept(cast.director, "For everybody", shared="all")
    assert {"Private", "For tigers", "For everybody"} <= set(tabs(cast.seller))
    assert {"For tigers", "For everybody"} <= set(tabs(cast.peer)) and "Private" not in tabs(cast.peer)
    assert "For everybody" in tabs(cast.other_seller)
    assert not {"Private", "For tigers"} & set(tabs(cast.other_seller))
    assert "Private" not in tabs(cast.manager)


def test_a_page_knows_which_tokens_it_will_need(cast: Cast, deals: list[Deal]) -> None:
    """From the second time on they are asked for in one statement; the first time part by part."""
    client, counts = signed_in(cast.seller), []
    memo.forget()
    for _time in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(DEALS.url("detail", deals[0]))
        counts.append(sum(Feed._meta.db_table in query["sql"] for query in asked.captured_queries))
    assert counts[0] > 1 == counts[1]


def test_sharing_with_everybody_needs_the_right(cast: Cast) -> None:
    for person in (cast.seller, cast.manager, cast.auditor):
        with pytest.raises(errors.Invalid):
            kept(person, shared="all")
    assert keeping.sharings(DEALS, cast.director)[-1] == "all"
    assert not SavedView.objects.exists()


def test_a_shared_view_is_changed_and_taken_back_by_its_owner_alone(cast: Cast, deals: list[Deal]) -> None:
    view = kept(cast.manager, shared="team")
    client = signed_in(cast.seller)
    url = DEALS.url("views")
    for verb in ("delete", "change"):
        assert client.post(url, {"_do": f"{verb}:s{view.pk}", "name": "Mine"}).status_code == 404
    assert client.post(DEALS.url("view_save") + "?amount=1", {"_into": f"s{view.pk}"}).status_code == 404
    change = Change.objects.get(entity="kit.savedview")
    assert client.post(reverse("undo", args=[change.pk])).status_code == 404
    view.refresh_from_db()
    assert (view.name, view.deleted_at) == ("Large", None)
    undo.undo(change, actor=cast.manager)
    assert "Large" not in tabs(cast.seller)


def test_tabs_are_ordered_put_away_and_opened_first(cast: Cast, deals: list[Deal]) -> None:
    view = kept(cast.seller)
    client, url = signed_in(cast.seller), DEALS.url("views")

    def run(do: str, **more: Any) -> int:
        return client.post(url, {"_do": do, **more}).status_code

    assert run(f"start:s{view.pk}") == 302
    assert client.get("/deals/").context["listing"].view.code == f"s{view.pk}"
    codes = [each.code for each in views.of(DEALS, cast.seller)]
    assert run(f"up:{codes[1]}") == 302
    assert [each.code for each in views.of(DEALS, cast.seller)][:2] == codes[1::-1]
    assert run("order:", codes=[f"s{view.pk}", "all"]) == 302
    assert [each.code for each in views.of(DEALS, cast.seller)][:2] == [f"s{view.pk}", "all"]
    assert run("hide:stuck") == 302
    assert "stuck" not in [each.code for each in views.of(DEALS, cast.seller)]
    undo.undo(Change.objects.order_by("-pk")[0], actor=cast.seller)
    assert "stuck" in [each.code for each in views.of(DEALS, cast.seller)]
    for code in [each.code for each in views.everyone(DEALS, cast.seller)][1:]:
        run(f"hide:{code}")
    assert client.post(url, {"_do": f"hide:{views.of(DEALS, cast.seller)[0].code}"}).status_code == 422
    assert "stuck" in [each.code for each in views.of(DEALS, cast.peer)]
    assert run("hide:nonsense") == 404


def test_a_changed_view_says_so_and_can_be_saved_or_reset(cast: Cast, deals: list[Deal]) -> None:
    view = kept(cast.seller, state={"amount": "20000..", "group": "stage"})
    client = signed_in(cast.seller)
    page = client.get(f"/deals/?view=s{view.pk}")
    assert not page.context["changed"]
    listing = page.context["listing"]
    changed = client.get("/deals/" + listing.address(status="open"))
    assert changed.context["changed"]
    assert changed.context["own_view"] == view
    ungrouped = client.get("/deals/" + listing.address(group=None))
    assert (ungrouped.context["listing"].by, ungrouped.context["changed"]) == (None, True)
    assert client.post(changed.context["save_url"], {"_into": f"s{view.pk}"}).status_code == 302
    page = client.get(f"/deals/?view=s{view.pk}")
    assert (page.context["changed"], page.context["listing"].params["status"]) == (False, "open")
    twice = client.post(changed.context["save_url"], {"name": "Large"})
    assert twice.status_code == 422


def test_a_view_kept_as_calendar_or_board_opens_there(cast: Cast, deals: list[Deal]) -> None:
    view = kept(cast.seller, state={"status": "open", "mode": "calendar"})
    answer = signed_in(cast.seller).get(f"/deals/?view=s{view.pk}")
    assert answer["Location"].startswith("/deals/calendar/")


def hide_amounts(cast: Cast) -> Any:
    role = Role.objects.get(code="salesperson")
    action.update(role, {"masks": {"opportunities.deal": ["amount"]}}, actor=cast.system)
    return cast.again("seller")


def test_what_is_masked_drops_out_of_a_view_with_a_note(cast: Cast, deals: list[Deal]) -> None:
    nested = "or(amount:20000..;source:none)"
    view = kept(cast.seller, state={"amount": "1..", "where": nested, "cols": "name,amount", "sort": "-amount"})
    seller = hide_amounts(cast)
    listing = Listing(DEALS, seller, {"view": f"s{view.pk}"})
    assert [column.name for column in listing.columns] == ["name"]
    assert [each.raw for each in listing.filters] == ["or(source:none)"]
    assert listing.sort != "-amount"
    assert len(listing.problems) >= 3
    page = signed_in(seller).get(f"/deals/where/?where={nested}").content.decode()
    assert 'value="amount"' not in page


def test_a_linked_record_out_of_sight_answers_no_question(cast: Cast) -> None:
    theirs = action.create(Customer, {"name": "Hidden Works", "tier": "A", "number": "K-77"}, actor=cast.other_seller)
    deal = action.create(Deal, {"name": "Bridge", "stage": Stage.objects.first()}, actor=cast.seller)
    Deal.objects.filter(pk=deal.pk).update(customer=theirs)
    asked = [name for name in wheres.fields(DEALS, cast.seller) if name.startswith("customer__")]
    own = [name for name in DEALS.names("filter") if name.startswith("customer__")]
    beyond = [name for name in asked if name not in own]
    assert beyond
    for name in beyond:
        for raw in ("none", "!none"):
            text = f"{name}:{raw}"
            assert Listing(DEALS, cast.seller, {"where": text}).totals.count == 0, text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "and()",
        "and(amount:1",
        "amount",
        "xor(amount:1)",
        'name:"open',
        "and(a:1)b",
        "not(" * 9 + "a:1" + ")" * 9,
        "and(" + ";".join(["a:1"] * 41) + ")",
        "a:" + "x" * 2001,
        "a:\x00",
    ],
)
def test_nonsense_is_no_expression_and_no_error_page(text: str, cast: Cast) -> None:
    with pytest.raises(expression.Malformed):
        expression.parse(text)
    answer = signed_in(cast.seller).get("/deals/", {"where": text, "view": "all"})
    assert answer.status_code == 200
    assert bool(answer.context["listing"].problems) == bool(text)


def test_the_builder_works_as_a_plain_form(cast: Cast, deals: list[Deal]) -> None:
    client = signed_in(cast.seller)
    sent = {"_k.r": "or", "_n.r-0": "amount", "_m.r-0": "amount", "_o.r-0": "ge", "_v.r-0": "40000"}
    grown = client.get("/deals/where/", {**sent, "status": "open", "_do": "group:r"})
    assert [box.at for box in grown.context["root"].all()] == ["r", "r-0", "r-1", "r-1-0"]
    sent |= {"_k.r-1": "and", "_n.r-1-0": "name", "_m.r-1-0": "name", "_o.r-1-0": "is", "_v.r-1-0": "hall 0"}
    counted = client.get("/deals/where/", {**sent, "status": "open", "_count": "1"})
    assert " 3 " in f" {counted.context['count']}"
    done = client.get("/deals/where/", {**sent, "status": "open", "_apply": "1"})
    listing = client.get(done["Location"]).context["listing"]
    assert listing.params["where"] == "or(amount:40000..;and(name:=hall 0))"
    assert (listing.params["status"], listing.totals.count) == ("open", 3)
    dropped = client.get("/deals/where/", {**sent, "_do": "drop:r-1", "_apply": "1"})
    assert "name" not in dropped["Location"]
    wrong = client.get("/deals/where/", {**sent, "_v.r-0": "many", "_apply": "1"})
    assert (wrong.status_code, len(wrong.context["problems"])) == (200, 1)


def edit_all(client: Client, **values: str) -> Any:
    data = {"all": "1", "_confirmed": "1", "_set": list(values), **values}
    return client.post("/deals/bulk/edit/?view=all", data)


@pytest.fixture
def rule() -> Any:
    """A guard that keeps the largest hall as it is."""

    def check(attempt: guard.Attempt) -> None:
        if any(row.name == "Hall 5" for row in attempt.rows):
            raise errors.Refusal("Not now", "It is being measured.", code="T-1", rule="Measuring")

    guard.register("opportunities.deal.update", code="T-1", label="Measuring")(check)
    yield
    guard.guards["opportunities.deal.update"].pop()


def test_a_bulk_edit_tells_what_changed_and_who_was_refused(cast: Cast, deals: list[Deal], rule: Any) -> None:
    action.update(deals[0], {"competitor": "Nova"}, actor=cast.seller)
    before = Change.objects.count()
    client = signed_in(cast.seller)
    answer = edit_all(client, competitor="Nova")
    page = client.get(answer["Location"])
    outcome = page.context["outcome"]
    assert (outcome.changed, outcome.unchanged, outcome.refusals) == (4, 1, 1)
    assert "Measuring" in page.content.decode()
    assert [row.name for row in client.get(page.context["refused_url"]).context["listing"].rows] == ["Hall 5"]
    assert Change.objects.count() == before + 1
    change = outcome.change
    assert (change.count, ChangeRow.objects.filter(change=change).count()) == (4, 4)
    assert signed_in(cast.manager).get(answer["Location"]).status_code == 404
    assert signed_in(cast.manager).get(page.context["refused_url"]).context["listing"].problems
    assert client.post(page.context["undo_url"]).status_code == 302
    assert Deal.objects.filter(competitor="Nova").count() == 1


def test_many_rows_go_to_a_job_and_are_one_change(cast: Cast, deals: list[Deal], monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    client = signed_in(cast.seller)
    answer = edit_all(client, competitor="Nova")
    row = Job.objects.get(kind=bulk.KIND)
    assert answer["Location"] == f"/deals/done/{row.pk}/"
    waiting = client.get(answer["Location"])
    assert waiting.context["job"].active
    assert (row.total, row.actor) == (6, cast.seller)


def test_masked_fields_and_what_names_a_record_are_not_offered(cast: Cast, deals: list[Deal]) -> None:
    offered = bulk.fields(DEALS, cast.seller)
    assert "amount" in offered
    assert not {"name", "number"} & set(offered)
    seller = hide_amounts(cast)
    assert "amount" not in bulk.fields(DEALS, seller)
    assert edit_all(signed_in(seller), amount="9").status_code == 422
    assert not Deal.objects.filter(amount=900).exists()
    nothing = signed_in(seller).post("/deals/bulk/edit/?view=all", {"all": "1", "_confirmed": "1"})
    assert nothing.status_code == 422


def test_a_cell_shows_what_somebody_else_has_written_meanwhile(cast: Cast, deals: list[Deal]) -> None:
    client, url = signed_in(cast.seller), f"{DEALS.url('cell', deals[1])}?field=amount"
    version = deals[1].version
    action.update(deals[1], {"amount": 7_700_000}, actor=cast.manager)
    answer = client.post(url, {"value": "3", "version": str(version)})
    assert answer.status_code == 422
    said = answer.content.decode()
    assert 'value="3"' in said
    assert str(render.amount(7_700_000)) in said
    deals[1].refresh_from_db()
    assert deals[1].amount == 7_700_000
    assert client.post(url, {"value": "3", "version": str(deals[1].version)}).status_code == 200
    deals[1].refresh_from_db()
    assert deals[1].amount == 300


def test_the_calendar_moves_a_record_and_can_be_undone(cast: Cast, deals: list[Deal]) -> None:
    client, day = signed_in(cast.seller), clock.today() + dt.timedelta(days=3)
    url = DEALS.url("calendar_move", deals[0])
    assert client.post(url, {"value": "soon"}).status_code == 422
    answer = client.post(url, {"value": day.isoformat()}, headers={"hx-request": "true"})
    assert "undo" in answer["HX-Trigger"]
    page = client.get(f"/deals/calendar/?view=all&at={day.isoformat()}")
    assert page.content.decode().count(f'data-record="{deals[0].pk}"') == 1
    assert page.context["undated"] == 5
    assert signed_in(cast.other_seller).post(url, {"value": day.isoformat()}).status_code == 404
    assert signed_in(cast.auditor).post(url, {"value": day.isoformat()}).status_code == 403
    assert client.get("/deals/calendar/?at=nonsense&span=decade").status_code == 200
    assert access.may(cast.seller, "change", deals[0])


@pytest.mark.django_db(transaction=True)
def test_a_job_changes_chunk_by_chunk_and_is_undone_as_one(cast: Cast, deals: list[Deal], monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr(bulk, "CHUNK", 2)
    edit_all(signed_in(cast.seller), competitor="Nova")
    claimed = job.claim(names=[bulk.KIND])
    assert claimed is not None
    job.execute(claimed)
    claimed.refresh_from_db()
    assert (claimed.state, claimed.error, claimed.progress) == ("done", "", 6)
    outcome = bulk.Outcome.of(claimed.result)
    assert (outcome.changed, outcome.change.count) == (6, 6)
    assert Deal.objects.filter(competitor="Nova").count() == 6
    undo.undo(outcome.change, actor=cast.seller)
    assert not Deal.objects.filter(competitor="Nova").exists()
