"""Who is told of what falls due, when, and never twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from xiaoguan.apps.billing.actions import postpone
from xiaoguan.apps.billing.models import Instalment
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.notices.models import Notice
from xiaoguan.kit import action, clock, job, worker

from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOON = dt.datetime(2026, 11, 18, 4, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)
DAY = dt.timedelta(days=1)


def run() -> Any:
    row = job.enqueue("billing.remind")
    worker.drain()
    row.refresh_from_db()
    assert row.state == "done", row.trace
    return row.result["told"]


def told(person: Any) -> list[tuple[str, int, str]]:
    rows = Notice.objects.filter(person=person, kind__startswith="instalment_").order_by("pk")
    return [(each.kind, each.count, each.text) for each in rows]


def test_before_on_and_after_the_day_each_once(cast: Cast) -> None:
    with clock.at(NOON):
        customer = company.customer(cast.seller)
        about = {"name": "Canopy", "customer": customer, "amount": 900_00, "signed_on": TODAY - 90 * DAY}
        contract = action.create(Contract, about, actor=cast.seller)
        days = (-5, -3, -1, 0, 2, 7, 8)
        values = [{"contract": contract, "amount": 100_00, "due_on": TODAY + n * DAY} for n in days]
        rows = action.create(Instalment, values, actor=cast.seller)
        assert run() == 4
        assert told(cast.seller) == [
            ("instalment_soon", 2, "2026-11-25"), ("instalment_due", 1, "2026-11-18"),
            ("instalment_late", 3, "2026-11-13"),
        ]  # fmt: skip
        assert told(cast.manager) == [("instalment_late_team", 2, "2026-11-13")]
        assert told(cast.director) == told(cast.peer) == []
        postpone(company.again(rows[0]), actor=cast.seller, to=TODAY + 9 * DAY)
        assert run() == 0
        action.update(company.again(rows[1]), {"due_on": TODAY + 3 * DAY}, actor=cast.seller)
        assert run() == 1  # another day begins anew
    with clock.at(NOON + 2 * DAY):
        assert (
            run() == 4
        )  # soon the 26th, today the 20th, overdue since the 18th; to the manager what is since the 17th
