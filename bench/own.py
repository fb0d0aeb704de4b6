"""What an own field costs: a filter, a sort and a sum on one of them in a list, with and without its index.

`python bench/own.py --json 1000000` fills the database of DATABASE_URL (SQLite in a temporary folder by default), which
must be empty, with that many customers, adds a number, a date and a text field, lets the product's own job index them,
and prints milliseconds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

BATCH = 5_000
FIELDS = (("pieces", "number"), ("day", "date"), ("colour", "text"))
QUERIES = {
    "number, ten rows": {"extra__c_pieces": "500000..500009"},
    "date, one day": {"extra__c_day": "2026-11-27"},
    "text contains": {"extra__c_colour": "shade 4711"},
    "sorted by number": {"view": "all", "sort": "-extra__c_pieces"},
    "summed": {"view": "all", "cols": "name,extra__c_pieces"},
}


def main() -> None:
    """Fill, measure, index, measure again, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("rows", type=int, nargs="?", default=100_000)
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    os.environ.setdefault("XIAOGUAN_HOME", tempfile.mkdtemp(prefix="xiaoguan-bench-"))

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    found: dict[str, Any] = {"rows": given.rows, "fill s": fill(given.rows)}
    found["without index ms"] = measure(given.runs)
    found["index s"] = index()
    found |= {"with index ms": measure(given.runs), "plan": plan()}
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


def fill(rows: int) -> float:
    """Customers with three own values each; seconds."""
    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.org.queries import system_actor
    from xiaoguan.kit import action
    from xiaoguan.kit.models import OwnField

    begun, chance, actor, first = time.monotonic(), random.Random(1), system_actor(), dt.date(2020, 1, 1)
    for code, kind in FIELDS:
        given = {"record": "customers.customer", "code": code, "label": f"Own {code}", "kind": kind}
        action.create(OwnField, given, actor=actor)
    for start in range(0, rows, BATCH):
        Customer.objects.bulk_create(
            Customer(
                name=f"C{number}",
                extra={
                    "c_pieces": chance.randrange(1_000_000),
                    "c_day": (first + dt.timedelta(chance.randrange(3650))).isoformat(),
                    "c_colour": f"shade {chance.randrange(10_000)}",
                },
            )
            for number in range(start, min(rows, start + BATCH))
        )
    return round(time.monotonic() - begun, 1)


def index() -> float:
    """The product's own jobs; seconds."""
    from xiaoguan.kit import worker

    begun = time.monotonic()
    worker.drain()
    return round(time.monotonic() - begun, 1)


def measure(runs: int) -> dict[str, float]:
    """The page of each query with its count: median milliseconds."""
    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.org.queries import system_actor
    from xiaoguan.kit import memo
    from xiaoguan.kit.entity import Entity
    from xiaoguan.kit.listing import Listing

    actor, entity = system_actor(), Entity.of(Customer)

    def page(query: dict[str, str]) -> Callable[[], None]:
        def run() -> None:
            memo.forget()
            listing = Listing(entity, actor, query)
            assert not listing.problems, listing.problems
            assert listing.totals.count >= len(listing.rows)

        return run

    return {name: timed(page(query), runs) for name, query in QUERIES.items()}


def plan() -> str:
    """How the database finds ten rows by the number: the step that reads the table, in its own words."""
    from django.db import connection

    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.org.queries import system_actor
    from xiaoguan.kit.entity import Entity
    from xiaoguan.kit.listing import Listing

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    listing = Listing(Entity.of(Customer), system_actor(), QUERIES["number, ten rows"])
    lines = [line.strip() for line in listing.matching.order_by().explain().split("\n")]
    return next((line for line in lines if "ndex" in line), lines[0])


def timed(run: Callable[[], None], runs: int) -> float:
    """Median of several runs, in milliseconds."""
    found = []
    for _each in range(runs):
        begun = time.perf_counter()
        run()
        found.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(found), 2)


if __name__ == "__main__":
    main()
