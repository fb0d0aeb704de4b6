"""The metrics every installation starts with, and the dictionary of these and the company's own.

They are entered in the order of these imports: within a chapter of the dictionary the first ones stand first.
"""

from __future__ import annotations

from xiaoguan.apps.metrics.catalogue import metrics, ship
from xiaoguan.apps.metrics.shipped_deeds import (
    CONTRACT_AMOUNT,
    CONTRACTS,
    COST_OF_SALE,
    FIRST_RESPONSE,
    LEADS,
    LEADS_CONVERTED,
    NEW_CUSTOMERS,
    RECEIPTS,
    SALES_EXPENSE,
    WIN_RATE,
    WON_AMOUNT,
    WON_COUNT,
)
from xiaoguan.apps.metrics.shipped_states import FORECAST_ERROR, RECORD_COMPLETENESS
from xiaoguan.apps.metrics.shipped_voices import SATISFACTION

__all__ = [
    "CONTRACTS",
    "CONTRACT_AMOUNT",
    "COST_OF_SALE",
    "FIRST_RESPONSE",
    "FORECAST_ERROR",
    "LEADS",
    "LEADS_CONVERTED",
    "NEW_CUSTOMERS",
    "RECEIPTS",
    "RECORD_COMPLETENESS",
    "SALES_EXPENSE",
    "SATISFACTION",
    "WIN_RATE",
    "WON_AMOUNT",
    "WON_COUNT",
    "metrics",
    "ship",
]
