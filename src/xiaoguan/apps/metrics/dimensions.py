"""By what a figure can be cut: each dimension with its label, who may cut by it, and how its parts are named.

Pivots, dashboards and the pages of metrics keep no list of their own: they offer `offered(actor)`, group by the
code of a dimension, and name the groups with `parts`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.customers.models.customer import Source, Tier
from xiaoguan.apps.metrics.spec import ABOUT, GOODS
from xiaoguan.apps.opportunities.models import Deal, Product
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.territories.models import Territory
from xiaoguan.apps.territories.queries import territories, with_parts
from xiaoguan.kit import access
from xiaoguan.lexicon import regions

BECAUSE = "the words of the dictionary are no secret"
MOST = 50
"""So many customers a breakdown names: the first by their figure."""
LISTED = 20_000
"""Up to so many ids are asked for one by one; of more, all are read."""


@dataclass(frozen=True)
class Part:
    """One line of a breakdown: its name, the keys whose figures belong to it, how deep it stands, its address part.

    `query` is empty where no address can say it (what nobody is credited with).
    """

    name: str
    keys: tuple[Any, ...]
    query: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 0
    note: str = ""


Parts = Callable[[Any, Collection[Any]], Sequence[Part]]


@dataclass(frozen=True)
class Dimension:
    """One way to cut; `param` is its word in addresses, `column` the field of a customer or product it reads."""

    code: str
    label: Any
    parts: Parts
    param: str
    column: str = ""
    choices: Callable[[], Iterable[tuple[Any, Any]]] = tuple
    parse: Callable[[str], Any] = str
    free: bool = False
    """Whether its values are typed freely, so that they are their own names."""
    called: Callable[[Collection[Any]], dict[Any, str]] | None = None
    """The names of some values, where there may be too many to read all."""
    none: Any = _("not known")
    """What has no value is called so."""

    def names(self, values: Collection[Any]) -> dict[Any, str]:
        """The names of at least these values; a value without one is its own."""
        if self.called is not None:
            return self.called(values)
        return {} if self.free else {value: str(label) for value, label in self.choices()}


def _people(actor: Any, keys: Collection[Any]) -> list[Part]:
    rows = Person.anybody.filter(pk__in=[key for key in keys if key]).values_list("pk", "name", "unit__name")
    found = [Part(name, (pk,), {"person": pk}, note=team or "") for pk, name, team in rows.order_by("name")]
    return [*found, *([Part(gettext("nobody"), (None,))] if None in keys else [])]


def _teams(actor: Any, keys: Collection[Any]) -> list[Part]:
    """Every team with anything in it or below it, those below indented; what it counts is its whole subtree."""
    rows = list(Team._base_manager.order_by("position", "pk"))  # one that is no more has a past
    living = {row.pk for row in rows if row.deleted_at is None}
    below: dict[int | None, list[Team]] = defaultdict(list)
    for row in rows:
        if row.pk in living:
            below[row.parent_id if row.parent_id in living else None].append(row)

    def lines(row: Team, depth: int) -> list[Part]:
        inner = [part for each in below.get(row.pk, ()) for part in lines(each, depth + 1)]
        held = (row.pk, *(key for part in inner if part.depth == depth + 1 for key in part.keys))
        used = tuple(key for key in held if key in keys)
        return [Part(row.name, used, {"team": row.pk}, depth), *inner] if used else []

    found = [part for row in below[None] for part in lines(row, 0)]
    gone = [Part(row.name, (row.pk,), {"team": row.pk}) for row in rows if row.pk in keys and row.pk not in living]
    return [*found, *gone, *([Part(gettext("no team"), (None,))] if None in keys else [])]


def _territories(actor: Any, keys: Collection[Any]) -> list[Part]:
    """Territories with what is part of them below; those there were before and what lay in none come last."""
    every = territories()
    inside = with_parts(every)
    below: dict[int | None, list[Territory]] = defaultdict(list)
    for row in access.covered(actor, *every):
        below[row.parent_id if row.parent_id in inside else None].append(row)

    def lines(rows: Sequence[Territory], depth: int) -> list[Part]:
        found = []
        for row in rows:
            used = tuple(key for key in inside[row.pk] if key in keys)
            if used:
                found.append(Part(row.name, used, {"territory": row.pk}, depth))
                found += lines(below.get(row.pk, ()), depth + 1)
        return found

    gone = Territory._base_manager.filter(pk__in=set(keys) - inside.keys() - {0}).order_by("name")
    past = [Part(row.name, (row.pk,), {"territory": row.pk}) for row in access.covered(actor, *gone)]
    nowhere = [Part(gettext("no territory"), (0,), {"territory": 0})] if 0 in keys else []
    return [*lines(below[None], 0), *past, *nowhere]


def _visible_customers(actor: Any, ids: Collection[int]) -> dict[int, str]:
    """The names of those customers the reader may see; one query."""
    rows = access.visible(Customer, actor).order_by()
    if len(ids) <= LISTED:
        rows = rows.filter(pk__in=ids)
    return {pk: name for pk, name in rows.values_list("pk", "name") if pk in ids}


def _customers(
    actor: Any, keys: Collection[Any], weight: Callable[[Any], int] | None = None, most: int | None = None
) -> list[Part]:
    """Those the reader may see by name, by weight if there is one; the others together, without a way to them.

    With `most` only so many are named, and the rest of them is one line.
    """
    asked = {key for key in keys if key}
    names = _visible_customers(actor, asked)
    order = sorted(names, key=lambda pk: names[pk])
    if weight is not None:
        order.sort(key=lambda pk: -weight(pk))
    named = order if most is None else order[:most]
    found = [Part(names[pk], (pk,), {"customer": pk}) for pk in named]
    if rest := order[len(named) :]:
        text = ngettext("%(n)s other customer", "%(n)s other customers", len(rest))
        found.append(Part(text % {"n": f"{len(rest):,}"}, tuple(rest)))
    if hidden := asked - names.keys():
        found.append(Part(gettext("customers not visible to you"), tuple(sorted(hidden))))
    return [*found, *([Part(gettext("without a customer"), (0,), {"customer": 0})] if 0 in keys else [])]


def _customer_names(values: Collection[Any]) -> dict[Any, str]:
    rows = Customer._base_manager.filter(pk__in=[value for value in values if value])
    return dict(rows.values_list("pk", "name"))


def _named(own: Dimension, names: Mapping[Any, str], value: Any) -> str:
    if value in names:
        return names[value]
    return str(value or own.none)


def _words(code: str) -> Parts:
    """The parts of a dimension whose values have names of their own: in the order of its choices."""

    def parts(actor: Any, keys: Collection[Any]) -> list[Part]:
        own = dimensions[code]
        names = own.names(keys)
        known = [value for value in names if value in keys]
        rest = sorted((key for key in keys if key not in names and key), key=str)
        none = [key for key in keys if not key]
        return [Part(_named(own, names, key), (key,), {own.param: key}) for key in (*known, *rest, *none)]

    return parts


def _kinds() -> Iterable[tuple[Any, Any]]:
    rows = access.everything(CustomerKind, because=BECAUSE).order_by("position", "pk")
    return [(row.pk, str(row)) for row in rows]


def _provinces() -> Iterable[tuple[Any, Any]]:
    return [(code[:2], regions.short(regions.name(code))) for code in regions.children()]


def _industries() -> Iterable[tuple[Any, Any]]:
    rows = access.everything(Customer, because=BECAUSE).exclude(industry="").order_by("industry")
    return [(name, name) for name in rows.values_list("industry", flat=True).distinct()[:200]]


def _product_names(values: Collection[Any]) -> dict[Any, str]:
    rows = Product._base_manager.filter(pk__in=[value for value in values if value])  # one in the bin has a past
    return dict(rows.order_by("name", "pk").values_list("pk", "name"))


def _products() -> Iterable[tuple[Any, Any]]:
    rows = access.everything(Product, because=BECAUSE).order_by("name", "pk")
    return list(rows.values_list("pk", "name")[:200])


def _categories() -> Iterable[tuple[Any, Any]]:
    rows = access.everything(Product, because=BECAUSE).exclude(category="").order_by("category")
    return [(name, name) for name in rows.values_list("category", flat=True).distinct()[:200]]


def _turns() -> Iterable[tuple[Any, Any]]:
    return [("first", _("the first time")), ("again", _("another time"))]


def _number(raw: str) -> int:
    """An id of an address; nobody's for anything else, as signs such as ² are digits too."""
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else -1


dimensions: dict[str, Dimension] = {
    each.code: each
    for each in (
        Dimension("person", _("Person"), _people, "person"),
        Dimension("unit", _("Team"), _teams, "team"),
        Dimension("territory", _("Territory"), _territories, "territory"),
        Dimension(
            "customer",
            _("Customer"),
            _customers,
            "customer",
            "name",
            parse=_number,
            called=_customer_names,
            none=_("without a customer"),
        ),
        Dimension("kind", _("Kind of customer"), _words("kind"), "kind", "kind", _kinds, _number),
        Dimension("tier", _("Tier"), _words("tier"), "tier", "tier", lambda: Tier.choices),
        Dimension("industry", _("Industry"), _words("industry"), "industry", "industry", _industries, free=True),
        Dimension("region", _("Province"), _words("region"), "region", "region", _provinces),
        Dimension("source", _("Source"), _words("source"), "source", "source", lambda: Source.choices),
        Dimension("turn", _("First or again"), _words("turn"), "turn", "", _turns),
        Dimension(
            "product",
            _("Product"),
            _words("product"),
            "product",
            "product",
            _products,
            _number,
            called=_product_names,
            none=_("without a product"),
        ),
        Dimension(
            "category",
            _("Series"),
            _words("category"),
            "series",
            "category",
            _categories,
            free=True,
            none=_("without a series"),
        ),
    )
}
"""Every dimension but those of time, in the order they are offered."""

NARROWING = ABOUT
"""The dimensions that figures may be narrowed by."""


def is_hidden(actor: Any, code: str) -> bool:
    """Whether a dimension reads a masked field of customers or products, or what the actor may not look up."""
    own = dimensions[code]
    if code in GOODS:
        masked = access.masked(actor, Product) | ({"product"} & access.masked(actor, Deal))
        return not access.may(actor, "view", Product) or bool({own.column, "name"} & masked)
    if code == "customer" and not access.may(actor, "view", Customer):
        return True
    if code == "territory":
        return not access.may(actor, "view", Territory)
    return bool(own.column) and own.column in access.masked(actor, Customer)


def offered(actor: Any) -> dict[str, Dimension]:
    """The dimensions this actor may cut by."""
    return {code: own for code, own in dimensions.items() if not is_hidden(actor, code)}


def parts(actor: Any, code: str, keys: Collection[Any]) -> Sequence[Part]:
    """The parts of a breakdown named for a reader, in their order; a fixed number of queries."""
    return dimensions[code].parts(actor, set(keys))


def ranked(actor: Any, code: str, keys: Collection[Any], weight: Callable[[Any], int], most: int = MOST) -> list[Part]:
    """The parts of a breakdown; of customers, who may be very many, the largest by a weight and the others together.

    Every key is in one of the lines, so that they still make the whole.
    """
    if code != "customer":
        return list(parts(actor, code, keys))
    return _customers(actor, set(keys), weight, most)


def told_apart(actor: Any, by: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> dict[tuple[Any, ...], list[Any]]:
    """The groups of an answer as a reader may tell them apart: customers he doesn't see are one of them, None."""
    rows = list(rows)
    if "customer" not in by:
        return {key: [key] for key in rows}
    at = list(by).index("customer")
    seen = _visible_customers(actor, {key[at] for key in rows if key[at]})
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for key in rows:
        told = key[at] if not key[at] or key[at] in seen else None
        found[*key[:at], told, *key[at + 1 :]].append(key)
    return found


def asked(actor: Any, given: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What an address narrows by (`kind=3&tier=A,B`; an empty value is none), as `Slice.only` takes it.

    Raises Http404 for a customer the reader doesn't see.
    """
    found: dict[str, list[Any]] = {}
    for code in NARROWING:
        own = dimensions[code]
        if own.param in given and not is_hidden(actor, code):
            words = str(given[own.param]).replace("\x00", "").split(",")
            found[code] = [own.parse(word) if word else _nothing(own) for word in words]
    wanted = {value for value in found.get("customer", ()) if value}
    if wanted and len(_visible_customers(actor, wanted)) < len(wanted):
        raise Http404
    return found


def _nothing(own: Dimension) -> Any:
    """The key of what has no value of a dimension."""
    return 0 if own.parse is _number else ""


def said(narrowed: Mapping[str, Collection[Any]]) -> list[str]:
    """What is narrowed in words: «Tier: A, B»."""
    found = []
    for code, values in narrowed.items():
        own = dimensions[code]
        names = own.names(values)
        told = gettext(", ").join(_named(own, names, value) for value in values)
        words = {"dimension": capfirst(str(own.label)), "values": told}
        found.append(gettext("%(dimension)s: %(values)s") % words)
    return found
