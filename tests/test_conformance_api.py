"""What holds for every entity in the API: the same rows and rights as the pages, the same writes, nothing twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from xiaoguan.api import shape
from xiaoguan.api.actions import issue
from xiaoguan.api.models import Token
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit import access, action, allowance, memo
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.models import Change, ChangeRow

from tests.cast import Cast
from tests.samples import DERIVED, owned_by, samples
from tests.test_conformance import SECRET, counted, hide, hideable

pytestmark = pytest.mark.django_db
ALL = [pytest.param(each, id=each.name) for each in entities.values() if each.model is not Token]
MADE = [param for param in ALL if param.values[0].name not in DERIVED]
WRITTEN = [param for param in MADE if param.values[0].names("form")]


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    allowance.reset()


class Api:
    """A program that works in somebody's name."""

    def __init__(self, person: Any, scopes: str = "*:write") -> None:
        _token, secret = issue("test", scopes, None, actor=system_actor(), owner=person)
        self.headers = {"authorization": f"Bearer {secret}", "accept-language": "en"}
        self.client = Client(enforce_csrf_checks=True)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; `path` begins behind /api/v1/."""
        text = "" if body is None else json.dumps(body)
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.generic(method, f"/api/v1/{path}", text, "application/json", headers=sent)


def sent(entity: Entity, made: Any, **given: Any) -> dict[str, Any]:
    """Sample values as a program would send them."""
    known = shape.writable(entity)
    found = {}
    for name, value in made.values(entity, **given).items():
        if name in known:
            found[name] = getattr(value, "pk", value) if not hasattr(value, "isoformat") else value.isoformat()
    return found


@pytest.mark.parametrize("entity", ALL)
def test_a_page_and_the_api_show_the_same_rows(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    for owner in (cast.seller, cast.peer, cast.other_seller):
        if entity.name != "org.company":
            owned_by(owner, entity, made)
    for part in ("seller", "manager", "director", "outsider"):
        person = getattr(cast, part)
        answer = Api(person).ask("GET", f"{entity.slug}?limit=500")
        if not access.may(person, "view", entity.model):
            assert answer.status_code == 404, part
            continue
        visible = set(access.visible(entity.model, person).values_list("pk", flat=True))
        assert {row["id"] for row in answer.json()["data"]} == visible, part


@pytest.mark.parametrize("entity", MADE)
def test_pages_follow_each_other_without_gap(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    made.many(entity, 7, **({"owner": cast.seller} if entity.scope == "owner" else {}))
    api = Api(cast.administrator)
    orders = ["", *(f"{mark}{name}" for name in entity.names("list")[:4] if "__" not in name for mark in ("", "-"))]
    for sort in orders:
        address = f"{entity.slug}?limit=3&sort={sort}" if sort else f"{entity.slug}?limit=3"
        seen, token = [], ""
        for _page in range(40):
            answer = api.ask("GET", address + (f"&cursor={token}" if token else ""))
            assert answer.status_code == 200, answer.content
            seen += [row["id"] for row in answer.json()["data"]]
            token = answer.json()["next"]
            if not token:
                break
        visible = set(access.visible(entity.model, cast.administrator).values_list("pk", flat=True))
        assert len(seen) == len(set(seen)) and set(seen) == visible, sort


@pytest.mark.parametrize("entity", MADE)
def test_a_hundred_rows_cost_the_queries_of_one(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    api = Api(cast.administrator)
    links = [column.path for column in shape.readable(entity, cast.administrator) if shape.is_link(column)]
    given = {"owner": cast.seller} if entity.scope == "owner" else {}
    made.make(entity, **given)

    def queries() -> int:
        memo.forget()
        with counted() as found:
            assert api.ask("GET", f"{entity.slug}?limit=100&expand={','.join(links[:3])}").status_code == 200
        return len(found)

    one = queries()
    made.many(entity, 20, **given)
    assert queries() <= one + 1  # an empty expanded link asks nothing


@pytest.mark.parametrize("entity", WRITTEN)
def test_created_changed_removed_restored(entity: Entity, cast: Cast) -> None:
    api, made = Api(cast.administrator), samples(cast)
    body = sent(entity, made)
    before = Change.objects.count()
    answer = api.ask("POST", entity.slug, body)
    assert answer.status_code == 201, answer.content
    assert Change.objects.count() == before + 1
    first = answer.json()
    where = f"{entity.slug}/{first['id']}"
    assert answer["Location"].endswith(where) and answer["ETag"] == f'"{first["version"]}"'
    read = api.ask("GET", where).json()
    assert read == first
    assert api.ask("PATCH", where, {}, if_match='"999"').status_code == 412
    assert api.ask("DELETE", where, if_match='"999"').status_code == 412
    assert Change.objects.count() == before + 1
    answer = api.ask("DELETE", where, if_match=f'"{first["version"]}"')
    if answer.status_code == 409:  # a rule keeps it
        assert answer.json()["rule"]["code"]
        return
    assert answer.status_code == 204, answer.content
    assert api.ask("GET", where).status_code == 404
    assert api.ask("POST", f"{where}/restore").json()["id"] == first["id"]


@pytest.mark.parametrize("entity", ALL)
def test_strangers_find_nothing_and_leave_nothing(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    api = Api(cast.outsider)
    before = Change.objects.count()
    where = f"{entity.slug}/{row.pk}"
    for method, path in (("GET", where), ("PATCH", where), ("DELETE", where), ("POST", f"{where}/restore")):
        if method != "PATCH" or entity.names("form"):
            assert api.ask(method, path, {}).status_code == 404, (method, path)
    for name in entity.actions:
        assert api.ask("POST", f"{where}/actions/{name}", {}).status_code == 404, name
    assert api.ask("POST", f"{entity.slug}/bulk", {"delete": [row.pk]}).status_code in (403, 404, 422)
    assert Change.objects.count() == before


@pytest.mark.parametrize("entity", WRITTEN)
def test_what_is_denied_leaves_no_trace(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    row = owned_by(cast.seller, entity, made)
    body = sent(entity, made)
    api, reader = Api(cast.auditor), Api(cast.administrator, scopes="*:read")
    before, rows = Change.objects.count(), entity.model._default_manager.count()
    where = f"{entity.slug}/{row.pk}"
    for one in (api, reader):
        for method, path, what in (("POST", entity.slug, body), ("PATCH", where, {}), ("DELETE", where, None)):
            assert one.ask(method, path, what).status_code == 403, (method, path)
        assert one.ask("POST", f"{entity.slug}/bulk", {"delete": [row.pk]}).status_code in (403, 422)
        for name in entity.actions:
            assert one.ask("POST", f"{where}/actions/{name}", {}).status_code in (403, 422), name
    assert (Change.objects.count(), entity.model._default_manager.count()) == (before, rows)


@pytest.mark.parametrize("entity", [param for param in MADE if hideable(param.values[0])])
def test_a_masked_field_is_neither_read_nor_asked_for(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    fields = hideable(entity)
    entity.model._default_manager.filter(pk=row.pk).update(**dict.fromkeys(fields, SECRET))
    api = Api(hide(cast, entity, fields))
    for path in (entity.slug, f"{entity.slug}/{row.pk}"):
        assert SECRET not in api.ask("GET", path).content.decode()
    for name in fields:
        assert api.ask("GET", f"{entity.slug}?fields={name}").status_code == 400
        assert api.ask("GET", f"{entity.slug}?{name}={SECRET}").status_code == 400
        assert api.ask("GET", f"{entity.slug}?sort={name}").status_code == 400


@pytest.mark.parametrize("entity", WRITTEN)
def test_many_at_once_are_one_change_or_none(entity: Entity, cast: Cast) -> None:
    api, made = Api(cast.administrator), samples(cast)
    rows = [sent(entity, made) for _n in range(3)]
    before = Change.objects.count(), entity.model._default_manager.count()
    answer = api.ask("POST", f"{entity.slug}/bulk", {"create": [*rows, {"no_such_field": 1}]})
    assert answer.status_code == 422 and {error["index"] for error in answer.json()["errors"]} == {3}
    assert (Change.objects.count(), entity.model._default_manager.count()) == before
    answer = api.ask("POST", f"{entity.slug}/bulk", {"create": rows})
    assert answer.status_code == 200, answer.content
    ids = [line["id"] for line in answer.json()["results"]]
    assert len(ids) == 3
    if entity.name != "org.person":  # people join by a verb of their own, one by one
        assert Change.objects.count() == before[0] + 1
        assert ChangeRow.objects.filter(entity=entity.name, object_id__in=ids).count() >= 3
    assert (
        api.ask("POST", f"{entity.slug}/bulk", {"update": [{"id": pk, "version": 99} for pk in ids]}).status_code == 422
    )
    assert api.ask("POST", f"{entity.slug}/bulk", {"delete": ids}).status_code in (200, 422)


@pytest.mark.parametrize("entity", [param for param in WRITTEN if param.values[0].scope == "owner"])
def test_the_same_key_is_done_once(entity: Entity, cast: Cast) -> None:
    api, made = Api(cast.administrator), samples(cast)
    body = sent(entity, made)
    rows = entity.model._default_manager.count()
    first = api.ask("POST", entity.slug, body, idempotency_key="k-1")
    again = api.ask("POST", entity.slug, body, idempotency_key="k-1")
    assert (first.status_code, again.status_code) == (201, 201), first.content
    assert again.content == first.content and again["Idempotent-Replayed"] == "true"
    assert entity.model._default_manager.count() == rows + 1
    assert api.ask("POST", entity.slug, {**body, "uid": "0192f0c0-0000-7000-8000-000000000001"},
                   idempotency_key="k-1").status_code == 409  # fmt: skip


def test_the_rights_of_the_owner_are_those_of_the_token(cast: Cast) -> None:
    """A role taken away is gone from the token at once; a leaver's token opens nothing."""
    api = Api(cast.seller)
    assert api.ask("GET", "deals").status_code == 200
    action.update(cast.again("seller"), {"is_active": False}, actor=cast.system)
    assert api.ask("GET", "deals").status_code == 401
