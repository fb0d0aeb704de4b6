"""What people are told, how they want it, and what leaves the house."""

from xiaoguan.apps.notices.models.message import Message
from xiaoguan.apps.notices.models.notice import Notice
from xiaoguan.apps.notices.models.robot import Robot, RobotAddress
from xiaoguan.apps.notices.models.wish import HOURS, Rhythm, Wish

__all__ = ["HOURS", "Message", "Notice", "Rhythm", "Robot", "RobotAddress", "Wish"]
