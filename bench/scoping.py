"""What it costs to see only your own: a list page, its count and one record, by level of the organisation.

`python bench/scoping.py --customers 200000 --people 2000 --json` fills the database of DATABASE_URL (SQLite in a
temporary folder by default), which must be empty, and prints milliseconds, the median of several runs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

LEVELS = 5
PAGE = 80


def main() -> None:
    """Fill, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=200_000)
    options.add_argument("--people", type=int, default=2_000)
    options.add_argument("--shares", type=int, default=0, help="records of others shared with the seller")
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    os.environ.setdefault("XIAOGUAN_HOME", tempfile.mkdtemp(prefix="xiaoguan-bench-"))

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    viewers, rebuilt = fill(given.people, given.customers)
    share(viewers[-1], given.shares)
    found = {"shares": given.shares, **measure(viewers, rebuilt, given.runs)}
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


def fill(people: int, customers: int) -> tuple[list[Any], int]:
    """A tree of five levels with a manager per team; returns one viewer per level and the rebuild's milliseconds."""
    from xiaoguan.apps.customers.models import Customer, CustomerKind
    from xiaoguan.apps.org.models import Membership, Person, Role, Team
    from xiaoguan.apps.org.reach import rebuild

    chance = random.Random(1)
    levels = [[Team.objects.create(name="L0")]]
    for level in range(1, LEVELS):
        above = levels[-1]
        levels.append(
            Team.objects.bulk_create(Team(name=f"L{level}-{n}", parent=above[n // 4]) for n in range(4 * len(above)))
        )
    teams = [team for level in levels for team in level]
    rows = Person.objects.bulk_create(Person(username=f"p{n}", name=f"P{n}", password="!") for n in range(people))
    managers, members = rows[: len(teams)], rows[len(teams) :]
    Membership.objects.bulk_create(
        [Membership(person=person, team=team, post="manager") for person, team in zip(managers, teams, strict=True)]
        + [Membership(person=person, team=chance.choice(levels[-1])) for person in members]
    )
    role = Role.objects.get(code="manager")
    Person.roles.through.objects.bulk_create(Person.roles.through(person=person, role=role) for person in rows)
    begun = time.perf_counter()
    rebuild()
    rebuilt = round((time.perf_counter() - begun) * 1000)
    kind = CustomerKind.objects.first()
    homes = dict(Person.objects.values_list("pk", "unit_id"))
    batch = []
    for number in range(customers):
        owner = chance.choice(rows)
        batch.append(Customer(name=f"C{number}", kind=kind, owner=owner, unit_id=homes[owner.pk]))
        if len(batch) == 5_000:
            Customer.objects.bulk_create(batch)
            batch = []
    Customer.objects.bulk_create(batch)
    firsts, place = [], 0
    for level in levels:
        firsts.append(managers[place])
        place += len(level)
    return [*firsts, members[0]], rebuilt


def share(person: Any, count: int) -> None:
    """Make somebody a collaborator on that many customers of others."""
    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.kit.models import Collaborator

    others = Customer.objects.exclude(owner=person).order_by("-pk").values_list("pk", flat=True)[:count]
    given = {"about": "customers.customer", "person": person, "level": "read"}
    Collaborator.objects.bulk_create((Collaborator(object_id=pk, **given) for pk in others), batch_size=1_000)


def measure(viewers: list[Any], rebuilt: int, runs: int) -> dict[str, Any]:
    """Milliseconds per question for the manager of each level and for a seller."""
    from django.db import connection

    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.org.models import Person, Reach
    from xiaoguan.kit import access

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found: dict[str, Any] = {"database": connection.vendor, "rebuild_ms": rebuilt, "levels": []}
    found |= {"customers": Customer.objects.count(), "people": Person.objects.count(), "pairs": Reach.objects.count()}
    for level, viewer in enumerate(viewers):
        some = access.visible(Customer, viewer).values_list("pk", flat=True).first()
        questions: dict[str, Callable[[], Any]] = {
            "page": lambda who=viewer: list(access.visible(Customer, who).order_by("-id").values_list("pk")[:PAGE]),
            "by_name": lambda who=viewer: list(access.visible(Customer, who).order_by("name").values_list("pk")[:PAGE]),
            "count": lambda who=viewer: access.visible(Customer, who).count(),
            "one": lambda who=viewer, pk=some: access.visible(Customer, who).filter(pk=pk).first(),
        }
        line: dict[str, Any] = {"level": level, "visible": questions["count"]()}
        for name, ask in questions.items():
            taken = []
            for _run in range(runs):
                begun = time.perf_counter()
                ask()
                taken.append((time.perf_counter() - begun) * 1000)
            line[f"{name}_ms"] = round(statistics.median(taken), 2)
        found["levels"].append(line)
    return found


if __name__ == "__main__":
    main()
