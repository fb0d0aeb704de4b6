"""What SQLite's planner knows of the tables; PostgreSQL gathers it by itself."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import job, schedule

KIND = "operation.statistics"
LIMIT = 100_000
"""Rows looked at of each index: fewer would not tell how many deals are in one stage; done in a second at any size."""


@job.job(KIND, label=_("Look at what tables hold"))
def refresh(run: job.Run) -> None:
    """Let the planner choose among indexes by what is really there, not by a guess."""
    if connection.vendor == "sqlite":
        with run.chunk(), connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit = {LIMIT}")
            cursor.execute("ANALYZE")


schedule.every("5 3 * * *", KIND, label=_("Look at what tables hold"))
