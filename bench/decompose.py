"""Decomposing a company's year: people × days, computed exactly on every level, and what storing it costs.

The tree is company → teams → people, time is year → months → days; months follow a season, days the working calendar.
Each run checks that every level adds up. ``--json`` ends the output with one object; times are seconds, medians.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from xiaoguan.calc.period import FiscalCalendar, WorkCalendar
from xiaoguan.calc.share import split_rows
from xiaoguan.calc.tree import Decomposition, Level, cascade, decompose, group_sums, leaves, pack, unpack

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


def store(folder: Path, people: list[int], done: Decomposition) -> float:
    """Write month rows and one packed day vector per person to a new SQLite file; returns the time, checks a row."""
    months, days = done.levels
    path = folder / "decomposition.sqlite3"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("CREATE TABLE month (id INTEGER PRIMARY KEY, person INT, month INT, amount INT)")
        database.execute("CREATE TABLE days (person INTEGER PRIMARY KEY, amounts BLOB)")
        start = time.perf_counter()
        rows = ((person, m, amount) for person in people for m, amount in enumerate(months[person].tolist()))
        database.executemany("INSERT INTO month (person, month, amount) VALUES (?, ?, ?)", rows)
        database.execute("CREATE UNIQUE INDEX month_of_person ON month (person, month)")
        database.executemany("INSERT INTO days VALUES (?, ?)", ((person, pack(days[person])) for person in people))
        database.commit()
        spent = time.perf_counter() - start
        stored = database.execute("SELECT amounts FROM days WHERE person = ?", (people[-1],)).fetchone()[0]
    if not np.array_equal(unpack(stored), days[people[-1]]):
        raise SystemExit("what was stored does not read back")
    return spent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--year", type=int, default=2024, help="2024 has 366 days")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
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
    with tempfile.TemporaryDirectory() as folder:
        stored = statistics.median(store(Path(folder), people, done) for _ in range(3))
    found = {
        "people": len(people),
        "days": year.days,
        "cells": len(people) * year.days,
        "computed": round(seconds(lambda: decompose(total, parents, weights, levels), options.rounds), 4),
        "computed_flat": round(seconds(lambda: split_rows(shares, workdays), options.rounds), 4),
        "computed_own_calendars": round(seconds(lambda: split_rows(shares, own), options.rounds), 4),
        "stored_sqlite": round(stored, 4),
        "inexact": inexact(done, parents, total, month_days),
    }
    for name, value in found.items():
        print(f"{name:24}{value:>12,}")
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
