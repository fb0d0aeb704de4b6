"""The log: filters, what a reader may see of it, its cost, and its file."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xiaoguan.apps.audit import queries
from xiaoguan.apps.audit.exporting import KIND
from xiaoguan.apps.audit.models import AccessEntry
from xiaoguan.apps.audit.queries import Filters
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import access, action, clock, job
from xiaoguan.kit.models import Change, Job

from tests.cast import Cast
from tests.samples import owned_by, samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def english() -> Client:
    return Client(headers={"Accept-Language": "en"})


def found(actor: object, **wanted: object) -> list[str]:
    return [change.action for change in queries.search(Filters(**wanted), actor).changes]  # type: ignore[arg-type]


def test_filters_narrow_and_read_together(cast: Cast) -> None:
    customer = action.create(Customer, {"name": "恒岑钢构", "phone": "13800138000"}, actor=cast.seller)
    action.update(customer, {"name": "恒岑重钢"}, actor=cast.seller)
    action.update(customer, {"phone": "13900139000"}, actor=cast.manager, source="api")
    reader = cast.auditor
    assert found(reader, person=cast.seller.pk) == ["update", "create"]
    assert found(reader, entity="customers.customer", record=customer.pk) == ["update", "update", "create"]
    assert found(reader, source="api") == ["update"]
    assert found(reader, action="create", person=cast.seller.pk) == ["create"]
    assert found(reader, entity="customers.customer", field="phone") == ["update"]
    assert found(reader, text="恒岑") == ["update"]
    assert found(reader, text="重钢") == ["update"]
    assert found(reader, text="139001") == ["update"]
    assert found(reader, text="恒岑", first=clock.today(), last=clock.today()) == ["update"]
    assert found(reader, text="恒岑", last=clock.today().replace(year=2020)) == []


def test_words_of_hidden_fields_and_closed_records_are_not_found(cast: Cast) -> None:
    """Neither a mask nor a record type out of reach can be guessed by searching."""
    customer = action.create(Customer, {"name": "Lamp", "phone": "13800138001"}, actor=cast.seller)
    action.update(customer, {"name": "Lamp house", "phone": "13800138000"}, actor=cast.seller)
    role = Role.objects.get(code="hr")
    action.update(role, {"grants": {**role.grants, "audit.log": {"view": "all"}}}, actor=cast.system)
    hr = cast.again("hr")
    assert "phone" in access.masked(hr, Customer)
    assert found(hr, text="1380013") == [] and found(hr, text="Lamp house") == ["update"]
    assert found(hr, entity="customers.customer", field="phone") == []
    contact = samples(cast).make(Contact.entity, customer=customer)
    action.update(contact, {"name": "Only contact"}, actor=cast.seller)
    assert found(hr, text="Only contact") == []
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(hr)
    page = client.get(reverse("audit:log"), {"entity": "customers.contact"}).content.decode()
    assert "Only contact" not in page and "Values not visible to you" in page
    client.get(reverse("audit:log"), {"entity": "customers.customer"})
    assert "13800138000" not in client.get(reverse("audit:log")).content.decode()
    assert client.get(reverse("audit:export")).status_code == 403


def test_before_and_after_in_words_of_the_reader(cast: Cast, english: Client) -> None:
    deal = owned_by(cast.seller, Deal.entity, samples(cast))
    action.update(deal, {"owner": cast.peer, "amount": 12_345_600}, actor=cast.manager)
    english.force_login(cast.auditor)
    page = english.get(reverse("audit:log"), {"entity": "opportunities.deal", "record": deal.pk}).content.decode()
    assert "Wang Lei" in page and "Chen Siyuan" in page and "123,456" in page.replace("123.5", "123,456")
    chinese = Client(headers={"Accept-Language": "zh-hans"})
    chinese.force_login(cast.auditor)
    page = chinese.get(reverse("audit:log"), {"entity": "opportunities.deal", "record": deal.pk}).content.decode()
    assert "12.35" in page and "负责人" in page


def test_pages_go_on_where_the_last_ended(cast: Cast, english: Client) -> None:
    customer = owned_by(cast.seller, Customer.entity, samples(cast))
    for number in range(60):
        action.update(customer, {"name": f"Name {number}"}, actor=cast.seller)
    filters = Filters(entity="customers.customer", record=customer.pk)
    first = queries.search(filters, cast.auditor)
    second = queries.search(filters, cast.auditor, first.next)
    keys = [change.pk for change in [*first.changes, *second.changes]]
    assert len(keys) == len(set(keys)) == 61 and keys == sorted(keys, reverse=True) and second.next is None


def test_looking_for_words_ends_and_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = action.create(Customer, {"name": "Needle"}, actor=cast.seller)
    for number in range(12):
        action.update(customer, {"name": f"Hay {number}"}, actor=cast.seller)
    action.update(customer, {"name": "Needle"}, actor=cast.seller)
    monkeypatch.setattr(queries, "SCAN", 5)
    monkeypatch.setattr(queries, "PORTION", 3)
    filters, cursor, seen, answers = Filters(person=cast.seller.pk, text="Needle"), None, 0, 0
    while True:
        page = queries.search(filters, cast.auditor, cursor)
        seen, answers, cursor = seen + len(page.changes), answers + 1, page.next
        if cursor is None:
            break
        assert page.looked_to is not None
    assert (seen, answers) == (2, 3)


def test_the_log_costs_the_same_for_one_change_and_for_fifty(cast: Cast, english: Client) -> None:
    english.force_login(cast.auditor)
    customer = owned_by(cast.seller, Customer.entity, samples(cast))
    url = reverse("audit:log") + f"?entity=customers.customer&person={cast.seller.pk}"

    def queries_of() -> int:
        with CaptureQueriesContext(connection) as made:
            assert english.get(url).status_code == 200
        return len(made)

    action.update(customer, {"name": "One"}, actor=cast.seller)
    queries_of()
    few = queries_of()
    for number in range(60):
        action.update(customer, {"name": f"Name {number}"}, actor=cast.seller)
    queries_of()
    assert queries_of() == few


def test_an_index_serves_every_narrow_question(cast: Cast) -> None:
    """Person, record type and time are narrowed by an index in the order of the page, without a sort."""
    if connection.vendor != "sqlite":
        return  # PostgreSQL reads a table this small as a whole
    for filters in (Filters(), Filters(person=cast.seller.pk), Filters(entity="customers.customer")):
        rows = queries._narrowed(filters).order_by("-at", "-pk")[:50]
        plan = rows.explain()
        assert "kit_change_" in plan and "TEMP B-TREE" not in plan, plan


def test_the_file_has_the_filtered_lines(cast: Cast, english: Client) -> None:
    customer = action.create(Customer, {"name": "=SUM(1)"}, actor=cast.seller)
    action.update(customer, {"name": "Plain"}, actor=cast.manager)
    english.force_login(cast.auditor)
    url = reverse("audit:export") + f"?entity=customers.customer&record={customer.pk}"
    text = b"".join(english.get(url + "&_format=csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0][:3] == ["Time", "Person", "Action"]
    changed = [line for line in lines if line[1] == "Lin Qing"]
    assert changed[0][6:8] == ["'=SUM(1)", "Plain"]
    body = b"".join(english.get(url + "&_format=xlsx").streaming_content)  # type: ignore[attr-defined]
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet.max_row == len(lines)
    assert AccessEntry.objects.filter(how="export", entity="audit.log", actor=cast.auditor).count() == 2


def test_a_large_file_is_made_by_a_job(cast: Cast, english: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xiaoguan.apps.audit.exporting.AT_ONCE", 2)
    english.force_login(cast.auditor)
    answer = english.get(reverse("audit:export"), {"_format": "csv"})
    row = Job.objects.get(kind=KIND)
    assert answer.status_code == 302 and answer["Location"] == f"/jobs/{row.pk}/"
    job.kinds[KIND].run(job.Run(_running(row)))  # type: ignore[arg-type]


def _running(row: Job) -> Job:
    Job.objects.filter(pk=row.pk).update(state=Job.State.RUNNING, holder="test")
    return Job.objects.select_related("actor").get(pk=row.pk)


def test_strangers_and_administrators(cast: Cast, english: Client) -> None:
    assert not Change.objects.filter(actor=cast.outsider).exists()
    for part in ("seller", "manager", "director", "finance", "hr", "outsider"):
        english.force_login(getattr(cast, part))
        for page in ("log", "readings", "sign_ins", "watched", "export", "reviews"):
            assert english.get(reverse(f"audit:{page}")).status_code == 404, (part, page)
