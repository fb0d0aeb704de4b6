"""The metric dictionary, and figures summed beforehand."""

from xiaoguan.apps.metrics.models.definition import Definition, SeenBy
from xiaoguan.apps.metrics.models.rollup import DaySum, MonthSum, Rolled, Stale, TeamSum

__all__ = ["DaySum", "Definition", "MonthSum", "Rolled", "SeenBy", "Stale", "TeamSum"]
