"""A sales company of any size for the other benches, built set-wise and kept between runs.

`python bench/company.py --deals 100000` builds a SQLite file (or finds the one an earlier run made of the same sizes
and the same schema) and prints its path. The other benches work on copies of it; `copy_to_postgres` moves one into
PostgreSQL. Rows are stored directly, with everything that actions derive from them: credits, next steps, search keys.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SIZES = {
    "customers": 100_000,
    "contacts": 200_000,
    "deals": 100_000,
    "notes": 300_000,
    "tasks": 100_000,
    "sellers": 200,
    "teams": 20,
}
BATCH = 5_000
MONTHS = 24
STAGE_WEIGHTS = {
    "prospecting": 18, "needs": 15, "solution": 12, "contracting": 8, "after_sales": 27, "lost": 15, "invalid": 5,
}  # fmt: skip


def size_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `--customers`, `--deals` and the others."""
    for name, number in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=number)


def sizes_of(given: argparse.Namespace) -> dict[str, int]:
    """The sizes that were asked for."""
    return {name: getattr(given, name) for name in SIZES}


def kept(sizes: dict[str, int]) -> Path:
    """The file of a company of these sizes, built now unless it is there; the month is part of what it is."""
    told = json.dumps([sizes, dt.datetime.now(dt.UTC).strftime("%Y-%m"), _schema()], sort_keys=True)
    name = hashlib.sha256(told.encode()).hexdigest()[:16]
    folder = Path(os.environ.get("XIAOGUAN_BENCH_CACHE") or Path(tempfile.gettempdir()) / "xiaoguan-bench")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.sqlite3"
    if not path.exists():
        half = folder / f"{name}.half.sqlite3"
        half.unlink(missing_ok=True)
        words = [word for key, number in sizes.items() for word in (f"--{key}", str(number))]
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{half}", "XIAOGUAN_HOME": str(folder / "home")}
        subprocess.run([sys.executable, __file__, *words, "--into-database"], check=True, env=environment)
        with sqlite3.connect(half) as whole:
            whole.execute("PRAGMA journal_mode=DELETE")
        half.rename(path)
    return path


def _schema() -> str:
    """A hash over all migrations and over this file."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted((ROOT / "src/xiaoguan").glob("**/migrations/0*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(2), dt.UTC)


# --- Building ---------------------------------------------------------------------------------------------------


class Builder:
    """Makes the rows; everything follows from one seed and today."""

    def __init__(self, sizes: dict[str, int]) -> None:
        from django.utils import timezone
        from search import Names

        from xiaoguan.kit import clock

        self.sizes = sizes
        self.chance = random.Random(1)
        self.names = Names(self.chance)
        self.now = timezone.now()
        self.today = clock.today()

    def build(self) -> None:
        """Everything, in the order of what points at what."""
        self.people()
        self.customers()
        self.contacts()
        self.deals()
        self.activities()
        self.search_keys()

    def _store(self, model: Any, rows: Iterator[Any]) -> None:
        """Insert rows with what they derive by themselves, their credits and one entry in the feed."""
        from xiaoguan.kit.fact import write_credits
        from xiaoguan.kit.models.change import Feed

        part: list[Any] = []

        def flush() -> None:
            for row in part:
                row.prepare()
                row.created_at = row.updated_at = self.now
            model.objects.bulk_create(part, batch_size=BATCH)
            write_credits(part, fresh=True)
            part.clear()

        for row in rows:
            part.append(row)
            if len(part) == BATCH:
                flush()
        if part:
            flush()
        Feed.objects.create(entity=model._meta.label_lower)

    def people(self) -> None:
        """A director, a manager for every team, sellers dealt out among the teams."""
        from xiaoguan.apps.org.models import Membership, Person, Role, Team
        from xiaoguan.apps.org.reach import rebuild

        sellers, teams = self.sizes["sellers"], self.sizes["teams"]
        root = Team.objects.create(name="Sales")
        units = Team.objects.bulk_create(Team(name=f"Team {n}", parent=root) for n in range(teams))
        people = [
            Person(username=f"p{n}", name=f"Person {n}", password="!", position="sales_engineer")
            for n in range(sellers + teams + 1)
        ]
        people = Person.objects.bulk_create(people)
        director, managers, rest = people[0], people[1 : teams + 1], people[teams + 1 :]
        held = [(director, root, "manager", "director")]
        held += [(who, team, "manager", "manager") for who, team in zip(managers, units, strict=True)]
        held += [(who, units[n % teams], "member", "salesperson") for n, who in enumerate(rest)]
        Membership.objects.bulk_create(Membership(person=who, team=team, post=post) for who, team, post, _ in held)
        roles = {role.code: role for role in Role.objects.all()}
        through = Person.roles.through
        through.objects.bulk_create(through(person=who, role=roles[code]) for who, _, _, code in held)
        rebuild()
        self.sellers = [who.pk for who in rest]
        self.homes = dict(Person.objects.values_list("pk", "unit_id"))

    def customers(self) -> None:
        """Companies in proportion one in eight Latin, with kind, tier, city and owner."""
        from search import phone

        from xiaoguan.apps.customers.models import Customer, CustomerKind

        kinds = list(CustomerKind.objects.values_list("pk", flat=True))
        chance = self.chance

        def rows() -> Iterator[Any]:
            for _n in range(self.sizes["customers"]):
                owner = chance.choice(self.sellers)
                yield Customer(
                    name=self.names.one(),
                    phone=phone(chance),
                    kind_id=chance.choice(kinds),
                    tier=chance.choice("ABBCCCD"),
                    city=chance.choice(self.names.places),
                    since=self._day(),
                    last_contact_on=self.today - dt.timedelta(chance.randrange(90)),
                    owner_id=owner,
                    unit_id=self.homes[owner],
                )

        self._store(Customer, rows())
        self.firms = list(Customer.objects.order_by("pk").values_list("pk", "owner_id", "name"))

    def contacts(self) -> None:
        """People of the companies."""
        from search import phone

        from xiaoguan.apps.customers.models import Contact

        chance = self.chance
        rows = (
            Contact(
                name="".join(chance.choices(self.names.chars, self.names.weights, k=3)),
                customer_id=self.firms[n % len(self.firms)][0],
                mobile=phone(chance),
            )
            for n in range(self.sizes["contacts"])
        )
        self._store(Contact, rows)

    def deals(self) -> None:
        """Deals over the last two years in the stages of the standard process, each with its way there."""
        from xiaoguan.apps.opportunities.models import Deal, Stage, StageEntry
        from xiaoguan.kit.models.change import Change, ChangeRow

        chance = self.chance
        stages = {stage.code: stage for stage in Stage.objects.select_related("pipeline")}
        codes = list(STAGE_WEIGHTS)

        def rows() -> Iterator[Any]:
            for n in range(self.sizes["deals"]):
                customer, owner, name = chance.choice(self.firms)
                stage = stages[chance.choices(codes, list(STAGE_WEIGHTS.values()))[0]]
                opened = self._day()
                ended = min(self.today, opened + dt.timedelta(chance.randrange(10, 120)))
                alive = stage.outcome == "open"
                yield Deal(
                    name=f"{name[:40]} {n}",
                    customer_id=customer,
                    stage=stage,
                    amount=int(chance.lognormvariate(11.5, 1.1)) * 100,
                    opened_on=opened,
                    expected_on=ended + dt.timedelta(chance.randrange(60)) if alive else None,
                    won_on=ended if stage.wins else None,
                    lost_on=ended if stage.outcome == "lost" else None,
                    next_due=self.today + dt.timedelta(chance.randrange(-20, 60)) if alive else None,
                    next_note="Call back" if alive else "",
                    owner_id=owner,
                    unit_id=self.homes[owner],
                )

        self._store(Deal, rows())
        fields = ("pk", "customer_id", "owner_id", "stage_id", "opened_on", "stage_since", "next_due", "name")
        self.chances = list(Deal.objects.order_by("pk").values_list(*fields))
        self._store(StageEntry, (entry for row in self.chances for entry in self._way(row, stages)))
        change = Change.objects.create(
            at=self.now, actor_id=self.sellers[0], action="create", entity="opportunities.deal", count=len(self.chances)
        )
        ChangeRow.objects.bulk_create(
            (
                ChangeRow(change=change, entity="opportunities.deal", object_id=row[0], version=1)
                for row in self.chances
            ),
            batch_size=BATCH,
        )

    def _way(self, row: tuple[Any, ...], stages: dict[str, Any]) -> Iterator[Any]:
        """The stages on the way to the present one, each for a while; some are passed over."""
        from xiaoguan.apps.opportunities.models import StageEntry
        from xiaoguan.apps.opportunities.queries import left_by

        deal, _customer, owner, present, opened, since, _due, _name = row
        chance, last = self.chance, max(since, opened)
        codes = [code for code, stage in stages.items() if stage.outcome == "open"]
        at = next((n for n, code in enumerate(codes) if stages[code].pk == present), None)
        depth = at if at is not None else chance.randrange(1, len(codes) + 1)
        path = [stages[code].pk for n, code in enumerate(codes[:depth]) if n == 0 or chance.random() > 0.1]
        days = sorted(chance.randrange((last - opened).days + 1) for _stay in path[1:])
        starts = [opened, *[opened + dt.timedelta(day) for day in days], last]
        for n, stage in enumerate(path):
            after = path[n + 1] if n + 1 < len(path) else present
            begun, ended = starts[n], starts[n + 1]
            spent = (ended - begun).days
            yield StageEntry(
                deal_id=deal, stage_id=stage, entered_at=_moment(begun), entered_on=begun, left_at=_moment(ended),
                left_on=ended, days=spent, credited_id=owner, **left_by(stage, after, spent),
            )  # fmt: skip
        yield StageEntry(deal_id=deal, stage_id=present, entered_at=_moment(last), entered_on=last)

    def activities(self) -> None:
        """What was said about the deals, and what is planned."""
        from django.db import connection

        from xiaoguan.apps.activities.models import FollowUp, Task

        chance = self.chance

        def said() -> Iterator[Any]:
            for n in range(self.sizes["notes"]):
                deal, customer, owner, *_rest, name = self.chances[n % len(self.chances)]
                yield FollowUp(
                    kind=chance.choice(["call", "call", "visit", "meeting", "message", "note"]),
                    customer_id=customer,
                    deal_id=deal,
                    happened_at=self.now - dt.timedelta(minutes=chance.randrange(60 * 24 * 30 * MONTHS)),
                    body=f"{name}: the price is settled, samples next week, the design institute agrees.",
                    owner_id=owner,
                    unit_id=self.homes[owner],
                )

        def planned() -> Iterator[Any]:
            for n in range(self.sizes["tasks"]):
                deal, customer, owner, _stage, _opened, _since, due, _name = self.chances[n % len(self.chances)]
                yield Task(
                    title="Call back",
                    customer_id=customer,
                    deal_id=deal,
                    due_on=due or self.today + dt.timedelta(chance.randrange(1, 90)),
                    owner_id=owner,
                    unit_id=self.homes[owner],
                )

        self._store(FollowUp, said())
        self._store(Task, planned())
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE customers_customer SET next_note = 'Call back', next_due ="
                " (SELECT MIN(due_on) FROM activities_task AS t"
                " WHERE t.customer_id = customers_customer.id AND t.deleted_at IS NULL)"
            )

    def search_keys(self) -> None:
        """What finds customers, contacts and deals, by the product's own job; then the planner's statistics."""
        from django.db import connection

        from xiaoguan.apps.customers import completeness
        from xiaoguan.kit import search, worker

        completeness.rebuild()
        search.rebuild("customers.customer", "customers.contact", "opportunities.deal")
        worker.drain()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _day(self) -> dt.date:
        """A day of the last two years."""
        return self.today - dt.timedelta(self.chance.randrange(1, MONTHS * 30))


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def copy_to_postgres(path: Path) -> None:
    """Fill the migrated PostgreSQL database of DATABASE_URL with the rows of a SQLite file, ids included."""
    from django.apps import apps
    from django.core.management.color import no_style
    from django.db import connection, transaction

    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    source = sqlite3.connect(path)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        cursor.execute(f"TRUNCATE {', '.join(connection.ops.quote_name(m._meta.db_table) for m in models)} CASCADE")
        for model in models:
            table = connection.ops.quote_name(model._meta.db_table)
            columns = ", ".join(connection.ops.quote_name(f.column) for f in model._meta.local_concrete_fields)
            with cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                keys = [f.db_type(connection) == "tsvector" for f in model._meta.local_concrete_fields]
                for row in source.execute(f"SELECT {columns} FROM {table}"):
                    copy.write_row([_vector(value) if key else value for value, key in zip(row, keys, strict=True)])
        for sql in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(sql)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _vector(keys: str) -> str:
    """Search keys as the text of a tsvector: each one quoted, as a key may hold a sign that has a meaning there."""
    quoted = (key.replace("\\", "\\\\").replace("'", "''") for key in keys.split())
    return " ".join(f"'{key}'" for key in quoted)


def main() -> None:
    """Build into DATABASE_URL, or find or build the kept file and print where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    size_arguments(parser)
    parser.add_argument("--into-database", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not given.into_database:
        print(kept(sizes_of(given)))
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    Builder(sizes_of(given)).build()


if __name__ == "__main__":
    main()
