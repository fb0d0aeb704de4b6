"""What is aimed at."""

from xiaoguan.apps.goals.models.daily import DayPlan, DayShape
from xiaoguan.apps.goals.models.round import Round, Step
from xiaoguan.apps.goals.models.target import Level, Target, TargetKind

__all__ = ["DayPlan", "DayShape", "Level", "Round", "Step", "Target", "TargetKind"]
