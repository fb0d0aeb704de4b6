"""What is sensitive leaves a trace when it is read, and only that; sign-ins stand in the book at the door."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.audit import reading
from xiaoguan.apps.audit.models import AccessEntry
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.org.models import SignIn
from xiaoguan.kit import clock
from xiaoguan.kit.errors import Denied

from tests.cast import PASSWORD, Cast
from tests.samples import owned_by, samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept-Language": "en"})


def entries(**wanted: object) -> list[AccessEntry]:
    return list(AccessEntry.objects.filter(**wanted).order_by("pk"))


def test_an_export_of_phones_is_one_entry_with_its_filter_and_count(cast: Cast, client: Client) -> None:
    made = samples(cast)
    customer = owned_by(cast.seller, Customer.entity, made)
    for _number in range(3):
        made.make(Contact.entity, customer=customer)
    client.force_login(cast.seller)
    client.get("/contacts/export/?view=all&cols=name,mobile&_format=csv")
    found = entries()
    assert [(each.how, each.entity, each.count, each.fields) for each in found] == [
        ("export", "customers.contact", 3, "mobile")
    ]
    assert "view=all" in found[0].query and found[0].where == "127.0.0.1" and found[0].actor == cast.seller
    client.get("/contacts/export/?view=all&cols=name&_format=csv")
    assert len(entries()) == 1


def test_opening_a_colleague_is_logged_and_oneself_not(cast: Cast, client: Client) -> None:
    client.force_login(cast.hr)
    client.get(f"/people/{cast.seller.pk}/")
    client.get(f"/people/{cast.hr.pk}/")
    client.get("/people/")
    assert [(each.how, each.object_id) for each in entries()] == [("open", cast.seller.pk)]


def test_a_refused_reading_leaves_none(cast: Cast, client: Client) -> None:
    client.force_login(cast.outsider)
    assert client.get(f"/people/{cast.seller.pk}/").status_code == 404
    assert client.get("/contacts/export/").status_code == 404
    assert entries() == []


def test_the_administrator_says_what_is_sensitive(cast: Cast, client: Client) -> None:
    customer = owned_by(cast.seller, Customer.entity, samples(cast))
    client.force_login(cast.administrator)
    client.post(reverse("audit:watched"), {"entity": "customers.customer", "field": ["phone"], "opening": "on"})
    client.get(f"/customers/{customer.pk}/")
    assert [(each.how, each.entity, each.fields) for each in entries()] == [("open", "customers.customer", "phone")]
    client.force_login(cast.hr)
    client.get(f"/customers/{customer.pk}/")
    assert len(entries()) == 1  # he was not shown the phone
    client.get("/customers/export/?view=all")
    with pytest.raises(Denied):
        reading.watch("customers.customer", fields=[], opening=False, exporting=False, actor=cast.auditor)
    client.force_login(cast.auditor)
    assert client.post(reverse("audit:watched"), {"entity": "org.person"}).status_code == 403


def test_sign_ins_are_the_book_at_the_door(cast: Cast, client: Client) -> None:
    """One event is one row, which audit, settings and the page of the person show; what was typed is not kept."""
    client.post("/accounts/login/", {"login": "seller", "password": "wrong-wrong-wrong"})
    client.post("/accounts/login/", {"login": "typed-a-password", "password": "wrong-wrong-wrong"})
    client.post("/accounts/login/", {"login": "seller", "password": PASSWORD})
    client.post("/accounts/logout/")
    rows = list(SignIn.objects.order_by("pk").values_list("kind", "outcome", "person"))
    me = cast.seller.pk
    assert rows == [
        ("password", "failed", me), ("password", "failed", None), ("password", "done", me), ("sign_out", "done", me)
    ]  # fmt: skip
    assert entries() == []
    client.force_login(cast.auditor)

    def shown(**wanted: object) -> tuple[int, str]:
        page = client.get(reverse("audit:sign_ins"), wanted).content.decode()
        return page.count("<tr>") - 1, page

    assert shown()[0] == 5  # with the auditor's own
    assert shown(person=me)[0] == 3
    assert shown(outcome="failed")[0] == 2
    assert shown(outcome="failed", person=me)[0] == 1
    assert shown(kind="sign_out")[0] == 1
    _count, page = shown(outcome="failed")
    assert "wrong-wrong" not in page and "typed-a-password" not in page and "unknown name" in page
    client.force_login(cast.administrator)
    settings = client.get("/settings/sign-in/").content.decode()
    assert reverse("audit:sign_ins") in settings


def test_sign_ins_go_on_where_the_page_ended(cast: Cast, client: Client) -> None:
    at = clock.machine_now()
    SignIn.objects.bulk_create(
        SignIn(person=cast.seller, at=at, kind="password", outcome="done", name=f"row {number}") for number in range(60)
    )
    client.force_login(cast.auditor)
    address, seen = reverse("audit:sign_ins") + f"?person={cast.seller.pk}", 0
    for _page in range(2):
        page = client.get(address).content.decode()
        seen += page.count("<tr>") - 1
        following = re.search(r'href="(\?person=[^"]*before=[^"]*)"', page)
        address = reverse("audit:sign_ins") + html.unescape(following[1]) if following else ""
    assert (seen, address) == (60, "")


def test_the_page_lists_readings(cast: Cast, client: Client) -> None:
    client.force_login(cast.hr)
    client.get(f"/people/{cast.seller.pk}/")
    client.force_login(cast.auditor)
    page = client.get(reverse("audit:readings"), {"person": cast.hr.pk}).content.decode()
    assert "Tang Yue" in page and "Opened" in page and f"/people/{cast.seller.pk}/" in page
    page = client.get(reverse("audit:readings"), {"entity": "customers.contact"}).content.decode()
    assert "Opened" not in page
