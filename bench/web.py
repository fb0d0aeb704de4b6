"""Eleven operations of daily work under load: milliseconds, processor time of application and database, memory.

`python bench/web.py --json` serves a company of the sizes given (by default 100,000 customers and deals) with two web
processes, once on SQLite and once on a private PostgreSQL, and compares the processor time per request with that of
Odoo 19 for the same work on a machine of this kind. Answers that the product remembers until the data changes are
measured both ways: as they come, and with the memory made old before every request.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import math
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import company
import meter
from meter import Ask

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = {
    "list": 32 + 11,
    "list of one seller and stage": 24 + 7,
    "board": 24 + 478,
    "deal": 49 + 18,
    "type-ahead, Latin": 7 + 71,
    "type-ahead, Chinese": 7 + 291,
    "create": 54 + 35,
    "move": 13 + 6,
    "pivot": 288 + 161,
    "import of 10,000 deals": 53_000,
    "export of 50,000 deals": 7_000,
}
"""Milliseconds of processor time, application and database, of Odoo 19 for one of each."""
CSRF = "x" * 32


def main() -> None:
    """Measure on the databases asked for and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    company.size_arguments(parser)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--requests", type=int, default=120, help="per operation and number of clients")
    parser.add_argument("--clients", default="1,4,8")
    parser.add_argument("--pages", action="store_true", help="measure other pages as well")
    parser.add_argument("--only", default="", help="operations whose name contains this")
    parser.add_argument("--rows", type=int, default=10_000, help="deals to import; five times as many are exported")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--company", type=Path, help="a file that bench/company.py made, whatever is in it")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        print(json.dumps(inside(given)))
        return
    found: dict[str, Any] = {"sizes": company.sizes_of(given)}
    for name in ("sqlite", "postgres") if given.database == "both" else (given.database,):
        with database(name, given.company or company.kept(company.sizes_of(given))) as environment:
            words = [sys.executable, __file__, *sys.argv[1:], "--inside"]
            done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            found[name] = json.loads(done.stdout.splitlines()[-1])
        if not given.json:
            table(name, found[name])
    if given.json:
        print(json.dumps(found))


@contextlib.contextmanager
def database(name: str, path: Path) -> Iterator[dict[str, str]]:
    """The environment of a run on a copy of the company."""
    home = Path(tempfile.mkdtemp(prefix="xiaoguan-bench-"))
    environment = {
        **os.environ, "XIAOGUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "xiaoguan.config.settings",
        "XIAOGUAN_LOG_LEVEL": "WARNING", "XIAOGUAN_EXPORT_AT_ONCE": "1000000",
    }  # fmt: skip
    try:
        if name == "sqlite":
            shutil.copy(path, home / "xiaoguan.sqlite3")
            yield {**environment, "DATABASE_URL": f"sqlite:///{home / 'xiaoguan.sqlite3'}"}
            return
        sys.path.insert(0, str(ROOT / "tools"))
        import postgres

        with postgres.private() as url:
            environment["DATABASE_URL"] = url
            code = "import django, company, pathlib; django.setup(); "
            code += "from django.core.management import call_command as c; c('migrate', verbosity=0); "
            code += f"company.copy_to_postgres(pathlib.Path({str(path)!r}))"
            subprocess.run([sys.executable, "-c", code], env=environment, check=True, cwd=Path(__file__).parent)
            yield environment
    finally:
        shutil.rmtree(home, ignore_errors=True)


# --- Inside: the database is there ----------------------------------------------------------------------------------


class Scene:
    """Who asks about what: sessions, records and typed texts of the company in the database."""

    def __init__(self) -> None:
        from xiaoguan.apps.customers.models import Customer
        from xiaoguan.apps.opportunities.models import Deal, Stage
        from xiaoguan.apps.org.models import Person

        self.chance = random.Random(3)
        people = list(Person.objects.filter(username__startswith="p").order_by("pk"))
        self.director = people[0]
        self.sellers = [person for person in people if person.roles.filter(code="salesperson").exists()]
        self.cookies = {person.pk: self._session(person) for person in [self.director, *self.sellers]}
        self.stages = list(Stage.objects.filter(outcome="open").values_list("pk", flat=True))
        self.deals = list(Deal.objects.filter(status="open").values_list("pk", "stage_id", "owner_id"))
        self.chance.shuffle(self.deals)
        self.firms = list(Customer.objects.order_by("?").values_list("pk", "owner_id", "name")[:4000])
        self.move_from = itertools.cycle(self.deals)
        self.numbers = itertools.count()
        amounts = sorted(Deal.objects.values_list("amount", flat=True))
        self.middle = amounts[len(amounts) // 2]

    def _session(self, person: Any) -> str:
        """The cookies of somebody signed in."""
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

        from xiaoguan.config.sessions import SessionStore

        store = SessionStore()
        store[SESSION_KEY] = str(person.pk)
        store[BACKEND_SESSION_KEY] = "xiaoguan.apps.signin.backends.PersonBackend"
        store[HASH_SESSION_KEY] = person.get_session_auth_hash()
        store.create()
        return f"sessionid={store.session_key}; csrftoken={CSRF}"

    def by(self, person_id: int | None, path: str, **more: Any) -> Ask:
        """A request of somebody, of the director where nobody is named."""
        return Ask(path, self.cookies[person_id or self.director.pk], **more)

    def post(self, person_id: int | None, path: str, values: dict[str, Any], **more: Any) -> Ask:
        """A form sent by somebody."""
        headers = {"X-CSRFToken": CSRF, "Content-Type": "application/x-www-form-urlencoded", **more.pop("headers", {})}
        return self.by(person_id, path, body=urlencode(values), headers=headers, **more)

    def create(self) -> Ask:
        """A new deal with a customer of the seller's own."""
        customer, owner, _name = self.chance.choice(self.firms)
        number = next(self.numbers)
        values = {
            "name": f"New deal {number}", "customer": customer, "amount": 125000 + number, "stage": self.stages[0],
            "owner": owner, "expected_on": "2027-01-15",
        }  # fmt: skip
        return self.post(owner, "/deals/new/", values, expect=(302,))

    def move(self) -> Ask:
        """A card dropped one column on."""
        deal, stage, owner = next(self.move_from)
        following = self.stages[(self.stages.index(stage) + 1) % len(self.stages)]
        headers = {"HX-Request": "true"}
        return self.post(owner, f"/deals/{deal}/do/move/", {"to": following}, headers=headers, expect=(204,))

    def texts(self, latin: bool) -> list[str]:
        """Rare and common words of customers' names by turns."""
        from xiaoguan.lexicon import companies

        names = [name for _pk, _owner, name in self.firms if name.isascii() == latin][:200]
        if latin:
            return [text for name in names for text in (name.split()[0], "Ltd", name[:3])]
        cores = [companies.core(name) for name in names]
        return [text for core, name in zip(cores, names, strict=True) for text in (core[:2], core[-2:], name)]


def operations(scene: Scene) -> dict[str, Callable[[], Ask]]:
    """What is asked, by name."""
    latin, chinese = itertools.cycle(scene.texts(True)), itertools.cycle(scene.texts(False))
    mine = itertools.cycle((owner, stage) for _deal, stage, owner in scene.deals[:400])
    deals = itertools.cycle(deal for deal, _stage, _owner in scene.deals[400:2400] or scene.deals)
    one_of = scene.chance.choice

    def own() -> Ask:
        owner, stage = next(mine)
        return scene.by(None, f"/deals/?owner={owner}&stage={stage}&sort=-amount")

    return {
        "list": lambda: scene.by(None, "/deals/?view=all"),
        "list of one seller and stage": own,
        "board": lambda: scene.by(None, "/deals/board/?view=all"),
        "deal": lambda: scene.by(None, f"/deals/{next(deals)}/"),
        "type-ahead, Latin": lambda: scene.by(None, f"/customers/options/?q={quote(next(latin))}"),
        "type-ahead, Chinese": lambda: scene.by(None, f"/customers/options/?q={quote(next(chinese))}"),
        "create": scene.create,
        "move": scene.move,
        "pivot": lambda: scene.by(None, "/insight/pivot/"),
        "home of the director": lambda: scene.by(None, "/"),
        "home of a seller": lambda: scene.by(one_of(scene.sellers).pk, "/"),
        "targets": lambda: scene.by(None, "/targets/"),
        "customer": lambda: scene.by(None, f"/customers/{one_of(scene.firms)[0]}/"),
        "customer of a seller": lambda: scene.by((firm := one_of(scene.firms))[1], f"/customers/{firm[0]}/"),
        "customers": lambda: scene.by(None, "/customers/?view=all"),
        "customers by name": lambda: scene.by(None, "/customers/?view=all&sort=name"),
        "customers by owner": lambda: scene.by(None, "/customers/?view=all&sort=owner"),
        "customers searched": lambda: scene.by(None, f"/customers/?view=all&q={quote(next(chinese))}"),
        "deals by amount": lambda: scene.by(None, "/deals/?view=all&sort=-amount"),
        "deals by customer": lambda: scene.by(None, "/deals/?view=all&sort=customer"),
        "deals by next step": lambda: scene.by(None, "/deals/?view=all&sort=next_due"),
        "deals of a city": lambda: scene.by(None, "/deals/?customer__city=x&status=open"),
        "deals of a seller": lambda: scene.by(one_of(scene.sellers).pk, "/deals/"),
        "board of a seller": lambda: scene.by(one_of(scene.sellers).pk, "/deals/board/"),
        "tasks": lambda: scene.by(None, "/tasks/?view=all"),
        "follow-ups": lambda: scene.by(None, "/follow-ups/?view=all"),
        "contacts": lambda: scene.by(None, "/contacts/?view=all"),
        "search": lambda: scene.by(None, f"/search/?q={quote(next(chinese))}"),
    }


COLD = {
    "list": "opportunities.deal",
    "list of one seller and stage": "opportunities.deal",
    "board": "opportunities.deal",
    "pivot": "opportunities.deal",
    "home of the director": "opportunities.deal",
    "home of a seller": "opportunities.deal",
    "targets": "goals.target",
}
"""What remembers answers, and the entity whose every change makes them old."""


def inside(given: argparse.Namespace) -> dict[str, Any]:
    """Measure every operation on the database of the environment."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    scene = Scene()
    found: dict[str, Any] = {}
    with meter.serving(dict(os.environ)) as served:
        if connection.vendor == "postgresql":
            home = Path(parse_qs(urlsplit(os.environ["DATABASE_URL"]).query)["host"][0])
            served.database_pid = int((home / "data/postmaster.pid").read_text().splitlines()[0])
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                served.own_backend = cursor.fetchone()[0]
        for name, make in operations(scene).items():
            if given.only not in name or not (given.pages or name in REFERENCE):
                continue
            try:
                found[name] = one(served, make, given)
                if name in COLD:
                    found[name]["cold"] = cold(served, make, COLD[name], given.requests // 3)
            except meter.Unexpected as problem:
                found[name] = {"problem": str(problem)}
            _say(name, found[name])
        if given.only in "export of 50,000 deals":
            found["export of 50,000 deals"] = export(served, scene)
        memory = meter.memory_mb(served.pid)
        slowed = round(pace(), 2)
        if given.only in "import of 10,000 deals":
            found["import of 10,000 deals"] = importing(served, scene, given.rows)
    return {"operations": found, "memory_mb": memory, "slowed": slowed, **compared(found)}


def pace() -> float:
    """How many times slower a fixed piece of work is now than at its best: what neighbours cost in processor time."""

    def piece() -> float:
        begun = time.process_time()
        sum(hash(str(number)) & 1 for number in range(60_000))
        return time.process_time() - begun

    taken = [piece() for _n in range(60)]
    return statistics.median(taken) / min(taken)


def _say(name: str, line: dict[str, Any]) -> None:
    print(f"{name}: {line}", file=sys.stderr, flush=True)


def one(served: meter.Served, make: Callable[[], Ask], given: argparse.Namespace) -> dict[str, Any]:
    """One operation with every number of clients; its cost is the mean over all of them."""
    asks = iter(make, None)
    meter.measure(served, asks, 4, 16)
    lines = {n: meter.measure(served, asks, int(n), given.requests) for n in given.clients.split(",")}
    return {
        **{part: round(statistics.mean(line[part] for line in lines.values()), 2) for part in ("app_ms", "db_ms")},
        "kb": next(iter(lines.values()))["kb"],
        "clients": {n: {part: line[part] for part in ("p50", "p95", "app_ms", "db_ms")} for n, line in lines.items()},
    }


def cold(served: meter.Served, make: Callable[[], Ask], entity: str, number: int) -> dict[str, Any]:
    """The same by one client when somebody has just changed something of that kind."""
    from xiaoguan.kit.models.change import Feed

    client, taken, before = meter.Client(served.port), [], served.cpu()
    for _n in range(max(5, number)):
        Feed.objects.create(entity=entity)
        taken.append(client.ask(make())[0])
    app, database = ((now - then) / len(taken) for now, then in zip(served.cpu(), before, strict=True))
    return {"p50": round(statistics.median(taken), 1), "app_ms": round(app, 2), "db_ms": round(database, 2)}


def export(served: meter.Served, scene: Scene) -> dict[str, Any]:
    """Half of the deals as a workbook."""
    ask = scene.by(None, f"/deals/export/?view=all&amount={scene.middle // 100}..&_format=xlsx")
    line = meter.measure(served, iter(lambda: ask, None), 1, 2)
    _say("export", line)
    return line


def importing(served: meter.Served, scene: Scene, rows: int) -> dict[str, Any]:
    """New deals with seller and customer by name, by the command line: the same job as the wizard's."""
    path = Path(os.environ["XIAOGUAN_HOME"]) / "deals.csv"
    path.write_text("\n".join(sheet(scene, rows)), encoding="utf-8")
    words = ["-m", "xiaoguan.config.cli", "import", str(path), "--as", "deals", "--json"]
    used, database, begun = resource.getrusage(resource.RUSAGE_CHILDREN), served.cpu()[1], time.perf_counter()
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True, env=dict(os.environ))
    seconds = time.perf_counter() - begun
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    counts = json.loads(done.stdout.splitlines()[-1])
    if counts["created"] != rows:
        raise RuntimeError({key: value for key, value in counts.items() if key != "warnings"})
    line = {
        "seconds": round(seconds, 2),
        "app_ms": round((now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime) * 1000),
        "db_ms": round(served.cpu()[1] - database),
    }
    _say("import", line)
    return line


def sheet(scene: Scene, rows: int) -> Iterator[str]:
    """The lines of a file of deals."""
    names = {person.pk: person.name for person in scene.sellers}
    yield "Deal,Customer,Owner,Stage,Amount,Expected close"
    stages = itertools.cycle(["Prospecting", "Needs analysis", "Solution design"])
    unique = {name: owner for _pk, owner, name in scene.firms}
    firms = itertools.cycle(unique.items())
    for number in range(rows):
        name, owner = next(firms)
        yield f"导入商机{number},{name},{names[owner]},{next(stages)},{10_000 + number * 7},2027-0{1 + number % 8}-15"


def compared(found: dict[str, Any]) -> dict[str, Any]:
    """How many times less processor time than the reference, as it comes and with nothing remembered."""

    def times(cost: Callable[[dict[str, Any]], float]) -> dict[str, float]:
        return {
            name: round(REFERENCE[name] / max(0.1, cost(found[name])), 1)
            for name in REFERENCE
            if "app_ms" in found.get(name, ())
        }

    def spent(line: dict[str, Any]) -> float:
        return float(line["app_ms"] + line["db_ms"])

    ratios, unremembered = times(spent), times(lambda line: spent(line.get("cold", line)))
    return {
        "ratios": ratios,
        "ratios_cold": unremembered,
        "geometric_mean": mean(ratios),
        "geometric_mean_cold": mean(unremembered),
    }


def mean(ratios: dict[str, float]) -> float:
    """The geometric mean, 0 of nothing."""
    return round(math.exp(statistics.mean(math.log(each) for each in ratios.values())), 1) if ratios else 0.0


def table(name: str, found: dict[str, Any]) -> None:
    """The figures for a reader."""
    print(
        f"\n{name}: geometric mean {found['geometric_mean']} ({found['geometric_mean_cold']} with nothing remembered)"
    )
    for operation, line in found["operations"].items():
        if "problem" in line:
            print(f"  {operation:32} {line['problem']}")
            continue
        once = line.get("cold", {})
        print(
            f"  {operation:32} app {line['app_ms']:9.2f} db {line['db_ms']:8.2f}"
            f"  cold {once.get('app_ms', ''):>7} {once.get('db_ms', ''):>7}"
            f"  × {found['ratios'].get(operation, ''):>6} {found['ratios_cold'].get(operation, ''):>6}"
        )
    print(
        f"  memory of the web processes: {found['memory_mb']} MB; neighbours slowed the machine {found['slowed']} times"
    )


if __name__ == "__main__":
    main()
