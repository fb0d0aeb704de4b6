"""What figures cost: the questions of dashboards over a million facts and more, added up from credits and from sums.

`python bench/metrics.py --facts 1000000,5000000 --engines sqlite,postgres,duckdb --json` fills an empty database of its
own for every database and size, asks each question through `metrics.queries.figures` with and without the sums that
the product keeps (`metrics.rollups`) and, with duckdb, the columnar copy (`metrics.columns`, asked by a process of its
own), and prints milliseconds (median, 95th percentile), the time to fill, to make the sums and the copy and to bring
them up to date, megabytes on disk and of the process, and what arrays in memory would take. With duckdb alone the copy
is made without a database behind it, for sizes such as 50 million. Made data: three years, owners with a long tail.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import columnar

ROOT = Path(__file__).resolve().parent.parent
FACTS = {"receipt": 4, "won": 1, "lost": 1, "visit": 2, "call": 3, "followup": 4, "opened": 1}
"""Facts and how often each is drawn."""
YEARS = 3
PEOPLE, TEAMS = 10_000, 400
PART = 200_000


def main() -> None:
    """Measure every engine at every size and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", default="1000000,5000000", help="numbers of facts, separated by commas")
    parser.add_argument("--engines", default="sqlite,postgres,duckdb", help="sqlite, postgres, duckdb, with commas")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--reads", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    engines = set(given.engines.split(","))
    if not engines <= {"sqlite", "postgres", "duckdb"}:
        parser.error(f"no such engines: {given.engines}")
    if given.inside:
        found = reading(given.runs) if given.reads else inside(given.inside, given.runs, engines)
        print(json.dumps(found))
        return
    found = []
    for name in sorted(engines - {"duckdb"}, reverse=True) or ["duckdb"]:
        for size in map(int, given.facts.split(",")):
            with empty(name) as environment:
                words = [sys.executable, __file__, "--inside", str(size), "--runs", str(given.runs)]
                words += ["--engines", ",".join(sorted({name, *engines} & {name, "duckdb"}))]
                done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            found.append(json.loads(done.stdout.splitlines()[-1]))
            if not given.json:
                table(found[-1])
    if given.json:
        print(json.dumps(found))
    else:
        growth(found)


@contextlib.contextmanager
def empty(name: str) -> Iterator[dict[str, str]]:
    """The environment of an empty database."""
    home = Path(tempfile.mkdtemp(prefix="xiaoguan-bench-"))
    environment = {
        **os.environ, "XIAOGUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "xiaoguan.config.settings",
        "XIAOGUAN_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    try:
        if name in ("sqlite", "duckdb"):
            yield {**environment, "DATABASE_URL": f"sqlite:///{home / 'xiaoguan.sqlite3'}"}
            return
        sys.path.insert(0, str(ROOT / "tools"))
        import postgres

        with postgres.private() as url:
            yield {**environment, "DATABASE_URL": url}
    finally:
        shutil.rmtree(home, ignore_errors=True)


# --- Inside: fill ------------------------------------------------------------------------------------------------


def inside(size: int, runs: int, engines: set[str]) -> dict[str, Any]:
    """Fill the database of DATABASE_URL and measure."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    people = staff()
    parties = customers(max(1_000, min(1_000_000, size // 50)))
    found: dict[str, Any] = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(), "database": connection.vendor, "facts": size,
    }  # fmt: skip
    if engines == {"duckdb"}:
        begun = time.perf_counter()
        columnar.generate(size)
        found |= {"database": "none", "generate_s": round(time.perf_counter() - begun, 1)}
        return found | columns(size, runs)
    begun = time.perf_counter()
    with indexed():
        for part in range(0, size, PART):
            store(facts(min(PART, size - part), part, people, parties))
    sell()
    settle()
    found |= {"fill_s": round(time.perf_counter() - begun, 1), "disk_mb": disk_mb()}
    teams = subtree()
    asked, slow = questions(people, teams), columnar.wide_questions(today(), teams)
    page = columnar.tiles(boss())
    found["credits"] = {name: timed(ask, runs) for name, ask in asked.items()}
    found["credits"] |= {name: timed(ask, min(runs, 3)) for name, ask in slow.items()}
    found |= sums()
    found["sums"] = {name: timed(ask, runs) for name, ask in asked.items()}
    found["sums"]["page of 12 different tiles"] = columnar.warm_and_cold(page, timed, runs)
    if "duckdb" in engines:
        found |= columnar.copy() | columns(size, runs) | columnar.again(parties[:: max(1, len(parties) // 500)])
    found["compile"] = compiling(connection.vendor)
    found["memory_mb"] = columnar.memory_mb()
    return found


def columns(size: int, runs: int) -> dict[str, Any]:
    """What the copy answers in, asked by another process, beside the limit."""
    return {"columns": columnar.reader(size, runs), "dense": columnar.dense(runs, timed, today()),
            "compile_duckdb": compiling("duckdb")}  # fmt: skip


def reading(runs: int) -> dict[str, Any]:
    """Ask the copy that DATABASE_URL and XIAOGUAN_HOME have; in a process that does nothing else."""
    import django

    django.setup()
    before = columnar.memory_mb()
    asked = columnar.wide_questions(today(), subtree())
    begun = time.perf_counter()
    next(iter(asked.values()))()  # loads the engine and opens the files
    found: dict[str, Any] = {"first_ms": round((time.perf_counter() - begun) * 1000)}
    found |= {name: timed(ask, runs) for name, ask in asked.items()}
    found["page of 12 different tiles"] = columnar.warm_and_cold(columnar.tiles(boss()), timed, runs)
    with columnar.changed():
        found |= {f"500 customers changed, {name}": timed(ask, runs) for name, ask in asked.items()}
    return found | {"memory_mb": columnar.memory_mb(), "memory_before_mb": before}


def staff() -> list[tuple[int, int]]:
    """People with their teams: a company, twenty regions, the rest below these."""
    from xiaoguan.apps.org import seeding
    from xiaoguan.apps.org.models import Membership, Person, Role, Team
    from xiaoguan.apps.org.reach import rebuild

    seeding.ensure(Role, Person.anybody)
    top = Team.objects.create(name="Company")
    regions = Team.objects.bulk_create(Team(name=f"R{n}", parent=top) for n in range(20))
    teams = Team.objects.bulk_create(Team(name=f"T{n}", parent=regions[n % 20]) for n in range(TEAMS))
    rows = Person.objects.bulk_create(Person(username=f"p{n}", name=f"P{n}", password="!") for n in range(PEOPLE))
    Membership.objects.bulk_create(Membership(person=row, team=teams[n % TEAMS]) for n, row in enumerate(rows))
    leader = Person.objects.create(username="boss", name="Boss", password="!")
    Membership.objects.create(person=leader, team=top)
    leader.roles.add(Role.objects.get(code="director"))
    rebuild()
    return [(row.pk, teams[n % TEAMS].pk) for n, row in enumerate(rows)]


def boss() -> Any:
    """Who leads the company."""
    from xiaoguan.apps.org.models import Person

    return Person.objects.get(username="boss")


def customers(count: int) -> list[int]:
    """Customers of all tiers, trades, provinces and sources, in twenty territories."""
    from xiaoguan.apps.customers.models import Customer, CustomerKind
    from xiaoguan.apps.territories.models import Placement, Territory

    chance = random.Random(3)
    kinds = [*CustomerKind.objects.values_list("pk", flat=True)]
    places = Territory.objects.bulk_create(Territory(name=f"Territory {n}") for n in range(20))
    for part in range(0, count, 5_000):
        rows = Customer.objects.bulk_create(
            Customer(
                name=f"C{n}", name_key=f"c{n}", kind_id=chance.choice(kinds), tier=chance.choice("ABCD"),
                industry=chance.choice(["steel", "glass", "design", "building", "retail", "public", "hotel", ""]),
                region=f"{chance.choice([11, 31, 32, 33, 44, 51])}0100",
                source=chance.choice(["tender", "referral", ""]),
            )
            for n in range(part, min(count, part + 5_000))
        )  # fmt: skip
        Placement.objects.bulk_create(
            Placement(customer=row, territory=places[row.pk % 20], since=dt.date(2020, 1, 1)) for row in rows
        )
    return list(Customer.objects.order_by("pk").values_list("pk", flat=True))


def facts(count: int, first: int, people: list[tuple[int, int]], parties: list[int]) -> Iterator[tuple[Any, ...]]:
    """Credits: few people have many, as everywhere; whole fen, one fact each."""
    chance = random.Random(first)
    codes = chance.choices(list(FACTS), list(FACTS.values()), k=count)
    days = [(today() - dt.timedelta(n)).isoformat() for n in range(365 * YEARS)]
    for number, code in enumerate(codes, first):
        person, team = people[min(len(people) - 1, int(chance.paretovariate(0.6)) - 1)]
        amount = int(chance.lognormvariate(13, 1)) if code in ("receipt", "won") else 0
        day, party = chance.choice(days), chance.choice(parties)
        yield code, "commerce.receipt", number + 1, person, team, day, 100_000, amount, party


COLUMNS = 'fact, entity, object_id, person_id, unit_id, "on", split, amount, party'


def store(rows: Iterator[tuple[Any, ...]]) -> None:
    """Append credits past the ORM."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY kit_credit ({COLUMNS}) FROM STDIN") as stream:
                for row in rows:
                    stream.write_row(row)
        else:
            cursor.cursor.executemany(f"INSERT INTO kit_credit ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", rows)


def sell() -> None:
    """Fifty products in ten series; each receipt and each deal won is one of them."""
    from django.db import connection

    from xiaoguan.apps.opportunities.models import Product

    Product.objects.bulk_create(Product(name=f"Product {n}", category=f"Series {n % 10}") for n in range(50))
    first = Product.objects.order_by("pk").values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO metrics_portion (credit, product, amount)"
            f" SELECT id, {first} + id % 50, amount FROM kit_credit WHERE fact IN ('receipt', 'won')"
        )


@contextlib.contextmanager
def indexed() -> Iterator[None]:
    """Take the indexes of credits away while the block fills the table, and make them again."""
    from django.db import connection

    from xiaoguan.kit.models import Credit

    with connection.schema_editor() as editor:
        for index in Credit._meta.indexes:
            editor.remove_index(Credit, index)
    yield
    with connection.schema_editor() as editor:
        for index in Credit._meta.indexes:
            editor.add_index(Credit, index)


def settle() -> None:
    """What a database does by itself sooner or later: PostgreSQL's autovacuum, the product's nightly look on SQLite."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def disk_mb() -> int:
    """Megabytes of the table of credits with its indexes; the whole file on SQLite."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('kit_credit')")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return round(int(cursor.fetchone()[0]) / 2**20)


# --- Inside: ask -------------------------------------------------------------------------------------------------


def today() -> dt.date:
    """The day everything is counted back from."""
    return dt.datetime.now(dt.UTC).date()


def subtree() -> list[int]:
    """A region with its teams."""
    from xiaoguan.apps.org.models import Team
    from xiaoguan.apps.org.queries import subtree_ids

    return list(subtree_ids(Team.objects.get(name="R3")))


def questions(people: list[tuple[int, int]], teams: list[int]) -> dict[str, Callable[[], Any]]:
    """What dashboards ask."""
    from xiaoguan.apps.metrics.queries import figures
    from xiaoguan.apps.metrics.shipped import RECEIPTS, WIN_RATE, WON_AMOUNT, WON_COUNT
    from xiaoguan.apps.metrics.spec import Slice

    end = today()
    month, quarter, year = end.replace(day=1), end - dt.timedelta(91), end - dt.timedelta(365)
    first = end - dt.timedelta(365 * YEARS - 1)
    one, few = [people[40][0]], [pk for pk, team in people if team in set(teams)]
    asked: dict[str, Callable[[], Any]] = {
        "month by day": lambda: figures([RECEIPTS], Slice(month, end), by=["day"]),
        "leaderboard of the quarter": lambda: figures([RECEIPTS, WON_COUNT], Slice(quarter, end), by=["person"]),
        "region by month, a year": lambda: figures([RECEIPTS], Slice(year, end, units=teams), by=["month"]),
        "people of a region, a year": lambda: figures([RECEIPTS], Slice(year, end, people=few), by=["person"]),
        "teams by quarter, all history": lambda: figures([RECEIPTS], Slice(first, end), by=["unit", "quarter"]),
        "win rate by month, a year": lambda: figures([WIN_RATE], Slice(year, end), by=["month"]),
        "one person, this month": lambda: figures([WON_AMOUNT], Slice(month, end, people=one)),
    }
    return {**asked, "page of 12 tiles": lambda: [ask() for ask in [*asked.values(), *asked.values()][:12]]}


def timed(ask: Callable[[], Any], runs: int) -> dict[str, float]:
    """Milliseconds of a question asked some times."""
    taken = []
    for _run in range(runs):
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return {
        "p50": round(taken[len(taken) // 2], 1),
        "p95": round(taken[min(len(taken) - 1, int(len(taken) * 0.95))], 1),
    }


def sums() -> dict[str, Any]:
    """Make the sums; then one new receipt, and what bringing its month up to date costs."""
    from django.db import connection

    from xiaoguan.apps.metrics import rollups
    from xiaoguan.kit import memo

    begun = time.perf_counter()
    rollups.rebuild()
    made = time.perf_counter() - begun
    rollups.mark({("receipt", today())})
    begun = time.perf_counter()
    for what in rollups.due():
        rollups.make(what)
    again = time.perf_counter() - begun
    memo.forget()
    settle()
    with connection.cursor() as cursor:
        counted = {}
        for table_name in ("metrics_monthsum", "metrics_teamsum", "metrics_daysum"):
            cursor.execute(f"SELECT COUNT(*) FROM {table_name}")
            counted[table_name] = cursor.fetchone()[0]
    return {"sums_s": round(made, 1), "month_again_ms": round(again * 1000), "rows": counted}


def compiling(dialect: str) -> dict[str, float]:
    """Milliseconds to compile one text anew and to find it again."""
    from xiaoguan.apps.metrics import emitter
    from xiaoguan.apps.metrics.shipped import RECEIPTS

    def ask() -> Any:
        return emitter.compile_text(RECEIPTS.measures, ("month", "unit"), dialect, emitter.Shape(people=True))

    cold = []
    for _run in range(100):
        emitter.compile_text.cache_clear()
        begun = time.perf_counter()
        ask()
        cold.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    for _run in range(1000):
        ask()
    return {
        "cold_ms": round(sorted(cold)[95] * 1000, 3),
        "cached_ms": round(time.perf_counter() - begun, 4),
    }


def table(found: dict[str, Any]) -> None:
    """Print one engine and size for people."""
    print(f"\n{found['database']}, {found['facts']:,} facts")
    parts = ("credits", "sums", "columns", "dense")
    for name in dict.fromkeys(name for part in parts for name in found.get(part, ())):
        told = [f"{part} {flat(found[part][name])}" for part in parts if name in found.get(part, ())]
        print(f"  {name:52} {'   '.join(told)}")
    print("  " + ", ".join(f"{name} {value}" for name, value in found.items() if name not in parts))


def growth(found: list[dict[str, Any]]) -> None:
    """Print how each engine's median of each question grows with the facts, and what it is per million of them."""
    for database in dict.fromkeys(each["database"] for each in found):
        sizes = [each for each in found if each["database"] == database]
        millions = ", ".join(f"{each['facts'] / 1e6:g}" for each in sizes)
        print(f"\n{database}: milliseconds at {millions} million facts")
        for part in ("credits", "sums", "columns", "dense"):
            for name in sizes[0].get(part, ()):
                values = [each[part][name] for each in sizes]
                if all(isinstance(value, dict) and "p50" in value for value in values):
                    per = [value["p50"] / each["facts"] * 1e6 for value, each in zip(values, sizes, strict=True)]
                    told = "  ".join(f"{value['p50']:.1f}" for value in values)
                    print(f"  {part:8} {name:52} {told}   per million {'  '.join(f'{each:.1f}' for each in per)}")
        memory = [each["columns"] for each in sizes if "columns" in each]
        told = ", ".join(f"{each['memory_mb']} ({each['memory_before_mb']} without it)" for each in memory)
        print(f"  megabytes of a process that reads the copy: {told}")


def flat(value: Any) -> str:
    """One measurement: median and 95th percentile, or a number."""
    if not isinstance(value, dict):
        return str(value)
    if "p50" in value:
        return f"{value['p50']:.1f} ({value['p95']:.1f})"
    return " ".join(f"{name} {flat(each)}" for name, each in value.items())


if __name__ == "__main__":
    main()
