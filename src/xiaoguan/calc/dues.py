"""What is owed and when: a sum in instalments, money given to the oldest first and taken back, how late it is.

Units: amounts are whole fen, rates 1/100,000. Nothing is lost: every function returns parts that sum to what they were
given, or says what is left over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from typing import TypeVar

from xiaoguan.calc.errors import ShareError
from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.calc.share import largest_remainder

Key = TypeVar("Key", bound=Hashable)
Other = TypeVar("Other", bound=Hashable)

EDGES = (30, 60, 90, 180)
"""Last day of each bucket of overdue money; what is not due stands before them, older money behind."""
DAY = dt.timedelta(days=1)


def instalments(total: int, parts: Sequence[tuple[int | None, int | None]]) -> list[int]:
    """Amounts of instalments given as (rate, None) or (None, amount); a rate is of the whole.

    Where rates and fixed amounts together make the whole but for rounding, they make it to the fen.
    """
    fixed = sum(amount or 0 for rate, amount in parts if rate is None)
    rates = [rate for rate, _amount in parts if rate is not None]
    asked = divide_half_up(total * sum(rates), RATE_ONE)
    whole = total - fixed if abs(total - fixed - asked) < len(rates) else asked
    shares = iter(largest_remainder(whole, rates) if any(rates) else [0] * len(rates))
    return [(amount or 0) if rate is None else next(shares) for rate, amount in parts]


def respread(total: int, parts: Sequence[tuple[int, int]]) -> list[int]:
    """New amounts of (amount, paid) parts for another total: paid parts stay, open ones share the rest as before.

    No part gets less than was paid on it. Raises ShareError ``locked_exceeds`` where more was paid than the total and
    ``nothing_unlocked`` where every part is paid and something is left; both carry ``difference``.
    """
    held = {place: amount for place, (amount, paid) in enumerate(parts) if paid >= amount}
    while True:
        rest = total - sum(held.values())
        free = [place for place in range(len(parts)) if place not in held]
        if rest < 0:
            raise ShareError("locked_exceeds", difference=rest)
        if not free:
            if rest:
                raise ShareError("nothing_unlocked", difference=rest)
            return [held[place] for place in range(len(parts))]
        shares = dict(zip(free, largest_remainder(rest, [parts[place][0] for place in free]), strict=True))
        short = {place: parts[place][1] for place in free if shares[place] < parts[place][1]}
        if not short:
            return [held.get(place, shares.get(place, 0)) for place in range(len(parts))]
        held |= short


def give(money: Sequence[tuple[Key, int]], dues: Sequence[tuple[Other, int]]) -> list[tuple[Key, Other, int]]:
    """Give money to what is owed, both in their order: (money, due, amount > 0); what finds no due is left."""
    found: list[tuple[Key, Other, int]] = []
    owed = [(key, amount) for key, amount in dues if amount > 0]
    need = [amount for _key, amount in owed]
    at = 0
    for source, left in money:
        while left > 0 and at < len(owed):
            part = min(left, need[at])
            found.append((source, owed[at][0], part))
            left -= part
            need[at] -= part
            at += need[at] == 0
    return found


def take_back(given: Sequence[tuple[Key, int]], amount: int) -> list[tuple[Key, int]]:
    """Take an amount back from what was given, the last first: (key, amount > 0); never more than was given."""
    found: list[tuple[Key, int]] = []
    for key, there in reversed(given):
        part = min(amount, there)
        if part > 0:
            found.append((key, part))
            amount -= part
    return found


def spans(day: dt.date) -> list[tuple[dt.date | None, dt.date | None]]:
    """The due days of each bucket as of a day, (first, last) with an open end as None: not due, then ever later."""
    found: list[tuple[dt.date | None, dt.date | None]] = [(day, None)]
    after = 0
    for edge in EDGES:
        found.append((day - edge * DAY, day - (after + 1) * DAY))
        after = edge
    return [*found, (None, day - (after + 1) * DAY)]


def bucket(due: dt.date | None, day: dt.date) -> int:
    """The place among `spans` of money due on a day; without a day it is not due."""
    late = 0 if due is None else (day - due).days
    return 0 if late <= 0 else 1 + sum(late > edge for edge in EDGES)
