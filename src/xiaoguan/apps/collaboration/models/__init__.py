"""What people add to records."""

from .about import About, takes_part
from .attachment import Attachment
from .comment import Comment
from .tag import Tag

__all__ = ["About", "Attachment", "Comment", "Tag", "takes_part"]
