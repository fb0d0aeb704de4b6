"""What bringing in a file costs: deals with customer and seller by name and the history of their stages.

With `--likeness` it measures instead what looking for duplicates adds to a file of customers: each row is a known name
as somebody else would write it (no legal form, the region in front), compared with every customer there is.

`python bench/importing.py --json` imports 10,000 deals into a company of bench/company.py by the command line, which
runs the same job as the browser's wizard, on SQLite and on a private PostgreSQL: seconds, and processor time of the
importing process and of the database.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import company
import meter
import web

AIM = {"seconds": 10.0, "cpu_seconds": 6.0}
"""For 10,000 deals on two cores."""
ADDED = {"seconds": 60.0}
"""What duplicates may add to 10,000 customers."""


def main() -> None:
    """Import on the databases asked for and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    company.size_arguments(parser)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--company", type=Path, help="a file that bench/company.py made, whatever is in it")
    parser.add_argument("--likeness", action="store_true", help="duplicates of a file of customers instead")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        print(json.dumps(likeness_of(given.rows) if given.likeness else inside(given.rows)))
        return
    found: dict[str, Any] = {"rows": given.rows, "aim": ADDED if given.likeness else AIM}
    for name in ("sqlite", "postgres") if given.database == "both" else (given.database,):
        with web.database(name, given.company or company.kept(company.sizes_of(given))) as environment:
            words = [sys.executable, __file__, *sys.argv[1:], "--inside"]
            done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            found[name] = json.loads(done.stdout.splitlines()[-1])
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


def inside(rows: int) -> dict[str, Any]:
    """Import into the database of the environment."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    scene = web.Scene()
    watched = meter.Served(0, os.getpid())
    if connection.vendor == "postgresql":
        home = Path(parse_qs(urlsplit(os.environ["DATABASE_URL"]).query)["host"][0])
        watched.database_pid = int((home / "data/postmaster.pid").read_text().splitlines()[0])
    line = web.importing(watched, scene, rows)
    spent = (line["app_ms"] + line["db_ms"]) / 1000
    return {**line, "cpu_seconds": round(spent, 2), "slowed": round(web.pace(), 2)}


def likeness_of(rows: int) -> dict[str, Any]:
    """Look for the customers that a file's rows may be, a portion at a time as the import does; how many were found."""
    import django

    django.setup()
    from django.core.management import call_command

    from xiaoguan.apps.customers import nearest
    from xiaoguan.apps.customers.models import Customer
    from xiaoguan.apps.org.queries import system_actor
    from xiaoguan.lexicon import companies

    call_command("migrate", verbosity=0)
    known = list(Customer.objects.order_by("pk").values_list("name", "city")[:rows])
    told = [{"name": f"{city}{companies.core(name)}", "city": city} for name, city in known]
    begun, found = time.perf_counter(), 0
    for at in range(0, len(told), nearest.PORTION):
        answers = nearest.likest(told[at : at + nearest.PORTION], system_actor(), None)
        found += sum(each is not None and each.sure for each in answers)
    seconds = time.perf_counter() - begun
    return {"seconds": round(seconds, 2), "customers": Customer.objects.count(), "rows": len(told), "sure": found}


if __name__ == "__main__":
    main()
