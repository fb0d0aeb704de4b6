"""The metric dictionary, figures summed beforehand, and what is known of their columnar copy."""

from xiaoguan.apps.metrics.models.copy import Ahead, Copied
from xiaoguan.apps.metrics.models.definition import Definition, SeenBy
from xiaoguan.apps.metrics.models.market import Confidence, MarketSize
from xiaoguan.apps.metrics.models.portion import Portion
from xiaoguan.apps.metrics.models.rollup import DaySum, MonthSum, Rolled, Stale, TeamSum

__all__ = [
    "Ahead",
    "Confidence",
    "Copied",
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
