"""Fill an empty installation with the demonstration company."""

import importlib
import sys
from argparse import ArgumentParser, Namespace
from datetime import date
from typing import Any

from xiaoguan.apps.org.models.person import Person
from xiaoguan.config import schema
from xiaoguan.config.refused import Refused

SIZES = ("small", "medium", "large")
SEED = 20231118


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--size", choices=SIZES, default="small", help="how much history (default: small)")
    parser.add_argument("--seed", type=int, default=SEED, help="same seed and same last day give the same company")
    parser.add_argument(
        "--until", type=date.fromisoformat, default=None, help="last day of its history (default: today)"
    )


def run(options: Namespace) -> int:
    """Bring the schema up to date and build the company through the product's own actions."""
    schema.upgrade()
    if Person.objects.exists():
        raise Refused("There are people in this database already; the demonstration company wants an empty one.")
    _build(options.size, options.seed, options.until)
    print_logins()
    return 0


def load_if_empty() -> bool:
    """Build the small company when nobody is in the database; returns whether it did."""
    if Person.objects.exists():
        return False
    _build("small", SEED, None)
    return True


def logins() -> list[tuple[str, str, str]]:
    """Return user name, password and role of the demo logins where all of them exist; none on a real installation."""
    known: list[tuple[str, str, str]] = _company().logins()
    names = {name for name, _password, _role in known}
    return known if Person.objects.filter(username__in=names).count() == len(names) else []


def print_logins() -> None:
    """Print the logins, one a line."""
    for name, password, role in logins():
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
