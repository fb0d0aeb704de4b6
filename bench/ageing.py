"""The ageing report over many contracts: milliseconds and queries, for director and manager, today and on a past day.

`python bench/ageing.py --contracts 100000 --json` builds a company of that many contracts, four instalments each, in a
temporary SQLite file, most of them paid, and asks for the report with nothing remembered. ``--json`` ends the output
with one object; times are milliseconds, median and 95th percentile.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import company

PARTS = ((30, 15), (50, 70), (15, 125), (5, 365))
"""Per cent of each instalment and the days after the signature when it is due."""
BATCH = 5_000


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'db.sqlite3'}",
            "XIAOGUAN_HOME": folder,
            "DJANGO_SETTINGS_MODULE": "xiaoguan.config.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        sizes = company.SIZES | {"customers": given.customers}
        builder = company.Builder(sizes)
        builder.people()
        builder.customers()
        _fill(builder, given.contracts)
        found = {"contracts": given.contracts, "customers": given.customers, **_measure(given.rounds)}
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while part := list(islice(rows, BATCH)):
        yield part


def _fill(builder: Any, contracts: int) -> None:
    """Contracts of the last two years, their plans, and receipts for most of what was due."""
    from django.db import connection

    from xiaoguan.apps.billing.models import Allocation, Instalment
    from xiaoguan.apps.commerce.models import Contract, Receipt

    chance, today = builder.chance, builder.today

    def signed() -> Iterator[Contract]:
        for number in range(contracts):
            customer, owner, name = chance.choice(builder.firms)
            day = today - dt.timedelta(days=chance.randrange(730))
            about = {"customer_id": customer, "owner_id": owner, "credited_id": owner, "unit_id": builder.homes[owner]}
            amount = chance.randint(50, 5_000) * 100_00
            yield Contract(name=f"{name} {number}", amount=amount, signed_amount=amount, signed_on=day, **about)

    for part in _chunks(signed()):
        rows = Contract.objects.bulk_create(part)
        plans, money = [], []
        for row in rows:
            behind = chance.random() < 0.12
            for position, (percent, after) in enumerate(PARTS, 1):
                due = row.signed_on + dt.timedelta(days=after)
                paid_on = due + dt.timedelta(days=chance.choice((0, 5, 20, 60)))
                amount = row.amount * percent // 100
                paid = paid_on <= today and not (behind and position > 1)
                plans.append(
                    Instalment(
                        contract=row, customer_id=row.customer_id, owner_id=row.owner_id, unit_id=row.unit_id,
                        position=position, kind="other", amount=amount, due_on=due, agreed_on=row.signed_on,
                        paid=amount if paid else 0, outstanding=0 if paid else amount,
                        status="paid" if paid else "open", closed_on=paid_on if paid else None,
                    )
                )  # fmt: skip
                money.append(paid_on if paid else None)
        made = Instalment.objects.bulk_create(plans)
        paid = [(row, day) for row, day in zip(made, money, strict=True) if day]
        receipts = Receipt.objects.bulk_create(
            Receipt(contract_id=row.contract_id, customer_id=row.customer_id, amount=row.amount, received_on=day)
            for row, day in paid
        )
        Allocation.objects.bulk_create(
            Allocation(receipt=receipt, instalment=row, amount=row.amount, on=day)
            for receipt, (row, day) in zip(receipts, paid, strict=True)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _measure(rounds: int) -> dict[str, Any]:
    """Each question with nothing remembered, and its queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from xiaoguan.apps.billing import ageing
    from xiaoguan.apps.org.models import Person
    from xiaoguan.kit import clock, memo

    today = clock.today()
    found: dict[str, Any] = {}
    for who in ("director", "manager"):
        person = Person.objects.filter(roles__code=who).order_by("pk").first()
        for by in ageing.WAYS:
            for said, day in (("today", today), ("a year ago", today - dt.timedelta(days=365))):
                times = []
                for _round in range(rounds):
                    memo.forget()
                    actor = Person.objects.get(pk=person.pk)
                    actor.roles.all()
                    began = time.perf_counter()
                    table = ageing.table(actor, day, by)
                    times.append((time.perf_counter() - began) * 1000)
                memo.forget()
                with CaptureQueriesContext(connection) as asked:
                    ageing.table(Person.objects.get(pk=person.pk), day, by)
                found[f"{who}, {by}, {said}"] = {
                    "median_ms": round(statistics.median(times), 1),
                    "p95_ms": round(sorted(times)[min(len(times) - 1, int(len(times) * 0.95))], 1),
                    "queries": len(asked),
                    "lines": len(table.lines),
                }
    return found


if __name__ == "__main__":
    main()
