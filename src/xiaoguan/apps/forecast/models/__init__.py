"""What was learnt of closed deals, what it says of open ones, and what was forecast when a month began."""

from xiaoguan.apps.forecast.models.chance import Chance, Lesson
from xiaoguan.apps.forecast.models.snapshot import Snapshot

__all__ = ["Chance", "Lesson", "Snapshot"]
