"""Which record a text names: exact after folding width, case, script, spaces and punctuation; nothing is guessed."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from xiaoguan.kit import access, kinds
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.lexicon.companies import match_key

SMALL = 3000
"""Tables up to this size are read once and kept; larger ones are asked chunk by chunk."""
CLOSE = 0.6


@dataclass(frozen=True)
class Spelling:
    """How one entity's names are looked up in a large table.

    `stored` is an indexed column that holds `fold(name)`; rows with an equal fold are candidates,
    and those whose `match_key` is equal too are found. `alike` says that an equal fold alone is
    worth showing to the user as similar.
    """

    field: str
    stored: str
    fold: Callable[[str], str]
    alike: bool = True


spellings: dict[str, Spelling] = {}
"""By entity label; declared by the app that stores such a column."""

synonyms: dict[str, Callable[[str], str]] = {}
"""By entity label: words of the trade to the code of a seeded row (an empty text when none is meant)."""


class Finder:
    """Finds rows of one model by what people call them, among those the actor may see."""

    def __init__(self, model: type[models.Model], actor: Any) -> None:
        self.model = model
        self.actor = actor
        self.entity = Entity.of(model)
        self.names = _name_fields(self.entity)
        self._by_key: dict[str, list[Any]] = defaultdict(list)
        self._alike: dict[str, list[Any]] = defaultdict(list)
        self._asked: set[str] = set()
        self._rows: dict[int, Any] = {}
        self._whole = self._load_small()

    def _visible(self) -> Any:
        return access.visible(self.model, self.actor)

    def _load_small(self) -> bool:
        order = self.model._meta.ordering or ["pk"]
        if self._visible()[: SMALL + 1].count() > SMALL:
            return False
        self.remember(self._visible().order_by(*order))
        return True

    def remember(self, rows: Iterable[Any]) -> None:
        """Know these rows from now on, newly created ones included."""
        spelling = spellings.get(self.entity.name)
        for row in rows:
            if row.pk in self._rows:
                continue
            self._rows[row.pk] = row
            for key in self.keys(row):
                self._by_key[key].append(row)
            if spelling:
                self._alike[spelling.fold(getattr(row, spelling.field))].append(row)

    def keys(self, row: Any) -> set[str]:
        """Every folded way to name a row."""
        words = {str(getattr(row, name) or "") for name in self.names}
        if isinstance(row, Coded):
            words |= row.spellings()
        return {match_key(word) for word in words} - {""}

    def load(self, texts: Iterable[str]) -> None:
        """Ask the database about texts not asked about before; nothing to do for small tables."""
        if self._whole:
            return
        new = {text for text in texts if text and text not in self._asked}
        if not new:
            return
        self._asked |= new
        # One question per column: a database that is asked about one or another reads the whole table.
        for name in self.names:
            self.remember(self._visible().filter(**{f"{name}__in": new}))
        if spelling := spellings.get(self.entity.name):
            self.remember(self._visible().filter(**{f"{spelling.stored}__in": {spelling.fold(text) for text in new}}))

    def find(self, text: str) -> list[Any]:
        """The rows this text names; several when the name is not unique."""
        found = self._by_key.get(match_key(text), [])
        if not found and (words := synonyms.get(self.entity.name)):
            code = words(text)
            found = [row for row in self._rows.values() if code and getattr(row, "code", "") == code]
        if len(found) > 1:
            exact = [row for row in found if text in {str(getattr(row, name) or "") for name in self.names}]
            found = exact if len(exact) == 1 else found
        if len(found) > 1 and issubclass(self.model, Coded):
            # Seeded words of several processes mean the first one's, in the order people gave them.
            return found[:1]
        return found

    def by_id(self, number: int) -> Any:
        """The visible row with this id, or None."""
        if number not in self._rows and not self._whole:
            self.remember(self._visible().filter(pk=number))
        return self._rows.get(number)

    def similar(self, text: str) -> Any:
        """The row most like a text that names none, or None."""
        if spelling := spellings.get(self.entity.name):
            close = self._alike.get(spelling.fold(text), []) if spelling.alike else []
            return close[0] if close else None
        if not self._whole:
            return None
        names = {str(getattr(row, self.names[0]) or row): row for row in self._rows.values()} if self.names else {}
        best = difflib.get_close_matches(text, list(names), n=1, cutoff=CLOSE)
        return names[best[0]] if best else None

    def all(self) -> list[Any]:
        """Every row of a small table, for a list to choose from; empty for large ones."""
        return list(self._rows.values()) if self._whole else []


def _name_fields(entity: Entity) -> list[str]:
    """The text fields that name a row: those of title, key and find, phone numbers left out."""
    found: dict[str, None] = {}
    for part in ("title", "key", "find"):
        for column in entity.columns(part):
            plain = column.kind is kinds.TEXT and "__" not in column.path
            if plain and isinstance(column.field, models.CharField) and column.path not in ("phone", "mobile"):
                found[column.path] = None
    return list(found)
