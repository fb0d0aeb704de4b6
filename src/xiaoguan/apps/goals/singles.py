"""The lines of customers and products in the grid: those that have a target of the year, and one that is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Level, Target
from xiaoguan.apps.goals.subject import COMPANY, Subject
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity

MOST = 200
"""So many customers, and so many products, are drawn: the largest by their year; the others stand in the list."""
LISTED = 5_000
"""Up to so many ids are asked for one by one."""
MODELS: Mapping[str, type[Any]] = {"customer": Customer, "product": Product}
HEADS = {
    Level.TERRITORY.value: _("By territory"),
    Level.CUSTOMER.value: _("By customer"),
    Level.PRODUCT.value: _("By product"),
}
"""What stands above the lines of a level that is no part of the company's tree."""


@dataclass(frozen=True)
class Single:
    """One customer or product with its name; `serves` is the key of the line whose target it helps to reach.

    `rest` so many more of its kind are not drawn after it.
    """

    subject: Subject
    name: str
    may_set: bool
    serves: str = ""
    rest: int = 0


@dataclass(frozen=True)
class Reader:
    """Who reads the grid: whether he sees and sets everybody's targets, and whose he does else."""

    actor: Any
    sees_all: bool
    sets_all: bool
    reach: Collection[int] | None
    """The people whose targets he sees; None for everybody's."""
    sets: Collection[int] = ()
    """The people whose customers' targets he sets, himself left out."""


def singles(
    reader: Reader, years: Mapping[str, int], aimed: Any, also: Collection[Subject], most: int | None = MOST
) -> list[Single]:
    """Customers, then products: those of `aimed` (targets of the year) and `also`, each the largest by `years` first.

    Customers are those the reader sees and he or somebody in his reach looks after, products are for who sees all.
    No query for a kind that nobody aims at.
    """
    found: list[Single] = []
    for level in MODELS:
        more = {each.pk for each in also if each.level == level}
        if more or any(key.startswith(f"{level}:") for key in years):
            found += _of(level, reader, years, aimed, more, most)
    return found


def _of(
    level: str, reader: Reader, years: Mapping[str, int], aimed: Any, more: Collection[Any], most: int | None
) -> list[Single]:
    model = MODELS[level]
    if (level == Level.PRODUCT and not reader.sees_all) or "name" in access.masked(reader.actor, model):
        return []
    known = {int(key.partition(":")[2]) for key in years if key.startswith(f"{level}:")} | set(more)
    named = Q(pk__in=known)
    if len(known) > LISTED:
        named = Q(pk__in=aimed.filter(level=level).order_by().values(level)) | Q(pk__in=more)
    rows = access.visible(model, reader.actor).filter(named).order_by("name", "pk")
    lines = []
    for pk, name, owner in rows.values_list("pk", "name", "owner"):
        if reader.reach is None or owner in reader.reach:
            of_customer = level == Level.CUSTOMER
            may = reader.sets_all or (of_customer and owner in reader.sets)
            serves = Subject(Level.PERSON.value, owner).key if of_customer and owner else COMPANY.key
            lines.append(Single(Subject(level, pk), name, may, serves))
    lines.sort(key=lambda line: -years.get(line.subject.key, 0))
    return lines if most is None else _cut(lines, more, most)


def _cut(lines: Sequence[Single], more: Collection[Any], most: int) -> list[Single]:
    """The largest, with the one that is asked for wherever it stands; the last one says how many are left out."""
    if len(lines) <= most:
        return list(lines)
    kept = [*lines[:most], *(line for line in lines[most:] if line.subject.pk in more)]
    return [*kept[:-1], replace(kept[-1], rest=len(lines) - len(kept))]


def asked(given: Mapping[str, Any]) -> list[Subject]:
    """The customer or product that an address asks to show beside those with targets (`customer=7`)."""
    found = []
    for level in MODELS:
        raw = str(given.get(level) or "")
        if raw.isascii() and raw.isdigit() and len(raw) < 19:
            found.append(Subject(level, int(raw)))
    return found


def named(key: str) -> list[Subject]:
    """The subject of a key, if it is a customer or product: its line is asked for even before it has a target."""
    level, _mark, number = key.partition(":")
    return asked({level: number})


def targets_within(metric: str, first: Any, last: Any) -> Any:
    """The living targets of a metric that start between two days, past all rights: whose they are is asked after."""
    rows = access.everything(Target, because="whose lines there are; which of them a reader sees is asked by `singles`")
    return rows.filter(metric=metric, start__range=(first, last))


@dataclass(frozen=True)
class Picker:
    """Where a customer or product is looked for: the name of the field, its labels, the address of its options."""

    name: str
    label: str
    otherwise: str
    url: str


def pickers(actor: Any) -> list[Picker]:
    """The kinds an actor may set targets of: a manager those of customers."""
    scope = access.grants(actor).scope(Target.entity.name, "change")
    words = {
        "customer": (_("A customer"), _("Or a customer")),
        "product": (_("A product"), _("Or a product")),
    }
    levels = {"all": tuple(MODELS), "team": (Level.CUSTOMER.value,)}.get(scope, ())
    return [
        Picker(level, str(words[level][0]), str(words[level][1]), Entity.of(MODELS[level]).url("options"))
        for level in levels
        if access.may(actor, "view", MODELS[level]) and "name" not in access.masked(actor, MODELS[level])
    ]
