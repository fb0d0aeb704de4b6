"""What follows from a target's own number: what is handed out below it, its further tiers, a beginner's part.

Amounts are whole units (fen, counts), rates 1/100,000 on top of the target; everything is rounded once, half up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from xiaoguan.calc.money import apply_rate

FULL = 100
"""Per cent of a full target."""


def assigned(own: int, over: int) -> int:
    """Return what the parts of a node are to make together: its own target and ``over`` (≥ 0) on top."""
    return own + apply_rate(own, over)


def beyond(own: int, by: int, *, higher_is_better: bool = True) -> int:
    """Return a further tier of a target: ``by`` more, or as much less where less is better (never below 0)."""
    step = apply_rate(own, by)
    return own + step if higher_is_better else max(0, own - step)


def steps(text: str) -> list[int] | None:
    """Read a ramp such as ``30 60 100``: per cent by month since joining; None when it is no such list.

    At most 24 steps of 0–100, parted by spaces or commas; an empty text is no ramp at all.
    """
    words = [word for word in re.split(r"[\s,\u3001\uff0c/]+", text.strip()) if word]
    if len(words) > 24 or not all(word.isascii() and word.isdigit() and int(word) <= FULL for word in words):
        return None
    return [int(word) for word in words]


def ramped(joined: date | None, month: date, ramp: Sequence[int]) -> int:
    """Return the per cent of a full target that somebody bears in the month that begins on ``month``.

    The month of joining has the first step, before it there is nothing; after the last step it is all.
    """
    if joined is None:
        return FULL
    place = (month.year - joined.year) * 12 + month.month - joined.month
    if place < 0:
        return 0
    return ramp[place] if place < len(ramp) else FULL
