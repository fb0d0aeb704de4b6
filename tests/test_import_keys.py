"""By what records are recognised, what empty cells do, and what the preview says of each change."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.kit.action import create
from xiaoguan.transfer import batches, foreseeing
from xiaoguan.transfer.decisions import from_mapping
from xiaoguan.transfer.options import NEVER, BadOptions, Options
from xiaoguan.transfer.preview import Page

from tests.cast import Cast
from tests.test_import_running import codes, counts, imported, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(cast: Cast) -> None:
    for name, city, phone in (("恒岑钢构", "昆山", "0512-1"), ("恒岑钢构有限公司", "上海", "021-2")):
        create(Customer, {"name": name, "city": city, "phone": phone}, actor=cast.administrator)


def test_one_chosen_field(two: None) -> None:
    batch = imported("客户名称,城市,电话\n恒岑钢结构,昆山,0512-1\n新客户,昆山,0512-9\n", key="phone")
    assert counts(batch) == (1, 1, 0, 0, 0)
    assert Customer.objects.get(phone="0512-1").name == "恒岑钢结构"


def test_two_chosen_fields_together(two: None) -> None:
    text = "客户名称,城市,年采购额\n恒岑钢构,昆山,5\n恒岑钢构,上海,7\n"
    batch = imported(text, key="name+city", mode="update")
    assert counts(batch) == (0, 1, 0, 1, 0)
    assert Customer.objects.get(city="昆山").annual_purchase == 500


def test_what_matches_several_is_listed_by_name(two: None) -> None:
    Customer.objects.update(city="昆山")
    batch = imported("客户名称,城市\n另一个名字,昆山\n", key="city")
    assert (counts(batch), codes(batch)) == ((0, 0, 0, 0, 1), ["ambiguous"])
    problem = batch.rows.get().messages[0]
    assert problem["params"]["count"] == 2
    assert "恒岑钢构有限公司" in problem["params"]["names"]


@pytest.mark.parametrize("key", ["nothing", "name+nothing", "note", "contact"])
def test_a_key_that_is_none(key: str) -> None:
    batch = stored("客户名称,备注,联系人\n恒岑,x,y\n", key=key)
    with pytest.raises(BadOptions):
        batches.session_of(batch)


def test_empty_cells_keep_or_clear(cast: Cast) -> None:
    full = "客户编号,客户名称,城市,电话,成立日期,负责人\n"
    other = f"C2,同砌,上海,021-2,1999-01-01,{cast.seller.name}\n"
    imported(full + f"C1,恒岑,昆山,0512-1,2001-02-03,{cast.seller.name}\n" + other)
    assert counts(imported(full + "C1,恒岑,,,,\n" + other)) == (0, 0, 2, 0, 0)
    assert counts(imported(full + "C1,恒岑,,,,\n" + other, empty="clear")) == (0, 1, 1, 0, 0)
    found = Customer.objects.get(number="C1")
    assert (found.city, found.phone, found.founded_on) == ("", "", None)
    assert (found.owner, found.number) == (cast.seller, "C1"), "owner and key are never cleared"
    assert counts(imported(full + "C1,恒岑,,,,\n" + other, empty="clear")) == (0, 0, 2, 0, 0)


def test_the_preview_says_each_change(cast: Cast) -> None:
    imported("客户编号,客户名称,城市\nC1,恒岑,昆山\nC2,同砌,上海\n")
    batch = stored("客户编号,客户名称,城市\nC1,恒岑,苏州\nC2,同砌,上海\nC3,新的,杭州\n")
    foreseeing.make(batch)
    page = Page(batch)
    assert [name for name, _label, number in page.counts if number] == ["created", "updated", "unchanged"]
    (diff,) = page.diffs
    assert (diff["row"], diff["title"]) == (2, "恒岑")
    assert [(before, after) for _label, before, after in diff["fields"]] == [("昆山", "苏州")]


def test_the_page_joins_fields_to_a_key() -> None:
    batch = stored("客户编号,客户名称,城市\nC1,恒岑,苏州\n")
    foreseeing.make(batch)
    assert {choice.value for choice in Page(batch).keys} == {"", "number", "name", "city", NEVER}
    batch.options = from_mapping(batch, QueryDict("key=name")).to_json()
    foreseeing.make(batch)
    assert {choice.value for choice in Page(batch).key_parts} == {"number", "city"}
    options = from_mapping(batch, QueryDict("key=name&keypart=city"))
    assert options.key == "name+city"
    batch.options = options.to_json()
    foreseeing.make(batch)
    page = Page(batch)
    assert [choice.value for choice in page.keys if choice.chosen] == ["name"]
    assert [choice.value for choice in page.key_parts if choice.chosen] == ["city"]
    assert from_mapping(batch, QueryDict("key=city&keypart=city")).key == "city"
    assert Options.from_json(batch.options).key == "name+city"


def test_contacts_are_recognised_within_their_customer() -> None:
    imported("客户名称\n恒岑\n同砌\n")
    imported("姓名,公司,手机\n马骏,恒岑,138\n马骏,同砌,139\n", "contacts")
    assert Contact.objects.count() == 2
    assert counts(imported("姓名,公司,手机\n马骏,恒岑,137\n", "contacts")) == (0, 1, 0, 0, 0)
