"""Hand-overs and the sheets that come with them."""

from xiaoguan.apps.handover.models.handover import Handover, Progress, Reason, Sheet

__all__ = ["Handover", "Progress", "Reason", "Sheet"]
