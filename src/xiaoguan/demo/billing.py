"""Payment plans of the demonstration: every contract has one, receipts have paid their part of it, some are late."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from typing import Any

from xiaoguan.apps.billing.models import Allocation, Instalment, Invoice, Order, OrderLine, OrderStatus, Reason, State
from xiaoguan.apps.billing.waiving import waive
from xiaoguan.apps.commerce.models import Contract, ContractStatus
from xiaoguan.apps.opportunities.models import DealLine
from xiaoguan.apps.org.models import Person
from xiaoguan.demo.book import PARTS
from xiaoguan.kit.action import working

CHUNK = 400
WAIVED = ("客户对两套灯具有质量异议，双方同意尾款免收", "工程量核减，尾款免收", "项目停工，催收成本高于余款")
RECENT = dt.timedelta(days=150)
"""Contracts of this stretch have orders."""
DAY = dt.timedelta(days=1)
# Kind, what it counts from, days from the signature until that happens, days after that.
TERMS = (("advance", "signed", 0, 15), ("delivery", "delivered", 55, 15), ("acceptance", "accepted", 95, 30),
         ("retention", "accepted", 95, 270))  # fmt: skip


def plan_all(finance: Person, today: dt.date, seed: int) -> None:
    """A plan for every contract, in chunks; money that has come pays its instalments by itself."""
    chance = random.Random(seed + 7)
    last, numbers = 0, itertools.count(1)
    while contracts := list(Contract.objects.filter(pk__gt=last, deleted_at__isnull=True).order_by("pk")[:CHUNK]):
        with working(Instalment, "create", actor=finance, verb="create", source="demo") as work:
            living = [row for row in contracts if row.status != ContractStatus.CANCELLED]
            work.create(Instalment, [part for row in living for part in _parts(row, today)])
            _tidy(work, [row.pk for row in living], today, chance)
        with working(Invoice, "create", actor=finance, verb="create", source="demo") as work:
            made = [row for row in living if row.amount]
            work.create(Invoice, _invoices([row.pk for row in made], numbers, chance))
        _order(finance, [row for row in living if row.signed_on > today - RECENT], today, numbers)
        last = contracts[-1].pk


def _parts(contract: Contract, today: dt.date) -> list[dict[str, Any]]:
    """The usual four parts; goods and projects that are further on have reached their milestones."""
    found, left = [], contract.amount
    for position, ((percent, _early, _late), (kind, milestone, after, days)) in enumerate(
        zip(PARTS, TERMS, strict=True), 1
    ):
        amount = left if position == len(PARTS) else contract.amount * percent // 100
        left -= amount
        reached = contract.signed_on + after * DAY
        found.append(
            {
                "contract": contract,
                "position": position,
                "kind": kind,
                "rate": percent * 1000,
                "amount": amount,
                "milestone": milestone,
                "days": days,
                "reached_on": reached if reached <= today else None,
                "created_at": contract.created_at,
            }
        )
    return [part for part in found if part["amount"]]


def _tidy(work: Any, contracts: list[int], today: dt.date, chance: random.Random) -> None:
    """What was given back is not asked for again, and whoever is late has said when he will pay."""
    back = Allocation.objects.filter(instalment__contract__in=contracts, reason=Reason.REFUND)
    days = dict(back.values_list("instalment", "on"))
    rows = Instalment.objects.filter(contract__in=contracts, status=State.OPEN, due_on__lt=today)
    late = list(rows.select_related("contract").order_by("pk"))
    for row in late:
        if row.pk in days:
            row.status, row.closed_on = State.WAIVED, days[row.pk]
            row.note = "数量核减，余款免收"
        elif chance.random() < 0.6:
            row.forecast_on = today + chance.randint(3, 45) * DAY
            row.pushed = chance.choice((1, 1, 1, 2, 3))
    work.save(*late)


def _invoices(contracts: list[int], numbers: Iterator[int], chance: random.Random) -> list[dict[str, Any]]:
    """One invoice for most of what was paid, issued around that day; some wait to be issued."""
    rows = Instalment.objects.filter(contract__in=contracts, status=State.PAID).select_related("contract__customer")
    found: list[dict[str, Any]] = []
    for row in rows.order_by("closed_on", "pk"):
        draw = chance.random()
        if draw > 0.9 or row.closed_on is None:
            continue
        values: dict[str, Any] = {
            "contract": row.contract, "instalment": row, "amount": row.amount,
            "kind": "electronic" if row.closed_on.year >= 2026 else "special",
        }  # fmt: skip
        if draw < 0.86:
            day = max(row.closed_on - chance.randint(0, 9) * DAY, row.contract.signed_on)
            values |= {"issued_on": day, "number": f"{day:%y}32{next(numbers):016d}"}
        found.append(values)
    return found


def waive_some(finance: Person, today: dt.date) -> int:
    """Old rests that finance would give up: each waits for the manager of its seller; returns how many."""
    rows = Instalment.objects.filter(status=State.OPEN, outstanding__gte=1_000_00, due_on__lt=today - 60 * DAY)
    chosen: dict[int | None, Instalment] = {}
    for row in rows.filter(owner__unit__isnull=False).select_related("owner").order_by("outstanding", "pk"):
        chosen.setdefault(row.owner.unit_id if row.owner else None, row)  # the smallest of each team
    for row, why in zip(chosen.values(), itertools.cycle(WAIVED), strict=False):
        waive(row, actor=finance, comment=why, source="demo")
    return len(chosen)


def _order(finance: Person, contracts: list[Contract], today: dt.date, numbers: Iterator[int]) -> None:
    """One order per contract with the products of its deal; delivered where the plan says so, else on its way."""
    if not contracts:
        return
    lines: dict[int, list[DealLine]] = {}
    for line in DealLine.objects.filter(deal__in=[row.deal_id for row in contracts]).order_by("pk"):
        lines.setdefault(line.deal_id, []).append(line)
    with working(Order, "create", actor=finance, verb="create", source="demo") as work:
        orders = work.create(Order, [_ordered(row, today, numbers) for row in contracts])
        work.create(
            OrderLine,
            [
                {"order": order, "product_id": line.product_id, "quantity": line.quantity, "price": line.price}
                for order, contract in zip(orders, contracts, strict=True)
                for line in lines.get(contract.deal_id or 0, [])
            ],
        )


def _ordered(contract: Contract, today: dt.date, numbers: Iterator[int]) -> dict[str, Any]:
    delivered = contract.signed_on + TERMS[1][2] * DAY
    done = delivered <= today
    return {
        "contract": contract,
        "number": f"DD-{contract.signed_on:%Y%m}-{next(numbers):05d}",
        "ordered_on": contract.signed_on,
        "delivery_on": delivered - 5 * DAY,
        "delivered_on": delivered if done else None,
        "status": OrderStatus.DELIVERED if done else OrderStatus.OPEN,
        "created_at": contract.created_at,
    }
