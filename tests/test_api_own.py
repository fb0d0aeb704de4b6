"""Fields that people have added, in the API: inside `extra`, with the same checks, masks and filters as on pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from xiaoguan.api import openapi
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import action, allowance
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.models import OwnField

from tests.cast import Cast
from tests.samples import samples
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db
CUSTOMERS = Entity.of(Customer)
CHOICES = [{"code": "red", "label": "Red"}, {"code": "blue", "label": "Blue"}]
KINDS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "text": ({}, "Steel", 5),
    "long": ({}, "Several\nlines", 5),
    "address": ({}, "Kunshan, Lamp Road 7", []),
    "number": ({}, 12, "12"),
    "money": ({}, 12_345_678, 1.5),
    "date": ({}, "2026-11-27", "27.11.2026"),
    "time": ({}, "09:30:00", "9.30"),
    "phone": ({}, "13812345678", "no phone"),
    "choice": ({"choices": CHOICES}, "red", "green"),
    "choices": ({"choices": CHOICES}, ["red", "blue"], ["green"]),
}


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    allowance.reset()


def add(cast: Cast, code: str, kind: str, **more: Any) -> str:
    """An own field of customers, and its name in the API."""
    given = {"record": CUSTOMERS.name, "code": code, "label": f"Own {code}", "kind": kind, **more}
    return str(action.create(OwnField, given, actor=cast.administrator).key)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_there_and_back(kind: str, cast: Cast) -> None:
    more, good, bad = KINDS[kind]
    name = add(cast, "mine", kind, **more)
    api = Api(cast.administrator)
    made = api.ask("POST", "customers", {"name": "Lamp house", "extra": {name: good}})
    assert made.status_code == 201, made.content
    where = f"customers/{made.json()['id']}"
    assert made.json()["extra"] == {name: good} == api.ask("GET", where).json()["extra"]
    listed = api.ask("GET", "customers?fields=extra&sort=-extra__" + name if kind != "long" else "customers")
    assert listed.status_code == 200 and listed.json()["data"][0]["extra"] == {name: good}
    refused = api.ask("PATCH", where, {"extra": {name: bad}})
    assert refused.status_code == 422, refused.content
    assert refused.json()["errors"][0]["field"] == f"extra.{name}"
    assert api.ask("PATCH", where, {"extra": {name: None}}).json()["extra"] == {name: None}
    schemas = openapi.document()["components"]["schemas"]
    for schema in ("Customer", "CustomerNew", "CustomerChange"):
        assert list(schemas[schema]["properties"]["extra"]["properties"]) == [name]


def test_numbers_with_decimals_are_exact(cast: Cast) -> None:
    name = add(cast, "area", "number", decimals=2)
    api = Api(cast.administrator)
    made = api.ask("POST", "customers", {"name": "Lamp house", "extra": {name: "12.34"}}).json()
    assert made["extra"] == {name: "12.34"}
    assert api.ask("PATCH", f"customers/{made['id']}", {"extra": {name: "0.001"}}).status_code == 422


def test_links_are_ids_and_expand(cast: Cast) -> None:
    name = add(cast, "architect", "person")
    api = Api(cast.administrator)
    made = api.ask("POST", "customers", {"name": "Lamp house", "extra": {name: cast.seller.pk}}).json()
    assert made["extra"] == {name: cast.seller.pk}
    shown = api.ask("GET", f"customers/{made['id']}?expand=extra__{name}").json()["extra"][name]
    assert (shown["id"], shown["title"]) == (cast.seller.pk, cast.seller.name)
    by_uid = api.ask("PATCH", f"customers/{made['id']}", {"extra": {name: str(cast.peer.uid)}})
    assert by_uid.json()["extra"] == {name: cast.peer.pk}


def test_needed_unknown_and_misplaced(cast: Cast) -> None:
    name = add(cast, "colour", "text", required=True)
    api = Api(cast.administrator)
    for body, field, code in (
        ({"name": "A"}, f"extra.{name}", "required"),
        ({"name": "A", "extra": {name: "x", "c_none": 1}}, "extra.c_none", "unknown_field"),
        ({"name": "A", "extra": {name: "x"}, f"extra__{name}": "x"}, f"extra__{name}", "unknown_field"),
        ({"name": "A", "extra": "x"}, "extra", "not_an_object"),
    ):
        found = api.ask("POST", "customers", body)
        assert found.status_code == 422
        assert (field, code) in [(each["field"], each["code"]) for each in found.json()["errors"]]


def test_a_masked_one_is_not_there(cast: Cast) -> None:
    name = add(cast, "secret", "text")
    api = Api(cast.administrator)
    pk = api.ask("POST", "customers", {"name": "Lamp house", "extra": {name: "tell-nobody"}}).json()["id"]
    grants = {"*": {"view": "all", "change": "all"}}
    masks = {CUSTOMERS.name: [f"extra__{name}"]}
    action.update(Role.objects.get(code="auditor"), {"grants": grants, "masks": masks}, actor=cast.system)
    api = Api(cast.again("auditor"))
    for path in (f"customers/{pk}", "customers", "customers?fields=extra"):
        assert "tell-nobody" not in api.ask("GET", path).content.decode()
    assert api.ask("GET", f"customers?fields=extra__{name}").status_code == 400
    assert api.ask("GET", f"customers?extra__{name}=tell-nobody").status_code == 400
    assert api.ask("PATCH", f"customers/{pk}", {"extra": {name: "x"}}).status_code == 403


def test_pages_of_a_list_sorted_by_one(cast: Cast) -> None:
    name = add(cast, "size", "number")
    api = Api(cast.administrator)
    rows = [{"name": f"C{n}", "extra": {name: n % 3 if n % 4 else None}} for n in range(11)]
    assert api.ask("POST", "customers/bulk", {"create": rows}).status_code == 200
    for sort in (f"extra__{name}", f"-extra__{name}"):
        seen: list[int] = []
        cursor = ""
        while cursor is not None:
            found = api.ask("GET", f"customers?limit=3&sort={sort}" + (f"&cursor={cursor}" if cursor else "")).json()
            seen += [row["id"] for row in found["data"]]
            cursor = found["next"]
        assert len(seen) == len(set(seen)) == 11
    assert api.ask("GET", f"customers?extra__{name}=1..&count=1").json()["count"] == len(
        [row for row in rows if (row["extra"][name] or 0) >= 1]
    )


def test_what_is_not_there_is_not_in_the_answer(cast: Cast) -> None:
    row = samples(cast).make(CUSTOMERS, owner=cast.seller)
    assert "extra" not in Api(cast.seller).ask("GET", f"customers/{row.pk}").json()
    assert Client().get("/api/v1/customers").status_code == 401
