"""What is aimed at."""

from xiaoguan.apps.goals.models.target import Level, Target, TargetKind

__all__ = ["Level", "Target", "TargetKind"]
