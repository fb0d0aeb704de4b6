"""What people add to records."""

from .about import About, takes_part
from .attachment import Attachment
from .comment import Comment

__all__ = ["About", "Attachment", "Comment", "takes_part"]
