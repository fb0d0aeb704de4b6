"""Customers and their contacts in one sheet: columns of several contacts, several rows, updates, and back again."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.base import ContentFile

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit import worker
from xiaoguan.kit.action import update
from xiaoguan.kit.entity import Entity
from xiaoguan.lexicon import header_groups
from xiaoguan.transfer import batches, foreseeing, revert
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import Options
from xiaoguan.transfer.preview import Page

from tests.cast import Cast
from tests.test_import_running import codes, counts, imported, stored

pytestmark = pytest.mark.django_db


def people() -> set[tuple[str, str, str, str]]:
    """Customer, contact, position, mobile of every living contact."""
    rows = Contact.objects.filter(deleted_at__isnull=True).select_related("customer")
    return {(each.customer.name, each.name, each.title, each.mobile) for each in rows}


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("联系人", (1, "")),
        ("联系人2", (2, "")),
        ("联系人1姓名", (1, "name")),
        ("联系人2手机", (2, "mobile")),
        ("联系人二 职务", (2, "title")),
        ("第二联系人 电话", (2, "phone")),
        ("联系人手机2", (2, "mobile")),
        ("联系人 (2)", (2, "")),
        ("Contact 3 e-mail", (3, "email")),
        ("客户名称", None),
        ("联系人数量级别说明", None),
    ],
)
def test_headers_say_which_contact(header: str, found: Any) -> None:
    assert header_groups.read(header, "contacts") == found


def test_columns_of_several_contacts() -> None:
    text = (
        "客户名称,联系人1,职务1,联系人1手机,联系人2,联系人2职务,联系人2手机\n"
        "恒岑钢构,马骏,采购经理,13812345678,韩露,总工,13912345678\n同砌设计院,周宁,,,,,\n"
    ).replace("职务1", "联系人1职务")
    batch = imported(text)
    assert counts(batch) == (2, 0, 0, 0, 0)
    assert batch.counts["parts"] == {"contact": {"created": 3}}
    assert people() == {
        ("恒岑钢构", "马骏", "采购经理", "13812345678"),
        ("恒岑钢构", "韩露", "总工", "13912345678"),
        ("同砌设计院", "周宁", "", ""),
    }


def test_repeated_and_unnumbered_columns() -> None:
    imported("客户名称,联系人,职务,手机,联系人,职务,手机\n恒岑钢构,马骏,经理,13812345678,韩露,总工,13912345678\n")
    assert people() == {
        ("恒岑钢构", "马骏", "经理", "13812345678"),
        ("恒岑钢构", "韩露", "总工", "13912345678"),
    }


def test_a_header_of_two_levels() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["客户名称", "联系人1", None, "联系人2", None])
    sheet.append([None, "姓名", "手机", "姓名", "手机"])
    sheet.append(["恒岑钢构", "马骏", "13812345678", "韩露", "13912345678"])
    sheet.append(["同砌设计院", "周宁", "13712345678", None, None])
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("D1:E1")
    out = io.BytesIO()
    book.save(out)
    batch = batches.take(
        ContentFile(out.getvalue()), "k.xlsx", Entity.by_slug("customers"), system_actor(), Options().to_json()
    )
    tally = batches.session_of(batch).plan()
    assert tally.counts["parts"] == {"contact": {"created": 3}}


def test_several_rows_per_customer_also_where_only_the_first_names_it() -> None:
    text = "客户名称,城市,联系人,联系人手机\n恒岑钢构,昆山,马骏,138\n,,韩露,139\n同砌设计院,上海,周宁,137\n,,李工,136\n"
    batch = imported(text)
    assert counts(batch) == (2, 0, 2, 0, 0)
    assert batch.counts["parts"] == {"contact": {"created": 4}}
    assert {(customer, name) for customer, name, _title, _mobile in people()} == {
        ("恒岑钢构", "马骏"), ("恒岑钢构", "韩露"), ("同砌设计院", "周宁"), ("同砌设计院", "李工"),
    }  # fmt: skip
    again = imported(text)
    assert counts(again) == (0, 0, 4, 0, 0)
    assert again.counts["parts"] == {"contact": {"unchanged": 4}}
    assert Contact.objects.count() == 4


def test_only_new_customers_still_bring_all_their_contacts() -> None:
    imported("客户名称,联系人\n同砌设计院,周宁\n")
    batch = imported("客户名称,联系人\n恒岑钢构,马骏\n恒岑钢构,韩露\n同砌设计院,李工\n", mode="create")
    assert counts(batch) == (1, 0, 0, 2, 0)
    assert {name for _customer, name, _title, _mobile in people()} == {"周宁", "马骏", "韩露"}


def test_a_contact_is_changed_where_the_sheet_says_more(cast: Cast) -> None:
    imported("客户名称,联系人,联系人手机\n恒岑钢构,马骏,138\n")
    batch = imported("客户名称,联系人,联系人手机,联系人职务\n恒岑钢构,马骏,139,经理\n恒岑钢构,韩露,,\n")
    assert counts(batch) == (0, 0, 2, 0, 0)
    assert batch.counts["parts"] == {"contact": {"updated": 1, "created": 1}}
    assert ("恒岑钢构", "马骏", "经理", "139") in people()
    only = imported("客户名称,联系人,联系人手机\n恒岑钢构,马骏,137\n恒岑钢构,新人,136\n", mode="update")
    assert only.counts["parts"] == {"contact": {"updated": 1}}
    assert codes(only) == ["part_missing"]


def test_the_preview_shows_both_and_offers_to_import_contacts_alone() -> None:
    imported("客户名称\n恒岑钢构\n")
    batch = stored("客户名称,联系人,联系人手机\n恒岑钢构,马骏,138\n")
    foreseeing.make(batch)
    page = Page(batch)
    assert page.importing == 1, "nothing of the customer changes, but the contact is new"
    assert any("马骏" in each for each in page.parts)
    assert "contact" in [slot.name for slot in page.sample_slots]
    assert "contact3" not in {choice.value for row in page.columns for choice in row.choices}


def test_a_bad_contact_makes_its_row_fail_as_a_whole() -> None:
    batch = imported("客户名称,联系人,联系人职务\n恒岑钢构,马骏," + "长" * 80 + "\n同砌设计院,周宁,院长\n,,总工\n")
    assert counts(batch) == (1, 0, 1, 0, 1)
    assert {name for _customer, name, _title, _mobile in people()} == {"周宁"}
    assert "part_without_name" in codes(batch)


def test_nobody_adds_contacts_to_customers_of_others(cast: Cast) -> None:
    imported("客户名称\n恒岑钢构\n", actor=cast.seller)
    share = imported("客户名称,联系人\n恒岑钢构,马骏\n", actor=cast.other_seller)
    assert {each.name for each in Contact.objects.filter(customer__owner=cast.seller)} == set()
    assert share.counts["rows"] == 1


def taken_back(batch: Import) -> list[dict[str, Any]]:
    """Revert, and say what stays."""
    revert.start(batch)
    worker.drain()
    batch.refresh_from_db()
    assert batch.state == Import.State.REVERTED
    return list(batch.preview["kept"])


def test_back_again_takes_both() -> None:
    imported("客户名称,联系人,联系人手机\n同砌设计院,周宁,137\n")
    batch = imported("客户名称,联系人,联系人手机\n恒岑钢构,马骏,138\n同砌设计院,周宁,130\n同砌设计院,李工,136\n")
    assert taken_back(batch) == []
    assert people() == {("同砌设计院", "周宁", "", "137")}
    assert set(Customer.objects.filter(deleted_at__isnull=True).values_list("name", flat=True)) == {"同砌设计院"}


def test_a_contact_changed_since_stays_with_its_customer() -> None:
    batch = imported("客户名称,联系人\n恒岑钢构,马骏\n恒岑钢构,韩露\n同砌设计院,周宁\n")
    update(Contact.objects.get(name="马骏"), {"title": "经理"}, actor=system_actor())
    kept = taken_back(batch)
    assert {each["title"] for each in kept} == {"恒岑钢构", "马骏", "韩露"}
    assert {each["slug"] for each in kept} == {"customers", "contacts"}
    assert set(Customer.objects.filter(deleted_at__isnull=True).values_list("name", flat=True)) == {"恒岑钢构"}
