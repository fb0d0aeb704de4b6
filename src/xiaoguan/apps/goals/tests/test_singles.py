"""Targets of customers and products: whose they are, who sets and sees them, and that they follow their record."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.goals import queries
from xiaoguan.apps.goals.actions import may_set, set_targets
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities.models import DealLine, Product
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import action, clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.undo import undo

from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
YEAR = FiscalCalendar().parse("2026")
MONTHS = YEAR.split("month")


def _of(row: Any) -> Subject:
    return Subject("customer" if isinstance(row, Customer) else "product", row.pk)


def _aim(cast: Cast, *rows: Any, amount: int = 1000) -> None:
    set_targets(WON_AMOUNT, {(_of(row), month): amount for row in rows for month in MONTHS}, actor=cast.director)


def _keys(actor: Any) -> list[str]:
    levels = ("customer", "product")
    tops = queries.grid(actor, WON_AMOUNT, YEAR)
    return [node.subject.key for top in tops for node in top.walk() if node.subject.level in levels]


def test_who_sets_and_sees_which(cast: Cast, django_assert_num_queries: Any) -> None:
    """A manager those of his people's customers, products are set from above; a seller sees his own customers'."""
    lamp = company.product(cast.director)
    mine, theirs, led = (company.customer(one) for one in (cast.seller, cast.other_seller, cast.manager))
    with CaptureQueriesContext(connection) as before:
        queries.grid(cast.again("director"), WON_AMOUNT, YEAR)
    set_targets(WON_AMOUNT, {(_of(mine), MONTHS[0]): 500}, actor=cast.again("manager"))
    for actor, row in ((cast.manager, theirs), (cast.manager, led), (cast.manager, lamp), (cast.seller, mine)):
        with pytest.raises(Denied):
            set_targets(WON_AMOUNT, {(_of(row), MONTHS[0]): 1}, actor=actor)
    assert not may_set(cast.director, Subject("product", lamp.pk + 99))
    _aim(cast, mine, theirs, lamp)
    assert _keys(cast.again("director")) == [_of(mine).key, _of(theirs).key, _of(lamp).key]
    assert _keys(cast.again("manager")) == _keys(cast.again("seller")) == [_of(mine).key]
    assert _keys(cast.again("other_manager")) == [_of(theirs).key]
    more = [company.customer(cast.seller, f"Works {n}") for n in range(5)]
    _aim(cast, *more)
    with django_assert_num_queries(len(before) + 2):  # customers and products, once each
        queries.grid(cast.again("director"), WON_AMOUNT, YEAR)
    tops = queries.grid(cast.again("director"), WON_AMOUNT, YEAR, most=2)
    assert [top.rest for top in tops if top.subject.level == "customer"] == [0, 5]


def test_they_follow_the_customer(cast: Cast) -> None:
    """Handed over, put into the bin and taken out, merged with another one: where both have a month the kept one's."""
    kept, other = company.customer(cast.seller), company.customer(cast.peer, "Hengcen")
    _aim(cast, kept)
    set_targets(WON_AMOUNT, {(_of(other), MONTHS[0]): 7, (_of(other), YEAR.next()): 70}, actor=cast.director)
    told = list(Notice.objects.filter(kind="customer_target_set").values_list("person", "count"))
    assert sorted(told) == sorted([(cast.seller.pk, 12), (cast.peer.pk, 2)])
    transfer = Entity.of(Customer).actions["transfer"]
    done = transfer([company.again(kept)], actor=cast.manager, to=cast.peer)
    assert {(row.owner, row.unit) for row in Target.objects.filter(customer=kept)} == {(cast.peer, cast.tigers)}
    undo(done.change, actor=cast.manager)
    assert {row.owner for row in Target.objects.filter(customer=kept)} == {cast.seller}
    action.remove(company.again(kept), actor=cast.manager)
    assert not Target.objects.filter(customer=kept, deleted_at=None)
    action.restore(company.again(kept), actor=cast.manager)
    assert Target.objects.filter(customer=kept, deleted_at=None).count() == 12
    merge = Entity.of(Customer).actions["merge"]
    done = merge(company.again(kept), actor=cast.manager, others=str(other.pk))
    found = queries.targets(WON_AMOUNT, YEAR.start, YEAR.next().end, [_of(kept).key, _of(other).key])
    assert found.of(_of(kept).key, MONTHS[0]) == 1000 and found.of(_of(kept).key, YEAR.next()) == 70
    assert found.of(_of(other).key, MONTHS[0]) is None
    assert {row.owner for row in Target.objects.filter(customer=kept, deleted_at=None)} == {cast.seller}
    undo(done.change, actor=cast.manager)
    found = queries.targets(WON_AMOUNT, YEAR.start, YEAR.next().end, [_of(kept).key, _of(other).key])
    assert (found.of(_of(other).key, MONTHS[0]), found.of(_of(other).key, YEAR.next())) == (7, 70)


def test_a_line_is_looked_up_and_set(cast: Cast, client: Client) -> None:
    """In the grid, by the five questions with what is known of it, and on its line; strangers are not found."""
    with clock.at(NOON):
        lamp, bare = company.product(cast.director), company.customer(cast.seller)
        deal = company.deal(cast.seller, customer=bare, amount=100_000, expected_on=dt.date(2026, 12, 1))
        action.create(DealLine, {"deal": deal, "product": lamp, "quantity": 1, "price": 30_000}, actor=cast.seller)
        other = action.create(Product, {"name": "Pole", "price": 1}, actor=cast.director)
        action.create(DealLine, {"deal": deal, "product": other, "quantity": 1, "price": 70_000}, actor=cast.seller)
        client.force_login(cast.manager)
        grid = f"{reverse('goals:grid')}?year=2026&customer={bare.pk}"
        cell = f"c|customer:{bare.pk}|2026-12"
        assert cell in client.get(grid).content.decode()
        assert client.post(grid, {cell: "5"}).status_code == 302
        row = Target.objects.get(customer=bare)
        assert (row.amount, row.owner, row.subject) == (50_000_00, cast.seller, f"customer:{bare.pk}")
        for page in (reverse("goals:grid"), reverse("goals:days")):
            assert bare.name in client.get(page).content.decode()
        assert client.get(f"{reverse('goals:grid')}?product={lamp.pk}").status_code == 404
        client.force_login(cast.director)
        new = f"{reverse('goals:new')}?period=2026-12&value=9&look=1"
        known = client.get(f"{new}&subject=product:{lamp.pk}").context["known"]
        whole = client.get(f"{new}&customer={bare.pk}").context["known"]
        assert (known.open_deals, whole.open_deals) == (1, 1)
        assert known.pipeline == -(-whole.pipeline * 3 // 10) > 0
        sent = {"product": lamp.pk, "metric": "won_amount", "period": "2026-12", "value": "3", "act": "set",
                "purpose": "Ten halls are lit by it", "reason": "It is new"}  # fmt: skip
        answer = client.post(reverse("goals:new"), sent)
        assert answer.status_code == 302 and Target.objects.get(product=lamp).amount == 30_000_00
        assert lamp.name in client.get(answer["Location"]).content.decode()


def test_figures_stand_against_them(cast: Cast, client: Client) -> None:
    """The page of the metric, its lines, the pivot and the tab of the record say the same; who may not see it, not."""
    with clock.at(NOON):
        lamp, works = company.product(cast.director), company.customer(cast.seller)
        won = {"stage_code": "after_sales", "won_on": dt.date(2026, 11, 3), "opened_on": dt.date(2026, 10, 1)}
        company.deal(cast.seller, customer=works, product=lamp, amount=600, **won)
        company.deal(cast.peer, customer=company.customer(cast.peer, "Peer Works"), amount=50, **won)
        _aim(cast, works, lamp)
        month = f"{reverse('insight:metric', args=['won_amount'])}?period=2026-11"
        for part in ("director", "manager"):
            client.force_login(cast.again(part))
            page = client.get(f"{month}&customer={works.pk}&by=product")
            assert "60.0%" in page.content.decode() and page.context["aim"]
            lines = client.get(f"{month}&by=customer").context["lines"]
            assert str(lines[0]["reached"]) == "60.0%" and not lines[1]["aimed"]
            assert "60.0%" in client.get(f"/customers/{works.pk}/?tab=results").content.decode()
            table = client.get("/insight/pivot/?by=product&year=2026").context["table"]
            assert {row.name: row.target for row in table.rows}[lamp.name] == (12_000 if part == "director" else None)
        client.force_login(cast.director)
        for address in (f"{month}&product={lamp.pk}", f"/products/{lamp.pk}/?tab=results"):
            assert "60.0%" in client.get(address).content.decode()
        with CaptureQueriesContext(connection) as opened:
            client.get(f"/customers/{works.pk}/")
        assert not [each for each in opened if "kit_credit" in each["sql"] and "party" in each["sql"]]


def test_no_form_reaches_further_than_the_grid(cast: Cast) -> None:
    """By form, list and program too: a manager neither makes nor moves a target to whom he doesn't lead."""
    start = {"kind": "month", "start": MONTHS[0].start, "amount": 1}
    mine, theirs = company.customer(cast.seller), company.customer(cast.other_seller)
    row = action.create(Target, {**start, "level": "customer", "customer": mine}, actor=cast.manager)
    refused = (
        {"level": "company"},
        {"level": "person", "person": cast.other_seller},
        {"level": "customer", "customer": theirs},
    )
    for values in refused:
        with pytest.raises(Refusal):
            action.create(Target, {**start, **values}, actor=cast.manager)
        with pytest.raises(Refusal):
            action.update(company.again(row), values, actor=cast.manager)
