"""A field of one's own that holds a file: kept by id and name, seen with its record, masked with its field."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Role
from xiaoguan.files import keeping, uses
from xiaoguan.files.models import FieldUse, StoredFile
from xiaoguan.files.serving import address
from xiaoguan.files.tests import samples
from xiaoguan.kit import action, history, undo
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.models import Change, ChangeRow
from xiaoguan.kit.models.own import OwnField

from tests.cast import Cast
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db
PATH = "extra__c_licence"


@pytest.fixture(autouse=True)
def _shelf(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def customer(cast: Cast) -> Customer:
    """A customer of the seller's, with a field for its licence."""
    values = {"record": "customers.customer", "code": "licence", "label": "Licence", "kind": "file"}
    action.create(OwnField, values, actor=cast.administrator)
    made: Customer = action.create(Customer, {"name": "Hengcen Steel", "owner": cast.seller}, actor=cast.seller)
    return made


def client_of(person: Any) -> Client:
    """A browser of somebody's."""
    client = Client()
    client.force_login(person)
    return client


def bring(client: Client, name: str = "licence.pdf") -> dict[str, Any]:
    """Send a file as the control of a form does."""
    answer = client.post("/files/", {"file": samples.upload(samples.PDF, name, "application/pdf")})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


def put(client: Client, customer: Customer, value: str) -> Any:
    """Save the form with this value in the field."""
    url = Entity.of(Customer).url("edit", customer)
    form = client.get(url).context["form"]
    data = {item.name: item.raw for item in form.inputs.values()}
    return client.post(url, data | {PATH: value, "_version": str(Customer.objects.get(pk=customer.pk).version)})


def test_from_the_form_to_list_page_history_and_undo(cast: Cast, customer: Customer) -> None:
    client, entity = client_of(cast.seller), Entity.of(Customer)
    first, second = bring(client), bring(client, "newer.pdf")
    assert put(client, customer, first["value"]).status_code == 302
    assert put(client, customer, second["value"]).status_code == 302
    assert str(getattr(Customer.objects.get(pk=customer.pk), PATH)) == "newer.pdf"
    assert "newer.pdf" in client.get(f"{entity.url('list')}?view=all&cols=name,{PATH}").content.decode()
    assert f"{second['url']}?view" in client.get(entity.url("detail", customer)).content.decode()
    row = ChangeRow.objects.filter(entity=entity.name, object_id=customer.pk).latest("pk")
    told = history.Reader(entity, cast.seller, [row]).differences(row)
    assert [(str(each.before), str(each.after)) for each in told] == [("licence.pdf", "newer.pdf")]
    text = client.get(f"{entity.url('export')}?view=all&_format=csv&cols={PATH}").getvalue().decode("utf-8-sig")
    assert text.split() == ["Licence", "newer.pdf"]
    ids = {StoredFile.objects.get(pk=each["id"]).pk for each in (first, second)}
    assert uses.needed(ids) == ids, "undo may bring the first one back"
    undo.undo(Change.objects.latest("pk"), actor=cast.seller)
    assert FieldUse.objects.get(left_at=None).file.name == "licence.pdf"
    assert client.get(first["url"]).status_code == 200 and client.get(second["url"]).status_code == 404


def test_the_file_is_seen_with_record_and_field(cast: Cast, customer: Customer) -> None:
    client = client_of(cast.seller)
    found = bring(client)
    put(client, customer, found["value"])
    assert client_of(cast.manager).get(found["url"]).status_code == 200
    for part in ("peer", "outsider"):
        assert client_of(getattr(cast, part)).get(found["url"]).status_code == 404, part
    role = Role.objects.get(code="manager")
    action.update(role, {"masks": {"customers.customer": [PATH]}}, actor=cast.system)
    manager = client_of(cast.again("manager"))
    assert manager.get(found["url"]).status_code == 404
    assert b"licence.pdf" not in manager.get(Entity.of(Customer).url("detail", customer)).content


def test_nobody_gets_at_a_file_by_naming_it(cast: Cast, customer: Customer) -> None:
    stored = keeping.keep(samples.upload(samples.PDF, "salary.pdf"), "salary.pdf", cast.hr)
    client = client_of(cast.seller)
    changes = Change.objects.count()
    for value in (
        f"{stored.pk}/salary.pdf",
        str(stored.pk),
        "salary.pdf",
        "nothing.pdf",
        "0192f1aa-0000-7000-8000-000000000000",
    ):
        assert put(client, customer, value).status_code == 422, value
    with pytest.raises(Invalid):
        action.update(Customer.objects.get(pk=customer.pk), {PATH: f"{stored.pk}/salary.pdf"}, actor=cast.seller)
    assert Change.objects.count() == changes
    assert client.get(address(stored)).status_code == 404


def test_programs_read_and_write_it(cast: Cast, customer: Customer) -> None:
    client, program = client_of(cast.seller), Api(cast.seller)
    found, url = bring(client), f"customers/{customer.pk}"
    answer = program.ask("PATCH", url, {"extra": {"c_licence": found["id"]}})
    assert answer.status_code == 200, answer.content
    wanted = {"id": found["id"], "name": "licence.pdf", "url": found["url"]}
    assert answer.json()["extra"]["c_licence"] == wanted
    assert program.ask("PATCH", url, {"extra": {"c_licence": wanted}}).status_code == 200
    assert program.ask("PATCH", url, {"extra": {"c_licence": "no-file.pdf"}}).status_code == 422
    assert program.ask("PATCH", url, {"extra": {"c_licence": None}}).json()["extra"]["c_licence"] is None
