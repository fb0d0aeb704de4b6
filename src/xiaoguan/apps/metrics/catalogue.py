"""The dictionary that metrics are entered into: those that come with the program, and those of the database."""

from __future__ import annotations

from xiaoguan.apps.metrics.dictionary import Dictionary
from xiaoguan.apps.metrics.spec import Measure, Metric

metrics = Dictionary()
"""Every metric by its code, shipped and the company's own: what the database says of them is read when asked for."""


def ship(metric: Metric) -> Metric:
    """Enter a metric into the dictionary; a second one of the same code is refused."""
    metrics.ship(metric)
    return metric


def count(*facts: str) -> Measure:
    """How many there were of some facts."""
    return Measure(facts, "count")
