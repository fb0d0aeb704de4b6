"""Which record a row is about: looked up by key among the stored ones and among the rows above it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from xiaoguan.kit import access, render
from xiaoguan.kit.coded import Coded
from xiaoguan.lexicon.companies import match_key
from xiaoguan.transfer import rowcheck
from xiaoguan.transfer.finder import spellings
from xiaoguan.transfer.importer import Candidate, Importer, is_unique
from xiaoguan.transfer.links import Pending
from xiaoguan.transfer.problems import ERROR, Problem

LISTED = 5
Key = tuple[Any, ...]
Place = tuple[int, Key]


class KeyIndex:
    """Finds a candidate's record by each way of `Importer.ways` in turn.

    A later way (the name) is not believed where an earlier one (the number) is filled on both
    sides and differs.
    """

    def __init__(self, importer: Importer) -> None:
        self.importer = importer
        self.model = importer.model
        self.ways = importer.ways()
        self._unique = [len(way) == 1 and is_unique(self.model, way[0]) for way in self.ways]
        self._spelling = spellings.get(importer.entity.name)
        self._stored: dict[Place, list[Any]] = defaultdict(list)
        self._hidden: set[Place] = set()
        self._new: dict[Place, list[Candidate]] = defaultdict(list)
        self._current: dict[int, tuple[Any, Candidate]] = {}
        self._changeable: set[int] = set()

    def forget(self) -> None:
        """Drop what earlier rows would have done: it is written now."""
        self._stored.clear()
        self._hidden.clear()
        self._new.clear()
        self._current.clear()

    # Asking the database -----------------------------------------------------------------------------------

    def load(self, candidates: Sequence[Candidate]) -> None:
        """Read the stored rows that a chunk's candidates may be about: one question per way."""
        self._stored.clear()
        for place, way in enumerate(self.ways):
            values = [each.values for each in candidates if self._key(place, each.values) is not None]
            if not values:
                continue
            condition = Q()
            for name in way:
                condition &= self._among(place, name, [each[name] for each in values])
            for row in access.visible(self.model, self.importer.actor).filter(condition):
                for key in self._keys_of_row(place, row):
                    self._stored[place, key].append(row)
            if self._unique[place]:
                self._note_hidden(place, way[0], condition)
        found = {row.pk for rows in self._stored.values() for row in rows}
        mine = access.visible(self.model, self.importer.actor, "change").filter(pk__in=found)
        self._changeable = set(mine.values_list("pk", flat=True)) if found else set()

    def rows(self) -> list[Any]:
        """The stored rows that the last chunk's candidates may be about."""
        found = {row.pk: row for rows in self._stored.values() for row in rows}
        return list(found.values())

    def may_change(self, row: Any) -> bool:
        """Whether the actor may change a stored row; asked for a whole chunk at once."""
        return row.pk in self._changeable

    def _among(self, place: int, name: str, values: Iterable[Any]) -> Q:
        if self._is_coded(name):
            return Q()  # a built-in name stands in no column; there are but a few such rows
        if self._spelling and self._spelling.field == name and not self._unique[place]:
            return Q(**{f"{self._spelling.stored}__in": {self._spelling.fold(value) for value in values}})
        plain = {getattr(value, "pk", value) for value in values if not isinstance(value, Pending)}
        return Q(**{f"{name}__in": plain})

    def _note_hidden(self, place: int, name: str, condition: Q) -> None:
        """Keys taken by records the actor can't see: a row with one can't be created, and must not name it."""
        taken = access.everything(self.model, because="import: a key may be taken by a record out of sight")
        for value in taken.filter(condition).values_list(name, flat=True):
            key = (_fold(value, exact=True),)
            if (place, key) not in self._stored:
                self._hidden.add((place, key))

    # Keys --------------------------------------------------------------------------------------------------

    def _key(self, place: int, values: Mapping[str, Any]) -> Key | None:
        """The folded key of a candidate, None when a part of it is missing."""
        parts = []
        for name in self.ways[place]:
            value = values.get(name)
            if value in (None, ""):
                return None
            parts.append(_fold(value, exact=self._unique[place]))
        return tuple(parts)

    def _key_of_row(self, place: int, row: Any) -> Key:
        names = self.ways[place]
        values = [getattr(row, row._meta.get_field(name).attname) for name in names]
        return tuple(_fold(value, exact=self._unique[place]) for value in values)

    def _is_coded(self, name: str) -> bool:
        """Whether rows may show a built-in name in this place."""
        return name == "name" and issubclass(self.model, Coded)

    def _keys_of_row(self, place: int, row: Any) -> set[Key]:
        """The keys by which a file may mean a stored row; several where it shows a built-in name."""
        plain = self._key_of_row(place, row)
        at = next((index for index, name in enumerate(self.ways[place]) if self._is_coded(name)), None)
        if at is None:
            return {plain}
        exact = self._unique[place]
        return {(*plain[:at], _fold(text, exact=exact), *plain[at + 1 :]) for text in row.spellings()}

    def knows(self, candidate: Candidate) -> bool:
        """Whether a stored record or one out of sight has a key of this candidate."""
        for place in range(len(self.ways)):
            key = self._key(place, candidate.values)
            if key is not None and ((place, key) in self._stored or (place, key) in self._hidden):
                return True
        return False

    def take_up(self, rows: Sequence[Any]) -> None:
        """Ask for the rights to stored rows that no key has found."""
        found = [row.pk for row in rows if row.pk not in self._changeable]
        if found:
            mine = access.visible(self.model, self.importer.actor, "change").filter(pk__in=found)
            self._changeable |= set(mine.values_list("pk", flat=True))

    def now(self, row: Any) -> tuple[Any, Candidate | None]:
        """A stored row as rows above have changed it, and the last of them."""
        return self._current.get(row.pk, (row, None))

    # Finding -----------------------------------------------------------------------------------------------

    def find(self, candidate: Candidate) -> tuple[Any, Candidate | None] | None:
        """(row or None, the candidate above that makes or changes it); None when it can't be told."""
        for place in range(len(self.ways)):
            key = self._key(place, candidate.values)
            if key is None:
                continue
            rows = [row for row in self._stored.get((place, key), []) if self._agrees(place, candidate, row)]
            above = [each for each in self._new.get((place, key), []) if self._agrees(place, candidate, each)]
            if len(rows) + len(above) > 1:
                names = [_described(each) for each in rows] + [_described(each.row) for each in above if each.row]
                found = {"count": len(rows) + len(above), "names": render.listed(names[:LISTED])}
                self._complain(candidate, "ambiguous" if names else "several", place, **found)
                return None
            if rows:
                return self.now(rows[0])
            if above:
                above[0].row = above[0].row or rowcheck.built(self.model, above[0].values)
                return above[0].row, above[0]
            if (place, key) in self._hidden:
                self._complain(candidate, "not_yours", place)
                return None
        return None, None

    def _agrees(self, place: int, candidate: Candidate, other: Any) -> bool:
        """Whether no surer key contradicts; `other` is a stored row or a candidate above."""
        for surer in range(place):
            mine = self._key(surer, candidate.values)
            above = isinstance(other, Candidate)
            theirs = (self._key(surer, other.values) or ("",)) if above else self._key_of_row(surer, other)
            if mine is not None and None not in theirs and "" not in theirs and mine != theirs:
                return False
        return True

    def _complain(self, candidate: Candidate, code: str, place: int, **params: Any) -> None:
        draft, names = candidate.draft, self.ways[place]
        text = " ".join(str(getattr(candidate.values[name], "name", candidate.values[name])) for name in names)
        draft.problems.append(Problem(ERROR, code, draft.number, slot=names[0], text=text, params=params))

    # Remembering -------------------------------------------------------------------------------------------

    def take(self, candidate: Candidate) -> None:
        """Let later rows find what this one creates or changes."""
        if candidate.row is not None and candidate.row.pk is not None and not candidate.row._state.adding:
            self._current[candidate.row.pk] = (candidate.row, candidate)
            return
        if candidate.action != "created":
            return
        for place in range(len(self.ways)):
            key = self._key(place, candidate.values)
            if key is not None:
                self._new[place, key].append(candidate)


def _described(row: Any) -> str:
    """A record among several that match: what it is called and whose it is."""
    owner = getattr(row, "owner", None)
    return f"{row} ({owner})" if owner is not None else str(row)


def _fold(value: Any, *, exact: bool) -> Any:
    """A key part for comparison: numbers of records only lose case and margins, names also their punctuation."""
    if isinstance(value, Pending):
        return value
    if isinstance(value, str):
        return value.strip().casefold() if exact else match_key(value)
    return getattr(value, "pk", value)
