"""Sums of money received, for an actor."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet, Sum

from xiaoguan.apps.commerce.models import Receipt, Refund
from xiaoguan.kit import clock
from xiaoguan.kit.access import visible


def _sum(rows: QuerySet[Any]) -> int:
    return rows.aggregate(total=Sum("amount"))["total"] or 0


def collected(contract_id: int, actor: Any) -> int:
    """What was received for a contract less what was refunded, as far as the actor sees it; fen."""
    received = visible(Receipt, actor).filter(contract=contract_id)
    return _sum(received) - _sum(visible(Refund, actor).filter(contract=contract_id))


def received_within_a_year(customer_id: int, actor: Any) -> tuple[int, dt.date]:
    """Receipts less refunds of a customer within the last 365 days, and the first of those days."""
    since = clock.today() - dt.timedelta(days=364)
    received = visible(Receipt, actor).filter(customer=customer_id, received_on__gte=since)
    refunded = visible(Refund, actor).filter(customer=customer_id, refunded_on__gte=since)
    return _sum(received) - _sum(refunded), since
