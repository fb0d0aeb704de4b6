"""Facts: what happened, on which day, for how much, to whose credit; declared beside an entity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from operator import attrgetter
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.calc.share import largest_remainder
from xiaoguan.kit.append import append
from xiaoguan.kit.derived import derived
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.credit import Credit

PART = 900
"""Ids in one IN list, below the limit of variables of any database."""

facts: dict[str, Fact] = {}
"""Every declared fact by its code."""

UnitOf = Callable[[Iterable[tuple[int, Any]]], dict[tuple[int, Any], int | None]]
_unit_of: list[UnitOf] = []


def use_units(func: UnitOf) -> None:
    """Register who knows the team of a person on a day: (person id, day) pairs → unit ids."""
    _unit_of[:] = [func]


NOBODY: Mapping[int, int] = {}
Share = Callable[[Sequence[Any], str], Mapping[int, Mapping[int, int]]]
"""Rows of one model and the name of their business date → row id → person id → hundred-thousandths."""
_shared: dict[type[models.Model], Share] = {}


def shared(model: type[models.Model]) -> Callable[[Share], Share]:
    """Register with whom the facts of a model's rows are shared; asked once for many rows, 100,000 at most per row."""

    def add(func: Share) -> Share:
        _shared[model] = func
        return func

    return add


dividers: list[Callable[[Sequence[Any], bool], Callable[[], None]]] = []
"""Who keeps what is finer than credits: asked with the rows of one model, and whether they are fresh, before credits
there were are taken away; what each gives back is called when the new ones stand, in the same transaction."""

Days = set[tuple[str, date, int | None, str, int]]
"""Fact (or "", any), day, party, entity and record id of credits that were stored or taken away."""
_followers: list[Callable[[Days | None], None]] = []


def follow_credits(func: Callable[[Days | None], None]) -> Callable[[Days | None], None]:
    """Register who is told of changed credits, in the transaction that changes them; None is any fact on any day."""
    _followers.append(func)
    return func


def tell_changed(days: Days | None) -> None:
    """Tell those who follow that credits of these facts and days changed."""
    if days is None or days:
        for follower in _followers:
            follower(days)


class Fact:
    """One kind of event of a record that metrics count or sum.

    `on` names the field with the business date, `amount` the field (or none) that counts what `unit` says
    (money in fen, minutes, days), `credited` the person's field, `of` the way to the id of whom it is about
    (`customer_id`, `contract.customer_id` or `pk`); `when` tells whether the row counts at all. Whom else it is
    shared with says what is registered with `shared`.
    """

    def __init__(
        self,
        code: str,
        label: Any,
        *,
        on: str,
        amount: str = "",
        credited: str = "owner",
        when: Callable[[Any], bool] = lambda row: True,
        watch: str = "",
        of: str = "",
        unit: str = "money",
    ) -> None:
        self.code = code
        self.label = label
        self.on = on
        self.amount = amount
        self.credited = credited
        self.when = when
        self.watch = watch.split()
        self.of, self.unit = of, unit
        self.party: Callable[[Any], int | None] = attrgetter(of) if of else lambda row: None
        self.model: type[models.Model] | None = None

    def bind(self, model: type[models.Model]) -> None:
        """Tie the fact to its model; called by the entity."""
        self.model = model
        facts[self.code] = self

    def fields(self) -> set[str]:
        """Columns whose change makes the credits of a row stale."""
        first = self.of.partition(".")[0].removesuffix("_id")
        names = {self.on, self.amount, self.credited, "deleted_at", first, *self.watch} - {""}
        return names | {f"{name}_id" for name in names}

    def shares(self, row: Any, given: Mapping[int, int]) -> list[tuple[int | None, int]]:
        """Who is credited and with how many hundred-thousandths: others what they are given, the credited the rest."""
        credited = getattr(row, f"{self.credited}_id")
        rest = RATE_ONE - sum(rate for person, rate in given.items() if person != credited)
        others = [(person, rate) for person, rate in given.items() if person != credited and rate]
        return [(credited, rest), *others] if rest else [*others]

    def credits(self, row: Any, given: Mapping[int, int] = NOBODY) -> list[Credit]:
        """The unsaved credits of one row, without units; empty when the row doesn't count."""
        day = getattr(row, self.on)
        if row.deleted_at is not None or day is None or not self.when(row):
            return []
        total = (getattr(row, self.amount) or 0) if self.amount else 0
        shares = self.shares(row, given)
        parts = largest_remainder(total, [rate for _person, rate in shares])
        name, party = row._meta.label_lower, self.party(row)
        return [
            Credit(fact=self.code, entity=name, object_id=row.pk, person_id=person, on=day, split=rate, amount=part,
                   party=party, unit_id=None if person else row.unit_id)
            for (person, rate), part in zip(shares, parts, strict=True)
        ]  # fmt: skip


def _given(rows: Sequence[Any], fact: Fact) -> Mapping[int, Mapping[int, int]]:
    share = _shared.get(type(rows[0]))
    return share(rows, fact.on) if share else {}


def write_credits(rows: Sequence[Any], *, fresh: bool) -> None:
    """Store the credits of rows of one model; replaces older ones unless the rows are `fresh`."""
    declared = rows[0].entity.facts if rows and hasattr(rows[0], "entity") else ()
    if not declared:
        return
    finish = [divide(rows, fresh) for divide in dividers]
    days = set() if fresh else _withdraw(rows[0]._meta.label_lower, [row.pk for row in rows])
    found = []
    for fact in declared:
        given = _given(rows, fact)
        found += [credit for row in rows for credit in fact.credits(row, given.get(row.pk, NOBODY))]
    tell_changed(days | {(one.fact, one.on, one.party, one.entity, one.object_id) for one in found})
    if not found:
        return
    if _unit_of:
        units = _unit_of[0]({(c.person_id, c.on) for c in found if c.person_id})
        for credit in found:
            if credit.person_id:
                credit.unit_id = units.get((credit.person_id, credit.on))
    append(Credit, found)
    for done in finish:
        done()


def _withdraw(entity: str, ids: Sequence[int]) -> Days:
    """Delete the credits of some records and say which days they were for."""
    table, days = Credit._meta.db_table, set()
    with connection.cursor() as cursor:
        for at in range(0, len(ids), PART):
            part = ids[at : at + PART]
            marks = ", ".join(["%s"] * len(part))
            which = f'entity = %s AND object_id IN ({marks}) RETURNING fact, "on", party, entity, object_id'
            cursor.execute(f"DELETE FROM {table} WHERE {which}", [entity, *part])
            days |= {(fact, date.fromisoformat(str(on)), *whose) for fact, on, *whose in cursor.fetchall()}
    return days


def resettle(people: Iterable[int]) -> dict[str, set[int]]:
    """Give the credits of people the teams of their days anew, after memberships changed; record ids by entity.

    Reads each (person, day, team) once, however many credits stand behind it.
    """
    touched: dict[str, set[int]] = defaultdict(set)
    if not _unit_of:
        return touched
    rest = iter(sorted(set(people)))
    while part := list(islice(rest, PART)):
        known = Credit.objects.filter(person__in=part).values_list("person_id", "on", "unit_id").distinct()
        stored = list(known.order_by())
        units = _unit_of[0]({(person, on) for person, on, _unit in stored})
        moved: dict[tuple[int, int | None, int | None], list[Any]] = defaultdict(list)
        for person, on, unit in stored:
            if units.get((person, on)) != unit:
                moved[person, unit, units.get((person, on))].append(on)
        for (person, before, after), days in moved.items():
            for at in range(0, len(days), PART):
                found = Credit.objects.filter(person=person, unit=before, on__in=days[at : at + PART])
                changed = {("", *row) for row in found.values_list("on", "party", "entity", "object_id")}
                for *_when, entity, object_id in changed:
                    touched[entity].add(object_id)
                tell_changed(changed)
                found.update(unit=after)
    return touched


@derived("kit.credits", _("Credit for facts"))
def rebuild() -> str:
    """Write every credit anew from its record, a thousand records at a time."""
    count = 0
    tell_changed(None)
    for model in {fact.model for fact in facts.values() if fact.model is not None}:
        Credit.objects.filter(entity=model._meta.label_lower).exclude(
            object_id__in=model._default_manager.values("pk")
        ).delete()
        last = 0
        while rows := list(model._default_manager.filter(pk__gt=last).order_by("pk")[:1000]):
            with transaction.atomic():
                write_credits(rows, fresh=False)
            last, count = rows[-1].pk, count + len(rows)
    tell_changed(None)  # what was deleted above was told by nothing else
    return str(count)


def stale_credits(row: Any) -> bool:
    """Whether the unsaved changes of a row touch anything its credits are made from."""
    changed = set(row.changed_fields())
    return any(changed & fact.fields() for fact in row.entity.facts)
