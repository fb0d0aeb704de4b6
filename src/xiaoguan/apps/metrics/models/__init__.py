"""The metric dictionary, figures summed beforehand, and what is known of their columnar copy."""

from xiaoguan.apps.metrics.models.copy import Ahead, Copied
from xiaoguan.apps.metrics.models.definition import Definition, SeenBy
from xiaoguan.apps.metrics.models.rollup import DaySum, MonthSum, Rolled, Stale, TeamSum

__all__ = ["Ahead", "Copied", "DaySum", "Definition", "MonthSum", "Rolled", "SeenBy", "Stale", "TeamSum"]
