"""Business in other currencies: rates by quarter as finance enters them, and three deals abroad."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org.models import ExchangeRate
from xiaoguan.demo.staff import SHOWN, Staff
from xiaoguan.kit import clock
from xiaoguan.kit.action import create

QUARTER = 91
RATES = {
    "USD": ("7.2410", "7.2106", "7.1832", "7.1704", "7.1465", "7.1188", "7.1021", "7.0913", "7.0845"),
    "EUR": ("7.6012", "7.6480", "7.7725", "7.8890", "8.0341", "8.1977", "8.2410", "8.2265", "8.2530"),
    "HKD": ("0.9302", "0.9274", "0.9241", "0.9188", "0.9150", "0.9117", "0.9098", "0.9089", "0.9081"),
}
"""Yuan for one unit from a quarter's first day on, the oldest first; made up, near what they were."""
NOTE = "每季度第一个工作日的中间价"
DEALS = (
    ("北宁厂房灯具出口", "USD", "46800", "solution", 34, 40),
    ("汉堡港仓库照明改造", "EUR", "28500.50", "needs", 21, 65),
    ("海防港区道路灯具", "USD", "61200", "after_sales", 150, -75),
)
"""Name, currency, amount in it, stage, days since it began, days until (or since) it is signed."""


def trade(people: Staff, today: dt.date) -> int:
    """Enter the rates and the deals; returns how many deals."""
    rows = [
        {
            "currency": code,
            "counts_from": today - dt.timedelta(days=QUARTER * back),
            "rate": Decimal(rate),
            "note": NOTE,
        }
        for code, rates in RATES.items()
        for back, rate in zip(range(len(rates) - 1, -1, -1), rates, strict=True)
    ]
    create(ExchangeRate, rows, actor=people.finance, source="demo")
    others = [one.pk for one in people.sellers if one.name != SHOWN]
    rows_of = Customer.objects.filter(owner__in=others, deleted_at__isnull=True).select_related("owner")
    customers = list(rows_of.order_by("pk")[: len(DEALS)])
    stages = {stage.code: stage for stage in Stage.objects.filter(code__in=[each[3] for each in DEALS])}
    for customer, (name, currency, amount, stage, begun, ahead) in zip(customers, DEALS, strict=True):
        seller = customer.owner
        opened, signed = today - dt.timedelta(days=begun), today + dt.timedelta(days=ahead)
        values = {"name": name, "customer": customer, "owner": seller, "stage": stages[stage], "currency": currency,
                  "original": Decimal(amount), "opened_on": opened, "expected_on": signed}  # fmt: skip
        won = signed <= today
        with clock.at(dt.datetime.combine(signed if won else opened, dt.time(11), tzinfo=clock.zone())):
            create(Deal, values | ({"won_on": signed} if won else {}), actor=seller, source="demo")
    return len(DEALS)
