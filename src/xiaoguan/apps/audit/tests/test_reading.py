"""What is sensitive leaves a trace when it is read, and only that; sign-ins too."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.audit import reading
from xiaoguan.apps.audit.models import AccessEntry
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.kit.errors import Denied

from tests.cast import PASSWORD, Cast
from tests.samples import owned_by, samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept-Language": "en"})


def entries(**wanted: object) -> list[AccessEntry]:
    return list(AccessEntry.objects.exclude(how__in=("sign_in", "sign_out", "failed")).filter(**wanted).order_by("pk"))


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


def test_sign_ins_and_failures_are_there_and_passwords_never(cast: Cast, client: Client) -> None:
    client.post("/accounts/login/", {"login": "seller", "password": "wrong-wrong-wrong"})
    client.post("/accounts/login/", {"login": "seller", "password": PASSWORD})
    client.post("/accounts/logout/")
    found = list(AccessEntry.objects.order_by("pk").values_list("how", "actor", "name"))
    assert [how for how, _actor, _name in found] == ["failed", "sign_in", "sign_out"]
    assert {actor for _how, actor, _name in found} == {cast.seller.pk}
    assert found[0][2] == "seller"
    client.force_login(cast.auditor)
    page = client.get(reverse("audit:sign_ins")).content.decode()
    assert "Sign-in failed" in page and "wrong-wrong" not in page


def test_the_page_lists_readings(cast: Cast, client: Client) -> None:
    client.force_login(cast.hr)
    client.get(f"/people/{cast.seller.pk}/")
    client.force_login(cast.auditor)
    page = client.get(reverse("audit:readings"), {"person": cast.hr.pk}).content.decode()
    assert "Tang Yue" in page and "Opened" in page and f"/people/{cast.seller.pk}/" in page
    page = client.get(reverse("audit:readings"), {"entity": "customers.contact"}).content.decode()
    assert "Opened" not in page
