"""Sharing a record: level, last day, parts of it, the price of asking, and what it never opens."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.actions import set_deputy, set_grants
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import access, action, clock, feed, history
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.models import ChangeRow, Collaborator
from xiaoguan.kit.models.collaborator import Level

from tests.cast import Cast
from tests.samples import owned_by, samples

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def share(record: Customer | Deal, person: object, **values: object) -> None:
    record.entity.actions["share"](record, actor=record.owner, person=person, **values)


@pytest.fixture
def customer(cast: Cast) -> Customer:
    return owned_by(cast.seller, Customer.entity, samples(cast))


def test_reading_opens_the_record_and_its_parts_but_no_writing(cast: Cast, customer: Customer) -> None:
    contact = samples(cast).make(Contact.entity, customer=customer)
    share(customer, cast.other_seller)
    friend = cast.again("other_seller")
    assert list(access.visible(Customer, friend)) == [customer]
    assert list(access.visible(Contact, friend)) == [contact]
    for verb in ("change", "delete", "export", "share", "transfer", "log"):
        assert not access.may(friend, verb, customer), verb
        assert not access.visible(Customer, friend, verb).exists(), verb
    with pytest.raises(Denied):
        action.update(customer, {"name": "Mine"}, actor=friend)
    with pytest.raises(Denied):
        action.create(Contact, {"name": "New", "customer": customer}, actor=friend)


def test_editing_also_writes_the_record_and_parts_of_it(cast: Cast, customer: Customer) -> None:
    share(customer, cast.other_seller, level=Level.EDIT)
    friend = cast.again("other_seller")
    action.update(customer, {"name": "Renamed"}, actor=friend)
    made = action.create(Contact, {"name": "New", "customer": customer}, actor=friend)
    assert access.may(friend, "change", made) and access.may(friend, "log", customer)
    for verb in ("delete", "share", "transfer", "export"):
        assert not access.may(friend, verb, customer), verb


def test_it_ends_with_its_day_and_by_hand(cast: Cast, customer: Customer) -> None:
    today = clock.today()
    share(customer, cast.other_seller, until=today + DAY)
    with clock.at(clock.now() + DAY):
        assert access.may(cast.again("other_seller"), "view", customer)
    with clock.at(clock.now() + 2 * DAY):
        friend = cast.again("other_seller")
        assert not access.may(friend, "view", customer) and not access.visible(Customer, friend).exists()
    customer.entity.actions["unshare"](customer, actor=cast.seller, person=cast.other_seller)
    assert not access.may(cast.again("other_seller"), "view", customer)


def test_again_with_another_level_changes_it(cast: Cast, customer: Customer) -> None:
    share(customer, cast.other_seller)
    share(customer, cast.other_seller, level=Level.EDIT)
    assert access.may(cast.again("other_seller"), "change", customer)
    share(customer, cast.other_seller, level=Level.READ)
    assert not access.may(cast.again("other_seller"), "change", customer)
    assert Collaborator.objects.count() == 1


def test_what_makes_no_sense_is_refused(cast: Cast, customer: Customer) -> None:
    with pytest.raises(Refusal):
        share(customer, cast.outsider)
    with pytest.raises(Refusal):
        share(customer, cast.finance, level=Level.EDIT)
    with pytest.raises(Invalid):
        share(customer, cast.seller)
    with pytest.raises(Invalid):
        share(customer, cast.peer, until=clock.today() - DAY)
    with pytest.raises(Denied):
        customer.entity.actions["share"](customer, actor=cast.peer, person=cast.peer)
    assert not Collaborator.objects.exists()


def test_a_stand_in_sees_what_was_shared_with_the_other(cast: Cast, customer: Customer) -> None:
    share(customer, cast.other_seller)
    assert not access.may(cast.again("other_peer"), "view", customer)
    today = clock.today()
    set_deputy(cast.other_seller, actor=cast.other_seller, deputy=cast.other_peer, start=today, end=today)
    peer = cast.again("other_peer")
    assert access.may(peer, "view", customer) and access.visible(Customer, peer).filter(pk=customer.pk).exists()


def test_whom_nothing_was_shared_with_gets_the_query_he_had(cast: Cast, customer: Customer) -> None:
    """No further condition, and inside a page no further query once the shares are known."""
    plain = str(access.visible(Customer, cast.again("peer")).query)
    share(customer, cast.other_seller)
    assert str(access.visible(Customer, cast.again("peer")).query) == plain
    friend = cast.again("other_seller")
    access.visible(Customer, friend)
    with CaptureQueriesContext(
        connection,
    ) as found:
        access.visible(Deal, friend)
        access.scope_q(Customer, friend)
        access.scope_q(Contact, friend)
    assert not [each for each in found if "kit_collaborator" in each["sql"]]


def test_very_many_shares_stay_a_subquery(cast: Cast, customer: Customer) -> None:
    Collaborator.objects.bulk_create(
        [
            Collaborator(about="customers.customer", object_id=10_000 + n, person=cast.peer)
            for n in range(access.FEW + 5)
        ]
    )
    share(customer, cast.peer)
    peer = cast.again("peer")
    with CaptureQueriesContext(connection) as found:
        assert list(access.visible(Customer, peer)) == [customer]
        assert access.may(peer, "view", customer) and not access.may(peer, "change", customer)
    assert len(found) < 8


def test_history_and_the_page_tell_it(cast: Cast, customer: Customer) -> None:
    share(customer, cast.other_seller, until=clock.today())
    row = ChangeRow.objects.filter(entity="customers.customer", object_id=customer.pk).latest("pk")
    told = history.Reader(customer.entity, cast.seller, [row]).differences(row)
    assert "Xu Jing" in told[0].label and str(clock.today()) in told[0].after
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(cast.seller)
    page = client.get(f"/customers/{customer.pk}/?tab=shared").content.decode()
    assert "Xu Jing" in page and "may read" in page
    client.post(f"/customers/{customer.pk}/do/unshare/", {"person": cast.other_seller.pk})
    assert not access.may(cast.again("other_seller"), "view", customer)
    client.force_login(cast.other_peer)
    assert client.get(f"/customers/{customer.pk}/?tab=shared").status_code == 404
    assert client.post(f"/customers/{customer.pk}/do/share/", {"person": cast.other_peer.pk}).status_code == 404


def test_every_process_knows_at_once(cast: Cast, customer: Customer) -> None:
    """What a process remembers is asked for anew after any share or role has changed, by the feed's token."""

    def sees() -> bool:
        with feed.asked_once():
            return access.visible(Customer, cast.again("other_seller")).exists()

    assert not sees() and not sees()
    share(customer, cast.other_seller)
    assert sees()
    customer.entity.actions["unshare"](customer, actor=cast.seller, person=cast.other_seller)
    assert not sees()
    role = Role.objects.get(code="salesperson")
    set_grants(role, actor=cast.administrator, grants={"customers.*": {"view": "all"}})
    assert sees()
