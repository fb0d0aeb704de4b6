"""A new cut before it is in force: the rules as they would be, and who would gain and lose what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.territories import placing, queries
from xiaoguan.apps.territories.models import Territory
from xiaoguan.apps.territories.models.territory import parts
from xiaoguan.calc.territory import Map, Shift, shifts
from xiaoguan.kit.access import everything
from xiaoguan.kit.validation import check_rows

FIELDS = ("regions", "industries", "kinds")
SAMPLE = 5
Draft = Mapping[int, Mapping[str, Any]]
"""By territory: the new words of its rule, and `person`, the id of whoever is to look after it (None: as before)."""


@dataclass
class Effect:
    """What a new cut would mean: moves by pair of territories, and what each person has before and after.

    Values are (potential, then the sums of `queries.worths`) in fen; `sample` holds a few customers of each move.
    """

    moves: dict[tuple[int | None, int | None], Shift]
    before: dict[int | None, Shift]
    after: dict[int | None, Shift]
    sample: dict[tuple[int | None, int | None], list[str]] = field(default_factory=dict)

    @property
    def customers(self) -> int:
        """How many customers change their territory."""
        return sum(each.customers for each in self.moves.values())


def drafted(draft: Draft) -> list[Territory]:
    """The territories as they would be; nothing is stored. Raises Invalid for what can't be."""
    rows = queries.territories()
    for row in rows:
        for name, value in draft.get(row.pk, {}).items():
            if name in FIELDS:
                setattr(row, name, value)
        row.prepare()
    check_rows(rows, unique=False)
    return rows


def preview(draft: Draft) -> Effect:
    """Who gains and who loses what under a draft, over all customers; a fixed number of queries per portion."""
    now, then = queries.cut(), queries.cut(drafted(draft))
    people = {pk: person.pk for pk, person in queries.responsible().items()}
    heirs = people | {pk: each["person"] for pk, each in draft.items() if each.get("person")}
    moves: list[tuple[int | None, int | None, tuple[int, ...]]] = []
    before: dict[int | None, list[tuple[int, ...]]] = defaultdict(list)
    after: dict[int | None, list[tuple[int, ...]]] = defaultdict(list)
    sample: dict[tuple[int | None, int | None], list[str]] = defaultdict(list)
    for part in placing.portions():
        for name, here, there, values in _portion(part, now, then):
            moves.append((here, there, values))
            before[people.get(here) if here else None].append(values)
            after[heirs.get(there) if there else None].append(values)
            if here != there and len(sample[here, there]) < SAMPLE:
                sample[here, there].append(name)
    return Effect(shifts(moves), _summed(before), _summed(after), dict(sample))


def _summed(found: Mapping[int | None, list[tuple[int, ...]]]) -> dict[int | None, Shift]:
    return {person: Shift(len(rows), tuple(map(sum, zip(*rows, strict=True)))) for person, rows in found.items()}


def _portion(part: list[int], now: Map, then: Map) -> Any:
    """Each customer of a portion with its territory now and then, and its values."""
    sums = [
        dict(
            each.rows(everything(each.model, because=queries.WHY))
            .filter(**{f"{each.customer}__in": part})
            .order_by()
            .values_list(each.customer)
            .annotate(total=Sum(each.amount))
        )
        for each in queries.worths.values()
    ]
    rows = everything(Customer, because=queries.WHY).filter(pk__in=part)
    fields = ("pk", "name", "region", "industry", "kind", "annual_purchase")
    for pk, name, region, industry, kind, potential in rows.values_list(*fields):
        where = queries.place(region, industry, kind)
        values = (potential or 0, *(each.get(pk) or 0 for each in sums))
        yield name, now.of(pk, where), then.of(pk, where), values


def changes(draft: Draft) -> bool:
    """Whether a draft says anything but what is in force."""
    people = {pk: person.pk for pk, person in queries.responsible().items()}
    rows = {row.pk: row for row in queries.territories()}
    for pk, values in draft.items():
        row = rows.get(pk)
        if row is None:
            continue
        if any(parts(str(values[name])) != parts(getattr(row, name)) for name in FIELDS if name in values):
            return True
        if values.get("person") and values["person"] != people.get(pk):
            return True
    return False
