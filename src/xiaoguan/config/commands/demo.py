"""Fill an empty installation with the demonstration company, or take it out again."""

import importlib
import json
import sys
import time
from argparse import ArgumentParser, Namespace
from datetime import date
from typing import Any

from xiaoguan.apps.operation import clearing, leaving, queries
from xiaoguan.apps.org.models.company import Company
from xiaoguan.apps.org.models.person import Person
from xiaoguan.config import schema
from xiaoguan.config.refused import Refused
from xiaoguan.kit import worker

SIZES = ("small", "medium", "large")
SEED = 20231118


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--size", choices=SIZES, default="small", help="how much history (default: small)")
    parser.add_argument("--logins", action="store_true", help="build nothing, print the demo logins of this database")
    parser.add_argument("--remove", action="store_true", help="take the company out; what people made themselves stays")
    parser.add_argument("--company", metavar="NAME", default="", help="with --remove: the name of your own company")
    parser.add_argument(
        "--admin", metavar="USERNAME", default="admin", help="with --remove: the administrator who stays or comes"
    )
    parser.add_argument("--name", default="", help="with --remove: a new administrator's own name")
    parser.add_argument("--url", default="", help="with --remove: public address of the server (default: XIAOGUAN_URL)")
    parser.add_argument("--json", action="store_true", help="print the logins as one JSON list")
    parser.add_argument("--seed", type=int, default=SEED, help="same seed and same last day give the same company")
    parser.add_argument(
        "--until", type=date.fromisoformat, default=None, help="last day of its history (default: today)"
    )


def run(options: Namespace) -> int:
    """Bring the schema up to date and build the company through the product's own actions."""
    if options.logins:
        print_logins(options.json)
        return 0
    schema.upgrade()
    if options.remove:
        return _remove(options)
    if Person.objects.exists():
        raise Refused("There are people in this database already; the demonstration company wants an empty one.")
    _build(options.size, options.seed, options.until)
    print_logins(options.json)
    return 0


def _remove(options: Namespace) -> int:
    """Take the company out, here or by the worker that is faster; print how the administrator gets in."""
    if not queries.is_demonstration():
        raise Refused("There is no demonstration company here.")
    if not options.company.strip():
        raise Refused("Name your own company: xiaoguan demo --remove --company NAME")
    link = leaving.appoint(options.admin.strip(), options.name.strip())
    row = clearing.start(link.person, options.company.strip())
    while row.active:
        if worker.work_once([clearing.KIND]) is None:
            time.sleep(0.5)
        row.refresh_from_db()
        print(f"\r  {row.progress:,} / {row.total or row.progress:,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if row.state != row.State.DONE:
        raise Refused(f"It stopped: {row.error} Start it again: it goes on where it stopped.")
    print(f"What is left belongs to {options.company.strip()}; its administrator is {link.person.username}.")
    if url := link.url(options.url):
        print(f"Open this link once and set a password:\n{url}")
    return 0


def load_if_empty() -> bool:
    """Build the small company when nobody is in the database; returns whether it did."""
    if Person.objects.exists():
        return False
    _build("small", SEED, None)
    return True


def logins() -> list[tuple[str, str, str]]:
    """Return user name, password and role of the demo logins; none where the company is a real one."""
    if not Company.objects.exclude(demo="").exists():
        return []
    found: list[tuple[str, str, str]] = _company().logins()
    return found


def print_logins(as_json: bool) -> None:
    """Print the logins, one a line or as JSON."""
    found = logins()
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, password, role in found:
        print(f"{name}  {password}  {role}")


def _build(size: str, seed: int, until: date | None) -> None:
    """Build with a line of progress on stderr."""
    print(f"Building the demonstration company ({size}) …", file=sys.stderr, flush=True)
    _company().build(size=size, seed=seed, until=until, report=_report)


def _report(text: str) -> None:
    """Print one step of the building."""
    print(f"  {text}", file=sys.stderr, flush=True)


def _company() -> Any:
    """Return the demonstration company, which no other module imports: it is data, not part of the product."""
    return importlib.import_module("xiaoguan.demo")
