"""Forms made from an entity: reading, double submit, conflicts, line items, nothing lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, DealLine, Product, Stage
from xiaoguan.kit import action, clock
from xiaoguan.kit.models import Change, ChangeRow

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage.objects.order_by("position").first()


@pytest.fixture
def seller(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.seller)
    return client


@pytest.fixture
def deal(cast: Cast, stage: Stage) -> Deal:
    values = {"name": "Hall", "stage": stage, "amount": 1_000_000, "competitor": "Bright & Sons"}
    return action.create(Deal, values, actor=cast.seller)


def errors(response: Any) -> dict[str, list[str]]:
    form = response.context["form"]
    return {name: item.errors for name, item in form.inputs.items() if item.errors}


def filled(client: Client, url: str) -> dict[str, str]:
    """The form as a browser would send it back unchanged."""
    response = client.get(url)
    form = response.context["form"]
    data = {item.name: item.raw for item in form.inputs.values()}
    if form.row is not None:
        data["_version"] = str(form.row.version)
    else:
        data["_uid"] = str(form.uid)
    return data


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("12.5万", 12_500_000),
        ("125,000", 12_500_000),
        ("¥1,234.56", 123_456),
        ("0", 0),
        ("1亿", 10_000_000_000),
        ("", None),
    ],
)
def test_amounts_are_read_in_every_style(typed: str, fen: int | None, seller: Client, stage: Stage) -> None:
    data = filled(seller, "/deals/new/") | {"name": "Hall", "stage": str(stage.pk), "amount": typed}
    assert seller.post("/deals/new/", data).status_code == 302
    assert Deal.objects.get().amount == fen


@pytest.mark.parametrize("typed", ["much", "1.2.3", "9" * 30, "twelve"])
def test_what_can_not_be_read_stays_in_its_field_with_words(typed: str, seller: Client, stage: Stage) -> None:
    data = filled(seller, "/deals/new/") | {"name": "Hall & <b>", "stage": str(stage.pk), "amount": typed}
    response = seller.post("/deals/new/", data)
    assert response.status_code == 422
    assert set(errors(response)) == {"amount"}
    assert response.context["form"].inputs["amount"].raw == typed
    assert "Hall &amp; &lt;b&gt;" in response.content.decode()
    assert not Deal.objects.exists()


def test_the_same_form_sent_twice_makes_one_record(seller: Client, stage: Stage) -> None:
    data = filled(seller, "/deals/new/") | {"name": "Hall", "stage": str(stage.pk)}
    first, second = seller.post("/deals/new/", data), seller.post("/deals/new/", data)
    assert first["Location"] == second["Location"]
    assert Deal.objects.count() == 1
    assert Change.objects.filter(entity="opportunities.deal", action="create").count() == 1


def test_two_forms_make_two_records(seller: Client, stage: Stage) -> None:
    for _index in range(2):
        data = filled(seller, "/deals/new/") | {"name": "Hall", "stage": str(stage.pk)}
        assert seller.post("/deals/new/", data).status_code == 302
    assert Deal.objects.count() == 2


def test_somebody_elses_identity_is_not_taken_for_a_double_submit(seller: Client, cast: Cast, stage: Stage) -> None:
    theirs = action.create(Deal, {"name": "Secret", "stage": stage}, actor=cast.other_seller)
    data = filled(seller, "/deals/new/") | {"name": "Mine", "stage": str(stage.pk), "_uid": str(theirs.uid)}
    seller.raise_request_exception = False
    response = seller.post("/deals/new/", data)
    assert str(theirs.pk) not in response.get("Location", "")
    assert Deal.objects.count() == 1


def test_a_link_to_an_invisible_record_is_refused_and_not_named(seller: Client, cast: Cast, stage: Stage) -> None:
    theirs = action.create(Customer, {"name": "Whispering Pines"}, actor=cast.other_seller)
    data = filled(seller, "/deals/new/") | {"name": "Hall", "stage": str(stage.pk), "customer": str(theirs.pk)}
    response = seller.post("/deals/new/", data)
    assert set(errors(response)) == {"customer"}
    assert b"Whispering" not in response.content
    assert b"Whispering" not in seller.get(f"/deals/new/?customer={theirs.pk}").content


def test_a_link_that_is_invisible_by_now_may_stay(seller: Client, cast: Cast, deal: Deal) -> None:
    customer = action.create(Customer, {"name": "Harbour Steel"}, actor=cast.seller)
    action.update(deal, {"customer": customer}, actor=cast.seller)
    action.update(customer, {"owner": cast.other_seller}, actor=cast.director)
    data = filled(seller, f"/deals/{deal.pk}/edit/") | {"competitor": "Nobody"}
    assert seller.post(f"/deals/{deal.pk}/edit/", data).status_code == 302
    deal.refresh_from_db()
    assert (deal.customer_id, deal.competitor) == (customer.pk, "Nobody")


def test_the_address_fills_fields_in(seller: Client, cast: Cast) -> None:
    customer = action.create(Customer, {"name": "Harbour Steel"}, actor=cast.seller)
    form = seller.get(f"/deals/new/?customer={customer.pk}&name=Hall").context["form"]
    assert (form.inputs["customer"].raw, form.inputs["name"].raw) == (str(customer.pk), "Hall")


def test_saving_without_a_change_writes_nothing(seller: Client, deal: Deal) -> None:
    before = Change.objects.count()
    assert seller.post(f"/deals/{deal.pk}/edit/", filled(seller, f"/deals/{deal.pk}/edit/")).status_code == 302
    assert Change.objects.count() == before


# Two people, one record ---------------------------------------------------------------------------------------------


def test_a_field_only_the_other_changed_takes_his_value(seller: Client, cast: Cast, deal: Deal) -> None:
    data = filled(seller, f"/deals/{deal.pk}/edit/")
    action.update(Deal.objects.get(pk=deal.pk), {"amount": 7_000_000}, actor=cast.manager)
    response = seller.post(f"/deals/{deal.pk}/edit/", data | {"competitor": "Nobody"})
    assert response.status_code == 409
    conflict = response.context["conflict"]
    assert conflict.people == [str(cast.manager)]
    assert [(clash.name, clash.both) for clash in conflict.clashes] == [("amount", False)]
    again = {item.name: item.raw for item in response.context["form"].inputs.values()} | {
        "_version": str(deal.version + 1)
    }
    assert seller.post(f"/deals/{deal.pk}/edit/", again).status_code == 302
    deal.refresh_from_db()
    assert (deal.amount, deal.competitor) == (7_000_000, "Nobody")


@pytest.mark.parametrize(("choice", "amount"), [("mine", 5_000_000), ("theirs", 7_000_000)])
def test_a_field_both_changed_is_asked(choice: str, amount: int, seller: Client, cast: Cast, deal: Deal) -> None:
    data = filled(seller, f"/deals/{deal.pk}/edit/")
    action.update(Deal.objects.get(pk=deal.pk), {"amount": 7_000_000}, actor=cast.manager)
    response = seller.post(f"/deals/{deal.pk}/edit/", data | {"amount": "5万"})
    assert [(clash.name, clash.both) for clash in response.context["conflict"].clashes] == [("amount", True)]
    assert response.context["form"].inputs["amount"].raw == "5万"
    again = {item.name: item.raw for item in response.context["form"].inputs.values()}
    again |= {"_version": str(deal.version + 1), "_take_amount": choice}
    assert seller.post(f"/deals/{deal.pk}/edit/", again).status_code == 302
    deal.refresh_from_db()
    assert deal.amount == amount


def test_both_wrote_the_same_is_no_conflict(seller: Client, cast: Cast, deal: Deal) -> None:
    data = filled(seller, f"/deals/{deal.pk}/edit/")
    action.update(Deal.objects.get(pk=deal.pk), {"amount": 7_000_000}, actor=cast.manager)
    response = seller.post(f"/deals/{deal.pk}/edit/", data | {"amount": "7 万"})
    assert response.context["conflict"].clashes == []


def test_a_verb_on_an_old_version_is_stopped(seller: Client, cast: Cast, deal: Deal) -> None:
    action.update(Deal.objects.get(pk=deal.pk), {"amount": 7_000_000}, actor=cast.manager)
    response = seller.post(f"/deals/{deal.pk}/do/win/", {"_form": "1", "_version": str(deal.version)})
    assert response.status_code == 409
    assert Deal.objects.get(pk=deal.pk).status == "open"


def test_a_cell_asks_only_where_the_same_field_was_changed_and_says_by_whom(
    seller: Client, cast: Cast, deal: Deal
) -> None:
    action.update(Deal.objects.get(pk=deal.pk), {"amount": 7_000_000}, actor=cast.manager)
    url = f"/deals/{deal.pk}/cell/?field="
    asked = seller.post(f"{url}amount", {"value": "5万", "version": str(deal.version)})
    assert asked.status_code == 422 and cast.manager.name in asked.content.decode()
    assert seller.post(f"{url}competitor", {"value": "Osram", "version": str(deal.version)}).status_code == 200
    deal.refresh_from_db()
    assert (deal.amount, deal.competitor) == (7_000_000, "Osram")


def test_a_card_that_was_moved_meanwhile_is_not_dragged_unseen(seller: Client, cast: Cast, deal: Deal) -> None:
    stages = list(Stage.objects.filter(outcome="open").order_by("position"))
    action.update(Deal.objects.get(pk=deal.pk), {"amount": 7_000_000, "expected_on": clock.today()}, actor=cast.manager)
    first, second, third = deal.stage_id, stages[1].pk, stages[2].pk
    action.update(Deal.objects.get(pk=deal.pk), {"stage": stages[1]}, actor=cast.manager)
    url = f"/deals/{deal.pk}/do/move/"
    refused = seller.post(url, {"to": third, "_was": str(first)}, headers={"HX-Request": "true"})
    assert refused.status_code == 409
    told = refused.content.decode()
    assert cast.manager.name in told and f"{url}?to={third}" in told
    assert seller.post(url, {"to": third, "_was": str(second)}, headers={"HX-Request": "true"}).status_code == 204
    day = clock.today() + dt.timedelta(days=9)
    there = f"/deals/calendar/{deal.pk}/"
    moved = {"value": day.isoformat()}
    assert seller.post(there, {**moved, "_was": "2020-01-01"}).status_code == 409
    assert seller.post(there, {**moved, "_was": clock.today().isoformat()}).status_code == 302


# Nothing is lost ----------------------------------------------------------------------------------------------------


def test_what_was_typed_survives_a_session_that_ended(seller: Client, cast: Cast, stage: Stage) -> None:
    data = filled(seller, "/deals/new/") | {"name": "Typed with care", "stage": str(stage.pk)}
    stranger = Client()
    answer = stranger.post("/deals/new/", data)
    assert answer.status_code == 302
    stranger.post(answer["Location"], {"login": cast.seller.username, "password": PASSWORD})
    page = stranger.get("/deals/new/")
    assert page.context["form"].inputs["name"].raw == "Typed with care"
    assert page.context["kept"]
    assert not stranger.get("/deals/new/").context["kept"]
    assert not Deal.objects.exists()


def test_a_page_open_too_long_shows_its_form_again(cast: Cast, stage: Stage, deal: Deal) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.seller)
    response = client.post("/deals/new/", {"name": "Typed with care", "stage": str(stage.pk)})
    assert (response.status_code, response.context["late"]) == (403, True)
    assert response.context["form"].inputs["name"].raw == "Typed with care"
    response = client.post(f"/deals/{deal.pk}/edit/", {"name": "Other", "_version": "1"})
    assert response.context["form"].inputs["name"].raw == "Other"
    assert client.post(f"/deals/{deal.pk}/delete/").status_code == 403
    assert Deal.objects.get().name == "Hall"


def test_a_stranger_gets_no_form_by_a_bad_token(cast: Cast, deal: Deal) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.other_seller)
    assert client.post(f"/deals/{deal.pk}/edit/", {"name": "Other"}).status_code == 404


# Line items ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def products(cast: Cast) -> list[Product]:
    made = [("Line lamp", 15_800), ("Flood lamp", 46_800)]
    return [action.create(Product, {"name": name, "price": price}, actor=cast.director) for name, price in made]


@pytest.fixture
def with_lines(seller: Client, stage: Stage, products: list[Product]) -> Iterator[Deal]:
    data = filled(seller, "/deals/new/") | {
        "name": "Hall", "stage": str(stage.pk),
        "lines-0-product": str(products[0].pk), "lines-0-quantity": "2", "lines-0-price": "",
        "lines-1-product": str(products[1].pk), "lines-1-quantity": "1", "lines-1-price": "400",
        "lines-2-product": "", "lines-2-quantity": "1", "lines-2-price": "",
    }  # fmt: skip
    response = seller.post("/deals/new/", data)
    assert response.status_code == 302, errors(response)
    yield Deal.objects.get()


def test_lines_are_created_with_their_deal_in_one_change(with_lines: Deal) -> None:
    assert list(with_lines.lines.order_by("pk").values_list("amount", flat=True)) == [31_600, 40_000]
    assert with_lines.amount == 71_600
    changes = ChangeRow.objects.filter(entity__in=["opportunities.deal", "opportunities.dealline"])
    assert changes.values("change").distinct().count() == 1


def test_lines_are_changed_removed_and_added_at_once(seller: Client, with_lines: Deal, products: list[Product]) -> None:
    first, second = with_lines.lines.order_by("pk")
    data = filled(seller, f"/deals/{with_lines.pk}/edit/") | {
        "lines-0-id": str(first.pk), "lines-0-version": str(first.version),
        "lines-0-product": str(products[0].pk), "lines-0-quantity": "10", "lines-0-price": "158",
        "lines-1-id": str(second.pk), "lines-1-version": str(second.version), "lines-1-remove": "1",
        "lines-2-product": str(products[1].pk), "lines-2-quantity": "1", "lines-2-price": "468",
    }  # fmt: skip
    response = seller.post(f"/deals/{with_lines.pk}/edit/", data)
    assert response.status_code == 302, errors(response)
    living = DealLine.objects.filter(deal=with_lines, deleted_at__isnull=True).order_by("pk")
    assert list(living.values_list("amount", flat=True)) == [158_000, 46_800]
    with_lines.refresh_from_db()
    assert with_lines.amount == 204_800


def test_a_bad_line_saves_nothing_and_keeps_what_was_typed(
    seller: Client, stage: Stage, products: list[Product]
) -> None:
    data = filled(seller, "/deals/new/") | {
        "name": "Hall", "stage": str(stage.pk),
        "lines-0-product": str(products[0].pk), "lines-0-quantity": "many", "lines-0-price": "1",
    }  # fmt: skip
    response = seller.post("/deals/new/", data)
    assert response.status_code == 422
    line = response.context["sets"][0].forms[0]
    assert line.form.inputs["quantity"].errors
    assert line.form.inputs["quantity"].raw == "many"
    assert not Deal.objects.exists()


def test_somebody_elses_line_can_not_be_reached_through_a_form(
    seller: Client, cast: Cast, with_lines: Deal, stage: Stage, products: list[Product]
) -> None:
    theirs = action.create(Deal, {"name": "Other", "stage": stage}, actor=cast.other_seller)
    line = action.create(DealLine, {"deal": theirs, "product": products[0], "quantity": 1}, actor=cast.other_seller)
    data = filled(seller, f"/deals/{with_lines.pk}/edit/") | {
        "lines-0-id": str(line.pk), "lines-0-version": "1", "lines-0-remove": "1",
    }  # fmt: skip
    seller.post(f"/deals/{with_lines.pk}/edit/", data)
    line.refresh_from_db()
    assert line.deleted_at is None


def test_more_lines_without_script_keeps_the_form(seller: Client, stage: Stage) -> None:
    data = filled(seller, "/deals/new/") | {"name": "Hall", "stage": str(stage.pk), "_more_lines": "lines"}
    response = seller.post("/deals/new/", data)
    assert response.status_code == 200
    assert response.context["form"].inputs["name"].raw == "Hall"
    assert not Deal.objects.exists()
    assert b"lines-4-product" in seller.get("/deals/lines/lines/?index=4").content


# Cells --------------------------------------------------------------------------------------------------------------


def test_a_cell_is_edited_in_place(seller: Client, deal: Deal) -> None:
    url = f"/deals/{deal.pk}/cell/?field=expected_on"
    assert b'name="value"' in seller.get(url).content
    tomorrow = dt.date.today() + dt.timedelta(days=1)  # noqa: DTZ011
    saved = seller.post(url, {"value": tomorrow.isoformat()})
    assert (saved.status_code, b"form" in saved.content) == (200, False)
    assert "toast" in saved["HX-Trigger"]
    refused = seller.post(f"/deals/{deal.pk}/cell/?field=amount", {"value": "lots"})
    assert refused.status_code == 422
    assert b'value="lots"' in refused.content
    assert b"field-error" in refused.content
    for field in ("owner_id", "status", "uid", "password", "nothing", ""):
        assert seller.get(f"/deals/{deal.pk}/cell/?field={field}").status_code == 404
