"""Price books and quotes of the demonstration: in every state, some with two versions, some waiting at a manager."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from xiaoguan.apps.approvals import deciding
from xiaoguan.apps.approvals.models import Request, State
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, DealLine, Product
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.quotes import actions
from xiaoguan.apps.quotes.models import BookCustomer, House, PriceBook, PriceEntry, Quote, QuoteLine, Status
from xiaoguan.demo.staff import SHOWN, Staff
from xiaoguan.kit import clock
from xiaoguan.kit.action import Work, create, update_each, working

ACCEPTED = 8
STATES = (
    (Status.DRAFT, 14), (Status.ACCEPTED, 6), (Status.APPROVING, 12), (Status.APPROVED, 10), (Status.SENT, 18),
    (Status.DECLINED, 9), (Status.EXPIRED, 9),
)  # fmt: skip
TERMS = "合同签订后付 30%，到货付 40%，验收合格付 25%，质保金 5% 一年后付清。"
REASONS = ("预算砍掉了两成，先不做", "选了另一家，交期更短", "方案改成分期，重新询价")
WHY = ("竞争对手报价低一成，客户二期也给我们", "首单，业主集团有四个园区", "总包压价，付款条件好")
HOUSE = {
    "address": "江苏省昆山市示范路 100 号", "phone": "0512-5550 0100", "tax_number": "91320583DEMO000000",
    "bank": "示范银行昆山支行 0000 1111 2222 3333", "payment_terms": TERMS, "delivery": "收到预付款后 25 天内",
    "terms": "以上价格含 13% 增值税和到工地运费，不含卸货。产品质保三年，人为损坏除外。",
}  # fmt: skip


def put(people: Staff, seed: int, today: dt.date) -> int:
    """Costs of products, two price books and up to eighty quotes; returns how many quotes."""
    _prices(people)
    chance = random.Random(seed * 7919 + 80)
    deals = _deals("open")
    count = sum(_accepted(deal, today) for deal in _deals("won")[:ACCEPTED])
    wanted = [state for state, number in STATES for _n in range(number)]
    for place, deal in enumerate(deals[: len(wanted)]):
        # The seller visitors sign in as comes first, with one quote of each state.
        state = STATES[place][0] if place < len(STATES) else wanted[place]
        count += _quote(deal, state, chance, today, place)
    return count


def _prices(people: Staff) -> None:
    products = list(Product.objects.filter(deleted_at__isnull=True).order_by("pk"))
    values = [
        (each, {"cost": (each.price or 0) * 52 // 100, "floor_price": (each.price or 0) * 78 // 100})
        for each in products
    ]
    update_each(values, actor=people.director, source="demo")
    frame = create(PriceBook, {"name": "A 级客户框架价", "tier": "A", "note": "年框客户，批量另有阶梯。"},
                   actor=people.director, source="demo")  # fmt: skip
    lights = [each for each in products if (each.price or 0) < 300_000]
    entries = [
        {"book": frame, "product": each, "from_quantity": start, "price": (each.price or 0) * percent // 100}
        for each in lights
        for start, percent in ((1, 98), (100, 95), (500, 92))
    ]
    create(PriceEntry, entries, actor=people.director, source="demo")
    group = create(PriceBook, {"name": "集团客户协议价", "note": "同一集团的几家公司用同一份价格。"},
                   actor=people.director, source="demo")  # fmt: skip
    named = Customer.objects.filter(deleted_at__isnull=True, tier="A", owner__isnull=False).order_by("pk")[:4]
    with working(PriceBook, "add_customer", actor=people.director, source="demo") as work:
        work.create(BookCustomer, [{"book": group, "customer": each} for each in named])
    values = [{"book": group, "product": each, "price": (each.price or 0) * 93 // 100} for each in lights]
    create(PriceEntry, values, actor=people.director, source="demo")
    with transaction.atomic():
        work = Work(people.director, "settings", House._meta.label_lower, "demo", undoable=False)
        work.create(House, {"id": 1, **HOUSE})
        work.finish()


def _accepted(deal: Deal, today: dt.date) -> int:
    """A won deal as it was quoted: just its products at their prices, accepted on the day it was won."""
    seller, won = deal.owner, deal.won_on or today
    lines = list(DealLine.objects.filter(deal=deal, deleted_at__isnull=True).select_related("product").order_by("pk"))
    if seller is None or any(line.price is None for line in lines):
        return 0
    day = max(won - dt.timedelta(days=9), deal.opened_on or won)
    run = {"actor": seller, "source": "demo"}
    with clock.at(dt.datetime.combine(day, dt.time(14, 5), tzinfo=clock.zone())):
        with working(Quote, "create", actor=seller, verb="create", source="demo") as work:
            quote: Quote = work.create(Quote, {"deal": deal, "quoted_on": day, "payment_terms": TERMS})
            values = [
                {"quote": quote, "product": line.product, "quantity": line.quantity, "price": line.price, "position": n}
                for n, line in enumerate(lines, 1)
            ]
            work.create(QuoteLine, values)
        actions.submit(Quote.objects.get(pk=quote.pk), **run)
        _approve(quote)
        actions.send(Quote.objects.get(pk=quote.pk), **run)
    with clock.at(dt.datetime.combine(won, dt.time(16, 40), tzinfo=clock.zone())):
        actions.accept(Quote.objects.get(pk=quote.pk), **run)
    _bind(Quote.objects.get(pk=quote.pk))
    return 1


def _bind(quote: Quote) -> None:
    """The contract of the deal was made of this quote where it is over the same amount."""
    rows = Contract.objects.filter(deal=quote.deal_id, amount=quote.amount, quote=None, deleted_at__isnull=True)
    contract = rows.order_by("pk").first()
    if contract is None:
        return
    with working(Contract, "update", actor=quote.owner, source="demo") as work:
        contract.quote, contract.edition = quote, quote.edition
        contract.ends_on = contract.signed_on + dt.timedelta(days=365) if contract.signed_on else None
        work.save(contract)


def _deals(status: str) -> Sequence[Deal]:
    """Deals with products that are open or won, those of the seller who is shown first."""
    ids = DealLine.objects.filter(deal__status=status, deleted_at__isnull=True).values("deal")
    found = Deal.objects.filter(pk__in=ids, customer__isnull=False).select_related("owner", "customer")
    rows = list(found.order_by("pk"))
    place = {deal.pk: number for number, deal in enumerate(rows)}  # numbers of rows are others in every database
    rows.sort(key=lambda deal: (deal.owner is None or deal.owner.name != SHOWN, -(place[deal.pk] % 7), deal.pk))
    return rows


def _quote(deal: Deal, state: str, chance: random.Random, today: dt.date, place: int) -> int:
    seller = deal.owner
    if seller is None:
        return 0
    back = chance.randint(34, 60) if state == Status.EXPIRED else chance.randint(3, 25)
    if state == Status.APPROVING:
        back = chance.randint(0, 1)
    day = max(today - dt.timedelta(days=back), deal.opened_on or today)
    with clock.at(dt.datetime.combine(day, dt.time(10, 20 + place % 30), tzinfo=clock.zone())):
        quote = _draft(deal, seller, state, chance, day)
        if state != Status.DRAFT:
            _further(quote, seller, state, chance, place)
    if state == Status.EXPIRED:
        with working(Quote, "expire", actor=seller, source="demo") as work:
            late = Quote.objects.get(pk=quote.pk)
            if late.status == Status.SENT:
                late.status = Status.EXPIRED
                work.save(late)
    return 1


def _draft(deal: Deal, seller: Person, state: str, chance: random.Random, day: dt.date) -> Quote:
    steep = state == Status.APPROVING
    with working(Quote, "create", actor=seller, verb="create", source="demo") as work:
        quote: Quote = work.create(
            Quote,
            {"deal": deal, "quoted_on": day, "valid_until": day + dt.timedelta(days=30), "payment_terms": TERMS,
             "delivery": HOUSE["delivery"], "whole_discount": chance.choice((0, 0, 2_000, 3_000))},
        )  # fmt: skip
        lines = DealLine.objects.filter(deal=deal, deleted_at__isnull=True).select_related("product").order_by("pk")
        values: list[dict[str, Any]] = [
            {"quote": quote, "product": line.product, "quantity": line.quantity, "position": position,
             "discount": chance.choice((12_000, 15_000, 18_000) if steep else (0, 3_000, 5_000))}
            for position, line in enumerate(lines, 1)
        ]  # fmt: skip
        if chance.random() < 0.3:
            values.append({"quote": quote, "name": "现场指导安装", "unit_name": "天", "quantity": 3, "price": 120_000,
                           "position": len(values) + 1})  # fmt: skip
        work.create(QuoteLine, values)
    return quote


def _further(quote: Quote, seller: Person, state: str, chance: random.Random, place: int) -> None:
    """From draft to where it stands, by the verbs people use."""
    run = {"actor": seller, "source": "demo"}
    actions.submit(Quote.objects.get(pk=quote.pk), note=chance.choice(WHY), **run)
    if state == Status.APPROVING:
        return
    _approve(quote)
    if state == Status.APPROVED:
        return
    actions.send(Quote.objects.get(pk=quote.pk), **run)
    if state == Status.SENT and place % 3 == 0:  # the customer asked for more: a second version
        with working(QuoteLine, "update", actor=seller, source="demo") as work:
            line = QuoteLine.objects.filter(quote=quote, deleted_at__isnull=True).order_by("pk")[0]
            line.quantity += 5
            work.save(line)
        actions.submit(Quote.objects.get(pk=quote.pk), note="客户加了数量", **run)
        _approve(quote)
        actions.send(Quote.objects.get(pk=quote.pk), **run)
    if state == Status.ACCEPTED:  # the contract is still to be made
        actions.accept(Quote.objects.get(pk=quote.pk), **run)
    if state == Status.DECLINED:
        actions.decline(Quote.objects.get(pk=quote.pk), reason=chance.choice(REASONS), **run)


def _approve(quote: Quote) -> None:
    """Whoever has to decide agrees, step by step."""
    for request in Request.objects.filter(about="quotes.quote", object_id=quote.pk, state=State.PENDING):
        while request.pending:
            seat = request.seats.filter(verdict="").select_related("person").order_by("pk")[0]
            request = deciding.approve(request, actor=seat.person, note="同意", source="demo")
