"""Where search keys are kept, and how the two databases find them: FTS5 on SQLite, GIN on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models.expressions import RawSQL

from xiaoguan.kit.models.search import SearchEntry
from xiaoguan.kit.search.grams import Keys

SHIFT = 40
"""Room for 2^40 records of an entity; ids of different entities never meet."""
VERSION_ID = 0
"""The entry that tells the form of the keys; no record has this id."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

Needs = Sequence[tuple[Keys, ...]]
"""All of these words, each in one of its ways, each way with all of its keys."""


def entity_number(model: type[models.Model]) -> int:
    """The number of an entity in this database."""
    return ContentType.objects.get_for_model(model, for_concrete_model=False).pk


def base(model: type[models.Model]) -> int:
    """What is added to a record's id to get its entry's."""
    return entity_number(model) << SHIFT


def entry_id(model: type[models.Model], object_id: int) -> int:
    """The id of a record's entry."""
    return base(model) + object_id


def prefix(model: type[models.Model]) -> str:
    """What every key of an entity begins with: one look-up then counts the records of that entity alone."""
    number, text = entity_number(model), ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text


def write(model: type[models.Model], found: Iterable[tuple[int, Iterable[str]]]) -> None:
    """Store the keys of records (id, keys), replacing what they had."""
    lead, first = prefix(model), base(model)
    entries = [SearchEntry(id=first + pk, tokens=[f"{lead}{key}" for key in keys]) for pk, keys in found]
    SearchEntry.objects.bulk_create(
        entries, batch_size=500, update_conflicts=True, unique_fields=["id"], update_fields=["tokens"]
    )


def drop(model: type[models.Model], ids: Sequence[int]) -> None:
    """Forget records."""
    first = base(model)
    SearchEntry.objects.filter(pk__in=[first + pk for pk in ids]).delete()


def newest(model: type[models.Model], needs: Needs, limit: int) -> list[int]:
    """Ids of at most `limit` records that have what is needed, the newest first."""
    return newest_of([(model, needs)], limit)[0]


def newest_of(asked: Sequence[tuple[type[models.Model], Needs]], limit: int) -> list[list[int]]:
    """The same for several entities, in one statement."""
    if not asked:
        return []
    texts, params = [], []
    for place, (model, needs) in enumerate(asked):
        condition, values = _condition(model, needs)
        if connection.vendor == "sqlite":
            text = f"SELECT {place}, rowid FROM kit_searchfts WHERE {condition} ORDER BY rowid DESC LIMIT %s"
            params += [*values, limit]
        else:
            # The bounds let the planner walk back from the newest where a key is frequent.
            condition += " AND id > %s AND id < %s"
            text = f"SELECT {place}, id FROM kit_searchentry WHERE {condition} ORDER BY id DESC LIMIT %s"
            params += [*values, base(model), base(model) + (1 << SHIFT), limit]
        texts.append(f"SELECT * FROM ({text}) AS part{place}")
    found: list[list[int]] = [[] for _each in asked]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(texts), params)
        for place, number in cursor.fetchall():
            found[place].append(number - base(asked[place][0]))
    return [sorted(ids, reverse=True) for ids in found]


def having(model: type[models.Model], ids: Sequence[int], needs: Needs) -> list[int]:
    """Those of some records that have what is needed, in no order; for many ids and frequent keys.

    Reads the entries themselves: asking the index would go through everybody's records with these keys.
    """
    first = base(model)
    entries = [first + pk for pk in ids]
    given: Any = entries
    if connection.vendor == "sqlite":
        test, params = _spelled(model, needs)
        chosen, given = "id IN (SELECT value FROM json_each(%s))", json.dumps(entries)
    else:
        test, params = _condition(model, needs)
        chosen = "id = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM kit_searchentry WHERE {chosen} AND {test}", [given, *params])
        return [row[0] - first for row in cursor.fetchall()]


def _spelled(model: type[models.Model], needs: Needs) -> tuple[str, list[Any]]:
    """The condition on the words of an entry, without the index."""
    lead, parts, params = prefix(model), [], []
    for ways in needs:
        sets = (" AND ".join("instr(' ' || tokens || ' ', %s) > 0" for _key in way) for way in ways)
        parts.append("(" + " OR ".join(f"({each})" for each in sets) + ")")
        params += [f" {lead}{key} " for way in ways for key in way]
    return " AND ".join(parts), params


def all_ids(model: type[models.Model], needs: Needs) -> RawSQL:
    """The same without limit and order, as a subquery for `pk__in`."""
    sql, params = _condition(model, needs)
    first = base(model)
    if connection.vendor == "sqlite":
        return RawSQL(f"SELECT rowid - %s FROM kit_searchfts WHERE {sql}", [first, *params])
    return RawSQL(f"SELECT id - %s FROM kit_searchentry WHERE {sql}", [first, *params])


def _condition(model: type[models.Model], needs: Needs) -> tuple[str, list[Any]]:
    """The condition on the index and its parameters; keys are data, never part of the SQL text."""
    lead = prefix(model)
    if connection.vendor == "sqlite":
        return "kit_searchfts MATCH %s", [_joined(lead, needs, '"', " AND ", " OR ")]
    return "tokens @@ %s::tsquery", [_joined(lead, needs, "'", " & ", " | ")]


def _joined(lead: str, needs: Needs, quote: str, both: str, either: str) -> str:
    """What is needed in the words of FTS5 or of a tsquery; a key is quoted and has no quote inside."""

    def way(keys: Keys) -> str:
        return "(" + both.join(f"{quote}{lead}{key}{quote}" for key in sorted(keys)) + ")"

    return both.join("(" + either.join(way(keys) for keys in ways) + ")" for ways in needs)


def drop_except(model: type[models.Model], after: int, last: int | None, kept: Sequence[int]) -> None:
    """Forget records with ids above `after` up to `last` (None: to the end) unless they are among `kept`."""
    first = base(model)
    end = first + last if last is not None else first + (1 << SHIFT) - 1
    stretch = SearchEntry.objects.filter(pk__gt=first + after, pk__lte=end)
    stretch.exclude(pk__in=[first + pk for pk in kept]).delete()


def count(model: type[models.Model]) -> int:
    """How many records of an entity have an entry."""
    first = base(model)
    return SearchEntry.objects.filter(pk__gt=first, pk__lt=first + (1 << SHIFT)).count()


def version() -> str:
    """The form of keys this index was last built for."""
    found = SearchEntry.objects.filter(pk=VERSION_ID).values_list("tokens", flat=True).first() or ""
    return found.strip("'")


def set_version(text: str) -> None:
    """Remember the form of keys."""
    SearchEntry.objects.update_or_create(pk=VERSION_ID, defaults={"tokens": [text]})
