"""Customers and contacts: keys, days, kinds, rights."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils.translation import override

from xiaoguan.apps.customers.actions import transfer
from xiaoguan.apps.customers.models import Contact, Customer, CustomerKind
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, clock
from xiaoguan.kit.access import visible
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.models.credit import Credit

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON):
        yield


def test_one_company_has_one_key_however_it_is_written(cast):
    names = ["恒岑钢构（昆山）有限公司", "昆山恒岑钢构有限公司", " 恒岑钢构 有限公司 "]
    keys = {company.customer(cast.seller, name).name_key for name in names}
    assert keys == {"恒岑钢构"}


def test_a_new_customer_counts_once_on_the_day_it_became_one(cast):
    company.customer(cast.seller)
    company.customer(cast.seller, "Old friend", since=dt.date(2024, 2, 1))
    rows = Credit.objects.filter(fact="new_customer", person=cast.seller).order_by("on")
    assert list(rows.values_list("on", "unit")) == [
        (dt.date(2024, 2, 1), cast.tigers.pk),
        (TODAY, cast.tigers.pk),
    ]


def test_a_new_customer_stays_with_who_found_it(cast):
    customer = company.customer(cast.seller)
    transfer(company.again(customer), actor=cast.manager, to=cast.peer)
    assert Credit.objects.get(fact="new_customer").person == cast.seller


def test_seeded_kinds_speak_the_readers_language_until_renamed(cast):
    kind = CustomerKind.objects.get(code="steel_company")
    with override("en"):
        assert str(kind) == "Steel-structure company"
    action.update(kind, {"name": "Steel works"}, actor=cast.director)
    kind = company.again(kind)
    for language in ("en", "zh-hans"):
        with override(language):
            assert str(kind) == "Steel works"
    assert {"Steel works", "steel_company", "Steel-structure company"} <= kind.spellings()


def test_a_kind_of_ones_own_needs_a_name(cast):
    with pytest.raises(Invalid):
        action.create(CustomerKind, {"name": ""}, actor=cast.director)
    assert str(action.create(CustomerKind, {"name": "School"}, actor=cast.director)) == "School"


def test_sellers_leave_the_kinds_alone(cast):
    with pytest.raises(Denied):
        action.create(CustomerKind, {"name": "Mine"}, actor=cast.seller)


def test_contacts_are_seen_with_their_customer(cast):
    customer = company.customer(cast.seller)
    contact = action.create(Contact, {"name": "Ma Jun", "customer": customer}, actor=cast.seller)
    assert visible(Contact, cast.seller).get() == visible(Contact, cast.manager).get() == contact
    assert not visible(Contact, cast.peer).exists()
    assert not visible(Contact, cast.other_manager).exists()
    transfer(company.again(customer), actor=cast.manager, to=cast.peer)
    assert visible(Contact, cast.peer).exists()


def test_nobody_puts_a_contact_into_a_strangers_customer(cast):
    customer = company.customer(cast.seller)
    with pytest.raises(Denied):
        action.create(Contact, {"name": "Spy", "customer": customer}, actor=cast.peer)
    assert not Contact.objects.exists()


def test_numbers_are_unique_among_living_customers(cast):
    first = company.customer(cast.seller, number="K-1")
    with pytest.raises(Invalid):
        company.customer(cast.peer, number="K-1")
    action.remove(company.again(first), actor=cast.seller)
    company.customer(cast.peer, number="K-1")


@pytest.mark.parametrize("who", ["peer", "other_manager", "finance", "auditor", "outsider"])
def test_strangers_hand_nothing_over(cast, who):
    customer = company.customer(cast.seller)
    with pytest.raises(Denied):
        transfer(company.again(customer), actor=getattr(cast, who), to=cast.peer)
    assert company.again(customer).owner == cast.seller


def test_the_key_of_an_empty_name_is_never_stored(cast):
    with pytest.raises(Invalid):
        company.customer(cast.seller, "  ")
    assert not Customer.objects.exists()
