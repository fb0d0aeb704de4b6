"""Puts the three dashboards that every installation starts with."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

Tiles = list[dict[str, Any]]


def _tiles(*rows: tuple[str, str, str, int, int, dict[str, Any]]) -> Tiles:
    """Tiles out of (look, metrics, by, width, height, what differs)."""
    usual = {"title": "", "span": "", "against": "before", "most": 10}
    return [
        {
            "id": f"t{number}", "look": look, "metrics": names.split(), "by": by, "width": width, "height": height,
            **usual, **more,
        }
        for number, (look, names, by, width, height, more) in enumerate(rows, 1)
    ]  # fmt: skip


SALES_MONTH = _tiles(
    ("gauge", "won_amount", "", 6, 1, {}),
    ("number", "receipts", "", 3, 1, {"against": "year"}),
    ("number", "win_rate", "", 3, 1, {}),
    ("columns", "won_amount", "time", 8, 2, {"span": "this_year"}),
    ("bars", "won_amount", "unit", 4, 2, {}),
    ("stack", "won_amount", "unit", 8, 2, {"span": "this_year"}),
    ("leaderboard", "won_amount", "person", 4, 2, {}),
    ("table", "won_amount won_count win_rate receipts", "unit", 12, 2, {}),
)
TEAM = _tiles(
    ("gauge", "won_amount", "", 6, 1, {}),
    ("number", "receipts", "", 3, 1, {}),
    ("number", "new_customers", "", 3, 1, {}),
    ("table", "won_amount won_count win_rate new_customers", "person", 8, 2, {}),
    ("leaderboard", "won_amount", "person", 4, 2, {}),
    ("columns", "won_amount", "time", 8, 2, {"span": "last_12_months"}),
    ("bars", "receipts", "person", 4, 2, {}),
)
ACTIVITY = _tiles(
    ("gauge", "won_amount", "", 6, 1, {}),
    ("number", "won_count", "", 3, 1, {}),
    ("number", "new_customers", "", 3, 1, {}),
    ("columns", "won_amount", "time", 8, 2, {"span": "this_year"}),
    ("funnel", "leads leads_converted won_count", "", 4, 2, {"span": "this_year"}),
    ("line", "leads leads_converted", "time", 8, 2, {"span": "this_year"}),
    ("leaderboard", "won_amount", "person", 4, 2, {}),
)
SHIPPED = (
    ("sales_month", "company", "this_month", ("director", "finance", "hr", "administrator", "auditor"), SALES_MONTH),
    ("team", "team", "this_month", ("manager", "director"), TEAM),
    ("activity", "self", "this_month", ("salesperson", "manager"), ACTIVITY),
)
"""Code, of whom, which time, for which roles, tiles."""


def ensure(dashboard_model: Any, role_model: Any) -> None:
    """Add what is missing and leave alone what has been edited; takes models, so that a migration can pass its own."""
    now = timezone.now()
    ids = dict(role_model._base_manager.filter(code__isnull=False).values_list("code", "pk"))
    known = set(dashboard_model._base_manager.filter(code__isnull=False).values_list("code", flat=True))
    for code, about, period, roles, tiles in SHIPPED:
        chosen = [str(pk) for pk in sorted(ids[role] for role in roles if role in ids)]  # in the order of a choice
        if code in known or not chosen:
            continue
        dashboard_model._base_manager.create(
            code=code, about=about, period=period, audience="roles", roles=json.dumps(chosen), tiles=tiles,
            created_at=now, updated_at=now,
        )  # fmt: skip
