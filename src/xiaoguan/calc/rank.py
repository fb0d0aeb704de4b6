"""Competition ranking: equal values share a place and the places after them are left out (1 2 2 4).

Ties are equal exact values, never equal shown ones. Unknown values (None) have no place. Within a tie the given order
stays, so the caller decides it (by name, say) and two screens list the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of a leaderboard: ``index`` into the given values, its ``place`` (None if unknown), if it is shared."""

    index: int
    value: int | None
    place: int | None
    tied: bool


def places(values: Sequence[int | None], *, largest_first: bool = True) -> list[int | None]:
    """Return the competition place of each value, in the order given."""
    found: list[int | None] = [None] * len(values)
    for standing in leaderboard(values, largest_first=largest_first):
        found[standing.index] = standing.place
    return found


def leaderboard(values: Sequence[int | None], *, largest_first: bool = True) -> list[Standing]:
    """Return the values as a list from first place on; unknown ones stand last, ties keep the given order."""
    known = [(value, index) for index, value in enumerate(values) if value is not None]
    known.sort(key=lambda pair: -pair[0] if largest_first else pair[0])
    board: list[Standing] = []
    for position, (value, index) in enumerate(known):
        above = board[-1] if board and board[-1].value == value else None
        below = position + 1 < len(known) and known[position + 1][0] == value
        place = above.place if above else position + 1
        board.append(Standing(index, value, place, bool(above) or below))
    return board + [Standing(index, None, None, False) for index, value in enumerate(values) if value is None]


def moves(before: Sequence[int | None], now: Sequence[int | None]) -> list[int | None]:
    """Return how many places each row went up (positive) or down since ``before``; None where either has no place."""
    return [None if was is None or new is None else was - new for was, new in zip(before, now, strict=True)]
