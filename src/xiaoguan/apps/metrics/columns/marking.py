"""Marks of what the copy lacks, appended in the transaction that writes it.

They are appended whether there is a copy or not: the job that is making the first one may not see this transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics.models.copy import Ahead
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.territories import placing
from xiaoguan.kit.append import append
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.fact import Days, follow_credits

CUTS = frozenset({"kind_id", "tier", "industry", "region", "source"})
"""The columns of customers that a wide row holds."""


@follow_credits
def mark(days: Days | None) -> None:
    """Mark whose credits changed: whom they are about, as any of these may have become the first or another one."""
    parties = {party for _fact, _on, party, _entity, _record in days or () if party is not None}
    records = {(entity, record) for _fact, _on, party, entity, record in days or () if party is None}
    if days is None or ("", 0) in records:
        append(Ahead, [Ahead()])
        return
    found = [Ahead(party=party) for party in sorted(parties)]
    append(Ahead, [*found, *(Ahead(entity=entity, record=record) for entity, record in sorted(records))])


@placing.follow_moves
def mark_customers(ids: Iterable[int]) -> None:
    """Mark customers who lie elsewhere now."""
    append(Ahead, [Ahead(party=pk) for pk in ids])


@consequence(Product)
def follow_categories(work: Any, rows: Sequence[Product], fresh: bool) -> None:
    """A product of another category takes all that was ever sold of it along: everything is read anew."""
    if not fresh and any("category" in row.changed_fields() for row in rows):
        append(Ahead, [Ahead()])


@consequence(Customer)
def follow_cuts(work: Any, rows: Sequence[Customer], fresh: bool) -> None:
    """A customer of another kind, tier, industry, region or source is counted there from now on."""
    mark_customers(row.pk for row in rows if not fresh and CUTS & set(row.changed_fields()))
