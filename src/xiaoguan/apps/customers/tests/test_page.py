"""The page of a customer: what stands out, what is missing, who owned it, what its group is worth."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from xiaoguan.apps.activities.models import FollowUp, Task
from xiaoguan.apps.customers import completeness, group, ownership, places, risks
from xiaoguan.apps.customers.actions import transfer
from xiaoguan.apps.customers.models import Contact, Customer, CustomerFact
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, clock, filters
from xiaoguan.kit.entity import Entity

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _frozen():
    with clock.at(NOON), override("en"):
        yield


def _person(cast, customer, name: str, **values) -> Contact:
    return action.create(Contact, {"name": name, "customer": customer, **values}, actor=cast.seller)


def _talk(cast, customer, contact, *, days: int, kind: str = "call") -> None:
    values = {"customer": customer, "contact": contact, "kind": kind, "subject": f"{kind} {days}"}
    action.create(FollowUp, {**values, "happened_at": clock.now() - days * DAY}, actor=cast.seller)


def _much(cast, customer, head, count: int) -> None:
    """People below a head, facts, talks, tasks, deals and a subsidiary, so many of each."""
    for n in range(count):
        person = _person(cast, customer, f"Person {n}", reports_to=head, attitude="neutral")
        values = {"customer": customer, "text": f"Fact {n}", "contact": person, "verify_by": TODAY}
        action.create(CustomerFact, values, actor=cast.seller)
        _talk(cast, customer, person, days=n + 1)
        task = {"customer": customer, "title": f"Task {n}", "due_on": TODAY}
        action.create(Task, task, actor=cast.seller)
        company.deal(cast.seller, name=f"Deal {n}", customer=customer, amount=1_00)
        company.customer(cast.seller, f"Daughter {n}", parent=customer)


def _asked(client: Client, url: str) -> tuple[list[str], str]:
    """What a page asks the database, without its numbers and names, and the page."""
    with CaptureQueriesContext(connection) as asked:
        page = client.get(url).content.decode()
    return [re.sub(r"'[^']*'|\d+|\([^()]*\)", "", each["sql"])[:300] for each in asked.captured_queries], page


def test_the_page_costs_the_same_however_much_is_known(cast, client: Client):
    customer = company.customer(cast.seller, "Hengcen")
    head = _person(cast, customer, "Head", role="decides")
    _much(cast, customer, head, 2)
    transfer(company.again(customer), actor=cast.manager, to=cast.peer)
    transfer(company.again(customer), actor=cast.manager, to=cast.seller)
    client.force_login(cast.again("seller"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    url = Entity.of(Customer).url("detail", customer)
    client.get(url)
    few, page = _asked(client, url)
    assert len(few) <= 75
    _much(cast, company.again(customer), head, 5)
    client.get(url)
    many, page = _asked(client, url)
    assert sorted(set(many) - set(few)) == [] and len(many) <= len(few), sorted((Counter(many) - Counter(few)).items())
    for words in ("Relationship map", "Completeness", "Owners so far", "Group", "Daughter 4", "still true"):
        assert words.lower() in page.lower(), words


def test_the_timeline_shows_several_kinds_at_once(cast, client: Client):
    customer = company.customer(cast.seller)
    for kind in ("visit", "call", "mail"):
        _talk(cast, customer, None, days=1, kind=kind)
    client.force_login(cast.again("seller"))
    url = Entity.of(Customer).url("timeline", customer)

    def told(kinds: str) -> set[str]:
        page = client.get(url, {"kind": kinds}).content.decode()
        return {kind for kind in ("visit", "call", "mail") if f"{kind} 1" in page}

    assert told("") == {"visit", "call", "mail"}
    assert told("visit,mail") == {"visit", "mail"}
    page = client.get(f"{Entity.of(Customer).url('detail', customer)}?kind=visit").content.decode()
    assert "kind=visit,call" in page and "kind=visit,mail" in page


def test_the_biggest_risk_is_said_in_words(cast):
    customer = company.customer(cast.seller, tier="A", since=TODAY - 40 * DAY)
    words = lambda: risks.worst(company.again(customer), cast.seller).words  # noqa: E731
    assert words() == "Nobody has ever been in touch"
    boss = _person(cast, customer, "Boss")
    _talk(cast, customer, boss, days=35)
    assert words() == "Quiet for 35 days, more than 30"
    _talk(cast, customer, boss, days=1)
    assert words() == "Only one person there is known"
    _person(cast, customer, "Second")
    action.create(CustomerFact, {"customer": customer, "text": "Old", "verify_by": TODAY}, actor=cast.seller)
    assert words() == "1 fact is to be verified again"
    action.create(Task, {"customer": customer, "title": "Late", "due_on": TODAY - 3 * DAY}, actor=cast.seller)
    assert words() == "The next step is 3 days overdue"
    other = company.customer(cast.seller, "Calm")
    for name in ("One", "Two"):
        _person(cast, other, name)
    assert risks.worst(company.again(other), cast.seller) is None


def test_completeness_is_a_list_of_work(cast):
    assert sum(item.weight for item in completeness.ITEMS) == 100
    bare = company.customer(cast.seller, "Bare")
    assert len(completeness.missing(bare, completeness.people_of(bare))) == len(completeness.ITEMS)
    full = company.customer(
        cast.seller, "Full", city="昆山", address="Road 1", tier="A", kind=company.kind(), industry="Steel",
        source="tender", annual_purchase=1, credit_code="91350100M000100Y43", bank_account="1",
    )  # fmt: skip
    _person(cast, full, "Boss", mobile="13900001111", role="decides", attitude="supports", lunar_birthday="8-15")
    assert completeness.missing(full, completeness.people_of(full)) == []
    lacking = filters.conditions(Entity.of(Customer), cast.seller)["incomplete"].give(cast.seller)
    assert set(Customer.objects.filter(lacking).values_list("name", flat=True)) == {"Bare"}


def test_owners_follow_each_other_with_the_reason(cast):
    customer = company.customer(cast.seller)
    with clock.at(NOON + 10 * DAY):
        transfer(company.again(customer), actor=cast.manager, to=cast.peer, comment="Nearer to him")
    found = ownership.stays(company.again(customer))
    assert [(stay.owner_id, stay.since, stay.until) for stay in found] == [
        (cast.peer.pk, TODAY + 10 * DAY, None),
        (cast.seller.pk, TODAY, TODAY + 10 * DAY),
    ]
    assert (found[0].why, found[0].by) == ("Nearer to him", cast.manager)
    with override("en"):
        assert "Nearer to him" in ownership.lines(found, cast.manager)


def test_a_group_names_and_counts_what_one_may_see(cast):
    top = company.customer(cast.seller, "Top")
    mine = company.customer(cast.seller, "Daughter", parent=top)
    theirs = company.customer(cast.seller, "Granddaughter", parent=mine)
    for row, amount in ((top, 1_000_000_00), (mine, 200_000_00), (theirs, 30_000_00)):
        company.deal(cast.seller, customer=row, amount=amount)
    assert group.members(company.again(mine)) == {top.pk: None, mine.pk: top.pk, theirs.pk: mine.pk}
    whole = group.group_card(company.again(mine), cast.seller)
    assert "1,230.0" in whole and "Granddaughter" in whole
    transfer(company.again(theirs), actor=cast.manager, to=cast.peer)
    part = group.group_card(company.again(mine), cast.seller)
    assert "1,200.0" in part and "Granddaughter" not in part and "1 company is not visible to you." in part
    assert group.group_card(company.customer(cast.seller, "Alone"), cast.seller) == ""


def test_places_are_offered_and_what_is_no_place_is_told(cast, client: Client):
    client.force_login(cast.again("seller"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get("/customers/places/", {"province": "江苏", "city": "昆山", "district": "玉山镇"}).content.decode()
    assert "江苏省 · 苏州市 · 昆山市" in page and "玉山镇" in page and '<option value="南京市">' in page
    page = client.get("/customers/places/", {"province": "北京"}).content.decode()
    assert '<option value="海淀区">' in page and "no place" not in page
    company.customer(cast.seller, "Steel", industry="Bridges")
    assert list(places.industries(cast.seller, lambda _name: "")) == ["Bridges"]
    assert list(places.industries(cast.peer, lambda _name: "")) == []
