"""Timelines: what happened around records, merged newest first from sources that higher apps register."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import models
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Item:
    """One entry: `when` aware, `body` HTML that its source has escaped, `kind` for the filter above the list."""

    when: datetime
    icon: str
    title: str
    kind: str
    body: SafeString = SafeString("")
    person: Any = None
    url: str = ""
    key: str = ""


@dataclass(frozen=True)
class Cursor:
    """Where the next page starts: items at `when` or older, less the `seen` ones at exactly `when`."""

    when: datetime
    seen: int

    def __str__(self) -> str:
        return f"{self.when.isoformat()}~{self.seen}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Read what `str` wrote; None for anything else, as it comes from a URL."""
        moment, _mark, seen = text.partition("~")
        try:
            cursor = cls(datetime.fromisoformat(moment), int(seen))
        except ValueError:
            return None
        return cursor if cursor.when.tzinfo and cursor.seen >= 0 else None


@dataclass(frozen=True)
class Page:
    """Some items, newest first, and where the next page starts (None at the end)."""

    items: list[Item]
    next: Cursor | None


Entries = Callable[..., Iterable[Item]]


@dataclass(frozen=True)
class Source:
    """Who knows one kind of entry about records of a model."""

    model: type[models.Model]
    kind: str
    label: Any
    entries: Entries
    position: int = 50
    joint: bool = False

    @property
    def where(self) -> str:
        """Module and name of the function."""
        return f"{self.entries.__module__}.{self.entries.__qualname__}"


_sources: dict[type[models.Model], list[Source]] = {}


def source(
    model: type[models.Model], kind: str, label: Any, *, position: int = 50, joint: bool = False
) -> Callable[[Entries], Entries]:
    """Register a source: `func(model, ids, actor, limit, before)` gives its items newest first.

    `position` is its place in the filter above the list. A `joint` one gives several kinds, registered one by one: it
    is asked once, with the kinds wanted as a last argument.
    At most `limit` items, only what the actor may see, none later than `before` (which is included),
    and equal moments always in the same order, or paging could skip one.
    """

    def add(entries: Entries) -> Entries:
        found = _sources.setdefault(model, [])
        found.append(Source(model, kind, label, entries, position, joint))
        found.sort(key=lambda each: each.position)
        return entries

    return add


def of(model: type[models.Model]) -> list[Source]:
    """The sources of a model: its timeline's filter."""
    return list(_sources.get(model, ()))


def everyone() -> list[Source]:
    """All sources of all models, for wiring lists."""
    return [each for found in _sources.values() for each in found]


def read(
    records: models.Model | Sequence[models.Model],
    actor: Any,
    *,
    limit: int = 30,
    before: Cursor | None = None,
    kinds: Sequence[str] = (),
) -> Page:
    """One page of the merged timeline of one record, or of several of one model; `kinds` filters."""
    rows = [records] if isinstance(records, models.Model) else list(records)
    if not rows:
        return Page([], None)
    model, ids = type(rows[0]), [row.pk for row in rows]
    skip = before.seen if before else 0
    wanted = limit + skip + 1
    asked = model, ids, actor, wanted, before.when if before else None
    given: dict[tuple[Entries, str], list[str]] = {}
    for each in of(model):
        if not kinds or each.kind in kinds:
            given.setdefault((each.entries, "" if each.joint else each.kind), []).append(each.kind)
    streams: list[Iterator[Item]] = [
        islice(iter(entries(*asked) if alone else entries(*asked, together)), wanted)
        for (entries, alone), together in given.items()
    ]
    # heapq.merge is stable: entries of one moment keep the order of sources, so `seen` means the same each time.
    merged = heapq.merge(*streams, key=lambda item: item.when, reverse=True)
    items = list(islice(_after(merged, before), limit + 1))
    if len(items) <= limit:
        return Page(items, None)
    items = items[:limit]
    last = items[-1].when
    seen = sum(item.when == last for item in items)
    if before and before.when == last:
        seen += skip
    return Page(items, Cursor(last, seen))


def _after(items: Iterable[Item], before: Cursor | None) -> Iterator[Item]:
    """Leave out what the page before has shown of the cursor's own moment."""
    left = before.seen if before else 0
    for item in items:
        if left and before and item.when == before.when:
            left -= 1
            continue
        yield item
