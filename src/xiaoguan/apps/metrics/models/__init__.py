"""The metric dictionary, and figures summed beforehand."""

from xiaoguan.apps.metrics.models.definition import Definition, SeenBy
from xiaoguan.apps.metrics.models.market import Confidence, MarketSize
from xiaoguan.apps.metrics.models.portion import Portion
from xiaoguan.apps.metrics.models.rollup import DaySum, MonthSum, Rolled, Stale, TeamSum

__all__ = [
    "Confidence",
    "DaySum",
    "Definition",
    "MarketSize",
    "MonthSum",
    "Portion",
    "Rolled",
    "SeenBy",
    "Stale",
    "TeamSum",
]
