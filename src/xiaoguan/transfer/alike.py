"""Rows whose record is perhaps there already under another spelling: said in the preview, decided by people.

An app that can tell registers a look for its kind of record. Nothing is merged by likeness alone: without a decision
a row that no key recognises is a new record, and the report warns of what it is like.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xiaoguan.transfer.problems import WARNING, Problem

UPDATE, CREATE, SKIP = "update", "create", "skip"
WAYS = (UPDATE, CREATE, SKIP)
SURE, PERHAPS = "alike", "perhaps_alike"


@dataclass(frozen=True)
class Alike:
    """The record a row is most like; `row` is None where the importing person may not see it."""

    likeness: float
    sure: bool
    why: str
    row: Any = None
    note: str = ""
    """What is said of the record beside its name: place and owner."""


Look = Callable[[Sequence[Mapping[str, Any]], Any, "dt.datetime | None"], list["Alike | None"]]

looks: dict[str, Look] = {}
"""By entity label: `func(values of rows, actor, before)` tells of each row what it is most like among the records that
were there before a moment (None: all)."""


def look(label: str) -> Callable[[Look], Look]:
    """Register who can tell for one kind of record."""

    def add(func: Look) -> Look:
        looks[label] = func
        return func

    return add


def warning(alike: Alike, number: int, column: str, slot: str, text: str) -> Problem:
    """What the report says of a row that becomes a new record although one like it is there."""
    if alike.row is None:
        return Problem(WARNING, "alike_hidden", number, column, slot, text, {"why": alike.why})
    params = {"like": str(alike.row), "note": alike.note, "why": alike.why}
    return Problem(WARNING, SURE if alike.sure else PERHAPS, number, column, slot, text, params)
