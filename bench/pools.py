"""What public pools cost: the look at every customer, taking those that are due, and the pages, at any size.

`python bench/pools.py --customers 100000 --people 300 --json` fills the database of DATABASE_URL (SQLite in a temporary
folder by default), which must be empty. Pages in milliseconds (median), the run in customers a second.
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
from typing import Any

TEAMS = 20
PART = 5_000


def main() -> None:
    """Fill, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=100_000)
    options.add_argument("--people", type=int, default=300)
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    os.environ.setdefault("XIAOGUAN_HOME", tempfile.mkdtemp(prefix="xiaoguan-bench-"))

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    seller, director = fill(given.people, given.customers)
    found = {"customers": given.customers, **the_run(), **pages(seller, director, given.runs)}
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


def fill(people: int, customers: int) -> tuple[Any, Any]:
    """Twenty teams of sellers, customers held for up to 100 days; returns a seller and the director."""
    from django.utils import timezone

    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.org.models import Membership, Person, Role, Team
    from xiaoguan.apps.org.queries import system_actor
    from xiaoguan.apps.org.reach import rebuild
    from xiaoguan.apps.pools.models import Holding, Pool, PoolRule
    from xiaoguan.kit.action import create

    chance, now, today = random.Random(1), timezone.now(), dt.datetime.now(dt.UTC).date()
    root = Team.objects.create(name="Sales")
    teams = Team.objects.bulk_create(Team(name=f"T{n}", parent=root) for n in range(TEAMS))
    director = Person.objects.create(username="director", name="Director", password="!")
    sellers = Person.objects.bulk_create(Person(username=f"p{n}", name=f"P{n}", password="!") for n in range(people))
    Membership.objects.create(person=director, team=root, post="manager")
    Membership.objects.bulk_create(Membership(person=p, team=teams[n % TEAMS]) for n, p in enumerate(sellers))
    director.roles.add(Role.objects.get(code="director"))
    role = Role.objects.get(code="salesperson")
    Person.roles.through.objects.bulk_create(Person.roles.through(person=p, role=role) for p in sellers)
    rebuild()
    home = dict(Person.objects.values_list("pk", "unit_id"))
    system = system_actor()
    create(Pool, {"name": "Everybody"}, actor=system)
    create(PoolRule, [{"trigger": "contact", "days": 97, "warn_days": 7},
                      {"trigger": "win", "days": 200, "warn_days": 7, "tier": "A"}], actor=system)  # fmt: skip
    for begin in range(0, customers, PART):
        rows = []
        for n in range(begin, min(begin + PART, customers)):
            owner = chance.choice(sellers)
            row = Customer(name=f"C{n}", owner=owner, unit_id=home[owner.pk], tier=chance.choice("ABCD"), since=today)
            row.created_at = row.updated_at = now
            row.name_key = f"c{n}"
            rows.append(row)
        made = Customer.objects.bulk_create(rows)
        Holding.objects.bulk_create(
            Holding(customer=c, since=today - dt.timedelta(days=chance.randrange(100)), created_at=now, updated_at=now)
            for c in made
        )
    return sellers[0], director


def the_run() -> dict[str, float]:
    """The look at everybody after a rule changed, and the nightly run with what it takes."""
    from xiaoguan.apps.pools.models import Holding
    from xiaoguan.kit import job, worker

    held, found = Holding.objects.count(), {}
    for name in ("pools.foresee", "pools.recycle"):
        row = job.enqueue(name, key="foresee" if name == "pools.foresee" else None)
        begun = time.perf_counter()
        worker.drain()
        seconds = time.perf_counter() - begun
        row.refresh_from_db()
        found[name.removeprefix("pools.") + "_s"] = round(seconds, 1)
        found[name.removeprefix("pools.") + "_per_s"] = round(held / seconds)
        if name == "pools.recycle":
            found["taken"] = row.result["taken"]
    return found


def pages(seller: Any, director: Any, runs: int) -> dict[str, float]:
    """Server time of pages by who looks."""
    from django.db import connection
    from django.test import Client

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = {}
    for name, person in (("seller", seller), ("director", director)):
        client = Client(headers={"Host": "127.0.0.1"})
        client.force_login(person)
        for page, url in (
            ("tonight", "/customers/to-the-pool/"),
            ("pool", "/pool-entries/"),
            ("soon", "/customers/?view=all&is=pool_soon"),
            ("customers", "/customers/?view=all"),
        ):
            client.get(url)
            times = []
            for _n in range(runs):
                begun = time.perf_counter()
                assert client.get(url).status_code == 200, url
                times.append((time.perf_counter() - begun) * 1000)
            found[f"{name}_{page}_ms"] = round(statistics.median(times), 1)
    return found


if __name__ == "__main__":
    main()
