"""Lists made from an entity: filters, chips, order, columns, sums, pages, what a bad address does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.kit import action, clock, filters, views
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing

from tests.cast import Cast

pytestmark = pytest.mark.django_db
DEALS = Entity.of(Deal)


@pytest.fixture
def deals(cast: Cast) -> list[Deal]:
    """Five deals of the seller and two of his peer, one customer, growing amounts, one without an amount."""
    customer = action.create(Customer, {"name": "Harbour Steel", "tier": "A"}, actor=cast.seller)
    first, second = Stage.objects.order_by("position")[:2]
    today = clock.today()
    made = []
    for index in range(5):
        values = {
            "name": f"Hall {index}",
            "customer": customer if index else None,
            "stage": second if index % 2 else first,
            "amount": index * 1_000_000 if index else None,
            "expected_on": today + dt.timedelta(days=10 * index),
        }
        made.append(action.create(Deal, values, actor=cast.seller))
    for index in range(2):
        values = {"name": f"Bridge {index}", "stage": first, "amount": 5_000_000}
        made.append(action.create(Deal, values, actor=cast.peer))
    return made


def names(listing: Listing) -> list[str]:
    return [row.name for row in listing.rows]


def listed(person: Any, **params: str) -> Listing:
    return Listing(DEALS, person, {"cols": "name,customer,amount,expected_on", **params})


def test_a_seeded_row_shows_its_built_in_name_until_it_has_its_own(cast: Cast) -> None:
    Stage.objects.filter(code="needs").update(name="First <visit>")
    client = Client()
    client.force_login(cast.administrator)
    answer = client.get("/stages/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "客户开发" in answer
    assert "First &lt;visit&gt;" in answer
    assert "需求分析" not in answer


def test_filters_narrow_and_say_what_they_are(deals: list[Deal], cast: Cast) -> None:
    listing = listed(cast.seller, amount="1..3万", sort="amount")
    assert names(listing) == ["Hall 1", "Hall 2", "Hall 3"]
    assert [filters.words(each, cast.seller) for each in listing.filters] == ["1 – 3万"]
    assert listing.totals.sums["amount"] == 6_000_000


def test_the_words_of_people_and_days(deals: list[Deal], cast: Cast) -> None:
    mine = listed(cast.manager, owner="me")
    assert (names(mine), filters.words(mine.filters[0], cast.manager)) == ([], gettext("is me"))
    assert len(names(listed(cast.manager, owner="team"))) == 7
    today = clock.today()
    assert names(listed(cast.seller, expected_on="today")) == ["Hall 0"]
    assert (
        len(names(listed(cast.seller, expected_on=f"{today:%Y-%m-%d}..{today + dt.timedelta(days=20):%Y-%m-%d}"))) == 3
    )
    assert names(listed(cast.seller, expected_on="none")) == []


def test_several_values_and_their_opposite(deals: list[Deal], cast: Cast) -> None:
    first, second = Stage.objects.order_by("position")[:2]
    assert len(names(listed(cast.seller, stage=f"{first.pk},{second.pk}"))) == 5
    assert names(listed(cast.seller, stage=f"!{first.pk}", sort="name")) == ["Hall 1", "Hall 3"]
    assert names(listed(cast.seller, customer="none")) == ["Hall 0"]


@pytest.mark.parametrize(
    "params",
    [
        {"nonsense": "1"},
        {"amount": "a lot"},
        {"amount": "9" * 40},
        {"expected_on": "2026-13-45"},
        {"stage": "x"},
        {"stage": "9" * 30},
        {"customer": "1;drop"},
        {"owner": "me,nobody"},
        {"status": "sleeping"},
        {"name": "a\x00b"},
        {"sort": "nothing"},
        {"cols": "nothing"},
        {"view": "nothing"},
        {"is": "nothing"},
        {"created_at": "yesterday-ish"},
        {"password": "x"},
        {"owner__password": "x"},
    ],
)
def test_a_bad_parameter_is_told_and_left_out(params: dict[str, str], deals: list[Deal], cast: Cast) -> None:
    client = Client()
    client.force_login(cast.seller)
    response = client.get("/deals/", params)
    assert response.status_code == 200
    assert response.context["problems"]
    assert client.get("/deals/export/", params).status_code == 422
    assert client.get("/deals/board/", params).status_code == 200


@pytest.mark.parametrize("page", ["0", "-3", "99999999999999", "x", "2.5", ""])
def test_a_page_beyond_the_end_is_the_last_one(page: str, deals: list[Deal], cast: Cast) -> None:
    assert len(listed(cast.seller, view="all", page=page).rows) == 5


@pytest.mark.parametrize("sort", ["amount", "-amount", "customer", "-customer"])
def test_pages_cut_without_gap_or_overlap(deals: list[Deal], cast: Cast, sort: str) -> None:
    """Whether a page has only rows with a value, some, or none."""
    seen = []
    for page in "123":
        listing = Listing(DEALS, cast.manager, {"view": "all", "sort": sort, "page": page}, page_size=3)
        assert listing.pages == 3
        seen += [row.pk for row in listing.rows]
    whole = Listing(DEALS, cast.manager, {"view": "all", "sort": sort})
    assert seen == [row.pk for row in whole.rows]
    assert sorted(seen) == sorted(deal.pk for deal in deals)


def test_order_puts_empty_values_last_in_both_directions(deals: list[Deal], cast: Cast) -> None:
    assert names(listed(cast.seller, sort="amount"))[-1] == "Hall 0"
    assert names(listed(cast.seller, sort="-amount"))[-1] == "Hall 0"
    assert names(listed(cast.seller, sort="customer"))[-1] == "Hall 0"
    assert names(listed(cast.seller, sort="-customer"))[-1] == "Hall 0"


def test_totals_follow_every_write(deals: list[Deal], cast: Cast) -> None:
    assert listed(cast.seller).totals.count == 5
    action.update(deals[1], {"amount": 1}, actor=cast.seller)
    action.remove(deals[2], actor=cast.seller)
    totals = listed(cast.seller).totals
    assert (totals.count, totals.sums["amount"]) == (4, 1 + 3_000_000 + 4_000_000)


def test_totals_of_two_people_are_not_mixed(deals: list[Deal], cast: Cast) -> None:
    assert listed(cast.seller).totals.count == 5
    assert listed(cast.peer).totals.count == 2
    assert listed(cast.manager, view="all").totals.count == 7


def test_a_chip_is_dropped_without_the_others(deals: list[Deal], cast: Cast) -> None:
    listing = listed(cast.seller, owner="me", amount="1..", page="2", sort="name")
    address = listing.address(amount=None)
    assert "owner=me" in address
    assert "amount=" not in address
    assert "page" not in address
    assert "sort=name" in address


def test_dropping_the_last_chip_does_not_bring_the_first_view_back(deals: list[Deal], cast: Cast) -> None:
    address = Listing(DEALS, cast.seller, {"owner": "me"}).address(owner=None)
    assert "view=all" in address


def test_changing_a_views_filter_keeps_the_views_other_filters(deals: list[Deal], cast: Cast) -> None:
    listing = Listing(DEALS, cast.seller, {"view": "mine"})
    assert "status=open" in listing.address(owner=None)
    assert "view=" not in listing.address(owner=None)


def test_search_finds_and_sums_only_hits(deals: list[Deal], cast: Cast) -> None:
    listing = listed(cast.seller, q="Hall 3", view="all")
    assert names(listing) == ["Hall 3"]
    assert listing.totals.sums["amount"] == 3_000_000
    assert names(listed(cast.seller, q="Bridge", view="all")) == []


def test_named_conditions_filter_and_can_be_a_view(
    deals: list[Deal], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(filters._conditions, DEALS.name, {})
    monkeypatch.setitem(views._views, DEALS.name, dict(views._views.get(DEALS.name, {})))

    @filters.condition(Deal, "huge", "huge ones", reads="amount")
    def huge(actor: Any) -> Any:
        from django.db.models import Q

        return Q(amount__gte=4_000_000)

    views.view(Deal, "huge", "Huge", "is=huge")
    assert names(listed(cast.seller, view="huge")) == ["Hall 4"]
    assert "Huge" in [str(view.label) for view in views.of(DEALS, cast.seller)]


def test_htmx_gets_the_part_that_changes(deals: list[Deal], cast: Cast) -> None:
    client = Client()
    client.force_login(cast.seller)
    part = client.get("/deals/?sort=name", headers={"HX-Request": "true", "HX-Target": "list"})
    assert b"<html" not in part.content
    assert b'id="list"' in part.content
    assert "HX-Target" in part["Vary"]
    counts = client.get("/deals/counts/").content.decode()
    assert 'id="count-mine" hx-swap-oob="true">5<' in counts


def test_type_ahead_offers_only_what_is_visible(deals: list[Deal], cast: Cast) -> None:
    client = Client()
    client.force_login(cast.other_seller)
    assert client.get("/customers/options/?q=Harbour").json() == []
    client.force_login(cast.seller)
    assert [one["text"] for one in client.get("/customers/options/?q=Harb").json()] == ["Harbour Steel"]


def test_the_filter_form_composes_an_address(deals: list[Deal], cast: Cast) -> None:
    client = Client()
    client.force_login(cast.seller)
    answer = client.get("/deals/filter/amount/", {"view": "mine", "_apply": "1", "_from": "5", "_to": ""})
    assert answer.status_code == 302
    assert "amount=5.." in answer["Location"]
    assert "owner=me" in answer["Location"]
    answer = client.get("/deals/filter/expected_on/", {"_apply": "1", "_word": "this_month", "_from": "", "_to": ""})
    assert "expected_on=this_month" in answer["Location"]
    assert client.get("/deals/filter/nothing/").status_code == 404


def test_an_empty_result_says_which_filter_to_drop(deals: list[Deal], cast: Cast) -> None:
    client = Client()
    client.force_login(cast.seller)
    page = client.get("/deals/?amount=90000..&owner=me").content.decode()
    assert "owner=me" in page
    assert "/deals/new/" in page


def test_a_list_with_nothing_in_it_teaches_how_to_fill_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.seller)
    page = client.get("/customers/").content.decode()
    assert "empty-preview" in page
    assert "/import/" in page
    assert "/customers/new/" in page


def test_signing_in_is_needed_everywhere() -> None:
    for url in ("/deals/", "/deals/board/", "/deals/1/", "/deals/export/", "/deals/options/", "/deals/counts/"):
        answer = Client().get(url)
        assert (answer.status_code, "/accounts/login/" in answer["Location"]) == (302, True)
    htmx = Client().get("/deals/", headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx["HX-Redirect"]) == (204, "/accounts/login/?next=/deals/")
