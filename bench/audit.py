"""What reading the audit costs: its first page, the usual filters and the history of one record among many changes.

`python bench/audit.py --json 1000000` fills the database of DATABASE_URL (SQLite in a temporary folder by default),
which must be empty, with that many changes of one record each by 200 people in two years, and prints milliseconds.
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
from collections.abc import Callable, Iterator
from typing import Any

BATCH = 10_000
PEOPLE = 200
RECORDS = 50_000
DAY = dt.timedelta(days=1)


def main() -> None:
    """Fill, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("changes", type=int, nargs="?", default=100_000)
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    os.environ.setdefault("XIAOGUAN_HOME", tempfile.mkdtemp(prefix="xiaoguan-bench-"))

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    begun = time.monotonic()
    reader, person = fill(given.changes)
    found: dict[str, Any] = {"changes": given.changes, "fill s": round(time.monotonic() - begun, 1)}
    found |= measure(reader, person, given.runs)
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


def fill(count: int) -> tuple[Any, Any]:
    """The changes; returns an auditor and one of those who made them."""
    from django.db import connection

    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.org.models import Person, Role
    from xiaoguan.kit.models import Change, ChangeRow

    people = Person.objects.bulk_create(Person(username=f"p{n}", name=f"P{n}", password="!") for n in range(PEOPLE))
    people[0].roles.add(Role.objects.get(code="auditor"))
    customers = (Customer(name=f"C{number}", owner=people[number % PEOPLE]) for number in range(RECORDS))
    ids = [row.pk for row in Customer.objects.bulk_create(customers, batch_size=BATCH)]
    for start in range(0, count, BATCH):
        rows = Change.objects.bulk_create(changes(people, start, min(BATCH, count - start), count))
        ChangeRow.objects.bulk_create(
            ChangeRow(
                change=row,
                entity="customers.customer",
                object_id=ids[row.pk % len(ids)],
                version=2,
                before={"city": "Kunshan"},
                after={"city": f"City {row.pk % 997}"},
            )
            for row in rows
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return people[0], people[7]


def changes(people: list[Any], start: int, count: int, of: int) -> Iterator[Any]:
    """One batch of them, the later ones at the end."""
    from django.utils import timezone

    from xiaoguan.kit.models import Change

    chance, now = random.Random(start), timezone.now()
    for number in range(start, start + count):
        at = now - 730 * DAY * (1 - number / of)
        actor = people[chance.randrange(PEOPLE)]
        verb = "transfer" if chance.random() < 0.001 else "update"
        yield Change(at=at, actor=actor, action=verb, entity="customers.customer", count=1)


def measure(reader: Any, person: Any, runs: int) -> dict[str, Any]:
    """Milliseconds to find and word what a page shows, for each question; without the frame around it."""
    from django.db import connection

    from xiaoguan.apps.audit import queries, searching, wording
    from xiaoguan.kit import memo
    from xiaoguan.kit.models import ChangeRow

    one = ChangeRow.objects.order_by("pk").first()
    assert one is not None
    customers = {"entity": "customers.customer"}
    questions: dict[str, tuple[dict[str, str], bool]] = {
        "newest": ({}, True),
        "of a person": ({"person": str(person.pk)}, True),
        "of a kind of records": (customers, True),
        "of one record": ({**customers, "record": str(one.object_id)}, True),
        "of a month": ({"first": "2026-01-01", "last": "2026-01-31"}, True),
        "of a rare action": ({**customers, "action": "transfer"}, True),
        "with a word that is nowhere": ({"text": "nowhere-at-all"}, False),
    }

    def page(query: dict[str, str], there: bool) -> Callable[[], None]:
        def run() -> None:
            memo.forget()
            found = queries.search(searching.filters_of(query, reader), reader, None)
            assert bool(wording.lines(found.changes, reader)) is there, query

        return run

    found = {name: timed(page(*question), runs) for name, question in questions.items()}
    return {"database": connection.vendor, "page ms": found}


def timed(run: Callable[[], None], runs: int) -> float:
    """Median of several runs, in milliseconds."""
    found = []
    for _each in range(runs):
        begun = time.perf_counter()
        run()
        found.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(found), 1)


if __name__ == "__main__":
    main()
