"""So many of something in a minute, whichever process is asked.

A process takes its share of a minute in small portions, by one statement that no other can come between, and hands it
out from memory: together they never give more than is allowed, and most requests write nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock

from django.db import connection

from xiaoguan.kit.models.allowance import Taken

MINUTE = 60
PORTIONS = 20
"""An allowance is taken in so many portions at least: what idle processes hold back is at most one each."""
TAKE = (
    f"INSERT INTO {Taken._meta.db_table} (name, minute, count) VALUES (%s, %s, %s) "
    f"ON CONFLICT (name, minute) DO UPDATE SET count = {Taken._meta.db_table}.count + excluded.count RETURNING count"
)


@dataclass
class _Share:
    """What this process still has of an allowance in one minute."""

    minute: int
    left: int


_shares: dict[str, _Share] = {}
_lock = Lock()


def take(name: str, most: int) -> int:
    """Take one of an allowance: 0 when there was one, else the seconds until the next minute begins."""
    now = time.time()
    minute = int(now // MINUTE)
    with _lock:
        share = _shares.get(name)
        if share is None or share.minute != minute:
            share = _shares[name] = _Share(minute, 0)
        if share.left <= 0:
            share.left = _portion(name, minute, most)
        if share.left > 0:
            share.left -= 1
            return 0
    return MINUTE - int(now % MINUTE)


def _portion(name: str, minute: int, most: int) -> int:
    """How many of the next portion are still within the allowance."""
    wanted = max(1, most // PORTIONS)
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [name, minute, wanted])
        taken = cursor.fetchone()[0]
    if taken == wanted:  # the first of a minute clears away those before
        Taken.objects.filter(name=name, minute__lt=minute).delete()
    return max(0, min(wanted, most - (taken - wanted)))


def forget() -> None:
    """Hand out nothing that was taken before; as a process that has just begun."""
    with _lock:
        _shares.clear()


def reset() -> None:
    """Begin anew, for all processes; for tests."""
    forget()
    Taken.objects.all().delete()
