"""People at customers: who reports to whom, who is for us, when they have birthday, where they go."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils.translation import override

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.customers import ways
from xiaoguan.apps.customers.actions import has_moved, no_longer, still_true
from xiaoguan.apps.customers.models import Contact, CustomerFact, CustomerKey
from xiaoguan.apps.customers.relations import chart
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, clock, filters
from xiaoguan.kit.access import visible
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid

from tests.world import client_of

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 9, 10, 4, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON), override("en"):
        yield


def _person(cast, customer, name: str, **values) -> Contact:
    return action.create(Contact, {"name": name, "customer": customer, **values}, actor=cast.seller)


def test_nobody_reports_to_himself_nor_to_somebody_elsewhere(cast):
    here, there = company.customer(cast.seller), company.customer(cast.seller, "Elsewhere")
    head = _person(cast, here, "Head")
    buyer = _person(cast, here, "Buyer", reports_to=head)
    clerk = _person(cast, here, "Clerk", reports_to=buyer)
    for row, upper in ((head, clerk), (head, head), (buyer, _person(cast, there, "Stranger"))):
        with pytest.raises(Invalid):
            action.update(company.again(row), {"reports_to": upper}, actor=cast.seller)
    action.update(company.again(clerk), {"reports_to": head}, actor=cast.seller)


def test_no_company_owns_its_owner(cast):
    top = company.customer(cast.seller, "Top")
    middle = company.customer(cast.seller, "Middle", parent=top)
    bottom = company.customer(cast.seller, "Bottom", parent=middle)
    with pytest.raises(Invalid):
        action.update(company.again(top), {"parent": bottom}, actor=cast.seller)


def test_birthdays_by_sun_and_moon_are_found_in_time(cast):
    """Mid-autumn 2026 is 25 September; born on the last of August is over, in October too far."""
    customer = company.customer(cast.seller)
    _person(cast, customer, "Moon", lunar_birthday="八月十五")
    _person(cast, customer, "Sun", birthday=dt.date(1980, 9, 30))
    _person(cast, customer, "Both", birthday=dt.date(1980, 3, 1), lunar_birthday="8-20")
    _person(cast, customer, "Over", birthday=dt.date(1980, 8, 31))
    _person(cast, customer, "Gone", birthday=dt.date(1980, 9, 12), left=True)
    _person(cast, customer, "Far", birthday=dt.date(1980, 10, 30))
    soon = filters.conditions(Entity.of(Contact), cast.seller)["birthday"].give(cast.seller)
    assert set(Contact.objects.filter(soon).values_list("name", flat=True)) == {"Moon", "Sun", "Both"}
    assert Contact.objects.get(name="Moon").lunar_birthday == "8-15"
    with pytest.raises(Invalid):
        _person(cast, customer, "Nonsense", lunar_birthday="13-40")


def test_every_number_recognises_a_company(cast):
    customer = company.customer(cast.seller)
    _person(cast, customer, "Ma Jun", other_ways="0512-5555 1234 desk\nma.jun@hengcen-steel.cn private")
    assert set(CustomerKey.objects.filter(customer=customer).values_list("kind", "value")) == {
        ("phone", "51255551234"), ("domain", "hengcen-steel.cn"),
    }  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("0512-5555 1234 desk", ("phone", "0512-5555 1234", "desk", "tel:051255551234")),
        ("factory: 400-820-8820", ("phone", "400-820-8820", "factory", "tel:4008208820")),
        ("021-5555 1234 转 806", ("phone", "021-5555 1234 转 806", "", "tel:02155551234,806")),
        ("ma.jun@hengcen.cn private", ("mail", "ma.jun@hengcen.cn", "private", "mailto:ma.jun@hengcen.cn")),
        ("WeChat majun_88", ("message", "majun_88", "WeChat", "")),
        ("+49 301234567", ("phone", "+49 301234567", "", "tel:+49301234567")),
    ],
)
def test_a_line_is_a_number_a_mail_or_a_name_with_words_about_it(line, wanted):
    found = ways.of_line(line)
    assert (found.symbol, found.text, found.label, found.href) == wanted


def test_every_way_is_a_tap_on_both_pages_but_none_that_is_masked(cast):
    customer = company.customer(cast.seller)
    row = _person(cast, customer, "Ma Jun", mobile="13900001111", other_ways="0512-5555 1234 desk\nWeChat majun_88")
    client = client_of(cast.seller)
    for url in (f"/contacts/{row.pk}/", f"/customers/{customer.pk}/"):
        page = client.get(url).content.decode()
        assert 'href="tel:13900001111"' in page and 'href="tel:051255551234"' in page
        assert 'data-copy="majun_88"' in page
    action.update(cast.seller.roles.get(), {"masks": {"customers.contact": ["mobile"]}}, actor=cast.system)
    page = client.get(f"/customers/{customer.pk}/").content.decode()
    assert "13900001111" not in page and "tel:" not in page


def test_who_moves_is_known_at_the_new_company_and_stays_in_the_history_of_the_old(cast):
    old, new = company.customer(cast.seller), company.customer(cast.seller, "New one")
    row = _person(cast, old, "Ma Jun", mobile="13900001111", title="Buyer", email="ma@old.cn")
    done = has_moved(company.again(row), actor=cast.seller, to=new, title="Head of purchasing")
    fresh = done.result
    assert (fresh.customer, fresh.mobile, fresh.email, fresh.title) == (new, "13900001111", "", "Head of purchasing")
    row = company.again(row)
    assert row.left and row.moved_to == fresh and row.customer == old
    theirs = company.customer(cast.peer, "Not mine")
    other = _person(cast, old, "Ding Wang")
    with pytest.raises(Denied):
        has_moved(company.again(other), actor=cast.seller, to=theirs)


def test_a_fact_holds_until_somebody_says_otherwise(cast):
    customer = company.customer(cast.seller)
    values = {"customer": customer, "text": "Lamps from IP66", "verify_by": dt.date(2026, 9, 10)}
    fact = action.create(CustomerFact, values, actor=cast.seller)
    due = filters.conditions(Entity.of(CustomerFact), cast.seller)["due"]
    assert fact.is_due and fact.heard_on == dt.date(2026, 9, 10)
    assert CustomerFact.objects.filter(due.give(cast.seller)).get() == fact
    still_true(company.again(fact), actor=cast.seller)
    fact = company.again(fact)
    assert (fact.verified_on, fact.verify_by) == (dt.date(2026, 9, 10), dt.date(2027, 3, 9))
    assert not CustomerFact.objects.filter(due.give(cast.seller)).exists()
    no_longer(fact, actor=cast.seller)
    assert company.again(fact).state == "over" and visible(CustomerFact, cast.manager).exists()
    assert not visible(CustomerFact, cast.peer).exists()
    stranger = _person(cast, company.customer(cast.seller, "Elsewhere"), "Stranger")
    with pytest.raises(Invalid):
        action.create(CustomerFact, {**values, "contact": stranger}, actor=cast.seller)


def test_the_map_says_whom_nobody_talks_to(cast, django_assert_num_queries):
    customer = company.customer(cast.seller)
    head = _person(cast, customer, "Cen Li", role="decides")
    boss = _person(cast, customer, "Luo Jing", role="decides", reports_to=head)
    foe = _person(cast, customer, "Ding Wang", role="uses", attitude="against", reports_to=head)
    _person(cast, customer, "Old hand", role="buys", left=True)
    _talk(cast, customer, boss, days=3)
    _talk(cast, customer, foe, days=200)
    found = chart(customer, cast.seller)
    nodes = {node.row.pk: node for node in found.nodes}
    assert {pk: node.blank for pk, node in nodes.items()} == {head.pk: True, boss.pk: False, foe.pk: True}
    assert nodes[boss.pk].last.person == cast.seller.name
    assert found.missing == ("buys",) and found.above == {head.pk: None, boss.pk: head.pk, foe.pk: head.pk}
    assert [each[:6] for each in found.sentences] == ["1 of 2", "Ding W", "Nobody"]
    for number in range(20):
        _person(cast, customer, f"More {number}", reports_to=foe)
    seller = company.again(cast.seller)
    seller.reach_ids()
    chart(customer, seller)
    with django_assert_num_queries(2):
        assert len(chart(customer, seller).nodes) == 23


def _talk(cast, customer, contact, *, days: int) -> None:
    when = clock.now() - dt.timedelta(days=days)
    values = {"customer": customer, "contact": contact, "kind": "call", "subject": "Talk", "happened_at": when}
    action.create(FollowUp, values, actor=cast.seller)


def test_people_and_what_they_said_move_when_companies_are_merged(cast):
    kept, other = company.customer(cast.seller), company.customer(cast.seller, "The same, entered twice")
    head = _person(cast, other, "Head")
    clerk = _person(cast, other, "Clerk", reports_to=head)
    fact = action.create(CustomerFact, {"customer": other, "text": "DALI", "contact": clerk}, actor=cast.seller)
    Entity.of(kept).actions["merge"](company.again(kept), actor=cast.seller, others=str(other.pk))
    assert [company.again(row).customer for row in (head, clerk, fact)] == [kept] * 3
    assert chart(kept, cast.seller).above == {head.pk: None, clerk.pk: head.pk}
