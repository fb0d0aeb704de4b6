"""Where the records stand that a reading was measured from: lists of today, of the same people and month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import models

from xiaoguan.kit import access, filters
from xiaoguan.kit.entity import Entity

PASSING = frozenset({"view", "sort"})
"""What of an address is no condition."""


@dataclass(frozen=True)
class Standing:
    """A list that shows what a reading counts: how it is called, narrowed by what, and by which field to a person.

    The words of the address may say {first}, {last}, {month} and {year} of what was measured; an empty `whose` is a
    list that is nobody's.
    """

    label: Any
    model: type[models.Model]
    words: Mapping[str, str]
    whose: str = "owner"

    def given(self, first: dt.date, last: dt.date, people: Collection[int | None] | None) -> dict[str, str]:
        """The words of its address for some days and people; None is everybody."""
        slots = {"first": first.isoformat(), "last": last.isoformat(), "month": f"{last:%Y-%m}", "year": str(last.year)}
        found = {name: text.format(**slots) for name, text in self.words.items()}
        if people is not None and self.whose:
            found[self.whose] = ",".join("none" if person is None else str(person) for person in people)
        return {"view": "all", **found}

    def url(self, first: dt.date, last: dt.date, people: Collection[int | None] | None) -> str:
        """Its address for some days and people."""
        return f"{Entity.of(self.model).url('list')}?{urlencode(self.given(first, last, people))}"


@dataclass(frozen=True)
class Offer:
    """A list as a page offers it, with how many records it has today."""

    label: str
    url: str
    count: int


_lists: dict[str, list[Standing]] = {}


def stands(*codes: str, label: Any, model: type[models.Model], whose: str = "owner", **words: str) -> None:
    """Say which list shows what some readings were measured from; `is_` stands for the word `is` of an address."""
    given = {name.removesuffix("_"): text for name, text in words.items()}
    for code in codes:
        _lists.setdefault(code, []).append(Standing(label, model, given, whose))


def of(code: str) -> Standing | None:
    """The first list of a reading."""
    return next(iter(_lists.get(code, ())), None)


def offered(
    actor: Any, codes: Iterable[str], first: dt.date, last: dt.date, people: Collection[int | None] | None
) -> list[Offer]:
    """The lists behind some readings that this actor may open, each once; one query a list."""
    found = []
    every = [one for code in codes for one in _lists.get(code, ())]
    for own in {(one.model, tuple(one.words.items())): one for one in every}.values():
        words = own.given(first, last, people)
        if not access.may(actor, "view", own.model) or len(words.get(own.whose, "")) > filters.LONGEST:
            continue
        asked = {name: text for name, text in words.items() if name not in PASSING}
        conditions, problems = filters.read(Entity.of(own.model), asked, actor)
        if problems:
            continue  # it reads a field that is hidden from him
        rows = access.visible(own.model, actor).order_by()
        for each in conditions:
            rows = rows.filter(each.condition)
        found.append(Offer(str(own.label), own.url(first, last, people), rows.count()))
    return found
