"""Reads about territories: their rules as the calculation takes them, who looks after them, what is in them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.territories.models import Assignment, Naming, Placement, Territory
from xiaoguan.apps.territories.models.territory import parts
from xiaoguan.calc.territory import Map, Place, Rule
from xiaoguan.kit import access, clock
from xiaoguan.kit.access import everything
from xiaoguan.lexicon import regions

WHY = "a customer lies in its territory whoever looks"
COVERED = dt.timedelta(days=90)
"""A customer counts as covered if somebody was in touch with it within this time."""


# Rules --------------------------------------------------------------------------------------------------------------


def territories() -> list[Territory]:
    """All living territories in their order."""
    return list(everything(Territory, because=WHY).order_by("position", "pk"))


def kinds_by_word() -> dict[str, int]:
    """The customer kinds by every way they may be written, in small letters."""
    found: dict[str, int] = {}
    for kind in everything(CustomerKind, because=WHY).order_by("-position"):
        for word in kind.spellings():
            if word:
                found[word.casefold()] = kind.pk
    return found


def rule(row: Territory, words: Mapping[str, int], order: int = 0) -> Rule:
    """The rule of a territory, stored or not; kinds that nobody knows match nothing."""
    kinds = frozenset(words.get(word.casefold(), 0) for word in parts(row.kinds))
    return Rule(row.pk or 0, order, tuple(row.codes.split()), frozenset(parts(row.industries)), kinds)


def cut(rows: Sequence[Territory] | None = None) -> Map:
    """The rules in force with what is named, or those of other rows instead (a draft)."""
    words = kinds_by_word()
    rules = [rule(row, words, place) for place, row in enumerate(territories() if rows is None else rows)]
    given: dict[int, int] = {}
    out: dict[int, set[int]] = defaultdict(set)
    named = Naming.objects.filter(deleted_at__isnull=True, territory__deleted_at__isnull=True).order_by("pk")
    for territory, customer, inside in named.values_list("territory", "customer", "inside"):
        if inside:
            given[customer] = territory
        else:
            out[customer].add(territory)
    return Map(rules, given, {customer: frozenset(ids) for customer, ids in out.items()})


def place(region: str, industry: str, kind: int | None) -> Place:
    """What the rules ask about a customer."""
    return Place(region, " ".join(industry.split()), kind)


# People -------------------------------------------------------------------------------------------------------------


def looking_after(day: dt.date | None = None) -> dict[int, list[Assignment]]:
    """Who looks after each territory on a day, the one responsible first."""
    day = day or clock.today()
    lasting = Q(start__isnull=True) | Q(start__lte=day)
    lasting &= Q(end__isnull=True) | Q(end__gte=day)
    rows = everything(Assignment, because=WHY).filter(lasting, territory__deleted_at__isnull=True)
    found: dict[int, list[Assignment]] = defaultdict(list)
    for row in rows.select_related("person").order_by("helper", "-start", "pk"):
        found[row.territory_id].append(row)
    return found


def responsible(day: dt.date | None = None) -> dict[int, Person]:
    """The one person responsible for each territory that has one."""
    return {pk: rows[0].person for pk, rows in looking_after(day).items() if not rows[0].helper}


# Parts ---------------------------------------------------------------------------------------------------------------


def with_parts(rows: Iterable[Territory]) -> dict[int, list[int]]:
    """The ids of each territory and of all that are part of it, by its id."""
    below: dict[int, list[int]] = defaultdict(list)
    known = {row.pk: row.parent_id for row in rows}
    for pk in known:
        at: int | None = pk
        seen: set[int] = set()
        while at is not None and at not in seen:  # a ring of parts ends where it began
            seen.add(at)
            below[at].append(pk)
            at = known.get(at)
    return {pk: below[pk] for pk in known}


# What is in them ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Worth:
    """A sum that a higher app knows of customers: `rows` past any scope, `customer` the path to it, `amount` in fen."""

    code: str
    label: Any
    model: type[Any]
    rows: Callable[[QuerySet[Any]], QuerySet[Any]]
    customer: str = "customer"
    amount: str = "amount"


worths: dict[str, Worth] = {}
"""Sums by their codes: open deals, what was won within a year."""


def worth(each: Worth) -> Worth:
    """Let territories add up a sum of a higher app."""
    worths[each.code] = each
    return each


@dataclass
class Content:
    """What lies in a territory, or in none, as far as one person sees it; potential and sums in fen."""

    customers: int = 0
    potential: int = 0
    covered: int = 0
    tiers: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)

    @property
    def coverage(self) -> int | None:
        """The share of customers somebody was in touch with lately, in 1/100,000; None without customers."""
        return self.covered * 100_000 // self.customers if self.customers else None


HERE = Q(placements__until__isnull=True)


def contents(actor: Any) -> dict[int | None, Content]:
    """What lies in each territory; None is what lies in none. A fixed number of queries."""
    found: dict[int | None, Content] = defaultdict(Content)
    since = clock.today() - COVERED
    rows = access.visible(Customer, actor).order_by()
    placed = rows.filter(HERE).values("placements__territory", "tier").annotate(
        n=Count("pk"),
        potential=Sum("annual_purchase"),
        covered=Count("pk", filter=Q(last_contact_on__gte=since)),
    )  # fmt: skip
    hidden = "annual_purchase" in access.masked(actor, Customer)
    for row in placed:
        content = found[row["placements__territory"]]
        content.customers += row["n"]
        content.potential += 0 if hidden else row["potential"] or 0
        content.covered += row["covered"]
        content.tiers[row["tier"]] = content.tiers.get(row["tier"], 0) + row["n"]
    for each in worths.values():
        _add_worth(each, actor, found)
    return found


def _add_worth(each: Worth, actor: Any, found: dict[int | None, Content]) -> None:
    if not access.may(actor, "view", each.model) or each.amount in access.masked(actor, each.model):
        return
    rows = each.rows(access.visible(each.model, actor)).order_by()
    path = f"{each.customer}__placements"
    open_ = rows.filter(**{f"{each.customer}__isnull": False, f"{path}__until__isnull": True})
    for territory, total in open_.values_list(f"{path}__territory").annotate(total=Sum(each.amount)):
        found[territory].sums[each.code] = total or 0


# Checks -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Overlap:
    """Customers that several territories claim: `rivals` the winner first, and how many customers."""

    rivals: tuple[int, ...]
    customers: int


@dataclass(frozen=True)
class Gap:
    """Customers of one city that no territory claims; `region` is empty where nobody knows where they are."""

    region: str
    name: str
    customers: int


def checked(current: Map, actor: Any) -> tuple[list[Overlap], list[Gap]]:
    """Overlaps and gaps of a cut over the customers somebody sees; asked by combinations, not by customers."""
    rows = access.visible(Customer, actor).order_by().values_list("region", "industry", "kind").annotate(n=Count("pk"))
    overlaps: dict[tuple[int, ...], int] = defaultdict(int)
    gaps: dict[str, int] = defaultdict(int)
    for region, industry, kind, n in rows:
        found = current.claims(place(region, industry, kind))
        if len(found.rivals) > 1:
            overlaps[found.rivals] += n
        elif found.winner is None:
            gaps[_city(region)] += n
    for customer in current.given:  # what is named is in no gap
        row = next(iter(Customer.objects.filter(pk=customer).values_list("region", "industry", "kind")), None)
        if row is not None and current.claims(place(*row)).winner is None:
            gaps[_city(row[0])] -= 1
    return (
        [Overlap(rivals, n) for rivals, n in sorted(overlaps.items(), key=lambda pair: -pair[1])],
        [Gap(code, named(code), n) for code, n in sorted(gaps.items(), key=lambda pair: -pair[1]) if n > 0],
    )


def _city(region: str) -> str:
    """The city a region lies in; what lies in none (a county right below its province) is its own."""
    city = f"{region[:4]}00" if region else ""
    return city if regions.name(city) else region


def named(code: str) -> str:
    """What a region is called in a table: province · city; a municipality once."""
    return " · ".join(dict.fromkeys(part for part in regions.path(code) if part))


def territory_of(ids: Iterable[int]) -> dict[int, int]:
    """The territory of each of some customers that lie in one."""
    rows = Placement.objects.filter(customer__in=list(ids), until__isnull=True)
    return dict(rows.values_list("customer", "territory"))
