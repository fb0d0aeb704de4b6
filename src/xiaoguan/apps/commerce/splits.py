"""Contracts and money are shared by the team of their deal, each on its own day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.apps.opportunities.team import books, splits_of
from xiaoguan.kit import fact
from xiaoguan.kit.access import everything

BECAUSE = "who shares a deal does not depend on who looks"


@fact.shared(Contract)
@fact.shared(Receipt)
def share_booked(rows: Sequence[Any], on: str) -> Mapping[int, Mapping[int, int]]:
    """What is booked on a deal."""
    return splits_of((row.pk, row.deal_id, getattr(row, on)) for row in rows)


@fact.shared(Refund)
def share_refunds(refunds: Sequence[Refund], on: str) -> Mapping[int, Mapping[int, int]]:
    """What went back is shared like what was received on its contract."""
    contracts = {refund.contract_id for refund in refunds} - {None}
    if not contracts:
        return {}
    rows = everything(Contract, because=BECAUSE).filter(pk__in=contracts)
    deals: dict[int | None, int | None] = dict(rows.values_list("pk", "deal_id"))
    return splits_of((refund.pk, deals.get(refund.contract_id), getattr(refund, on)) for refund in refunds)


@books
def of_deals(deals: Collection[int]) -> Iterator[Sequence[Any]]:
    """Contracts, receipts and refunds of deals."""
    for model, link in ((Contract, "deal"), (Receipt, "deal"), (Refund, "contract__deal")):
        yield list(everything(model, because=BECAUSE).filter(**{f"{link}__in": deals}))
