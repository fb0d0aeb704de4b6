"""A small memory per process for answers that a token of the feed proves to be current."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any

LIMIT = 2000
QUICK = 0.02
"""Seconds in which an answer is made as well as remembered: patience is only for slower ones."""

_kept: OrderedDict[Hashable, tuple[Hashable, float, Any]] = OrderedDict()
_lock = Lock()


def remember(key: Hashable, token: Hashable, make: Callable[[], Any], *, patience: int = 0) -> Any:
    """The answer under `key` if it was made for this token, else what `make` gives now.

    Read the token before the data: then the worst case is an answer newer than its token, which is
    made again, never one older than it. With `patience` a slow answer also holds that many times as long
    as it took to make, so that a figure beside the work never takes more than its share of the machine.
    """
    with _lock:
        found = _kept.get(key)
        if found is not None and (found[0] == token or monotonic() < found[1]):
            _kept.move_to_end(key)
            return found[2]
    began = monotonic()
    answer = make()
    with _lock:
        ended = monotonic()
        _kept[key] = (token, ended + max(ended - began - QUICK, 0) * patience, answer)
        _kept.move_to_end(key)
        while len(_kept) > LIMIT:
            _kept.popitem(last=False)
    return answer


def drop(key: Hashable) -> None:
    """Drop one answer."""
    with _lock:
        _kept.pop(key, None)


def forget() -> None:
    """Drop everything; tests begin with an empty memory, as their transactions are rolled back."""
    with _lock:
        _kept.clear()
