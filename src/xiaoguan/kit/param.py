"""The arguments of a verb: what its form asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Param:
    """One argument of a verb as its form shows it."""

    name: str
    type: Any
    label: Any
    required: bool
    default: Any
    notes: tuple[Any, ...] = ()
    """What else its annotation says, such as `kinds.MONEY` for an amount in fen."""
    help: Any = ""
    quiet: bool = False
    """Taken where a program sends it, but no person is asked: the record has it already."""


Asks = Callable[[Any, Mapping[str, Any], Any], Sequence[Param]]
"""What one row needs besides: gets the row, what was sent so far by name, and the actor."""
