"""Storing one seller's book: customers, contacts, deals with their way, contracts, money, talks and next steps."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from xiaoguan.apps.activities.models import FollowUp, Task
from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.apps.customers.models import Contact, Customer, CustomerKind
from xiaoguan.apps.opportunities.models import Deal, DealLine, LossReason, Product, Stage, StageEntry
from xiaoguan.apps.opportunities.queries import left_by
from xiaoguan.apps.org.models import Person
from xiaoguan.demo import people, words
from xiaoguan.demo.customers import Namer, contact_values
from xiaoguan.demo.plan import DealPlan, Planner, bent
from xiaoguan.demo.staff import Staff
from xiaoguan.kit import clock
from xiaoguan.kit.action import Work, create, working

PARTS = ((30, 5, 20), (50, 40, 80), (15, 90, 140), (5, 360, 380))
"""Instalments of a contract: per cent, earliest and latest days after signing."""
RECENT = dt.timedelta(days=150)
"""Deals with a life in this stretch carry products line by line."""


@dataclass
class Shelf:
    """What every book needs: stages, kinds, products, and running numbers."""

    stages: dict[str, Stage]
    kinds: dict[str, CustomerKind]
    reasons: dict[str, LossReason]
    products: list[Product]
    finance: Person
    system: Person
    counts: Counter[str] = field(default_factory=Counter)
    numbers: set[int] = field(default_factory=set)
    """Mobile numbers given away: no two people of any book share one."""

    @classmethod
    def fill(cls, people: Staff) -> Shelf:
        """Read the seeded reference data and put the products on sale."""
        values = [
            {"name": name, "code": code, "category": series, "unit_name": unit, "price": price}
            for name, code, series, unit, price in words.PRODUCTS
        ]
        products = create(Product, values, actor=people.director, source="demo")
        return cls(
            {stage.code: stage for stage in Stage.objects.select_related("pipeline")},
            {kind.code: kind for kind in CustomerKind.objects.all()},
            {reason.code: reason for reason in LossReason.objects.all()},
            products,
            people.finance,
            people.system,
        )

    def keep(
        self,
        seller: Person,
        customers: list[dict[str, Any]],
        deals: list[DealPlan],
        planner: Planner,
        since: dt.date,
        *,
        talks: bool,
    ) -> None:
        """Store one seller's book; deals go to customers in proportion, the first deal makes the customer."""
        chance = planner.chance
        chosen = [chance.randrange(max(1, round(len(customers) * 0.72))) for _deal in deals]
        opened: dict[int, list[dt.date]] = defaultdict(list)
        for deal, place in zip(deals, chosen, strict=True):
            opened[place].append(deal.opened)
        for place, values in enumerate(customers):
            own = opened[place]
            span = max(1, (planner.today - since).days)
            drawn = planner.workday(since + dt.timedelta(days=int(span * chance.random())))
            values["since"] = max(min([*own, drawn]), planner.first - dt.timedelta(days=200))
            values["kind"] = self.kinds[values["kind"]]
            values["created_at"] = _at(values["since"], 9)
        with working(Customer, "create", actor=seller, verb="create", source="demo") as work:
            rows = work.create(Customer, customers)
            contacts = self._contacts(work, rows, planner) if talks else {}
            made = self._deals(work, seller, deals, [rows[at] for at in chosen], planner)
            if talks:
                people.deepen(work, rows, contacts, planner.today, f"{seller.username}-{planner.today}")
                self._talks(work, seller, made, contacts, planner)
        self._money(made, planner)
        self.counts.update(customers=len(rows), deals=len(made))

    def _contacts(self, work: Work, rows: list[Customer], planner: Planner) -> dict[int, list[Contact]]:
        namer = Namer(planner.chance, self.numbers)
        values = [
            {"customer": row, "created_at": row.created_at, **each}
            for row in rows
            for each in contact_values(namer, planner.chance, row.kind.code or "")
        ]
        found: dict[int, list[Contact]] = {}
        for contact in work.create(Contact, values):
            found.setdefault(contact.customer_id, []).append(contact)
        return found

    def _deals(
        self, work: Work, seller: Person, plans: list[DealPlan], of: list[Customer], planner: Planner
    ) -> list[tuple[Deal, DealPlan]]:
        """Deals where they stand now, then the stages they came through, then their products."""
        values, lines = [], []
        for place, (plan, customer) in enumerate(zip(plans, of, strict=True)):
            plan.stays = bent(plan.stays, place)
            found = self._lines(plan, planner)
            lines.append(found)
            if found:
                plan.amount = sum(line["amount"] for line in found)
            values.append(self._deal(seller, plan, customer, found, planner))
        rows = work.create(Deal, values)
        entries = [
            {
                "deal": row,
                "stage": self.stages[stay.stage],
                "entered_at": _began(stay.entered),
                "entered_on": stay.entered,
                "left_at": _began(stay.left),
                "left_on": stay.left,
                "credited": row.credited,
                "created_at": _began(stay.entered),
                **left_by(self.stages[stay.stage].pk, self.stages[after.stage].pk, (stay.left - stay.entered).days),
            }
            for row, plan in zip(rows, plans, strict=True)
            for stay, after in pairwise(plan.stays)
            if stay.left is not None
        ]
        if entries:
            work.create(StageEntry, entries)
        found = [
            {"deal": row, "created_at": row.created_at, **{key: line[key] for key in ("product", "quantity", "price")}}
            for row, each in zip(rows, lines, strict=True)
            for line in each
        ]
        if found:
            work.create(DealLine, found)
        return list(zip(rows, plans, strict=True))

    def _deal(
        self, seller: Person, plan: DealPlan, customer: Customer, lines: list[dict[str, Any]], planner: Planner
    ) -> dict[str, Any]:
        chance = planner.chance
        last = plan.stays[-1]
        main = max(lines, key=lambda line: line["amount"])["product"] if lines else chance.choice(self.products)
        values = {
            "name": f"{chance.choice(words.SITES)}{chance.choice(words.WORKS)}",
            "customer": customer,
            "product": main,
            "stage": self.stages[last.stage],
            "stage_since": last.entered,
            "amount": plan.amount,
            "margin_rate": chance.randint(18, 42) * 1000,
            "source": customer.source,
            "competitor": chance.choice(words.RIVALS) if chance.random() < 0.3 else "",
            "opened_on": plan.opened,
            "expected_on": plan.expected or plan.closed,
            "owner": seller,
            "created_at": _at(plan.opened, 9),
        }
        if plan.outcome == "won":
            values["won_on"] = plan.closed
        elif plan.outcome == "lost":
            values |= {"lost_on": plan.closed, "loss_reason": self.reasons[plan.reason]}
        return values

    def _lines(self, plan: DealPlan, planner: Planner) -> list[dict[str, Any]]:
        """Products of the deals people look at, near the planned amount; earlier stages have none yet."""
        late = plan.stays[-1].stage in ("solution", "contracting", "after_sales")
        if not late or (plan.closed and plan.closed < planner.today - RECENT):
            return []
        chance = planner.chance
        count = chance.choices((1, 2, 3), (45, 37, 18))[0]
        found = []
        for product in chance.sample(self.products, count):
            quantity = max(1, round(plan.amount / count / product.price))
            found.append(
                {"product": product, "quantity": quantity, "price": product.price, "amount": quantity * product.price}
            )
        total = sum(line["amount"] for line in found)
        return found if total <= plan.amount * 3 else []

    def _money(self, made: list[tuple[Deal, DealPlan]], planner: Planner) -> None:
        """Finance books a contract for each won deal and the instalments that have come in by today."""
        won = [(deal, plan) for deal, plan in made if plan.outcome == "won" and plan.closed]
        with working(Contract, "create", actor=self.finance, verb="create", source="demo") as work:
            contracts = work.create(
                Contract,
                [
                    {
                        "number": f"HC-{plan.closed:%Y%m}-{self._next('contracts'):04d}",
                        "customer": deal.customer,
                        "deal": deal,
                        "owner": deal.owner,
                        "amount": plan.amount,
                        "signed_on": plan.closed,
                        "created_at": _at(plan.closed, 15),
                    }
                    for deal, plan in won
                ],
            )
            values = [
                {**part, "number": f"SK-{part['received_on']:%Y%m}-{self._next('receipts'):05d}"}
                for contract in contracts
                for part in _instalments(contract, planner)
            ]
            receipts = work.create(Receipt, values) if values else []
            returned = [row for row in receipts if planner.chance.random() < 0.012]
            if returned:
                work.create(Refund, [self._refund(row, planner) for row in returned])

    def _refund(self, receipt: Receipt, planner: Planner) -> dict[str, Any]:
        day = min(planner.today, receipt.received_on + dt.timedelta(days=planner.chance.randint(3, 30)))
        return {
            "number": f"TK-{day:%Y%m}-{self._next('refunds'):04d}",
            "receipt": receipt,
            "contract": receipt.contract,
            "customer": receipt.customer,
            "owner": receipt.owner,
            "amount": receipt.amount // 5 // 100 * 100,
            "refunded_on": day,
            "reason": "数量核减",
            "created_at": _at(day, 16),
        }

    def _next(self, name: str) -> int:
        self.counts[name] += 1
        return self.counts[name]

    def _talks(
        self,
        work: Work,
        seller: Person,
        made: list[tuple[Deal, DealPlan]],
        contacts: dict[int, list[Contact]],
        planner: Planner,
    ) -> None:
        """Follow-ups of every deal, and the next steps of those in progress."""
        chance = planner.chance
        talks = [
            {
                "kind": kind,
                "customer": deal.customer,
                "deal": deal,
                "contact": chance.choice(contacts[deal.customer_id]),
                "happened_at": _at(day, chance.randint(9, 17), chance.choice((0, 10, 20, 30, 40, 50))),
                "subject": chance.choice(words.SUBJECTS[kind]),
                "body": chance.choice(words.BODIES),
                "result": chance.choices(("forward", "unchanged", "problem"), (52, 36, 12))[0],
                "owner": seller,
                "created_at": _written(day, deal.pk, planner.today),
            }
            for deal, plan in made
            for day, kind in plan.contacts
            if day < planner.today
        ]
        work.create(FollowUp, sorted(talks, key=lambda talk: talk["happened_at"]))
        steps = []
        for deal, plan in made:
            if plan.step is None:
                continue
            kind, title = chance.choice(words.STEPS)
            hour = chance.choice((None, None, dt.time(9, 30), dt.time(10, 40), dt.time(14, 0), dt.time(16, 0)))
            steps.append(
                {
                    "title": title,
                    "kind": kind,
                    "customer": deal.customer,
                    "deal": deal,
                    "contact": chance.choice(contacts[deal.customer_id]),
                    "due_on": plan.step[0],
                    "due_time": hour,
                    "owner": seller,
                    "created_at": _at(min(plan.step[0], planner.today) - dt.timedelta(days=3), 17),
                }
            )
        steps += self._errands(seller, contacts, planner)
        work.create(Task, sorted(steps, key=lambda step: step["created_at"]))

    def _errands(self, seller: Person, contacts: dict[int, list[Contact]], planner: Planner) -> list[dict[str, Any]]:
        """What a day holds besides deals: customers to see and people to call, some of it already done."""
        chance = planner.chance
        customers = sorted(contacts)
        found = []
        for number in range(chance.randint(9, 14)):
            kind, title = chance.choice(words.ERRANDS)
            contact = chance.choice(contacts[chance.choice(customers)])
            if number < 3:
                due = planner.today
            elif number < 5:
                due = planner.calendar.add(planner.today, chance.randint(1, 4))
            else:
                due = planner.workday(planner.today - dt.timedelta(days=chance.randint(1, 40)))
            late = dt.timedelta(days=2 * (number == 8))
            done = number >= 5 and not (number == 5 and chance.random() < 0.4)
            found.append(
                {
                    "title": title,
                    "kind": kind,
                    "customer": contact.customer,
                    "contact": contact,
                    "due_on": due,
                    "due_time": dt.time(chance.randint(9, 16), chance.choice((0, 10, 20, 30, 40, 50))),
                    "owner": seller,
                    "created_at": _at(min(due, planner.today) - dt.timedelta(days=4), 17),
                    **({"state": "done", "done_at": _at(due + late, 17)} if done else {}),
                }
            )
        return found


def _at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A moment of a day where the company is, never later than now."""
    moment = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=clock.zone())
    return min(moment, clock.now())


def _written(day: dt.date, deal: int, today: dt.date) -> dt.datetime:
    """When a follow-up was written down: nearly always that evening, now and then days later."""
    left = (day.toordinal() * 7 + deal * 13) % 29
    return _at(min(day + dt.timedelta(days={0: 6, 1: 4, 2: 1, 3: 2}.get(left, 0)), today), 18)


def _began(day: dt.date) -> dt.datetime:
    """The moment a stage begins as the history keeps it: the first of the day, or now for today."""
    return clock.now() if day == clock.today() else _at(day, 0)


def _instalments(contract: Contract, planner: Planner) -> list[dict[str, Any]]:
    """The parts of a contract's amount received so far; together never more than the contract."""
    found, left = [], contract.amount
    for percent, earliest, latest in PARTS:
        late = planner.chance.choice((0, 0, 0, 20, 45))
        day = planner.workday(contract.signed_on + dt.timedelta(days=planner.chance.randint(earliest, latest) + late))
        amount = left if percent == PARTS[-1][0] else contract.amount * percent // 100
        if day > planner.today:
            break
        left -= amount
        found.append(
            {
                "customer": contract.customer,
                "contract": contract,
                "deal": contract.deal,
                "owner": contract.owner,
                "amount": amount,
                "received_on": day,
                "method": "transfer",
                "created_at": _at(day, 16),
            }
        )
    return found
