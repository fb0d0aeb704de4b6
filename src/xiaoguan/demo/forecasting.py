"""What the nights would have learnt: win probabilities, and forecasts of the months before."""

from __future__ import annotations

from xiaoguan.apps.forecast import evidence, learning, snapshots

MONTHS = 3


def learn() -> int:
    """Learn from what was closed, tell the open deals, keep the forecasts of past months; returns how many months."""
    learning.refresh()
    history, months = evidence.closed(), snapshots.missing(MONTHS)
    for month in months:
        snapshots.keep(month, history)
    snapshots.judge()
    return len(months)
