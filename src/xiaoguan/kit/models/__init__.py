"""The kit's own tables."""

from xiaoguan.kit.models.change import Change, ChangeRow, Feed
from xiaoguan.kit.models.credit import Credit

__all__ = ["Change", "ChangeRow", "Credit", "Feed"]
