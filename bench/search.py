"""What finding costs: type-ahead and the `?q=` of a list among many companies, for a director, a manager and a seller.

`python bench/search.py --customers 1000000 --json` fills the database of DATABASE_URL (SQLite in a temporary folder
by default), which must be empty, with made-up Chinese and Latin company names of realistic skew, indexes them by the
product's own job and prints milliseconds. With XIAOGUAN_HOME set, a second run finds the rows already there.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import string
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SELLERS, TEAMS = 200, 20
BATCH = 5_000


def main() -> None:
    """Fill, index, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=20, help="different texts of every kind")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    os.environ.setdefault("XIAOGUAN_HOME", tempfile.mkdtemp(prefix="xiaoguan-bench-"))

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    found: dict[str, Any] = {"customers": given.customers} | fill(given.customers) | measure(given.runs)
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


# --- Names ------------------------------------------------------------------------------------------------------


class Names:
    """Company names: place, brand, trade, legal form; one in eight is Latin."""

    def __init__(self, chance: random.Random) -> None:
        from xiaoguan.lexicon import companies, places

        self.chance = chance
        # The first level of GB 2312 is the 3,755 characters in daily use; real names prefer some hundreds of them.
        codes = ((high, low) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
        daily = [char for pair in codes if (char := bytes(pair).decode("gb2312", "ignore"))]
        chance.shuffle(daily)
        self.chars = daily
        self.weights = [1 / (rank + 30) for rank in range(len(daily))]
        self.trades = sorted(companies.GENERIC)
        chance.shuffle(self.trades)
        self.trade_weights = [1 / (rank + 2) for rank in range(len(self.trades))]
        self.places = list(places.provinces())
        self.forms = [form for form in companies.LEGAL_FORMS if len(form) in (4, 6)][:3]
        self.words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(4, 8))) for _ in range(20_000)]

    def one(self) -> str:
        """One name."""
        if self.chance.random() < 0.125:
            return " ".join(self.chance.choices(self.words, k=2)).title() + " Ltd"
        brand = "".join(self.chance.choices(self.chars, self.weights, k=self.chance.choice([2, 2, 2, 3, 4])))
        trade = self.chance.choices(self.trades, self.trade_weights)[0]
        return f"{self.chance.choice(self.places)}{brand}{trade}{self.chance.choice(self.forms)}"


def phone(chance: random.Random) -> str:
    """A mobile number."""
    return f"1{chance.choice('3578')}{chance.randrange(10**9):09d}"


# --- Filling ----------------------------------------------------------------------------------------------------


def fill(customers: int) -> dict[str, Any]:
    """Sellers in teams under a director, customers dealt out among them; then the index, by its own job."""
    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.org.models import Membership, Person, Role, Team
    from xiaoguan.apps.org.reach import rebuild

    if Customer.objects.exists():
        return {"reused": True}
    chance = random.Random(1)
    root = Team.objects.create(name="Sales")
    teams = Team.objects.bulk_create(Team(name=f"T{n}", parent=root) for n in range(TEAMS))
    people = Person.objects.bulk_create(
        Person(username=f"p{n}", name=f"P{n}", password="!") for n in range(SELLERS + TEAMS + 1)
    )
    director, managers, sellers = people[0], people[1 : TEAMS + 1], people[TEAMS + 1 :]
    places = [(director, root, "manager"), *((who, team, "manager") for who, team in zip(managers, teams, strict=True))]
    places += [(who, teams[n % TEAMS], "member") for n, who in enumerate(sellers)]
    Membership.objects.bulk_create(Membership(person=who, team=team, post=post) for who, team, post in places)
    roles = {role.code: role for role in Role.objects.all()}
    given = [("director", director), *(("manager", m) for m in managers), *(("salesperson", s) for s in sellers)]
    Person.roles.through.objects.bulk_create(Person.roles.through(person=who, role=roles[code]) for code, who in given)
    rebuild()
    homes = dict(Person.objects.values_list("pk", "unit_id"))
    for rows in batches(customers, chance, sellers, homes):
        Customer.objects.bulk_create(rows)
    return index()


def batches(customers: int, chance: random.Random, sellers: list[Any], homes: dict[int, Any]) -> Iterator[list[Any]]:
    """Unsaved customers, some thousands at a time."""
    from xiaoguan.apps.customers.models import Customer

    names = Names(chance)
    for start in range(0, customers, BATCH):
        owners = chance.choices(sellers, k=min(BATCH, customers - start))
        yield [
            Customer(name=names.one(), phone=phone(chance), owner=owner, unit_id=homes[owner.pk]) for owner in owners
        ]


def index() -> dict[str, Any]:
    """Index everything as doctor would, and say how long and how large."""
    from django.db import connection

    from xiaoguan.kit import search, worker

    search.rebuild("customers.customer")
    begun = time.perf_counter()
    worker.drain()
    seconds = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"index_seconds": round(seconds, 1), **sizes()}


def sizes() -> dict[str, float]:
    """Megabytes of the entries and of what finds them."""
    from django.db import connection

    if connection.vendor == "sqlite":
        questions = {
            "entries_mb": "SELECT sum(length(CAST(tokens AS blob))) FROM kit_searchentry",
            "index_mb": "SELECT sum(length(block)) FROM kit_searchfts_data",
        }
    else:
        questions = {
            "entries_mb": "SELECT pg_table_size('kit_searchentry')",
            "index_mb": "SELECT pg_relation_size('kit_searchentry_tokens')",
        }
    found = {}
    with connection.cursor() as cursor:
        for name, sql in questions.items():
            cursor.execute(sql)
            found[name] = round(cursor.fetchone()[0] / 2**20, 1)
    return found


# --- Measuring --------------------------------------------------------------------------------------------------


def texts(runs: int) -> dict[str, list[str]]:
    """What people type, by kind; taken from rows that exist, so that most of it is found."""
    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.lexicon import companies, pinyin

    chance = random.Random(7)
    top = Customer.objects.order_by("-pk").values_list("pk", flat=True)[0]
    rows = list(Customer.objects.filter(pk__in=[chance.randrange(1, top) for _ in range(4 * runs)]))
    chinese = [row for row in rows if not row.name.isascii()][:runs]
    latin = [row for row in rows if row.name.isascii()][:runs]
    found: dict[str, list[str]] = defaultdict(list)
    for row in chinese:
        core = companies.core(row.name)
        spoken = [every[0] for every in pinyin.readings(core)]
        found["chinese, the brand"].append(core[:2])
        found["chinese, brand and trade"].append(core)
        found["chinese, the whole name"].append(row.name)
        found["chinese, a trade (common)"].append(core[-2:])
        found["chinese, a place (common)"].append(row.name[:2])
        found["chinese, one character"].append(core[0])
        found["pinyin, two syllables"].append("".join(spoken[:2]))
        found["pinyin, unfinished"].append("".join(spoken[:3])[:-1])
        found["pinyin, one syllable"].append(spoken[0])
        found["initials, four"].append("".join(each[0] for each in spoken[:4]))
        found["initials, two (common)"].append("".join(each[0] for each in spoken[:2]))
        found["one letter (common)"].append(spoken[0][0])
        found["other characters, same sound"].append(same_sound(core, chance))
        found["phone, last four"].append(row.phone[-4:])
        found["phone, whole"].append(row.phone)
    for row in latin:
        word = row.name.split()[0].lower()
        found["latin, three letters"].append(word[:3])
        found["latin, a word"].append(word)
        found["latin, a slip"].append(f"{word[:2]}{'q' if word[2] != 'q' else 'x'}{word[3:]}ss"[: max(5, len(word))])
    found["nothing like it"] = ["".join(chance.choices("qxzvj", k=6)) for _ in range(runs)]
    return found


def same_sound(text: str, chance: random.Random) -> str:
    """The text with its first character replaced by another of the same sound."""
    from xiaoguan.lexicon import pinyin

    said = pinyin.readings(text)[0][0]
    others = [char for char in map(chr, range(0x4E00, 0x9FA0)) if pinyin.readings(char)[0][:1] == (said,)]
    return chance.choice([char for char in others if char != text[0]] or [text[0]]) + text[1:]


def measure(runs: int) -> dict[str, Any]:
    """Milliseconds by kind of text and reader: the type-ahead, and a list's first page with its count."""
    from django.db import connection

    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.org.models import Person
    from xiaoguan.kit import access, search

    readers = {
        "director": Person.objects.get(username="p0"),
        "manager": Person.objects.get(username="p1"),
        "seller": Person.objects.get(username=f"p{TEAMS + 1}"),
    }

    def page(text: str, who: Any) -> int:
        rows = access.visible(Customer, who).filter(pk__in=search.filter_ids(Customer, text, who))
        list(rows.order_by("-pk").values_list("pk", "name")[:80])
        return int(rows.count())

    kinds = texts(runs)
    search.find("warm", readers["director"])
    gc.collect()
    gc.freeze()  # a web process does the same once it is loaded: collecting what never dies costs 60 ms a time
    found: dict[str, Any] = {"database": connection.vendor, "find": [], "list": []}
    for name, ask in {
        "find": lambda text, who: len(search.find(text, who, entities=[Customer])),
        "list": page,
    }.items():
        for kind, typed in kinds.items():
            line: dict[str, Any] = {"kind": kind}
            for part, who in readers.items():
                line[part] = timed(ask, typed, who)
            found[name].append(line)
        lines = [line[part] for line in found[name] for part in readers]
        found[f"{name}_p95_ms"] = late([line["p95"] for line in lines])
        found[f"{name}_cpu_p95_ms"] = late([line["cpu_p95"] for line in lines])
    return found | {"save_ms": saving()}


def timed(ask: Callable[[str, Any], int], typed: list[str], who: Any) -> dict[str, Any]:
    """Milliseconds of wall clock and of CPU over different texts, each asked once; how many were found."""
    walls, cpus, hits = [], [], []
    for text in typed:
        wall, cpu = time.perf_counter(), spent()
        hits.append(ask(text, who))
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((spent() - cpu) * 1000)
    return {
        "p50": round(statistics.median(walls), 1),
        "p95": late(walls),
        "cpu_p50": round(statistics.median(cpus), 1),
        "cpu_p95": late(cpus),
        "found": round(statistics.mean(hits), 1),
    }


def spent() -> float:
    """Seconds of CPU of this process and, where it runs on this machine, of its PostgreSQL backend."""
    from django.db import connection

    seconds = time.process_time()
    if connection.vendor == "postgresql":
        times = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        if times.exists():
            seconds += int(times.read_text().split()[0]) / 1e9
    return seconds


def late(taken: list[float]) -> float:
    """The 95th percentile."""
    return round(sorted(taken)[min(len(taken) - 1, int(len(taken) * 0.95))], 1)


def saving(rounds: int = 50) -> float:
    """What indexing adds to the save of one renamed customer, milliseconds."""
    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.kit.search import index as write_keys

    taken = []
    for row in Customer.objects.order_by("-pk")[:rounds]:
        row.name = row.name[::-1]
        begun = time.perf_counter()
        write_keys([row])
        taken.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(taken), 2)


if __name__ == "__main__":
    main()
