"""Quotes: prices from the book, sums to the fen, approval, versions, acceptance, and what sellers never see."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.approvals import deciding
from xiaoguan.apps.approvals.models import Request, State
from xiaoguan.apps.customers.actions import transfer
from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.opportunities.models import Deal, DealLine, Product, Stage
from xiaoguan.apps.quotes import accepting, actions, naming, numbering, pricing
from xiaoguan.apps.quotes.models import House, PriceBook, PriceEntry, Quote, QuoteLine, QuoteVersion, Status
from xiaoguan.kit import clock, job as jobs, worker
from xiaoguan.kit.action import create, remove, update
from xiaoguan.kit.errors import Invalid, Refusal

from tests.cast import Cast
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamp(cast: Cast) -> Product:
    """A lamp at 100.00, never under 70.00, that costs us 50.00 without tax."""
    values = {"name": "Line lamp", "price": 10_000, "floor_price": 7_000, "cost": 5_000, "unit_name": "m"}
    made: Product = create(Product, values, actor=cast.administrator)
    return made


@pytest.fixture
def deal(cast: Cast) -> Deal:
    kind = CustomerKind.objects.order_by("pk").first()
    customer = create(Customer, {"name": "Hengcen Steel", "kind": kind, "tier": "A"}, actor=cast.seller)
    stage = Stage.objects.filter(outcome="open").order_by("position").first()
    made: Deal = create(
        Deal, {"name": "Night walk", "customer": customer, "stage": stage, "amount": 100}, actor=cast.seller
    )
    return made


def _quote(cast: Cast, deal: Deal, *lines: dict[str, Any], **values: Any) -> Quote:
    quote = create(Quote, {"deal": deal, **values}, actor=cast.seller)
    for line in lines:
        create(QuoteLine, {"quote": quote, **line}, actor=cast.seller)
    found: Quote = Quote.objects.get(pk=quote.pk)
    return found


def _again(quote: Quote) -> Quote:
    return Quote.objects.get(pk=quote.pk)


def test_prices_come_from_the_book_that_says_most(cast: Cast, deal: Deal, lamp: Product) -> None:
    """Breaks by quantity; a typed price stays, one that followed the list follows a new quantity."""
    book = create(PriceBook, {"name": "Tier A", "tier": "A"}, actor=cast.director)
    create(PriceBook, {"name": "Others", "tier": "B"}, actor=cast.director)
    entry = {"book": book, "product": lamp}
    create(PriceEntry, {**entry, "from_quantity": 1, "price": 9_500}, actor=cast.director)
    create(PriceEntry, {**entry, "from_quantity": 100, "price": 9_000, "floor_price": 8_000}, actor=cast.director)
    quote = _quote(cast, deal, {"product": lamp, "quantity": Decimal(10)}, {"name": "Design", "price": 30_000})
    line, free = quote.lines.order_by("pk")
    assert (line.list_price, line.price, line.floor_price, line.cost, line.name) == (
        9_500,
        9_500,
        7_000,
        5_000,
        "Line lamp",
    )
    assert (free.list_price, free.price, free.cost) == (None, 30_000, None)
    assert (quote.amount, quote.margin, quote.number) == (125_000, None, f"Q{clock.today():%Y%m}-0001")
    assert (quote.customer, quote.owner, quote.name) == (deal.customer, cast.seller, "Night walk")
    update(line, {"quantity": Decimal(100)}, actor=cast.seller)
    line.refresh_from_db()
    assert (line.list_price, line.price, line.floor_price) == (9_000, 9_000, 8_000)
    remove(free, actor=cast.seller)
    quote = _again(quote)
    assert (quote.amount, quote.cost, quote.tax) == (900_000, 500_000, 103_540)
    assert quote.margin == 900_000 - 103_540 - 500_000
    update(quote, {"whole_discount": 10_000}, actor=cast.seller)
    assert (_again(quote).amount, _again(quote).discount_rate) == (810_000, 10_000)
    assert QuoteLine.objects.get(pk=line.pk).net == 810_000


def test_small_discounts_need_nobody(cast: Cast, deal: Deal, lamp: Product) -> None:
    quote = _quote(cast, deal, {"product": lamp, "quantity": Decimal(3), "discount": 9_000})
    actions.submit(quote, actor=cast.seller)
    assert _again(quote).status == Status.APPROVED
    assert QuoteVersion.objects.get(quote=quote).content["lines"][0]["net"] == quote.amount
    with pytest.raises(Refusal):
        actions.submit(_quote(cast, deal), actor=cast.seller)
    with pytest.raises(Refusal):
        actions.send(_quote(cast, deal), actor=cast.seller)


def test_discount_approval_versions(cast: Cast, deal: Deal, lamp: Product) -> None:
    """A discount goes to the manager; what he approved is frozen; a change is the next version, a draft again."""
    quote = _quote(cast, deal, {"product": lamp, "quantity": Decimal(10), "discount": 15_000})
    actions.submit(quote, actor=cast.seller, note="they build a second hall")
    request = Request.objects.get()
    assert _again(quote).status == Status.APPROVING and request.plan[0]["people"] == [cast.manager.pk]
    line = QuoteLine.objects.get(quote=quote)
    update(line, {"discount": 16_000}, actor=cast.seller)
    request.refresh_from_db()
    assert (request.state, _again(quote).status) == (State.OUTDATED, Status.DRAFT)
    actions.submit(_again(quote), actor=cast.seller)
    deciding.approve(Request.objects.latest("pk"), actor=cast.manager)
    assert (_again(quote).status, _again(quote).edition) == (Status.APPROVED, 1)
    actions.send(_again(quote), actor=cast.seller)
    update(_again(quote), {"note": ""}, actor=cast.seller)
    assert _again(quote).status == Status.SENT  # nothing was changed
    update(QuoteLine.objects.get(pk=line.pk), {"quantity": Decimal(12)}, actor=cast.seller)
    found = _again(quote)
    assert (found.status, found.edition, found.sent_on, found.amount) == (Status.DRAFT, 2, None, 100_800)
    kept = QuoteVersion.objects.get(quote=quote)
    assert (kept.edition, kept.content["amount"]) == (1, 84_000)
    with pytest.raises(Refusal):
        remove(found, actor=cast.seller)


def test_below_the_floor_goes_higher(cast: Cast, deal: Deal, lamp: Product) -> None:
    """Nothing off the list price is not enough: a price under the floor goes to manager and director."""
    update(lamp, {"price": 7_100}, actor=cast.administrator)
    quote = _quote(cast, deal, {"product": lamp, "quantity": Decimal(1), "discount": 2_000})
    assert quote.below_floor == 1
    actions.submit(quote, actor=cast.seller)
    assert [step["people"] for step in Request.objects.get().plan] == [[cast.manager.pk], [cast.director.pk]]
    deciding.send_back(Request.objects.get(), actor=cast.manager, note="not that low")
    assert _again(quote).status == Status.DRAFT


def test_accepted(cast: Cast, deal: Deal, lamp: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deal sells just what was accepted, to the fen; the quote is closed; apps above are told."""
    heard: list[int] = []
    monkeypatch.setattr(accepting, "on_accepted", [lambda work, quote: heard.append(quote.pk)])
    quote = _quote(cast, deal, {"product": lamp, "quantity": Decimal(3), "discount": 3_333})
    assert quote.amount == 29_000
    actions.submit(quote, actor=cast.seller)
    with pytest.raises(Invalid):
        actions.accept(_again(quote), actor=cast.seller, on=clock.today() + dt.timedelta(days=1))
    actions.accept(_again(quote), actor=cast.seller)
    deal.refresh_from_db()
    lines = DealLine.objects.filter(deal=deal, deleted_at=None)
    assert (deal.amount, heard) == (29_000, [quote.pk])
    assert sorted((line.quantity, line.price) for line in lines) == [(1, 9_666), (2, 9_667)]
    for write in (
        lambda: update(_again(quote), {"note": "x"}, actor=cast.seller),
        lambda: update(QuoteLine.objects.get(quote=quote), {"price": 1}, actor=cast.seller),
        lambda: create(QuoteLine, {"quote": _again(quote), "name": "x"}, actor=cast.seller),
    ):
        with pytest.raises(Refusal):
            write()
    actions.revise(_again(quote), actor=cast.seller)
    create(QuoteLine, {"quote": _again(quote), "name": "Design", "price": 50_000}, actor=cast.seller)
    assert (_again(quote).edition, _again(quote).amount) == (2, 79_000)
    actions.submit(_again(quote), actor=cast.seller)
    actions.accept(_again(quote), actor=cast.seller)
    deal.refresh_from_db()
    assert deal.amount == 79_000 and not DealLine.objects.filter(deal=deal, deleted_at=None).exists()


def test_days_pass_and_customers_change_hands(cast: Cast, deal: Deal, lamp: Product) -> None:
    quote = _quote(cast, deal, {"product": lamp}, valid_until=clock.today())
    actions.submit(quote, actor=cast.seller)
    actions.send(_again(quote), actor=cast.seller)
    with clock.at(clock.now() + dt.timedelta(days=2)):
        jobs.enqueue("quotes.expire")
        worker.work_once(["quotes.expire"])
    assert _again(quote).status == Status.EXPIRED
    transfer(Customer.objects.get(pk=deal.customer_id), actor=cast.manager, to=cast.peer)
    assert _again(quote).owner == cast.peer


@pytest.mark.once
def test_a_book_names_several_customers(cast: Cast, deal: Deal, lamp: Product) -> None:
    """Whoever is named gets its prices before any rule; nobody else does, and who is taken out no more."""
    tier = create(PriceBook, {"name": "Tier A", "tier": "A"}, actor=cast.director)
    frame = create(PriceBook, {"name": "Group frame"}, actor=cast.director)
    create(PriceEntry, {"book": tier, "product": lamp, "price": 9_500}, actor=cast.director)
    create(PriceEntry, {"book": frame, "product": lamp, "price": 8_800}, actor=cast.director)
    other = create(Customer, {"name": "Bright Steel", "tier": "A"}, actor=cast.seller)
    assert pricing.book_for(deal.customer, clock.today()) == tier
    for customer in (deal.customer, other):
        naming.add_customer(frame, actor=cast.director, customer=customer)
    with pytest.raises(Invalid):
        naming.add_customer(frame, actor=cast.director, customer=other)
    assert pricing.book_for(deal.customer, clock.today()) == pricing.book_for(other, clock.today()) == frame
    assert pricing.book_for(None, clock.today()) is None
    assert _quote(cast, deal, {"product": lamp}).amount == 8_800
    naming.drop_customer(frame, actor=cast.director, customer=other)
    assert pricing.book_for(other, clock.today()) == tier
    client = Client()
    client.force_login(cast.seller)
    assert "Hengcen Steel" in client.get(f"/price-books/{frame.pk}/").content.decode()


def test_numbers_follow_the_pattern(cast: Cast, deal: Deal) -> None:
    House.objects.update_or_create(pk=1, defaults={"pattern": "BJ-{yy}-{number:3}"})
    day = dt.date(2026, 12, 31)
    assert [numbering.next_number(day) for _n in range(2)] == ["BJ-26-001", "BJ-26-002"]
    assert numbering.next_number(day + dt.timedelta(days=1)) == "BJ-27-001"
    _quote(cast, deal, number="BJ-26-003")
    assert numbering.next_number(day) == "BJ-26-004"
    assert _quote(cast, deal, number="OWN-1").number == "OWN-1"


def test_what_is_left_is_not_for_sellers(cast: Cast, deal: Deal, lamp: Product) -> None:
    """Cost and margin show in no page, file or answer to a seller, and to his manager they do."""
    quote = _quote(cast, deal, {"product": lamp, "quantity": Decimal(7), "discount": 12_000})
    actions.submit(quote, actor=cast.seller)
    request = Request.objects.get()
    seller, manager = Client(), Client()
    seller.force_login(cast.seller)
    manager.force_login(cast.manager)
    shown = f"{quote.margin_rate / 1000:.1f}%"
    for url in (f"/quotes/{quote.pk}/", f"/approvals/{request.pk}/"):
        assert shown in manager.get(url).content.decode(), url
        assert shown not in seller.get(url).content.decode(), url
    api = Api(cast.seller)
    assert "cost" not in api.ask("GET", f"quote-lines/{quote.lines.get().pk}").json()
    told = str(api.ask("GET", f"quotes/{quote.pk}").json()) + str(api.ask("GET", f"approvals/{request.pk}").json())
    assert "margin" not in told.lower() and str(quote.margin) not in told
