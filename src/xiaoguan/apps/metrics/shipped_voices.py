"""The metrics of what customers say: how satisfied they are, and what they complain about."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics.catalogue import count, ship
from xiaoguan.apps.metrics.spec import Measure, Metric

SATISFACTION = ship(
    Metric(
        "satisfaction",
        _("satisfied customers"),
        _("Of the satisfaction told by customers in the period, the share with 4 or 5 of 5."),
        count("satisfied"),
        count("satisfaction_asked"),
        unit="rate",
        category="customers",
    )
)
ship(
    Metric(
        "complaints",
        _("complaints"),
        _("Number of complaints, on the day they were made, for who looked after the customer."),
        count("complaint"),
        unit="count",
        higher_is_better=False,
        category="customers",
    )
)
ship(
    Metric(
        "complaint_rate",
        _("complaint rate"),
        _("Complaints of the period for each deal won in it."),
        count("complaint"),
        count("won"),
        unit="rate",
        higher_is_better=False,
        category="customers",
    )
)
ship(
    Metric(
        "complaint_days",
        _("days to settle a complaint"),
        _("Average days from a complaint to its end, of those settled in the period."),
        Measure(("complaint_settled",)),
        count("complaint_settled"),
        unit="days",
        higher_is_better=False,
        category="customers",
    )
)
