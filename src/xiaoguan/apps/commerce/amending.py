"""A contract in force is changed by a supplementary agreement: whoever changes it, the difference has its own day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from xiaoguan.apps.commerce.models import Amendment, Contract, ContractStatus
from xiaoguan.kit import clock
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence

_terms: ContextVar[tuple[dt.date, str, str] | None] = ContextVar("xiaoguan_amendment_terms", default=None)


@contextmanager
def agreed(day: dt.date, reason: str, number: str = "") -> Iterator[None]:
    """Say when and why both sides agreed to what is written inside."""
    token = _terms.set((day, reason, number))
    try:
        yield
    finally:
        _terms.reset(token)


@consequence(Contract)
def write_amendments(work: Work, contracts: Sequence[Contract], fresh: bool) -> None:
    """Another amount or customer of a contract in force is a supplementary agreement, of today unless it is said."""
    if fresh or work.reverting:
        return
    day, reason, number = _terms.get() or (clock.today(), work.change.note, "")
    found = []
    for row in contracts:
        changed = row.changed_fields()
        if not {"amount", "customer_id"} & changed.keys() or row.status == ContractStatus.CANCELLED or not row.binds:
            continue
        before, now = changed.get("amount", (row.amount, row.amount))
        previous = changed.get("customer_id", (None, None))[0]
        found.append(
            {
                "contract": row,
                "delta": now - before,
                "agreed_on": day,
                "previous_customer_id": previous,
                "reason": reason[:200],
                "number": number,
            }
        )
    if found:
        work.create(Amendment, found)
