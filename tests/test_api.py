"""The door of the API: tokens, scopes, versions, keys, limits; and its document, tried by machines."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from django.test import Client, override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from xiaoguan.api import openapi
from xiaoguan.api.actions import issue
from xiaoguan.api.models import Answer, Token
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import allowance, clock, job, worker
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.models import Change

from tests.cast import Cast, make_cast
from tests.samples import owned_by, samples
from tests.test_conformance_api import WRITTEN, Api


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    allowance.reset()


@pytest.mark.django_db
class TestDoor:
    """Who gets in."""

    def test_without_a_token_nobody(self, cast: Cast, client: Client) -> None:
        answer = client.get("/api/v1/deals")
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert client.get("/api/v1/deals", headers={"authorization": "Bearer xg_wrong"}).status_code == 401

    def test_a_session_reads_and_never_writes(self, cast: Cast) -> None:
        """A page elsewhere could send the cookie with a form: it must open nothing that changes."""
        client = Client()
        client.force_login(cast.seller)
        assert client.get("/api/v1/deals").status_code == 200
        before = Change.objects.count()
        for method in ("post", "patch", "delete"):
            answer = getattr(client, method)("/api/v1/deals", "{}", content_type="application/json")
            assert answer.status_code in (401, 405), method
        assert Change.objects.count() == before

    def test_scopes_reach_so_far(self, cast: Cast) -> None:
        api = Api(cast.seller, "customers:read opportunities.deal:write")
        assert api.ask("GET", "customers").status_code == 200
        assert api.ask("POST", "customers", {"name": "Nobody"}).status_code == 403
        assert api.ask("GET", "deals").status_code == 200
        assert api.ask("GET", "tasks").json()["code"] == "scope"

    def test_an_end_is_an_end(self, cast: Cast) -> None:
        with pytest.raises(Invalid):
            issue("late", "*:read", clock.today() - timedelta(days=1), actor=cast.seller)
        token, secret = issue("short", "*:read", clock.today(), actor=cast.seller)
        headers = {"authorization": f"Bearer {secret}"}
        assert Client().get("/api/v1/deals", headers=headers).status_code == 200
        Token.objects.filter(pk=token.pk).update(expires_on=clock.today() - timedelta(days=1))
        assert Client().get("/api/v1/deals", headers=headers).status_code == 401

    @pytest.mark.parametrize("scopes", ["", "everything", "*:delete", "nowhere:read", "customers.customer:write x"])
    def test_scopes_that_are_none(self, cast: Cast, scopes: str) -> None:
        with pytest.raises(Invalid) as caught:
            issue("odd", scopes, None, actor=cast.seller)
        assert list(caught.value.errors) == ["scopes"]

    def test_the_secret_is_shown_once_and_stored_nowhere(self, cast: Cast) -> None:
        client = Client()
        client.force_login(cast.seller)
        answer = client.post("/tokens/new/", {"name": "Sync", "reach": "*:read", "days": "30"})
        secret = answer.context["secret"]
        assert secret in answer.content.decode() and "no-store" in answer["Cache-Control"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM api_token")
            assert secret not in str(cursor.fetchall())
        for url in ("/tokens/", f"/tokens/{answer.context['token'].pk}/", "/api/v1/docs/"):
            assert secret not in client.get(url).content.decode()
        assert client.post("/tokens/new/", {"name": "", "reach": "*:read"}).status_code == 422

    def test_nobody_sees_the_tokens_of_others(self, cast: Cast) -> None:
        token, _secret = issue("mine", "*:read", None, actor=cast.seller)
        client = Client()
        client.force_login(cast.peer)
        assert client.get(f"/tokens/{token.pk}/").status_code == 404
        assert Api(cast.seller).ask("GET", "tokens").status_code == 404

    def test_too_many_calls_wait(self, cast: Cast) -> None:
        api = Api(cast.seller)
        with override_settings(XIAOGUAN_API_CALLS_A_MINUTE=3):
            codes = [api.ask("GET", "deals").status_code for _n in range(5)]
            answer = api.ask("GET", "deals")
        assert codes == [200, 200, 200, 429, 429]
        assert 1 <= int(answer["Retry-After"]) <= 61

    def test_words_come_in_the_language_asked_for(self, cast: Cast) -> None:
        api = Api(cast.seller)
        english = api.ask("POST", "deals", {"amount": "much"}).json()
        chinese = api.ask("POST", "deals", {"amount": "much"}, accept_language="zh-CN").json()
        assert english["code"] == chinese["code"] and english["title"] != chinese["title"]

    @pytest.mark.parametrize(
        ("body", "kind", "status"),
        [
            ("{", "application/json", 400),
            ("[1]", "application/json", 400),
            ('{"name": NaN}', "application/json", 400),
            ('{"name": "a\\u0000b"}', "application/json", 400),
            ("[" * 100_000, "application/json", 400),
            ("name=x", "application/x-www-form-urlencoded", 415),
        ],
    )
    def test_bodies_that_are_none(self, cast: Cast, body: str, kind: str, status: int) -> None:
        api = Api(cast.seller)
        answer = api.client.post("/api/v1/deals", body, content_type=kind, headers=api.headers)
        assert answer.status_code == status

    def test_a_method_that_is_none_says_which_are(self, cast: Cast) -> None:
        answer = Api(cast.seller).ask("PUT", "deals")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, HEAD")

    @pytest.mark.parametrize("path", ["deals/0", "deals/99999999999999999999", "deals/x", "nothing"])
    def test_addresses_of_nothing(self, cast: Cast, path: str) -> None:
        assert Api(cast.seller).ask("GET", path).status_code == 404


@pytest.mark.django_db
class TestWork:
    """What a program does all day."""

    def test_a_deal_from_first_word_to_signature(self, cast: Cast) -> None:
        """Create with own uids, expand, move by the verb, undo nothing, see it won."""
        api = Api(cast.seller)
        uid = "0192f0c0-0000-7000-8000-0000000000aa"
        customer = api.ask("POST", "customers", {"name": "恒岑钢构有限公司", "uid": uid}).json()
        stage = api.ask("GET", "stages?limit=1&sort=position&fields=name").json()["data"][0]["id"]
        body = {"name": "Roof", "customer": uid, "amount": 12_345_678, "stage": stage}
        deal = api.ask("POST", "deals", body).json()
        assert (deal["customer"], deal["amount"]) == (customer["id"], 12_345_678)
        shown = api.ask("GET", f"deals/{deal['id']}?fields=amount&expand=customer,owner").json()
        assert shown["customer"] == {"id": customer["id"], "uid": uid, "title": "恒岑钢构有限公司"}
        assert set(shown) == {"id", "uid", "version", "created_at", "updated_at", "amount", "customer", "owner"}
        version = f'"{deal["version"]}"'
        won = api.ask("POST", f"deals/{deal['id']}/actions/win", {"on": clock.today().isoformat()}, if_match=version)
        assert (won.status_code, won.json()["status"]) == (200, "won")
        late = api.ask("POST", f"deals/{deal['id']}/actions/win", {}, if_match=version)
        changed = {each["field"]: each["by"] for each in late.json()["changed"]}
        assert late.status_code == 412 and changed["stage"] == cast.seller.pk and "amount" not in changed
        lost = api.ask("POST", f"deals/{deal['id']}/actions/lose", {"loss_reason": "price"})
        assert lost.status_code == 422 and lost.json()["errors"][0]["field"] == "loss_reason"

    def test_a_list_is_filtered_like_its_page(self, cast: Cast) -> None:
        made = samples(cast)
        for amount in (100_00, 200_00, 300_00):
            made.make(Deal.entity, owner=cast.seller, amount=amount)
        api = Api(cast.seller)
        found = api.ask("GET", "deals?amount=150..&sort=-amount&count=1&limit=1").json()
        assert (found["count"], [row["amount"] for row in found["data"]]) == (2, [300_00])
        link = api.ask("GET", "deals?limit=1")["Link"]
        assert link.endswith('rel="next"') and "cursor=" in link
        assert api.ask("GET", "deals?colour=red").status_code == 400
        assert api.ask("GET", "deals?limit=0").status_code == 400
        assert api.ask("GET", "deals?cursor=nonsense").status_code == 400
        assert api.ask("GET", "deals?fields=password").status_code == 400

    def test_rows_that_come_between_pages_double_nothing(self, cast: Cast) -> None:
        made = samples(cast)
        made.many(Customer.entity, 6, owner=cast.seller)
        api = Api(cast.seller)
        first = api.ask("GET", "customers?limit=3").json()
        made.many(Customer.entity, 4, owner=cast.seller)
        second = api.ask("GET", f"customers?limit=3&cursor={first['next']}").json()
        ids = [row["id"] for row in first["data"] + second["data"]]
        assert len(ids) == len(set(ids)) == 6

    def test_a_bulk_change_that_a_rule_refuses_names_its_row(self, cast: Cast) -> None:
        made = samples(cast)
        free, held = made.many(Customer.entity, 2, owner=cast.seller)
        made.make(Deal.entity, owner=cast.seller, customer=held)
        answer = Api(cast.administrator).ask("POST", "customers/bulk", {"delete": [free.pk, held.pk]})
        assert answer.status_code == 422
        assert [error["index"] for error in answer.json()["errors"]] == [1]
        assert Customer.objects.filter(deleted_at__isnull=True, pk__in=[free.pk, held.pk]).count() == 2

    def test_kept_answers_go_after_a_month(self, cast: Cast) -> None:
        old = clock.machine_now() - timedelta(days=31)
        for key, at in (("old", old), ("new", clock.machine_now())):
            Answer.objects.create(actor=cast.seller, key=key, body="", at=at, status=200)
        job.enqueue("api.answers", {})
        worker.drain()
        assert list(Answer.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_make_one_record() -> None:
    """The second waits for the first and gets its answer."""
    cast = make_cast()
    api = Api(cast.seller)
    answers: list[Any] = []

    def send() -> None:
        try:
            answers.append(api.ask("POST", "customers", {"name": "Once only"}, idempotency_key="same"))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Customer.objects.filter(name="Once only").count() == 1
    call_command("flush", verbosity=0, interactive=False)


# The document -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_document_names_everything_it_points_at(cast: Cast) -> None:
    """Every reference leads somewhere, every operation has a name of its own; strangers don't get it."""
    assert Client().get("/api/v1/openapi.json").status_code == 401
    document = Api(cast.seller, "customers:read").ask("GET", "openapi.json").json()
    assert document["openapi"] == "3.1.0"
    text = json.dumps(document)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}:
        found: Any = document
        for step in reference.split("/"):
            found = found[step]
    names = [each["operationId"] for path in document["paths"].values() for each in path.values()
             if isinstance(each, dict)]  # fmt: skip
    assert len(names) == len(set(names)) > 100
    assert openapi.document() is openapi.document()


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """A schema with its reference followed."""
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


class Generated:
    """A client made from nothing but the document: one method per operation, bodies checked against their schema."""

    def __init__(self, document: dict[str, Any], api: Api) -> None:
        self.document = document
        self.api = api
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if isinstance(operation, dict)
        }

    def fields(self, operation: str) -> dict[str, Any]:
        """The properties of an operation's body."""
        content = self.operations[operation][2]["requestBody"]["content"]["application/json"]
        return dict(resolved(content["schema"], self.document)["properties"])

    def call(self, operation: str, body: Any = None, **where: Any) -> Any:
        """Run an operation and return what it answers; an undocumented status is an error."""
        method, path, described = self.operations[operation]
        answer = self.api.ask(method, path.format(**where).removeprefix("/"), body)
        assert str(answer.status_code) in described["responses"], (operation, answer.status_code)
        return answer.json() if answer.content else None


GIVEN = {
    "string": "Round trip", "integer": 7, "boolean": True, "date": "2026-11-18", "date-time": "2026-11-18T01:02:03Z",
}  # fmt: skip


@cache
def _document() -> dict[str, Any]:
    """The document without anybody's own fields, made once: what is remembered is forgotten between tests."""
    return openapi.document()


def example(schema: dict[str, Any], linked: int) -> Any:
    """A value a schema allows, other than null."""
    if "anyOf" in schema:
        return linked
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else next(each for each in kinds if each != "null")
    if kind == "array":
        return [example(schema["items"], linked)]
    if "enum" in schema:
        return next(each for each in schema["enum"] if each not in (None, ""))
    if schema.get("pattern", "").startswith("^-?"):
        return "12.5"
    if "pattern" in schema:
        return "09:30:00"
    text = GIVEN.get(schema.get("format", ""), GIVEN[kind])
    return text[: schema["maxLength"]] if "maxLength" in schema else text


DEPENDENT = {
    "activities.feedback": {"score"},
    "billing.instalment": {"milestone", "days", "due_on", "reached_on"},
    "commerce.contract": {"cancelled_on", "exchange_rate", "original"},
    "commerce.receipt": {"exchange_rate", "original"},
    "dashboards.dashboard": {"roles"},
    "goals.target": {"team", "person", "territory", "customer", "product"},
    "leads.lead": {"received_at"},
    "metrics.definition": {"over_how", "over_narrowed"},
    "opportunities.deal": {"exchange_rate", "original"},
    "opportunities.stage": {"back_roles"},
}
"""Fields that the record keeps only together with the state or the level that they belong to, or to the minute."""


def same(read: Any, sent: Any) -> bool:
    """Whether a value came back; a decimal may have more zeros."""
    decimal = isinstance(read, str) and read.replace(".", "", 1).lstrip("-").isdigit()
    return Decimal(read) == Decimal(sent) if decimal else bool(read == sent)


@pytest.mark.django_db
@pytest.mark.parametrize("entity", WRITTEN)
def test_a_generated_client_carries_every_field_there_and_back(entity: Entity, cast: Cast) -> None:
    """What the document says can be written is written and read back the same, field by field."""
    made = samples(cast)
    client = Generated(_document(), Api(cast.administrator))
    name = entity.model.__name__
    row = owned_by(cast.seller, entity, made)
    carried = refused = 0
    for field, schema in client.fields(f"change{name}").items():
        if field in DEPENDENT.get(entity.name, ()):
            continue
        column = entity.column(field)
        linked = made.linked(column.field).pk if column.field.is_relation else 0
        value = example(schema, linked)
        answer = client.call(f"change{name}", {field: value}, id=row.pk)
        if "errors" in answer or ("code" in answer and "status" in answer and "type" in answer):
            refused += 1  # a rule of the model that one field alone does not satisfy
            assert answer["errors"] or answer["rule"]
            continue
        carried += 1
        assert same(client.call(f"read{name}", id=row.pk)[field], value), field
    assert carried > refused, (carried, refused)


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests served in this thread leave the test's own connection open."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("mode", MODES, ids=("allowed", "forbidden"))
def test_machines_find_no_crack(cast: Cast, one_connection: None, mode: schemathesis.GenerationMode) -> None:
    """What the document allows and what it forbids is sent to every address; every answer is a documented one."""
    made = samples(cast)
    for entity in entities.values():
        if entity.model is not Token and entity.name != "org.company":
            owned_by(cast.seller, entity, made)
    api = Api(cast.administrator)
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=get_wsgi_application(), headers=api.headers)
    document.raw_schema.pop("security")  # every request here carries the token: leaving it out is tried above
    tried = 0
    for found in document.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=2, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def attempt(case: Any) -> None:
            nonlocal tried
            tried += 1
            allowance.reset()
            with transaction.atomic():
                case.call_and_validate(headers=api.headers, checks=CHECKS)
                transaction.set_rollback(True)

        try:
            attempt()
        except Unsatisfiable:
            continue  # nothing is forbidden here
    assert tried > 200
