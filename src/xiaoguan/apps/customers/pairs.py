"""Pairs of customers that may be one, as somebody who could merge them sees them; and saying that they are two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from xiaoguan.apps.customers.models import Apart, Customer, Pair
from xiaoguan.apps.customers.twins import REASONS
from xiaoguan.kit import access
from xiaoguan.kit.action import Done, working
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.lexicon import duplicates, likeness

MOST = 3000
"""So many pairs, the likeliest, are put together into groups."""
LARGEST = 10
"""So many customers of one group are shown and can be merged at once."""


@dataclass(frozen=True)
class Group:
    """Customers that may be one company: their ids, how likely (0 … 1) the likest two are, and what agrees."""

    ids: tuple[int, ...]
    likeness: float
    why: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """Whether they are surely one."""
        return self.likeness >= likeness.SURE

    @property
    def reasons(self) -> str:
        """What agrees, in words."""
        return _(", ").join(str(REASONS[code]) for code in self.why)


def visible(actor: Any) -> QuerySet[Pair]:
    """The undecided pairs of living customers that this person may change both of."""
    mine = access.visible(Customer, actor, "change").order_by()
    told = Apart._default_manager.filter(first=OuterRef("first"), second=OuterRef("second"), deleted_at__isnull=True)
    # Looked up one by one, as there are fewer pairs than customers.
    both = (Exists(mine.filter(pk=OuterRef("first"))), Exists(mine.filter(pk=OuterRef("second"))))
    return Pair.objects.filter(~Exists(told), *both)


def groups(actor: Any) -> list[Group]:
    """The likeliest pairs put together: surely the same by a chain are one group; the likeliest group first."""
    rows = list(visible(actor).order_by("-likeness", "pk")[:MOST])
    why = {(row.first_id, row.second_id): row.reasons.split(",") for row in rows}
    found = [duplicates.Pair(row.first_id, row.second_id, row.likeness / RATE_ONE) for row in rows]
    of_pair = {(pair.first, pair.second): pair.likeness for pair in found}
    made = []
    for members in duplicates.groups(found):
        inside = [pair for pair in combinations(members, 2) if pair in of_pair]
        best = max(inside, key=lambda pair: of_pair[pair])
        codes = dict.fromkeys(code for pair in inside for code in why[pair] if code)
        made.append(Group(tuple(members), of_pair[best], tuple(code for code in REASONS if code in codes)))
    return sorted(made, key=lambda group: (-group.likeness, group.ids))


def customers(groups_: Sequence[Group], actor: Any) -> Mapping[int, Customer]:
    """The customers of some groups, with what a line shows of them."""
    ids = [pk for group in groups_ for pk in group.ids[:LARGEST]]
    return access.visible(Customer, actor).select_related("kind", "owner").in_bulk(ids)


def part(ids: Sequence[int], *, actor: Any) -> Done:
    """Say that some customers are different companies, each from each of the others. Raises Denied or Invalid."""
    rows = access.visible(Customer, actor, "change").in_bulk(list(ids))
    if len(rows) < 2 or len(rows) < len(set(ids)):
        raise Invalid({"": [_("Choose at least two customers that you may change.")]})
    if not access.may(actor, "change", Customer):
        raise Denied("change", Customer)
    wanted = list(combinations(sorted(rows), 2))
    known = set(
        Apart._default_manager.filter(first__in=rows, second__in=rows, deleted_at__isnull=True).values_list(
            "first_id", "second_id"
        )
    )
    fresh = [{"first_id": a, "second_id": b} for a, b in wanted if (a, b) not in known]
    with working(Customer, "apart", actor=actor) as work:
        made = work.create(Apart, fresh) if fresh else []
    return Done(work.change if work.change.pk else None, made)
