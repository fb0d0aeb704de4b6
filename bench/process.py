"""What the process report costs: its queries cold, and the whole page cold and remembered, for three readers.

`python bench/process.py --json` builds (or finds) a company by `bench/company.py`, 100,000 deals by default, works on
a copy of it and prints milliseconds: the median and the 95th percentile of `--runs` requests. Cold means that nothing
is remembered: so it is once after deals have moved.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import company


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    company.size_arguments(parser)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--postgres", action="store_true", help="move the company into the database of DATABASE_URL")
    parser.add_argument("--company", type=Path, help="a file that company.py made, instead of one by sizes")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    path = given.company or company.kept(company.sizes_of(given))
    folder = Path(tempfile.mkdtemp(prefix="xiaoguan-bench-"))
    if not given.postgres:
        shutil.copy(path, folder / "copy.sqlite3")
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'copy.sqlite3'}"
    os.environ["XIAOGUAN_HOME"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")

    import django
    from django.core.management import call_command

    django.setup()
    from xiaoguan.config import static

    static.collect()
    if given.postgres:
        company.copy_to_postgres(path)
    call_command("migrate", verbosity=0)
    found = measure(given.runs)
    shutil.rmtree(folder)
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


def measure(runs: int) -> dict[str, Any]:
    """Milliseconds by reader and part."""
    from django.test import Client

    from xiaoguan.apps.opportunities.models import Deal, Pipeline, StageEntry
    from xiaoguan.apps.org.models import Person
    from xiaoguan.apps.process.pages import YEAR
    from xiaoguan.apps.process.queries import DIMENSIONS, Question, breakdown, flow, outcomes
    from xiaoguan.kit import clock, memo

    asked = Question(Pipeline.objects.get(code="default"), clock.today() - YEAR, clock.today())
    found: dict[str, Any] = {"deals": Deal.objects.count(), "stays": StageEntry.objects.count()}

    def of(reader: Any) -> dict[str, Any]:
        client = Client()
        client.force_login(reader)

        def page() -> None:
            assert client.get("/insight/process/").status_code == 200

        parts = {
            "flow": lambda: flow(reader, asked),
            "by person": lambda: breakdown(reader, asked, DIMENSIONS[1]),
            "outcomes": lambda: outcomes(reader, asked),
            "page cold": page,
        }
        cold = {name: _timed(runs, work, before=memo.forget) for name, work in parts.items()}
        return cold | {"page": _timed(runs, page)}

    for position in ("sales_director", "sales_manager", "sales_engineer"):
        reader = Person.objects.filter(position=position, is_active=True).order_by("pk").first()
        if reader is not None:
            found[position] = of(reader)
    return found


def _timed(runs: int, work: Callable[[], Any], *, before: Callable[[], None] = lambda: None) -> dict[str, float]:
    taken = []
    for _run in range(runs + 1):
        before()
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    taken = sorted(taken[1:])  # the first one warms up
    return {
        "median": round(statistics.median(taken), 1),
        "p95": round(taken[min(len(taken) - 1, int(len(taken) * 0.95))], 1),
    }


if __name__ == "__main__":
    main()
