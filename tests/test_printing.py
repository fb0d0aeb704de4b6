"""Paper shows what the screen shows, under the same rights, and printing a list is noted as taking it away."""

from __future__ import annotations

from django.test import Client

from xiaoguan.apps.audit import reading
from xiaoguan.apps.audit.models.reading import AccessEntry
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import action

from tests.cast import Cast


def test_a_record_on_paper(cast: Cast, client: Client) -> None:
    row = action.create(Customer, {"name": "Harbour works", "phone": "13800002222"}, actor=cast.seller)
    action.update(row, {"phone": "13900001111"}, actor=cast.seller)
    client.force_login(cast.seller)
    text = client.get(row.entity.url("paper", row)).content.decode()
    assert "Harbour works" in text and "13900001111" in text and cast.company.name in text
    client.force_login(cast.other_seller)
    assert client.get(row.entity.url("paper", row)).status_code == 404


def test_a_list_on_paper(cast: Cast, client: Client, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    for number in range(5):
        action.create(Customer, {"name": f"Harbour {number}"}, actor=cast.seller)
    action.create(Customer, {"name": "Elsewhere"}, actor=cast.seller)
    action.create(Customer, {"name": "Harbour of others"}, actor=cast.other_seller)
    client.force_login(cast.seller)
    text = client.get("/customers/print/?q=harbour").content.decode()
    assert text.count("data-record=") == 5
    assert "Elsewhere" not in text and "of others" not in text
    monkeypatch.setattr("xiaoguan.kit.pages.printing.ROWS", 2)
    assert client.get("/customers/print/?q=harbour").content.decode().count("data-record=") == 2


def test_printing_a_list_takes_the_right_to_export(cast: Cast, client: Client) -> None:
    role = Role.objects.get(code="salesperson")
    grants = role.grants | {"customers.customer": {"*": "self", "export": "none"}}
    action.update(role, {"grants": grants}, actor=cast.system)
    client.force_login(cast.again("seller"))
    assert client.get("/customers/").status_code == 200
    assert client.get("/customers/print/").status_code == 403


def test_it_is_noted(cast: Cast, client: Client) -> None:
    row = action.create(Customer, {"name": "Harbour", "phone": "13800002222"}, actor=cast.seller)
    reading.watch("customers.customer", fields=[], opening=True, exporting=True, actor=cast.administrator)
    client.force_login(cast.seller)
    client.get("/customers/print/?q=harbour")
    client.get(row.entity.url("paper", row))
    noted = AccessEntry.objects.filter(actor=cast.seller, entity="customers.customer")
    assert list(noted.order_by("pk").values_list("how", "count")) == [("export", 1), ("open", 1)]
