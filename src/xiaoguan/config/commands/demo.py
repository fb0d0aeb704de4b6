"""Fill an empty installation with the demonstration company."""

import importlib
import json
import sys
from argparse import ArgumentParser, Namespace
from datetime import date
from typing import Any

from xiaoguan.apps.org.models.company import Company
from xiaoguan.apps.org.models.person import Person
from xiaoguan.config import schema
from xiaoguan.config.refused import Refused

SIZES = ("small", "medium", "large")
SEED = 20231118


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--size", choices=SIZES, default="small", help="how much history (default: small)")
    parser.add_argument("--logins", action="store_true", help="build nothing, print the demo logins of this database")
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
    if Person.objects.exists():
        raise Refused("There are people in this database already; the demonstration company wants an empty one.")
    _build(options.size, options.seed, options.until)
    print_logins(options.json)
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
