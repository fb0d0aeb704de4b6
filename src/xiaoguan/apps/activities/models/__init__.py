"""What was done with customers, and what is to be done next."""

from xiaoguan.apps.activities.models.feedback import Feedback, Voice
from xiaoguan.apps.activities.models.follow_up import FollowUp, Kind, Result
from xiaoguan.apps.activities.models.task import Priority, State, Task, TaskKind

__all__ = ["Feedback", "FollowUp", "Kind", "Priority", "Result", "State", "Task", "TaskKind", "Voice"]
