"""Reading: who types a few letters gets the records he meant, the best first, and only those he may see."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from xiaoguan.kit import access
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.search import grams, store
from xiaoguan.kit.search.grams import Word
from xiaoguan.kit.search.match import Match, match
from xiaoguan.kit.search.writing import is_prose

CANDIDATES = 150
"""So many of the newest records with the right keys are looked at closely."""
FURTHER = 3000
"""So many where the first were mostly not visible to the reader, who sees a fair share of all records."""
RARE = 3000
"""A list takes the ids of so few records as they are; more are left to the database as a subquery."""
FEW = 6000
"""Who sees no more rows than this has his own looked through where very many records have the keys."""
OTHER_FIELD = 1
PROSE = 9

Span = tuple[int, int]


@dataclass(frozen=True)
class Hit:
    """A found record: `marks` are the matched stretches of its title; `through` is another field that matched.

    `close` says that it only comes close: one slip away, or other characters of the same sound.
    """

    entity: Entity
    row: Any
    title: str
    marks: tuple[Span, ...]
    cost: int
    through: tuple[Column, str, tuple[Span, ...]] | None = None
    close: bool = False

    @property
    def url(self) -> str:
        """The record's page."""
        return self.entity.url("detail", self.row)


def find(
    text: str,
    actor: Any,
    *,
    entities: Iterable[type[models.Model]] | None = None,
    limit: int = 12,
    known: Mapping[str, Collection[int]] | None = None,
) -> list[Hit]:
    """At most `limit` hits of every entity (or of the given models), the best first.

    Of equally good hits those among `known`, ids by the name of the entity, come before the others.

    Characters, pinyin, initials, beginnings of Latin words, digits of a phone number. Where nothing answers
    exactly, records that differ by one slip or sound the same are offered.
    """
    words = grams.words(text)
    chosen = [entity for entity in _findable(entities) if access.may(actor, "view", entity.model)]
    if not words:
        return []
    for loose in (False, True):
        searches = [_Search(entity, actor, words, loose, (known or {}).get(entity.name, ())) for entity in chosen]
        _ask_at_once([search for search in searches if search.columns])
        hits = [hit for search in searches for hit in search.hits(limit)]
        if hits:
            return sorted(hits, key=lambda hit: hit.cost)
    return []


def _ask_at_once(searches: Sequence[_Search]) -> None:
    """Give every search its candidates by one statement for all: most entities have none."""
    asked = [(search, tier) for search in searches for tier in search.tiers]
    ids = store.newest_of([(search.entity.model, search.needs(tier)) for search, tier in asked], CANDIDATES)
    for (search, tier), found in zip(asked, ids, strict=True):
        search.candidates[tier] = found


def _findable(chosen: Iterable[type[models.Model]] | None) -> list[Entity]:
    found = entities.values() if chosen is None else [Entity.of(model) for model in chosen]
    return [entity for entity in found if entity.names("find")]


def filter_ids(entity: Entity | type[models.Model], text: str, actor: Any) -> RawSQL | list[int] | None:
    """What a list may put after `pk__in` for its `?q=`; None for an entity that declares nothing to find by.

    A subquery on the index as long as the actor may read every field that is searched; else the ids found
    through the fields he may read. Rows are still limited by `visible`: this says what matches, not who may see.
    Few candidates are looked at one by one; where none holds, records that come close are taken.
    """
    entity = entity if isinstance(entity, Entity) else Entity.of(entity)
    if not entity.names("find"):
        return None
    words = grams.words(text)
    if not words:
        return []
    search = _Search(entity, actor, words)
    if len(search.columns) < len(entity.names("find")):
        return search.ids() or _Search(entity, actor, words, loose=True).ids()
    needs = [each.either for each in words]
    ids = store.newest(entity.model, needs, RARE + 1)
    if len(ids) > RARE:
        mine = search.mine
        return store.all_ids(entity.model, needs) if mine is None else store.having(entity.model, mine, needs)
    if len(ids) <= CANDIDATES:
        ids = search.holding(ids)
    return ids or _Search(entity, actor, words, loose=True).ids()


@dataclass(frozen=True)
class _Found:
    """A record that answers, before it is loaded."""

    pk: int
    cost: int
    length: int


class _Search:
    """One entity, one actor, some words."""

    def __init__(
        self,
        entity: Entity,
        actor: Any,
        words: Sequence[Word],
        loose: bool = False,
        known: Collection[int] = (),
    ) -> None:
        self.entity = entity
        self.known = known
        self.actor = actor
        self.words = words
        self.loose = loose
        self.columns = [column for column in entity.columns("find") if access.readable(actor, entity, column.path)]
        self._joined = "".join(word.text for word in words) if len(words) > 1 else ""
        self.candidates: dict[str, list[int]] = {}

    def hits(self, limit: int) -> list[Hit]:
        """The best hits, loaded; of equals the known, the actor's own, the shorter, the newer come first."""
        if not self.columns:
            return []
        found = self._found(limit)
        best = sorted(found, key=lambda each: (each.cost, self._new(each), each.length, -each.pk))[: 2 * limit]
        rows = self._load([each.pk for each in best])
        hits = [(each, self._hit(rows[each.pk], each.cost)) for each in best if each.pk in rows]
        hits.sort(
            key=lambda pair: (
                pair[1].cost, self._new(pair[0]), not self._own(pair[1].row), pair[0].length, -pair[0].pk
            )
        )  # fmt: skip
        return [hit for _each, hit in hits[:limit]]

    def _new(self, found: _Found) -> bool:
        """Whether the actor has not had it before him lately."""
        return found.pk not in self.known

    def ids(self) -> list[int]:
        """Ids of the visible records that answer through the readable fields, among the newest candidates."""
        needs = self._needs
        if not self.columns or not all(needs):
            return []
        return self.holding(store.newest(self.entity.model, needs, FURTHER))

    def holding(self, ids: Sequence[int]) -> list[int]:
        """Those of some candidates that are visible and answer when looked at."""
        return [each.pk for each in self._verified(ids)]

    @property
    def _needs(self) -> store.Needs:
        """What a record must have to answer at all."""
        return [word.loose if self.loose else word.either for word in self.words]

    @cached_property
    def _restricted(self) -> bool:
        """Whether there are rows the actor may not see."""
        return access.scope_q(self.entity.model, self.actor) != Q()

    @cached_property
    def mine(self) -> list[int] | None:
        """Ids of all rows the actor sees, in no order; None when they are more than FEW."""
        if not self._restricted:
            return None
        rows = access.visible(self.entity.model, self.actor).order_by().values_list("pk", flat=True)
        found = list(rows[: FEW + 1])
        return None if len(found) > FEW else found

    @property
    def tiers(self) -> list[str]:
        """In which ways the words may be looked for, the best first; a word without keys has none."""
        names = ("loose",) if self.loose else ("near", "wide")
        return [tier for tier in names if all(self.needs(tier))]

    def needs(self, tier: str) -> store.Needs:
        """What a record must have to answer in one of these ways."""
        return [getattr(word, tier) for word in self.words]

    def _found(self, limit: int) -> list[_Found]:
        """Candidates that hold: those that begin with the words first, others if these are not enough."""
        found: dict[int, _Found] = {}
        looked: set[int] = set()
        for tier in self.tiers:
            ids = self.candidates[tier]
            fresh = [pk for pk in dict.fromkeys([*ids, *self.known]) if pk not in looked]
            looked.update(fresh)
            found |= {each.pk: each for each in self._verified(fresh)}
            if len(found) >= limit:
                break
            if len(ids) == CANDIDATES and self._restricted:
                found |= {each.pk: each for each in self._further()}
                break
        return list(found.values())

    def _further(self) -> list[_Found]:
        """Too many records have the keys and too few of those looked at are visible: look from the other side."""
        if self.mine is None:
            ids = store.newest(self.entity.model, self._needs, FURTHER)
            seen = access.visible(self.entity.model, self.actor).filter(pk__in=ids).values_list("pk", flat=True)
        else:
            seen = store.having(self.entity.model, self.mine, self._needs)
        return self._verified(heapq.nlargest(CANDIDATES, seen))

    @property
    def _paths(self) -> list[str]:
        return [column.path for column in self.columns]

    def _verified(self, ids: Sequence[int]) -> list[_Found]:
        """Read the candidates as they are now, for this actor, and keep those that answer."""
        if not ids:
            return []
        rows = access.visible(self.entity.model, self.actor).filter(pk__in=ids)
        return self._holding(rows.values_list("pk", *self._paths))

    def _holding(self, rows: Iterable[Sequence[Any]]) -> list[_Found]:
        found = []
        for pk, *values in rows:
            cost = self._cost(values)
            if cost is not None:
                found.append(_Found(pk, cost, len(str(values[0] or ""))))
        return found

    def _cost(self, values: Sequence[Any]) -> int | None:
        """What it costs to read all words into a record's fields; None when a word has no place."""
        total = 0
        for word in self.words:
            costs = [
                each for at in range(len(values)) if (each := self._cost_in(word.text, at, values[at])) is not None
            ]
            if not costs:
                return None
            total += min(costs)
        if self._joined and (whole := self._cost_in(self._joined, 0, values[0])) is not None:
            return min(total, whole)
        return total

    def _cost_in(self, word: str, at: int, value: Any) -> int | None:
        if value in (None, ""):
            return None
        if is_prose(self.columns[at].field):
            return PROSE if word in grams.flat(str(value)).text else None
        found = match(word, str(value), loose=self.loose)
        return None if found is None else found.cost + (OTHER_FIELD if at else 0)

    def _load(self, ids: Sequence[int]) -> dict[int, Any]:
        links = {
            column.relations
            for part in ("title", "subtitle")
            for column in self.entity.columns(part)
            if column.relations
        }
        rows = access.visible(self.entity.model, self.actor).filter(pk__in=ids)
        return {row.pk: row for row in (rows.select_related(*links) if links else rows)}

    def _own(self, row: Any) -> bool:
        return getattr(row, "owner_id", None) == self.actor.pk

    def _hit(self, row: Any, cost: int) -> Hit:
        """Mark what matched: in the title where it can be, else in the field that did."""
        title = self.entity.title_of(row)
        in_title = [match(word.text, title, loose=self.loose) for word in self.words]
        joined = match(self._joined, title, loose=self.loose) if self._joined else None
        if joined is not None:
            in_title = [joined]
        marks = _merged(in_title)
        through = None if marks or all(in_title) else self._through(row)
        return Hit(self.entity, row, title, marks, cost, through, self.loose)

    def _through(self, row: Any) -> tuple[Column, str, tuple[Span, ...]] | None:
        for column in self.columns:
            value = str(column.value(row) or "")
            marks = _merged([match(word.text, value, loose=self.loose) for word in self.words])
            if marks:
                return column, value, marks
        return None


def _merged(matches: Iterable[Match | None]) -> tuple[Span, ...]:
    """The stretches of several matches as one ascending list without overlaps."""
    merged: list[Span] = []
    for start, end in sorted(span for each in matches if each for span in each.spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
