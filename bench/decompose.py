"""Decomposing a company's year: people × days, computed exactly on every level, and what storing it costs.

The tree is company → teams → people, time is year → months → days; months follow a season, days the working calendar.
Each run checks that every level adds up. Storing is the product's own way, on SQLite and, where it can be started, on a
private PostgreSQL. ``--json`` ends the output with one object; times are seconds, medians.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from xiaoguan.calc.period import FiscalCalendar, WorkCalendar
from xiaoguan.calc.share import split_rows
from xiaoguan.calc.tree import Decomposition, Integers, Level, cascade, decompose, group_sums, leaves, pack, unpack

SEASON = [64, 39, 85, 90, 92, 84, 82, 80, 88, 92, 96, 98]


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of ``rounds`` runs after one that warms up."""
    work()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def inexact(done: Decomposition, parents: list[int], total: int, month_days: list[int]) -> int:
    """Return how many sums differ from their whole, over all levels of the tree and of time."""
    months, days = done.levels
    wrong = int(done.totals[0] != total)
    wrong += int((months.sum(axis=1) != done.totals).sum())
    wrong += int((group_sums(months, [3, 3, 3, 3]).sum(axis=1) != done.totals).sum())
    wrong += int((group_sums(days, month_days) != months).sum())
    of = np.array(parents)
    for cells in (done.totals[:, None], months, days):
        summed = np.zeros_like(cells)
        np.add.at(summed, of[1:], cells[1:])
        inner = np.unique(of[1:])
        wrong += int((summed[inner] != cells[inner]).sum())
    return wrong


def store(url: str, home: str, people: list[int], days: Integers, start: date) -> float:
    """Write one packed day vector per person as the product does, twice over; returns the median, checks a row."""
    os.environ |= {"DATABASE_URL": url, "XIAOGUAN_HOME": home, "DJANGO_SETTINGS_MODULE": "xiaoguan.config.settings"}
    import django

    django.setup()
    from django.db import connection, transaction

    from xiaoguan.apps.goals import daily
    from xiaoguan.apps.goals.models import DayPlan

    with connection.schema_editor() as editor:
        editor.create_model(DayPlan)
    spent = []
    for _round in range(3):
        DayPlan.objects.all().delete()
        began = time.perf_counter()
        with transaction.atomic():
            rows = [(f"person:{one}", pack(days[one]), "0" * 32) for one in people]
            for first in range(0, len(rows), daily.BATCH):
                daily.write("won_amount", start, rows[first : first + daily.BATCH])
        spent.append(time.perf_counter() - began)
    read = DayPlan.objects.get(subject=f"person:{people[-1]}").days
    if not np.array_equal(unpack(bytes(read)), days[people[-1]]):
        raise SystemExit("what was stored does not read back")
    return statistics.median(spent)


def stored(people: int, year: int) -> dict[str, float | None]:
    """Seconds to store everybody's days on each database, each in a process of its own; None where there is none."""
    found: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory() as home:
        found["stored_sqlite"] = _stored_in(f"sqlite:///{Path(home) / 'days.sqlite3'}", home, people, year)
        sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))
        import postgres

        try:
            with postgres.private() as url:
                found["stored_postgresql"] = _stored_in(url, home, people, year)
        except postgres.Unavailable:
            found["stored_postgresql"] = None
    return found


def _stored_in(url: str, home: str, people: int, year: int) -> float:
    command = [sys.executable, __file__, "--people", str(people), "--year", str(year), "--into", url, "--home", home]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--year", type=int, default=2024, help="2024 has 366 days")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--into", default="", help="store into this database and print the seconds, nothing else")
    parser.add_argument("--home", default="")
    options = parser.parse_args()

    random = np.random.default_rng(20261118)
    teams = max(1, options.people // 10)
    parents = [-1, *[0] * teams, *(1 + random.integers(0, teams, options.people)).tolist()]
    weights = random.integers(60, 140, len(parents)).tolist()
    year = FiscalCalendar().year(date(options.year, 1, 1))
    month_days = [month.days for month in year.split("month")]
    workdays = WorkCalendar().weights(year.start, year.end)
    levels = [Level([12], SEASON), Level(month_days, workdays)]
    total = 4_800_000_000 * options.people + 7  # a company of 36 aims at 4.8 hundred millions of yuan

    done = decompose(total, parents, weights, levels)
    people = leaves(parents)
    own = random.integers(1, 1_000, (len(people), year.days))
    shares = cascade(total, parents, weights)[people]
    if options.into:
        print(store(options.into, options.home, people, done.levels[1], year.start))
        return
    found = {
        "people": len(people),
        "days": year.days,
        "cells": len(people) * year.days,
        "computed": round(seconds(lambda: decompose(total, parents, weights, levels), options.rounds), 4),
        "computed_flat": round(seconds(lambda: split_rows(shares, workdays), options.rounds), 4),
        "computed_own_calendars": round(seconds(lambda: split_rows(shares, own), options.rounds), 4),
        **stored(options.people, options.year),
        "inexact": inexact(done, parents, total, month_days),
    }
    for name, value in found.items():
        print(f"{name:24}{value:>12,.4f}" if isinstance(value, float) else f"{name:24}{value!s:>12}")
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
