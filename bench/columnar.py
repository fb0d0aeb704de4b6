"""The part of `bench/metrics.py` about the columnar copy: making it, asking it, and what arrays in memory take."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

YEARS = 3
Ask = Callable[[], Any]


def wide_questions(end: dt.date, teams: list[int]) -> dict[str, Ask]:
    """What sums don't answer: cuts by customer, different customers, all history."""
    from xiaoguan.apps.metrics.queries import figures
    from xiaoguan.apps.metrics.shipped import RECEIPTS, metrics
    from xiaoguan.apps.metrics.spec import Slice

    year, first = Slice(end - dt.timedelta(365), end), Slice(end - dt.timedelta(365 * YEARS - 1), end)
    won, again = metrics["customers_won"], metrics["repurchase_rate"]
    reached = metrics["customers_reached"]
    return {
        "additive: tier by month, a year": lambda: figures([RECEIPTS], year, by=["tier", "month"]),
        "additive: industry by tier by quarter, all history": lambda: figures(
            [RECEIPTS], first, by=["industry", "tier", "quarter"]
        ),
        "additive: territories by month, a year": lambda: figures([RECEIPTS], year, by=["territory", "month"]),
        "additive: series of products by month, a year": lambda: figures([RECEIPTS], year, by=["category", "month"]),
        "additive: region's people by day, a year": lambda: figures(
            [RECEIPTS], Slice(year.first, end, units=teams), by=["person", "day"]
        ),
        "distinct: customers by month, a year": lambda: figures([won], year, by=["month"]),
        "distinct: customers reached by team, a year": lambda: figures([reached], year, by=["unit"]),
        "distinct: customers reached, all history": lambda: figures([reached], first),
        "repurchase by quarter, all history": lambda: figures([again], first, by=["quarter"]),
    }


def tiles(actor: Any) -> Callable[[], Any]:
    """A page of twelve different tiles through the dashboards' own answers; keeps what is still true."""
    from xiaoguan.apps.dashboards.answers import Answers
    from xiaoguan.apps.dashboards.looking import Looking, company
    from xiaoguan.apps.dashboards.periods import stretch
    from xiaoguan.apps.metrics.shipped import metrics

    wanted = [
        ("receipts", "this_month", ("day",)), ("won_amount", "this_quarter", ("person",)),
        ("won_count", "last_12_months", ("month",)), ("win_rate", "last_12_months", ("unit",)),
        ("customers_won", "last_12_months", ("month",)), ("customers_reached", "this_quarter", ()),
        ("repurchase_rate", "last_12_months", ()), ("receipts", "last_12_months", ("tier",)),
        ("won_amount", "last_12_months", ("industry",)), ("receipts", "this_year", ("territory",)),
        ("repurchase_amount", "last_12_months", ("month",)), ("visits", "last_12_months", ("region",)),
    ]  # fmt: skip

    def page() -> None:
        look = Looking(actor, company(), stretch("this_year"))
        answers = Answers(look)
        for code, when, by in wanted:
            answers.want(metrics[code], stretch(when), by)
        answers.fetch()

    return page


def warm_and_cold(page: Ask, timed: Callable[[Ask, int], dict[str, float]], runs: int) -> dict[str, Any]:
    """The page with nothing remembered, and with all of it."""
    from xiaoguan.kit import memo

    def cold() -> None:
        memo.forget()
        page()

    return {"cold": timed(cold, max(3, runs // 3)), "warm": timed(page, runs)}


def copy() -> dict[str, Any]:
    """Make the copy from the database; then one new deal, what reading costs with it marked, and the next copy."""
    from django.db import transaction

    from xiaoguan.apps.metrics.columns import files, keeping
    from xiaoguan.kit import memo

    begun = time.perf_counter()
    keeping.forget_for_good()
    made = keeping.make()
    assert made is not None
    with transaction.atomic():
        keeping.publish(made)
    took = time.perf_counter() - begun
    memo.forget()
    found = files.opened(made.manifest.name)
    return {"copy_s": round(took, 1), "file_mb": round(found.size / 2**20), "copied": found.rows}


def again(parties: list[int]) -> dict[str, Any]:
    """Mark some customers and make the next copy."""
    from django.db import transaction

    from xiaoguan.apps.metrics.columns import keeping
    from xiaoguan.apps.metrics.models import Ahead
    from xiaoguan.kit import memo

    Ahead.objects.bulk_create(Ahead(party=pk) for pk in parties)
    begun = time.perf_counter()
    made = keeping.make()
    assert made is not None
    with transaction.atomic():
        keeping.publish(made)
    memo.forget()
    return {"next_copy_s": round(time.perf_counter() - begun, 1), "marked": len(parties)}


@contextlib.contextmanager
def changed(count: int = 500) -> Iterator[None]:
    """Some customers are marked, as after some minutes' work, so that their credits are read from the database."""
    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.metrics.models import Ahead

    pks = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    made = Ahead.objects.bulk_create(Ahead(party=pk) for pk in pks[:: max(1, len(pks) // count)])
    yield
    Ahead.objects.filter(pk__in=[each.pk for each in made]).delete()


def generate(count: int) -> None:
    """Write a copy of so many made credits without a database behind it, as many as no bench wants to store twice."""
    from django.db import transaction

    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.metrics import rollups
    from xiaoguan.apps.metrics.columns import engine, files, keeping, wide
    from xiaoguan.apps.metrics.models import Copied
    from xiaoguan.apps.org.models import Membership
    from xiaoguan.kit import clock, feed

    connected = engine.connect(keeping.MEMORY)
    people = list(Membership.objects.order_by("pk").values_list("person", "team"))
    about = list(Customer.objects.order_by("pk").values_list("pk", "tier", "industry", "region", "source", "kind"))
    connected.execute("CREATE TABLE p AS SELECT unnest(?::BIGINT[]) person, unnest(?::BIGINT[]) team",
                      [[pk for pk, _team in people], [team for _pk, team in people]])  # fmt: skip
    connected.execute("ALTER TABLE p ADD COLUMN n BIGINT; UPDATE p SET n = rowid")
    connected.execute(
        "CREATE TABLE a AS SELECT unnest(?::BIGINT[]) pk, unnest(?::VARCHAR[]) tier, unnest(?::VARCHAR[]) industry,"
        " unnest(?::VARCHAR[]) region, unnest(?::VARCHAR[]) source, unnest(?::BIGINT[]) kind",
        [[row[at] if at != 3 else row[at][:2] for row in about] for at in range(5)] + [[row[5] or 0 for row in about]],
    )
    connected.execute("ALTER TABLE a ADD COLUMN n BIGINT; UPDATE a SET n = rowid")
    facts = [*["receipt"] * 4, "won", "lost", *["visit"] * 2, *["call"] * 3, *["followup"] * 4, "opened"]
    words: wide.Words = {
        "entity": ["commerce.receipt"], "fact": sorted({*facts}), "turn": ["again", "first"],
        "category": ["", *(f"Series {n}" for n in range(10))],
    } | {name: sorted({row[at] if at != 3 else row[at][:2] for row in about})
         for at, name in enumerate(("tier", "industry", "region", "source"), 1)}  # fmt: skip
    parts, today = [], clock.today()
    years = sorted({(today - dt.timedelta(n)).year for n in range(365 * YEARS)})
    for at, year in enumerate(years):
        first = max(dt.date(year, 1, 1), today - dt.timedelta(365 * YEARS - 1))
        last = min(dt.date(year, 12, 31), today)
        rows = round(count * ((last - first).days + 1) / (365 * YEARS))
        connected.execute(
            "CREATE OR REPLACE TABLE fresh AS SELECT"
            f" (g.id + {at * count}) * 256 + 1 AS record, g.day, {wide.MONTH.replace('(day)', '(g.day)')},"
            f" ({facts})[1 + (hash(g.id, 1) % {len(facts)})::INT] AS fact,"
            " p.person AS person_id, p.team AS unit_id, 100000::INTEGER AS split,"
            " CASE WHEN hash(g.id, 1) % 16 < 5 THEN (hash(g.id, 2) % 100000000)::BIGINT ELSE 0 END AS amount,"
            " a.pk AS party, a.pk % 20 + 1 AS territory, a.kind, a.tier, a.industry, a.region, a.source,"
            " CASE WHEN hash(g.id, 3) % 4 = 0 THEN 'first' ELSE 'again' END AS turn,"
            f" g.id + {at * count} AS id, false AS divided,"
            " CASE WHEN hash(g.id, 1) % 16 < 5 THEN (g.id % 50 + 1)::BIGINT ELSE 0 END AS product,"
            " CASE WHEN hash(g.id, 1) % 16 < 5 THEN 'Series ' || (g.id % 10) ELSE '' END AS category, amount AS portion"
            f" FROM (SELECT range AS id, DATE '{first}' + (hash(range, 4) % {(last - first).days + 1})::INTEGER AS day,"
            f" least({len(people) - 1}, floor(pow((hash(range, 5) % 1000000 + 1) / 1000000.0, -1.667)) - 1)::BIGINT"
            " AS who,"
            f" (hash(range, 6) % {len(about)})::BIGINT AS whom FROM range({rows})) g"
            " JOIN p ON p.n = g.who JOIN a ON a.n = g.whom"
        )
        parts.append(files.write(
            connected, year, words, {"credits": "SELECT * FROM fresh", "parts": "SELECT * FROM fresh LIMIT 0"}
        ))  # fmt: skip
    made = files.publish(words, [part for part in parts if part])
    with transaction.atomic():
        Copied.objects.update_or_create(pk=1, defaults={"name": made.name, "at": clock.machine_now()})
        feed.stir(rollups.NAME)


def dense(runs: int, timed: Callable[[Ask, int], dict[str, float]], end: dt.date) -> dict[str, Any]:
    """The limit: the same two additive slices over arrays in memory that hold nothing else."""
    import numpy as np

    from xiaoguan.apps.metrics.columns import engine, files
    from xiaoguan.apps.metrics.models import Copied

    held = files.opened(Copied.objects.get(pk=1).name)
    connected = engine.connect("2GB")
    files.attach(connected, held.parts)
    source = f"({held.source('credits')})"
    lists = [
        [value for (value,) in connected.execute(f"SELECT DISTINCT {name} FROM {source} ORDER BY 1").fetchall()]
        for name in ("tier", "industry")
    ]
    found = connected.execute(
        "SELECT (day - DATE '2000-01-01')::INTEGER AS day, list_position(?::VARCHAR[], tier::VARCHAR) - 1 AS tier,"
        f" list_position(?::VARCHAR[], industry::VARCHAR) - 1 AS industry, amount FROM {source}"
        " WHERE fact = 'receipt' ORDER BY day",
        lists,
    ).fetchnumpy()
    days = found["day"].astype(np.int32)
    tier, industry = found["tier"].astype(np.int16), found["industry"].astype(np.int16)
    amount = found["amount"].astype(np.float64)
    base = dt.date(2000, 1, 1)
    months = np.array([(base + dt.timedelta(n)).year * 12 + (base + dt.timedelta(n)).month for n in range(15_000)])
    months = (months - months[0]).astype(np.int32)
    since = np.searchsorted(days, ((end - base).days - 365))

    def year() -> Any:
        key = months[days[since:]] * 8 + tier[since:]
        return np.bincount(key, weights=amount[since:])

    def history() -> Any:
        key = (months[days] // 3 * 8 + tier) * 64 + industry
        return np.bincount(key, weights=amount)

    return {"tier by month, a year": timed(year, runs),
            "industry by tier by quarter, all history": timed(history, runs)}  # fmt: skip


def reader(size: int, runs: int) -> dict[str, Any]:
    """What a process of its own that only reads takes: its times and its memory."""
    words = [sys.executable, str(Path(__file__).with_name("metrics.py")), "--inside", str(size), "--reads"]
    done = subprocess.run(
        [*words, "--runs", str(runs)], env=dict(os.environ), stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def memory_mb() -> int:
    """The most this process has held; what its parent held is counted by `getrusage`, so Linux is asked first."""
    status = Path("/proc/self/status")
    if status.exists():
        held = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return round(int(held.split()[1]) / 1024)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
