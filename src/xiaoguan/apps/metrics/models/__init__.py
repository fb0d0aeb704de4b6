"""The metric dictionary, figures summed beforehand, and what is known of their columnar copy."""

from xiaoguan.apps.metrics.models.copy import Ahead, Copied
from xiaoguan.apps.metrics.models.definition import Definition, SeenBy
from xiaoguan.apps.metrics.models.fault import Fault
from xiaoguan.apps.metrics.models.market import Confidence, MarketSize
from xiaoguan.apps.metrics.models.portion import Portion
from xiaoguan.apps.metrics.models.rollup import DaySum, MonthSum, Rolled, Stale, TeamSum
from xiaoguan.apps.metrics.models.version import DefinitionVersion

__all__ = [
    "Ahead",
    "Confidence",
    "Copied",
    "DaySum",
    "Definition",
    "DefinitionVersion",
    "Fault",
    "MarketSize",
    "MonthSum",
    "Portion",
    "Rolled",
    "SeenBy",
    "Stale",
    "TeamSum",
]
