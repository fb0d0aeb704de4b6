"""The metrics every installation starts with."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics.spec import Measure, Metric

metrics: dict[str, Metric] = {}
"""The dictionary of metrics by code."""


def ship(metric: Metric) -> Metric:
    """Enter a metric into the dictionary; a second one of the same code is refused."""
    if metric.code in metrics:
        raise ValueError(f"metric {metric.code} is already declared")
    metrics[metric.code] = metric
    return metric


WON_AMOUNT = ship(
    Metric(
        "won_amount",
        _("won amount"),
        _("Amount of the deals won, on the day they were won."),
        Measure(("won",)),
        seen_by="all",
    )
)
CONTRACT_AMOUNT = ship(
    Metric(
        "contract_amount",
        _("contract amount"),
        _("Amount of the contracts signed less those cancelled, tax included, on the day it happened."),
        Measure(("contract_signed", "contract_amended", "contract_cancelled")),
        seen_by="all",
    )
)
RECEIPTS = ship(
    Metric(
        "receipts",
        _("receipts"),
        _("Money received less money refunded, on the day it moved."),
        Measure(("receipt", "refund")),
        seen_by="all",
    )
)
WON_COUNT = ship(
    Metric(
        "won_count",
        _("deals won"),
        _("Number of deals won; a shared deal counts once."),
        Measure(("won",), "count"),
        unit="count",
        seen_by="all",
    )
)
WIN_RATE = ship(
    Metric(
        "win_rate",
        _("win rate"),
        _("Deals won among those closed, won or lost, in the period."),
        Measure(("won",), "count"),
        Measure(("won", "lost"), "count"),
        unit="rate",
        seen_by="all",
    )
)
LEADS = ship(
    Metric(
        "leads",
        _("leads received"),
        _("Number of leads that came, on the day they came, for whoever has them."),
        Measure(("lead_received",), "count"),
        unit="count",
    )
)
FIRST_RESPONSE = ship(
    Metric(
        "first_response",
        _("time to the first answer"),
        _("Average working hours from a lead's coming to its first answer, on the day it was answered."),
        Measure(("lead_answered",)),
        Measure(("lead_answered",), "count"),
        unit="minutes",
        higher_is_better=False,
    )
)
LEADS_CONVERTED = ship(
    Metric(
        "leads_converted",
        _("leads converted"),
        _("Number of leads made customers, on the day it happened."),
        Measure(("lead_converted",), "count"),
        unit="count",
    )
)
NEW_CUSTOMERS = ship(
    Metric(
        "new_customers",
        _("new customers"),
        _("Customers entered for the first time, on the day they became one."),
        Measure(("new_customer",), "count"),
        unit="count",
        seen_by="all",
    )
)
SALES_EXPENSE = ship(
    Metric(
        "sales_expense",
        _("sales expense"),
        _("Approved expenses for selling, on the day the money was spent."),
        Measure(("expense",)),
        higher_is_better=False,
    )
)
COST_OF_SALE = ship(
    Metric(
        "cost_of_sale",
        _("cost of sale"),
        _("Sales expense for what was received less refunds, in the period."),
        Measure(("expense",)),
        Measure(("receipt", "refund")),
        unit="rate",
        higher_is_better=False,
    )
)
