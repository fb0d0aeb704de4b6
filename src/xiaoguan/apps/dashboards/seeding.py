"""Puts the dashboards that every installation starts with: one for each kind of work."""

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
    ("stages", "", "", 4, 2, {"span": "last_12_months"}),
    ("table", "won_amount won_count win_rate receipts", "unit", 8, 2, {}),
)
TEAM = _tiles(
    ("gauge", "won_amount", "", 6, 1, {}),
    ("number", "receipts", "", 3, 1, {}),
    ("number", "new_customers", "", 3, 1, {}),
    ("table", "won_amount won_count visits calls quotes_sent new_customers", "person", 8, 2, {}),
    ("leaderboard", "won_amount", "person", 4, 2, {}),
    ("columns", "won_amount", "time", 8, 2, {"span": "last_12_months"}),
    ("stages", "", "", 4, 2, {"span": "last_12_months"}),
    ("columns", "visits calls", "time", 8, 2, {}),
    ("bars", "receipts", "person", 4, 2, {}),
)
ACTIVITY = _tiles(
    ("gauge", "won_amount", "", 6, 1, {}),
    ("number", "visits", "", 3, 1, {}),
    ("number", "calls", "", 3, 1, {}),
    ("columns", "visits calls", "time", 8, 2, {}),
    ("funnel", "visits quotes_sent won_count", "", 4, 2, {"span": "last_12_months"}),
    ("columns", "won_amount", "time", 8, 2, {"span": "this_year"}),
    ("leaderboard", "won_amount", "person", 4, 2, {}),
)
MONEY = _tiles(
    ("gauge", "receipts", "", 6, 1, {}),
    ("number", "invoiced", "", 3, 1, {}),
    ("number", "collection", "", 3, 1, {}),
    ("columns", "receipts invoiced", "time", 8, 2, {"span": "this_year"}),
    ("bars", "receipts", "unit", 4, 2, {}),
    ("line", "receivable_days", "time", 6, 2, {"span": "last_12_months"}),
    ("columns", "sales_expense", "time", 6, 2, {"span": "last_12_months"}),
    ("table", "contract_amount invoiced receipts sales_expense", "unit", 12, 2, {"span": "this_year"}),
)
PEOPLE = _tiles(
    ("gauge", "won_amount", "", 6, 1, {}),
    ("number", "followups", "", 3, 1, {}),
    ("number", "tasks_on_time", "", 3, 1, {}),
    ("table", "won_amount won_count visits calls tasks_done tasks_on_time", "person", 8, 3, {"most": 40}),
    ("leaderboard", "won_amount", "person", 4, 3, {}),
    ("columns", "visits calls", "time", 8, 2, {}),
    ("bars", "followups", "unit", 4, 2, {}),
)
SERVICE = _tiles(
    ("number", "complaints", "", 3, 1, {}),
    ("number", "complaint_days", "", 3, 1, {}),
    ("number", "satisfaction", "", 3, 1, {}),
    ("number", "retention", "", 3, 1, {"span": "last_month", "against": "year"}),
    ("columns", "complaints", "time", 8, 2, {"span": "last_12_months"}),
    ("bars", "complaints", "kind", 4, 2, {"span": "last_12_months"}),
    ("line", "satisfaction", "time", 6, 2, {"span": "last_12_months"}),
    ("line", "complaint_days", "time", 6, 2, {"span": "last_12_months"}),
    ("table", "complaints complaint_days satisfaction retention", "unit", 12, 2, {"span": "last_12_months"}),
)
SHIPPED = (
    ("sales_month", "company", "this_month", ("director", "finance", "hr", "administrator", "auditor"), SALES_MONTH),
    ("team", "team", "this_month", ("manager", "director"), TEAM),
    ("activity", "self", "this_month", ("salesperson", "manager"), ACTIVITY),
    ("money", "company", "this_month", ("finance", "director", "administrator", "auditor"), MONEY),
    ("people", "company", "this_month", ("hr", "director", "administrator", "auditor"), PEOPLE),
    ("service", "company", "this_month", ("service", "director", "administrator", "auditor"), SERVICE),
)
"""Code, of whom, which time, for which roles, tiles."""


def ensure(dashboard_model: Any, role_model: Any) -> None:
    """Add what is missing and renew the tiles nobody has edited; takes models, so that a migration can pass its own."""
    now = timezone.now()
    ids = dict(role_model._base_manager.filter(code__isnull=False).values_list("code", "pk"))
    known = {row.code: row for row in dashboard_model._base_manager.filter(code__isnull=False)}
    for code, about, period, roles, tiles in SHIPPED:
        chosen = [str(pk) for pk in sorted(ids[role] for role in roles if role in ids)]  # in the order of a choice
        if (row := known.get(code)) is not None:
            if row.updated_at == row.created_at and row.tiles != tiles:
                dashboard_model._base_manager.filter(pk=row.pk).update(tiles=tiles)
            continue
        if not chosen:
            continue
        dashboard_model._base_manager.create(
            code=code, about=about, period=period, audience="roles", roles=json.dumps(chosen), tiles=tiles,
            created_at=now, updated_at=now,
        )  # fmt: skip
