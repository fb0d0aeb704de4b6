"""When a customer goes to the public pool: the day a rule names, from what has happened and what has not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CONTRACT = "contract"
"""The one trigger that counts from something that must have happened once."""


@dataclass(frozen=True)
class Known:
    """What is known of a customer: since when its owner has it, and the last day of each thing that keeps it."""

    since: dt.date
    last: Mapping[str, dt.date]


@dataclass(frozen=True)
class Rule:
    """One rule as far as days matter: what is missing (`contact`, `deal`, `win`, `contract`) for how many days."""

    key: Any
    trigger: str
    days: int


def leaves_on(rule: Rule, known: Known) -> dt.date | None:
    """The day on which a rule takes the customer if nothing happens; None where it never does.

    The days begin with the last time it happened, but not before the present owner got the customer: a new owner
    has all of them. «No contract since the last one» says nothing about who never had a contract; its day is the last
    day of one that runs on, which may still be to come.
    """
    last = known.last.get(rule.trigger)
    if last is None and rule.trigger == CONTRACT:
        return None
    return max(known.since, last or known.since) + dt.timedelta(days=rule.days)


def first(rules: Iterable[Rule], known: Known) -> tuple[dt.date, Any] | None:
    """The earliest day and the key of its rule; of several rules on one day the first one given."""
    found: tuple[dt.date, Any] | None = None
    for rule in rules:
        day = leaves_on(rule, known)
        if day is not None and (found is None or day < found[0]):
            found = (day, rule.key)
    return found
