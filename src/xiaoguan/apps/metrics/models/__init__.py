"""The metric dictionary, and figures summed beforehand."""

from xiaoguan.apps.metrics.models.definition import Definition, SeenBy
from xiaoguan.apps.metrics.models.portion import Portion
from xiaoguan.apps.metrics.models.rollup import DaySum, MonthSum, Rolled, Stale

__all__ = ["DaySum", "Definition", "MonthSum", "Portion", "Rolled", "SeenBy", "Stale"]
