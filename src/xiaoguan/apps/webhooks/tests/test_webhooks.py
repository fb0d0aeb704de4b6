"""Webhooks from the change to the receiver: what is told, signed, repeated, in which order, and to whom never."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities.actions import transfer, win
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Person, Role
from xiaoguan.apps.webhooks import actions, expanding, sending, signing
from xiaoguan.apps.webhooks.models import Delivery, Endpoint, Outgoing, Secret
from xiaoguan.kit import access, action, clock, job, worker
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.models.change import ChangeRow

from tests.cast import Cast
from tests.receivers import Receiver, receiver

pytestmark = pytest.mark.django_db
ALL = {"customers.customer": ["created", "deleted", "updated"], "opportunities.deal": ["created", "deleted", "updated"]}


@pytest.fixture
def other(settings: Any) -> Iterator[Receiver]:
    """The other system."""
    with receiver() as found:
        settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{found.port}"]
        yield found


@pytest.fixture
def endpoint(cast: Cast, other: Receiver) -> Endpoint:
    """A webhook of the administrator that hears of deals and customers."""
    made = action.create(Endpoint, {"name": "ERP", "url": other.url}, actor=cast.administrator)
    actions.subscribe(made, ALL, actor=cast.administrator)
    actions.new_secret(made, actor=cast.administrator)
    Outgoing.objects.all().delete()
    return Endpoint.objects.get()


def pass_on() -> None:
    """What the commit starts, in a test that never commits."""
    job.enqueue("webhooks.expand", key="expand", again=True)
    worker.drain()


def documented() -> Any:
    """The function that the documentation gives to receivers."""
    text = (Path(__file__).parents[5] / "docs" / "webhooks.md").read_text("utf-8")
    space: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], space)
    return space["genuine"]


def events(other: Receiver) -> list[tuple[str, str]]:
    return [(call.json["event"], call.json["action"]) for call in other.calls]


def test_a_record_through_its_life(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    deal = company.deal(cast.seller, amount=100_00)
    action.update(company.again(deal), {"amount": 250_00}, actor=cast.seller)
    action.remove(company.again(deal), actor=cast.seller)
    pass_on()
    assert events(other) == [("created", "create"), ("updated", "update"), ("deleted", "delete")]
    said = other.calls[1].json
    assert said["changes"]["amount"] == {"before": 100_00, "after": 250_00}
    assert said["record"]["name"] == "Canopy lighting" and said["record"]["stage_id"] == deal.stage_id
    assert said["entity"] == "opportunities.deal" and said["actor"] == {"id": cast.seller.pk, "name": "Chen Siyuan"}
    assert said["record"]["id"] == deal.pk and said["version"] == 1 and said["at"]
    assert not Outgoing.objects.exists()
    assert set(Delivery.objects.values_list("state", "attempts", "status")) == {("delivered", 1, 200)}


def test_the_signature(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    """As docs/webhooks.md says: HMAC-SHA256 over timestamp, dot and body, one per valid secret."""
    company.deal(cast.seller)
    old = Secret.objects.get().value
    new = actions.new_secret(endpoint, actor=cast.administrator)
    pass_on()
    call = other.calls[0]
    stamp = call.headers["X-Xiaoguan-Timestamp"]
    assert abs(int(stamp) - clock.machine_now().timestamp()) < 60
    wanted = [
        "v1=" + hmac.new(each.encode(), f"{stamp}.".encode() + call.body, hashlib.sha256).hexdigest()
        for each in (new, old)
    ]
    assert call.headers["X-Xiaoguan-Signature"].split(",") == wanted
    assert call.headers["X-Xiaoguan-Delivery"] == call.json["id"]
    genuine = documented()
    assert genuine(new, call.headers, call.body) and genuine(old, call.headers, call.body)
    assert not genuine("xgwh_other", call.headers, call.body) and not genuine(new, call.headers, call.body + b" ")
    late = {**call.headers, "X-Xiaoguan-Timestamp": str(int(stamp) - 400)}
    assert not genuine(new, late, call.body)
    actions.end_old_secret(endpoint, actor=cast.administrator)
    assert signing.valid(endpoint) == [new]


def test_the_old_secret_ends_after_a_day(cast: Cast, endpoint: Endpoint) -> None:
    actions.new_secret(endpoint, actor=cast.administrator)
    Secret.objects.filter(expires_at__isnull=False).update(expires_at=clock.machine_now())
    assert len(signing.valid(endpoint)) == 1
    for _number in range(3):
        actions.new_secret(endpoint, actor=cast.administrator)
    assert Secret.objects.filter(endpoint=endpoint).count() == 2


def test_a_secret_is_in_no_log_and_no_page(cast: Cast, endpoint: Endpoint) -> None:
    value = Secret.objects.get().value
    client = browser(cast.administrator)
    for url in (f"/webhooks/{endpoint.pk}/", f"/webhooks/{endpoint.pk}/?tab=setup", "/webhooks/export/"):
        assert value.encode() not in b"".join(client.get(url))
    assert not any(value in str(row.after) for row in ChangeRow.objects.all())
    shown = client.post(f"/webhooks/{endpoint.pk}/secret/")
    assert signing.valid(endpoint)[0].encode() in shown.content and shown["Cache-Control"] == "no-store"


def test_without_a_secret_nothing_is_called(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    Secret.objects.all().delete()
    company.deal(cast.seller)
    pass_on()
    assert not other.calls and Delivery.objects.get().state == "waiting"
    actions.new_secret(endpoint, actor=cast.administrator)
    worker.drain()
    assert len(other.calls) == 1


def test_verbs_can_be_chosen_alone(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    actions.subscribe(
        endpoint, {"opportunities.deal": ["win", "nonsense"], "no.such": ["created"]}, actor=cast.administrator
    )
    assert Endpoint.objects.get().topics == {"opportunities.deal": ["win"]}
    deal = company.deal(cast.seller, amount=5_000_000)
    win(company.again(deal), actor=cast.seller)
    pass_on()
    assert events(other) == [("updated", "win")]


def test_only_what_its_reader_may_see(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    """Rights and masks are those of the person who set it up, when the delivery is written."""
    Endpoint.objects.update(reader=cast.seller)
    mine = company.customer(cast.seller, name="Mine", phone="0512 5555 0001")
    company.customer(cast.other_seller, name="Not mine", phone="0512 5555 0002")
    action.update(company.again(mine), {"phone": "0512 5555 0003"}, actor=cast.administrator)
    action.update(company.again(mine), {"phone": "0512 5555 0004", "name": "Mine too"}, actor=cast.administrator)
    Role.objects.filter(code="salesperson").update(masks={"customers.customer": ["phone"]})
    pass_on()
    names = [call.json["record"]["name"] for call in other.calls]
    assert names == ["Mine too", "Mine too"], "not the one he can't see, nor the change of what is hidden from him"
    assert not any(b"5555" in call.body for call in other.calls)
    assert [sorted(call.json["changes"]) for call in other.calls] == [[], ["name"]]


def test_a_reader_who_has_left_hears_nothing(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    Person.objects.filter(pk=cast.administrator.pk).update(is_active=False)
    company.deal(cast.seller)
    pass_on()
    assert not other.calls


def test_what_was_rolled_back_is_never_told(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        company.deal(cast.seller)
        raise RuntimeError
    pass_on()
    assert not other.calls


def test_the_commit_starts_it(
    cast: Cast,
    other: Receiver,
    endpoint: Endpoint,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        company.deal(cast.seller)
    worker.drain()
    assert events(other) == [("created", "create")]


def test_the_schedule_finds_what_a_crash_left(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    company.deal(cast.seller)
    job.enqueue("webhooks.wake")
    worker.drain()
    assert len(other.calls) == 1


def test_nobody_listening_costs_one_statement_and_no_row(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as caught:
        company.deal(cast.seller)
    assert sum("webhooks_" in each["sql"] for each in caught.captured_queries) == 1
    assert not Outgoing.objects.exists()


def test_a_bulk_change_is_one_delivery_per_record_in_portions(
    cast: Cast, other: Receiver, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expanding, "PORTION", 7)
    deals = action.create(
        Deal,
        [{"name": f"Deal {n}", "stage": company.stage("prospecting")} for n in range(30)],
        actor=cast.seller,
    )
    transfer([company.again(deal) for deal in deals], actor=cast.manager, to=cast.peer)
    pass_on()
    assert Delivery.objects.count() == 60 and len(other.calls) == 60
    assert len({call.json["id"] for call in other.calls}) == 60
    assert {call.json["record"]["owner_id"] for call in other.calls[30:]} == {cast.peer.pk}


# Receivers with bad days --------------------------------------------------------------------------------------------


def later(endpoint: Endpoint) -> None:
    """Time passes until the next try."""
    Delivery.objects.filter(state="waiting").update(next_try=clock.machine_now())
    Endpoint.objects.filter(pk=endpoint.pk).update(next_try=None)
    sending.start(endpoint)
    worker.drain()


@pytest.mark.parametrize("status", [302, 400, 404, 410, 429, 500, 503])
def test_any_other_answer_is_kept_and_tried_again(cast: Cast, other: Receiver, endpoint: Endpoint, status: int) -> None:
    other.status, other.body = status, b"x" * 5000
    other.headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}
    company.deal(cast.seller)
    pass_on()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.status, len(row.answer)) == ("waiting", 1, status, 2048)
    assert dt.timedelta(seconds=50) < row.next_try - clock.machine_now() < dt.timedelta(seconds=70)
    other.status, other.headers = 204, {}
    other.body = b""
    later(endpoint)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("delivered", 2)
    assert other.calls[0].body == other.calls[1].body
    assert len({call.headers["X-Xiaoguan-Delivery"] for call in other.calls}) == 1


def test_nobody_there(cast: Cast, other: Receiver, endpoint: Endpoint, settings: Any) -> None:
    with receiver() as gone:
        settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{gone.port}"]
        Endpoint.objects.update(url=gone.url)
    company.deal(cast.seller)
    pass_on()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.status) == ("waiting", 1, None) and row.error


def test_too_slow(cast: Cast, other: Receiver, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    other.seconds = 2.0
    company.deal(cast.seller)
    pass_on()
    assert Delivery.objects.get().state == "waiting"


def test_an_inner_address_is_never_called(cast: Cast, other: Receiver, endpoint: Endpoint, settings: Any) -> None:
    """Also when the address was fine once, or came into the table by another way."""
    settings.INTERNAL_RECEIVERS = []
    company.deal(cast.seller)
    pass_on()
    assert not other.calls and Delivery.objects.get().error
    with pytest.raises(Invalid):
        action.create(Endpoint, {"name": "X", "url": "http://169.254.169.254/"}, actor=cast.administrator)


def test_of_one_record_a_later_change_waits_for_the_earlier_one(
    cast: Cast, other: Receiver, endpoint: Endpoint
) -> None:
    stuck, free = company.deal(cast.seller, name="Stuck"), company.deal(cast.seller, name="Free")
    other.decide = lambda call: 500 if call.json["record"]["name"].startswith("Stuck") else 200
    pass_on()
    action.update(company.again(stuck), {"name": "Stuck still"}, actor=cast.seller)
    action.update(company.again(free), {"name": "Free still"}, actor=cast.seller)
    pass_on()
    tried = [(call.json["record"]["name"], call.json["event"]) for call in other.calls]
    assert tried == [("Stuck", "created"), ("Free", "created"), ("Free still", "updated")]
    other.decide = None
    later(endpoint)
    assert [call.json["event"] for call in other.calls[3:]] == ["created", "updated"]


def test_who_fails_again_and_again_is_left_alone_for_a_while(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    for number in range(8):
        company.deal(cast.seller, name=f"Deal {number}")
    other.status = 500
    pass_on()
    assert len(other.calls) == sending.PATIENCE
    endpoint.refresh_from_db()
    assert endpoint.next_try is not None and endpoint.failing_since is not None
    assert Delivery.objects.filter(state="waiting").count() == 8
    other.status = 200
    later(endpoint)
    assert not Delivery.objects.filter(state="waiting").exists()
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


def test_after_a_day_it_is_paused_told_and_resumed(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    company.deal(cast.seller)
    other.status = 500
    yesterday = clock.machine_now() - dt.timedelta(days=1, minutes=1)
    Endpoint.objects.update(failures=sending.MANY, failing_since=yesterday)
    pass_on()
    endpoint.refresh_from_db()
    assert endpoint.paused_at is not None
    assert Notice.objects.filter(person=cast.administrator, kind="webhook_paused").count() == 1
    company.deal(cast.seller)
    pass_on()
    assert len(other.calls) == 1 and Delivery.objects.filter(state="waiting").count() == 2
    other.status = 200
    Delivery.objects.update(next_try=clock.machine_now())
    actions.resume(Endpoint.objects.get(), actor=cast.administrator)
    worker.drain()
    assert Delivery.objects.filter(state="delivered").count() == 2


def test_after_three_days_a_delivery_is_given_up_and_can_be_sent_again(
    cast: Cast, other: Receiver, endpoint: Endpoint
) -> None:
    company.deal(cast.seller)
    other.status = 500
    pass_on()
    Delivery.objects.update(first_try=clock.machine_now() - sending.GIVEN_UP, attempts=9)
    later(endpoint)
    row = Delivery.objects.get()
    assert row.state == "failed"
    other.status = 200
    client = browser(cast.administrator)
    client.post(f"/webhooks/deliveries/{row.pk}/resend/")
    worker.drain()
    row.refresh_from_db()
    assert row.state == "delivered" and other.calls[-1].json["id"] == str(row.uid)


# Pages --------------------------------------------------------------------------------------------------------------


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def test_the_test_button_shows_the_answer(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    client = browser(cast.administrator)
    page = client.post(f"/webhooks/{endpoint.pk}/ping/", follow=True)
    assert other.calls[0].json["event"] == "ping" and b"200" in page.content
    other.status, other.body = 500, b"we are closed"
    page = client.post(f"/webhooks/{endpoint.pk}/ping/", follow=True)
    assert b"we are closed" in page.content
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered", "failed"}


def test_strangers_and_readers_change_nothing(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    company.deal(cast.seller)
    pass_on()
    row = Delivery.objects.get()
    posts = [f"/webhooks/{endpoint.pk}/{page}/" for page in ("topics", "secret", "ping")]
    posts.append(f"/webhooks/deliveries/{row.pk}/resend/")
    for person, answer in ((cast.seller, 404), (cast.director, 404), (cast.auditor, 403)):
        client = browser(person)
        assert [client.post(url).status_code for url in posts[:3]] == [answer] * 3
        assert client.post(posts[3]).status_code == 404
        assert client.get(f"/webhooks/deliveries/{row.pk}/").status_code == 404
    assert Endpoint.objects.get().topics == ALL and len(other.calls) == 1
    assert browser(cast.auditor).get(f"/webhooks/{endpoint.pk}/?tab=deliveries").status_code == 200


def test_the_setup_stores_what_is_ticked(cast: Cast, endpoint: Endpoint) -> None:
    client = browser(cast.administrator)
    client.post(
        f"/webhooks/{endpoint.pk}/topics/", {"topic": ["customers.customer:created", "x:y", "customers.customer:bad"]}
    )
    assert Endpoint.objects.get().topics == {"customers.customer": ["created"]}


def test_records_out_of_scope_stay_out_even_in_bulk(cast: Cast, other: Receiver, endpoint: Endpoint) -> None:
    Endpoint.objects.update(reader=cast.manager)
    for owner in (cast.seller, cast.other_seller, cast.peer, cast.other_peer):
        company.customer(owner, name=f"Of {owner.username}")
    pass_on()
    seen = set(access.visible(Customer, cast.manager).values_list("pk", flat=True))
    assert {call.json["record"]["id"] for call in other.calls} == seen and len(seen) == 2
