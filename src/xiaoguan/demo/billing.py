"""Payment plans of the demonstration: every contract has one, receipts have paid their part of it, some are late."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from typing import Any

from xiaoguan.apps.billing.models import Allocation, Instalment, Invoice, Reason, State
from xiaoguan.apps.commerce.models import Contract, ContractStatus
from xiaoguan.apps.org.models import Person
from xiaoguan.demo.book import PARTS
from xiaoguan.kit.action import working

CHUNK = 400
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
