"""What is aimed at."""

from xiaoguan.apps.goals.models.daily import DayPlan
from xiaoguan.apps.goals.models.round import Round, Step
from xiaoguan.apps.goals.models.target import Level, Target, TargetKind

__all__ = ["DayPlan", "Level", "Round", "Step", "Target", "TargetKind"]
