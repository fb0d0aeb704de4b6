"""What the audit keeps beside the kit's changes."""

from xiaoguan.apps.audit.models.reading import AccessEntry, How, Watch
from xiaoguan.apps.audit.models.review import Decision, Kind, Review, ReviewLine

__all__ = ["AccessEntry", "Decision", "How", "Kind", "Review", "ReviewLine", "Watch"]
